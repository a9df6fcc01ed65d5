//! Our messages into calls of the Bot API.

use crate::adapter::Said;
use model::{Button, ButtonKind, Content, Outbound, OutboundFile};
use serde_json::{Value, json};

/// Longest text of `sendMessage`.
const MAX_TEXT: usize = 4096;
/// Longest caption of a file.
const MAX_CAPTION: usize = 1024;
/// Photos above this are sent as documents.
const MAX_PHOTO: usize = 10 * 1024 * 1024;

/// Pixels of both sides of a photo together, and of the longer side for one of the shorter.
const MAX_SIDES: i64 = 10_000;
const MAX_RATIO: i64 = 20;

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

/// The messages of Telegram's that one of ours becomes: files first, the text as the caption of a single file when it fits, long texts in
/// several, buttons under the last one.
pub fn parts(content: Content) -> Vec<Content> {
    let Content { text, attachments, buttons, .. } = content;
    let fits_caption = attachments.len() == 1 && text.chars().count() <= MAX_CAPTION;
    let of_file = |file| Content { attachments: vec![file], ..Content::default() };
    let mut parts: Vec<Content> = attachments.into_iter().map(of_file).collect();
    match parts.last_mut().filter(|_| fits_caption) {
        Some(file) => file.text = text,
        None => parts.extend(split(&text, MAX_TEXT).into_iter().map(Content::text)),
    }
    if parts.is_empty() {
        parts.push(Content::default());
    }
    if let Some(last) = parts.last_mut() {
        last.buttons = buttons;
    }
    parts
}

/// The call that brings one part to the client.
pub fn render(part: &Outbound) -> Call {
    let mut call = match part.files.first() {
        Some(file) => file_call(part, file),
        None => {
            Call::Json { method: "sendMessage", body: json!({ "chat_id": chat_id(&part.address), "text": part.text }) }
        }
    };
    let (Call::Json { body, .. } | Call::File { body, .. }) = &mut call;
    if let Some(markup) = markup(&part.buttons) {
        body["reply_markup"] = markup;
    }
    if let Some(answered) = part.thread.answers.as_deref().and_then(|id| id.parse::<i64>().ok()) {
        // Said all the same when the client has deleted what it answers.
        body["reply_parameters"] = json!({ "message_id": answered, "allow_sending_without_reply": true });
    }
    call
}

/// A message of ours as its chat knows it.
pub fn named(said: &Said<'_>) -> Value {
    let id = said.external_id.parse::<i64>().map_or_else(|_| json!(said.external_id), |id| json!(id));
    json!({ "chat_id": chat_id(said.address), "message_id": id })
}

/// The call that puts another text in place: of a message, or under its file. Buttons stay only when they are named again.
pub fn edited(said: &Said<'_>, now: &Content) -> (&'static str, Value) {
    let mut body = named(said);
    let (method, field) = match now.attachments.is_empty() {
        true => ("editMessageText", "text"),
        false => ("editMessageCaption", "caption"),
    };
    body[field] = json!(now.text);
    if let Some(markup) = markup(&now.buttons).filter(|markup| markup.get("inline_keyboard").is_some()) {
        body["reply_markup"] = markup;
    }
    (method, body)
}

fn chat_id(address: &str) -> Value {
    address.parse::<i64>().map_or_else(|_| json!(address), |id| json!(id))
}

fn file_call(part: &Outbound, file: &OutboundFile) -> Call {
    let mut body = json!({ "chat_id": chat_id(&part.address) });
    if !part.text.is_empty() {
        body["caption"] = json!(part.text);
    }
    let (method, field) = if is_photo(file) { ("sendPhoto", "photo") } else { DOCUMENT };
    Call::File { method, field, body, file: file.clone() }
}

/// How a picture goes that Telegram does not take as a photo.
const DOCUMENT: (&str, &str) = ("sendDocument", "document");

/// Whether Telegram takes a file as a photo: its sides add up to 10000 at most, and the longer is at most 20 times the shorter.
fn is_photo(file: &OutboundFile) -> bool {
    let is_kind = matches!(file.mime.as_str(), "image/jpeg" | "image/png") && file.bytes.len() <= MAX_PHOTO;
    let fits = |(width, height): (i64, i64)| {
        let (short, long) = (width.min(height), width.max(height));
        short > 0 && short + long <= MAX_SIDES && long <= short * MAX_RATIO
    };
    is_kind && file.sides.is_some_and(fits)
}

impl Call {
    /// The same file as a document; none for what is no photo.
    pub fn into_document(self) -> Option<Self> {
        match self {
            Self::File { method: "sendPhoto", body, file, .. } => {
                let (method, field) = DOCUMENT;
                Some(Self::File { method, field, body, file })
            }
            _ => None,
        }
    }
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
            thread: model::Thread::default(),
            is_automatic: false,
            subject: None,
            unsubscribe: None,
        }
    }

    #[test]
    fn a_long_text_is_cut_at_words_and_loses_nothing() {
        let text = "слово ".repeat(2000);
        let texts: Vec<String> = parts(Content::text(text.clone())).into_iter().map(|part| part.text).collect();
        assert!(texts.iter().all(|t| t.chars().count() <= MAX_TEXT));
        assert_eq!(texts.join(" "), text.trim());
    }

    #[test]
    fn text_goes_as_caption_of_a_single_picture() {
        let call = render(&Outbound { files: vec![picture((800, 600))], ..outbound("вот схема") });
        let Call::File { method: "sendPhoto", body, .. } = call else { panic!("a photo: {call:?}") };
        assert_eq!(body["caption"], "вот схема");
    }

    fn picture(sides: (i64, i64)) -> OutboundFile {
        let (name, mime, url) = ("a.png".into(), "image/png".into(), "/f/1".into());
        OutboundFile { name, mime, bytes: vec![1], url, sides: Some(sides) }
    }

    #[test]
    fn a_picture_whose_sides_telegram_refuses_goes_as_a_document() {
        let method = |sides| match render(&Outbound { files: vec![picture(sides)], ..outbound("") }) {
            Call::File { method, .. } | Call::Json { method, .. } => method,
        };
        for sides in [(5000, 5000), (2000, 100), (1, 20)] {
            assert_eq!(method(sides), "sendPhoto", "{sides:?}");
        }
        for sides in [(5001, 5000), (2001, 100), (1, 21), (0, 5)] {
            assert_eq!(method(sides), "sendDocument", "{sides:?}");
        }
    }

    #[test]
    fn asking_for_the_phone_uses_the_reply_keyboard() {
        let button =
            Button {
                id: "p".into(), label: "Отправить номер".into(), kind: ButtonKind::SharePhone, url: None
            };
        let call = render(&Outbound { buttons: vec![vec![button]], ..outbound("Ваш номер?") });
        let Call::Json { body, .. } = call else { panic!("a text") };
        assert_eq!(body["reply_markup"]["keyboard"][0][0]["request_contact"], true);
    }
}
