//! Our messages into calls of the Bot API.

use model::{Button, ButtonKind, Outbound, OutboundFile};
use serde_json::{Value, json};

/// Longest text of `sendMessage`.
const MAX_TEXT: usize = 4096;
/// Longest caption of a file.
const MAX_CAPTION: usize = 1024;
/// Photos above this are sent as documents.
const MAX_PHOTO: usize = 10 * 1024 * 1024;

/// One call of the Bot API.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// With a JSON body.
    Json {
        /// Method.
        method: &'static str,
        /// Body.
        body: Value,
    },
    /// With a file.
    File {
        /// Method.
        method: &'static str,
        /// Name of the file's field.
        field: &'static str,
        /// Other fields.
        body: Value,
        /// The file.
        file: OutboundFile,
    },
}

/// The calls that bring a message to the client: files first, the text as the caption of a single file when it fits, long texts in
/// several messages, buttons under the last one.
pub fn render(message: &Outbound) -> Vec<Call> {
    let chat = json!({ "chat_id": chat_id(&message.address) });
    let fits_caption = message.files.len() == 1 && message.text.chars().count() <= MAX_CAPTION;
    let mut calls: Vec<Call> = message.files.iter().map(|file| file_call(&chat, file)).collect();
    if fits_caption && !message.text.is_empty() {
        if let Some(Call::File { body, .. }) = calls.last_mut() {
            body["caption"] = json!(message.text);
        }
    } else {
        calls.extend(split(&message.text, MAX_TEXT).into_iter().map(|text| text_call(&chat, text)));
    }
    if let (Some(markup), Some(last)) = (markup(&message.buttons), calls.last_mut()) {
        match last {
            Call::Json { body, .. } | Call::File { body, .. } => body["reply_markup"] = markup,
        }
    }
    calls
}

fn chat_id(address: &str) -> Value {
    address.parse::<i64>().map_or_else(|_| json!(address), |id| json!(id))
}

fn text_call(chat: &Value, text: String) -> Call {
    let mut body = chat.clone();
    body["text"] = json!(text);
    Call::Json { method: "sendMessage", body }
}

fn file_call(chat: &Value, file: &OutboundFile) -> Call {
    let is_photo = matches!(file.mime.as_str(), "image/jpeg" | "image/png") && file.bytes.len() <= MAX_PHOTO;
    let (method, field) = if is_photo { ("sendPhoto", "photo") } else { ("sendDocument", "document") };
    Call::File { method, field, body: chat.clone(), file: file.clone() }
}

fn markup(rows: &[Vec<Button>]) -> Option<Value> {
    if rows.is_empty() {
        return None;
    }
    // A request for the phone lives in the other kind of keyboard; Telegram takes one kind per message.
    let asks_phone = rows.iter().flatten().any(|button| button.kind == ButtonKind::SharePhone);
    if asks_phone {
        let keyboard: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(keyboard_button).collect()).collect();
        return Some(json!({ "keyboard": keyboard, "resize_keyboard": true, "one_time_keyboard": true }));
    }
    let keyboard: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(inline_button).collect()).collect();
    Some(json!({ "inline_keyboard": keyboard }))
}

fn keyboard_button(button: &Button) -> Value {
    match button.kind {
        ButtonKind::SharePhone => json!({ "text": button.label, "request_contact": true }),
        ButtonKind::Reply | ButtonKind::Link => json!({ "text": button.label }),
    }
}

fn inline_button(button: &Button) -> Value {
    match (&button.kind, &button.url) {
        (ButtonKind::Link, Some(url)) => json!({ "text": button.label, "url": url }),
        _ => json!({ "text": button.label, "callback_data": button.id }),
    }
}

/// Parts of at most `limit` characters, cut at a line or a space where there is one.
fn split(text: &str, limit: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let Some((end, _)) = rest.char_indices().nth(limit) else {
            parts.push(rest.to_owned());
            break;
        };
        let cut = rest[..end].rfind('\n').or_else(|| rest[..end].rfind(' ')).filter(|at| *at > 0).unwrap_or(end);
        parts.push(rest[..cut].to_owned());
        rest = rest[cut..].trim_start();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::MessageId;

    fn outbound(text: &str) -> Outbound {
        Outbound {
            key: "dlv_1".into(),
            message_id: MessageId::from_bits(1),
            address: "5".into(),
            text: text.into(),
            files: vec![],
            buttons: vec![],
        }
    }

    #[test]
    fn a_long_text_is_cut_at_words_and_loses_nothing() {
        let text = "слово ".repeat(2000);
        let calls = render(&outbound(&text));
        let texts: Vec<String> = calls
            .iter()
            .map(|call| match call {
                Call::Json { body, .. } => body["text"].as_str().unwrap().to_owned(),
                Call::File { .. } => panic!("no file"),
            })
            .collect();
        assert!(texts.iter().all(|t| t.chars().count() <= MAX_TEXT));
        assert_eq!(texts.join(" "), text.trim());
    }

    #[test]
    fn text_goes_as_caption_of_a_single_picture() {
        let file = OutboundFile { name: "a.png".into(), mime: "image/png".into(), bytes: vec![1], url: "/f/1".into() };
        let calls = render(&Outbound { files: vec![file], ..outbound("вот схема") });
        let [Call::File { method: "sendPhoto", body, .. }] = calls.as_slice() else { panic!("one photo: {calls:?}") };
        assert_eq!(body["caption"], "вот схема");
    }

    #[test]
    fn asking_for_the_phone_uses_the_reply_keyboard() {
        let button =
            Button {
                id: "p".into(), label: "Отправить номер".into(), kind: ButtonKind::SharePhone, url: None
            };
        let calls = render(&Outbound { buttons: vec![vec![button]], ..outbound("Ваш номер?") });
        let [Call::Json { body, .. }] = calls.as_slice() else { panic!("one text") };
        assert_eq!(body["reply_markup"]["keyboard"][0][0]["request_contact"], true);
    }
}
