//! Updates into our words. Unknown kinds are ignored, not refused: Telegram adds new ones often.

use model::{Inbound, InboundEvent, InboundFile, Sender, Timestamp};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Update {
    #[serde(rename = "update_id")]
    _id: i64,
    message: Option<Message>,
    edited_message: Option<Message>,
    callback_query: Option<CallbackQuery>,
    my_chat_member: Option<ChatMemberUpdated>,
}

#[derive(Deserialize)]
struct Message {
    message_id: i64,
    date: i64,
    chat: Chat,
    from: Option<User>,
    text: Option<String>,
    caption: Option<String>,
    #[serde(default)]
    photo: Vec<File>,
    document: Option<File>,
    voice: Option<File>,
    audio: Option<File>,
    video: Option<File>,
    video_note: Option<File>,
    sticker: Option<File>,
    animation: Option<File>,
    contact: Option<SharedContact>,
    location: Option<Location>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    is_bot: bool,
    first_name: String,
    last_name: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct File {
    file_id: String,
    file_name: Option<String>,
    mime_type: Option<String>,
    file_size: Option<i64>,
    #[serde(default)]
    width: i64,
}

#[derive(Deserialize)]
struct SharedContact {
    phone_number: String,
    user_id: Option<i64>,
    first_name: Option<String>,
}

#[derive(Deserialize)]
struct Location {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct CallbackQuery {
    id: String,
    from: User,
    data: Option<String>,
}

#[derive(Deserialize)]
struct ChatMemberUpdated {
    from: User,
    date: i64,
    chat: Chat,
    new_chat_member: ChatMember,
}

#[derive(Deserialize)]
struct ChatMember {
    status: String,
}

/// The key under which an update is stored once: `(bot, update_id)`, the bot being the connection.
pub fn dedupe_key(update: &Value) -> Option<String> {
    update.get("update_id").and_then(Value::as_i64).map(|id| id.to_string())
}

/// Who an update is from, so that one person's updates are processed in order. Empty for what has no person.
pub fn sender_of(update: &Value) -> String {
    let kinds = ["message", "edited_message", "callback_query", "my_chat_member"];
    let from = kinds.iter().find_map(|kind| update.get(kind)).and_then(|body| body.pointer("/from/id"));
    from.and_then(Value::as_i64).map(|id| id.to_string()).unwrap_or_default()
}

/// Translates one update; `None` for what we do not show (groups, channels, bots, kinds we do not know).
///
/// # Errors
/// When the body is not an update at all.
pub fn parse(update: &Value) -> Result<Option<Inbound>, serde_json::Error> {
    let update = Update::deserialize(update)?;
    if let Some(message) = update.message {
        return Ok(from_message(message));
    }
    if let Some(message) = update.edited_message {
        return Ok(from_edit(message));
    }
    if let Some(query) = update.callback_query {
        let event = InboundEvent::Pressed { button_id: query.data.unwrap_or_default(), callback_id: query.id };
        return Ok(Some(Inbound { sender: sender(&query.from), at: Timestamp(0), event }));
    }
    Ok(update.my_chat_member.and_then(from_membership))
}

fn from_message(message: Message) -> Option<Inbound> {
    let from = message.from.as_ref().filter(|user| message.chat.kind == "private" && !user.is_bot)?;
    let sender = Sender { address: Some(message.chat.id.to_string()), ..sender(from) };
    let at = Timestamp(message.date * 1000);
    let own_phone = message.contact.as_ref().filter(|c| c.user_id == Some(from.id));
    let event = if let Some(contact) = own_phone {
        InboundEvent::SharedPhone { phone: plus(&contact.phone_number) }
    } else if let Some(payload) = message.text.as_deref().and_then(start_payload) {
        InboundEvent::Started { payload }
    } else {
        let text = text_of(&message);
        InboundEvent::Message {
            external_id: message.message_id.to_string(),
            text,
            files: files_of(message),
            buttons: Vec::new(),
        }
    };
    Some(Inbound { sender, at, event })
}

fn from_edit(message: Message) -> Option<Inbound> {
    let from = message.from.as_ref().filter(|user| message.chat.kind == "private" && !user.is_bot)?;
    let event = InboundEvent::Edited { external_id: message.message_id.to_string(), text: text_of(&message) };
    Some(Inbound { sender: sender(from), at: Timestamp(message.date * 1000), event })
}

fn from_membership(change: ChatMemberUpdated) -> Option<Inbound> {
    if change.chat.kind != "private" {
        return None;
    }
    let event = match change.new_chat_member.status.as_str() {
        "kicked" | "left" => InboundEvent::Blocked,
        _ => InboundEvent::Unblocked,
    };
    Some(Inbound { sender: sender(&change.from), at: Timestamp(change.date * 1000), event })
}

fn sender(user: &User) -> Sender {
    let name = match &user.last_name {
        Some(last) => format!("{} {last}", user.first_name),
        None => user.first_name.clone(),
    };
    Sender { external_id: user.id.to_string(), name: Some(name), username: user.username.clone(), address: None }
}

fn text_of(message: &Message) -> String {
    if let Some(text) = message.text.as_ref().or(message.caption.as_ref()) {
        return text.clone();
    }
    if let Some(contact) = &message.contact {
        // Somebody else's number: shown to the operator, never taken as this person's own.
        return format!("{} {}", contact.first_name.as_deref().unwrap_or_default(), plus(&contact.phone_number))
            .trim()
            .to_owned();
    }
    message.location.as_ref().map(|place| format!("{}, {}", place.latitude, place.longitude)).unwrap_or_default()
}

fn files_of(message: Message) -> Vec<InboundFile> {
    let mut files = Vec::new();
    // Telegram sends one picture in several sizes; the largest is the picture.
    if let Some(photo) = message.photo.into_iter().max_by_key(|size| size.width) {
        files.push(file(photo, "photo.jpg", Some("image/jpeg")));
    }
    // An animation comes with a twin in `document`.
    let document = if message.animation.is_some() { None } else { message.document };
    let others = [
        (document, "document", None),
        (message.animation, "animation.mp4", Some("video/mp4")),
        (message.voice, "voice.ogg", Some("audio/ogg")),
        (message.audio, "audio.mp3", Some("audio/mpeg")),
        (message.video, "video.mp4", Some("video/mp4")),
        (message.video_note, "video.mp4", Some("video/mp4")),
        (message.sticker, "sticker.webp", Some("image/webp")),
    ];
    for (found, name, mime) in others {
        files.extend(found.map(|f| file(f, name, mime)));
    }
    files
}

fn file(found: File, default_name: &str, default_mime: Option<&str>) -> InboundFile {
    InboundFile {
        external_id: found.file_id,
        name: found.file_name.unwrap_or_else(|| default_name.to_owned()),
        mime: found.mime_type.or_else(|| default_mime.map(str::to_owned)),
        size: found.file_size,
    }
}

/// `Some(payload)` for `/start` with or without one, `None` for any other text.
fn start_payload(text: &str) -> Option<Option<String>> {
    let rest = text.strip_prefix("/start")?;
    if rest.is_empty() {
        return Some(None);
    }
    let payload = rest.strip_prefix(' ')?.trim();
    let is_ours = !payload.is_empty()
        && payload.len() <= 64
        && payload.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    Some(is_ours.then(|| payload.to_owned()))
}

fn plus(phone: &str) -> String {
    if phone.starts_with('+') { phone.to_owned() } else { format!("+{phone}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(body: Value) -> Option<Inbound> {
        let mut message = json!({
            "message_id": 7, "date": 1_700_000_000, "chat": { "id": 5, "type": "private" },
            "from": { "id": 5, "is_bot": false, "first_name": "Марина", "last_name": "Ковалёва", "username": "marina_kv" }
        });
        message.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        parse(&json!({ "update_id": 11, "message": message })).unwrap()
    }

    #[test]
    fn text_comes_with_name_and_user_name() {
        let inbound = message(json!({ "text": "Здравствуйте" })).unwrap();
        assert_eq!(inbound.sender.name.as_deref(), Some("Марина Ковалёва"));
        assert_eq!(inbound.sender.username.as_deref(), Some("marina_kv"));
        assert!(matches!(inbound.event, InboundEvent::Message { text, .. } if text == "Здравствуйте"));
    }

    #[test]
    fn only_ones_own_contact_is_an_attested_phone() {
        let own =
            message(json!({ "contact": { "phone_number": "79125550142", "first_name": "М", "user_id": 5 } })).unwrap();
        assert_eq!(own.event, InboundEvent::SharedPhone { phone: "+79125550142".into() });
        for foreign in [
            json!({ "phone_number": "79125550142", "first_name": "Пётр", "user_id": 6 }),
            json!({ "phone_number": "1", "first_name": "П" }),
        ] {
            let inbound = message(json!({ "contact": foreign })).unwrap();
            assert!(matches!(inbound.event, InboundEvent::Message { .. }));
        }
    }

    #[test]
    fn the_largest_photo_is_taken_with_its_caption() {
        let photo = json!([{ "file_id": "s", "width": 90 }, { "file_id": "l", "width": 1280 }, { "file_id": "m", "width": 320 }]);
        let inbound = message(json!({ "photo": photo, "caption": "вот" })).unwrap();
        let InboundEvent::Message { text, files, .. } = inbound.event else { panic!("a message") };
        assert_eq!((text.as_str(), files.len(), files[0].external_id.as_str()), ("вот", 1, "l"));
    }

    #[test]
    fn start_carries_our_payload_and_nothing_else() {
        let event = |text: &str| message(json!({ "text": text })).unwrap().event;
        assert_eq!(event("/start"), InboundEvent::Started { payload: None });
        assert_eq!(event("/start v_1-Ab"), InboundEvent::Started { payload: Some("v_1-Ab".into()) });
        assert_eq!(event("/start ../../etc"), InboundEvent::Started { payload: None });
        assert!(matches!(event("/starting"), InboundEvent::Message { .. }));
    }

    #[test]
    fn groups_and_bots_are_ignored_and_unknown_kinds_do_not_fail() {
        assert!(message(json!({ "chat": { "id": -5, "type": "group" }, "text": "x" })).is_none());
        assert!(message(json!({ "from": { "id": 9, "is_bot": true, "first_name": "Bot" }, "text": "x" })).is_none());
        assert!(parse(&json!({ "update_id": 1, "poll_answer": {} })).unwrap().is_none());
        assert!(parse(&json!({ "hello": 1 })).is_err());
    }

    #[test]
    fn blocking_and_coming_back_are_told() {
        let change = |status: &str| {
            parse(&json!({ "update_id": 3, "my_chat_member": {
                "from": { "id": 5, "is_bot": false, "first_name": "М" }, "date": 1, "chat": { "id": 5, "type": "private" },
                "old_chat_member": {}, "new_chat_member": { "status": status, "user": {} } } }))
            .unwrap()
            .unwrap()
            .event
        };
        assert_eq!(change("kicked"), InboundEvent::Blocked);
        assert_eq!(change("member"), InboundEvent::Unblocked);
    }
}
