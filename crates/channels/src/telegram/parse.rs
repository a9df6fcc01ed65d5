//! Updates into our words. Kinds of updates that we do not know are ignored; of a message nothing is.

use super::{beside, forms};
use model::{Extra, Inbound, InboundEvent, InboundFile, Sender, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Update {
    #[serde(rename = "update_id")]
    _id: i64,
    message: Option<Value>,
    edited_message: Option<Value>,
    callback_query: Option<CallbackQuery>,
    my_chat_member: Option<ChatMemberUpdated>,
}

/// What every message has. The rest is read part by part ([`Said`]): a part that cannot be read is named in the thread, and the others are
/// taken (rulings 66).
#[derive(Deserialize)]
struct Message {
    message_id: i64,
    date: i64,
    chat: Chat,
    from: Option<User>,
}

/// What a message says.
struct Said {
    text: String,
    files: Vec<InboundFile>,
    extra: Option<Box<Extra>>,
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

/// Translates one update; `None` for what we do not show (groups, channels, bots, updates we do not ask for).
///
/// # Errors
/// When the body is not an update at all, or a message of nobody.
pub fn parse(update: &Value) -> Result<Option<Inbound>, serde_json::Error> {
    let update = Update::deserialize(update)?;
    if let Some(message) = update.message {
        return from_message(&message);
    }
    if let Some(message) = update.edited_message {
        return from_edit(&message);
    }
    if let Some(query) = update.callback_query {
        let event = InboundEvent::Pressed { button_id: query.data.unwrap_or_default(), callback_id: query.id };
        return Ok(Some(Inbound { sender: sender(&query.from), at: Timestamp(0), event }));
    }
    Ok(update.my_chat_member.and_then(from_membership))
}

fn from_message(raw: &Value) -> Result<Option<Inbound>, serde_json::Error> {
    let message = Message::deserialize(raw)?;
    let (Some(from), Some(parts)) = (message.person(), raw.as_object()) else { return Ok(None) };
    let sender = Sender { address: Some(message.chat.id.to_string()), ..sender(from) };
    let at = Timestamp(message.date * 1000);
    let event = if let Some(phone) = own_phone(parts, from.id) {
        InboundEvent::SharedPhone { phone }
    } else if let Some(payload) = parts.get("text").and_then(Value::as_str).and_then(start_payload) {
        InboundEvent::Started { payload }
    } else {
        let Said { text, files, extra } = said(parts);
        let external_id = message.message_id.to_string();
        InboundEvent::Message {
            external_id,
            text,
            files,
            buttons: Vec::new(),
            extra,
            reply_to: beside::answered_id(parts),
        }
    };
    Ok(Some(Inbound { sender, at, event }))
}

fn from_edit(raw: &Value) -> Result<Option<Inbound>, serde_json::Error> {
    let message = Message::deserialize(raw)?;
    let (Some(from), Some(parts)) = (message.person(), raw.as_object()) else { return Ok(None) };
    let Said { text, files, extra } = said(parts);
    let event = InboundEvent::Edited { external_id: message.message_id.to_string(), text, files: Some(files), extra };
    Ok(Some(Inbound { sender: sender(from), at: Timestamp(message.date * 1000), event }))
}

impl Message {
    /// Who speaks to the bot; nobody in groups and channels, and no other bot.
    fn person(&self) -> Option<&User> {
        self.from.as_ref().filter(|user| self.chat.kind == "private" && !user.is_bot)
    }
}

/// What a message says, whatever it is made of: nothing of it vanishes.
fn said(message: &Map<String, Value>) -> Said {
    let words = ["text", "caption"].iter().find_map(|key| message.get(*key)).and_then(Value::as_str);
    let mut files = files_of(message);
    let form = forms::known(message).or_else(|| {
        let is_said = message.get("text").is_some_and(Value::is_string) || !files.is_empty();
        (!is_said).then(|| forms::other(message))
    });
    let forms::Form { name, text: shown, files: others } = form.unwrap_or_default();
    files.extend(others);
    let text = [words.unwrap_or_default(), shown.as_str()];
    let text = text.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    let extra = Extra {
        form: Some(name).filter(|name| !name.is_empty()),
        quoted: beside::quoted(message),
        forwarded_from: beside::forwarded_from(message),
        links: beside::links(message),
        ..Extra::default()
    };
    Said { text, files, extra: extra.some() }
}

/// The person's own number, which Telegram vouches for.
fn own_phone(message: &Map<String, Value>, person: i64) -> Option<String> {
    let card = message.get("contact")?;
    let is_own = card.get("user_id").and_then(Value::as_i64) == Some(person);
    let number = card.get("phone_number").and_then(Value::as_str).filter(|_| is_own)?;
    Some(plus(number))
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
    // Telegram always says: without one it was never there, or was given up.
    let username = Some(user.username.clone().unwrap_or_default());
    Sender { external_id: user.id.to_string(), name: Some(name), username, ..Sender::default() }
}

fn files_of(message: &Map<String, Value>) -> Vec<InboundFile> {
    // An animation comes with a twin in `document`.
    let document = message.get("document").filter(|_| !message.contains_key("animation"));
    let found = |key: &str, name, mime| message.get(key).and_then(|value| file_in(value, name, mime));
    let all = [
        picture_in(message.get("photo")),
        document.and_then(|value| file_in(value, "document", None)),
        found("animation", "animation.mp4", Some("video/mp4")),
        found("voice", "voice.ogg", Some("audio/ogg")),
        found("audio", "audio.mp3", Some("audio/mpeg")),
        video_in(message.get("video")),
        found("video_note", "video.mp4", Some("video/mp4")),
        message.get("sticker").and_then(sticker_in),
    ];
    all.into_iter().flatten().collect()
}

/// Telegram sends one picture in several sizes; the largest is the picture.
pub(super) fn picture_in(sizes: Option<&Value>) -> Option<InboundFile> {
    let width = |size: &&Value| size.get("width").and_then(Value::as_i64).unwrap_or(0);
    let largest = sizes?.as_array()?.iter().max_by_key(width)?;
    file_in(largest, "photo.jpg", Some("image/jpeg"))
}

pub(super) fn video_in(video: Option<&Value>) -> Option<InboundFile> {
    file_in(video?, "video.mp4", Some("video/mp4"))
}

/// Stickers are pictures, animations or videos; each under its own name.
fn sticker_in(sticker: &Value) -> Option<InboundFile> {
    let is = |key: &str| sticker.get(key).and_then(Value::as_bool).unwrap_or(false);
    let (name, mime) = match (is("is_animated"), is("is_video")) {
        (true, _) => ("sticker.tgs", "application/x-tgsticker"),
        (_, true) => ("sticker.webm", "video/webm"),
        _ => ("sticker.webp", "image/webp"),
    };
    file_in(sticker, name, Some(mime))
}

pub(super) fn file_in(found: &Value, default_name: &str, default_mime: Option<&str>) -> Option<InboundFile> {
    let found = File::deserialize(found).ok()?;
    Some(InboundFile {
        external_id: found.file_id,
        name: found.file_name.unwrap_or_else(|| default_name.to_owned()),
        mime: found.mime_type.or_else(|| default_mime.map(str::to_owned)),
        size: found.file_size,
        bytes: None,
    })
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
    use model::{NamedLink, Quoted};
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
            json!({ "phone_number": "89125550142", "first_name": "Пётр", "last_name": "Ильин", "user_id": 6 }),
            json!({ "phone_number": "89125550142", "first_name": "Пётр", "last_name": "Ильин" }),
        ] {
            let (text, _, extra) = said(json!({ "contact": foreign }));
            assert_eq!((text.as_str(), extra.form.as_deref()), ("Пётр Ильин 89125550142", Some("contact")));
        }
    }

    fn said(body: Value) -> (String, Vec<InboundFile>, Extra) {
        let InboundEvent::Message { text, files, extra, .. } = message(body).unwrap().event else {
            panic!("a message")
        };
        (text, files, extra.map(|extra| *extra).unwrap_or_default())
    }

    #[test]
    fn every_form_is_named_with_what_of_it_can_be_shown() {
        let cases = [
            (
                "poll",
                json!({ "question": "Когда?", "options": [{ "text": "утром" }, { "text": "днём" }] }),
                "Когда?\n• утром\n• днём",
            ),
            ("dice", json!({ "emoji": "🎯", "value": 6 }), "🎯 6"),
            (
                "story",
                json!({ "chat": { "id": 5, "type": "private", "first_name": "Марина", "username": "marina_kv" }, "id": 3 }),
                "Марина\nhttps://t.me/marina_kv/s/3",
            ),
            ("checklist", json!({ "title": "Ремонт", "tasks": [{ "id": 1, "text": "замер" }] }), "Ремонт\n• замер"),
            ("web_app_data", json!({ "button_text": "Заказ", "data": "{\"sku\":7}" }), "Заказ\n{\"sku\":7}"),
            (
                "successful_payment",
                json!({ "currency": "RUB", "total_amount": 145_050, "invoice_payload": "заказ 7" }),
                "1450.50 RUB\nзаказ 7",
            ),
            (
                "venue",
                json!({ "location": { "latitude": 55.5, "longitude": 37.25 }, "title": "Склад", "address": "ул. Мира, 3" }),
                "Склад\nул. Мира, 3\n55.5, 37.25",
            ),
            ("location", json!({ "latitude": 55.5, "longitude": 37.25 }), "55.5, 37.25"),
            // Of tomorrow, or of a form that changed: Telegram's word, and the words in it.
            ("hologram", json!({ "title": "Голова", "parts": [{ "name": "нос" }] }), "Голова\nнос"),
            ("poll", json!({ "title": "другой", "options": 3 }), "другой"),
            ("photo", json!(null), ""),
        ];
        for (form, body, shown) in cases {
            let (text, _, extra) = said(json!({ form: body }));
            assert_eq!((extra.form.as_deref(), text.as_str()), (Some(form), shown));
        }
        assert_eq!(said(json!({})).2.form.as_deref(), Some("unknown"));
        assert_eq!(said(json!({ "text": "да", "photo": null })), ("да".into(), vec![], Extra::default()));
    }

    #[test]
    fn paid_pictures_and_files_of_tomorrow_are_taken() {
        let media = json!({ "star_count": 5, "paid_media": [
            { "type": "preview" }, { "type": "photo", "photo": [{ "file_id": "p", "width": 9 }] }, { "type": "video", "video": { "file_id": "v" } }] });
        let (text, files, extra) = said(json!({ "paid_media": media, "caption": "вот" }));
        let ids: Vec<&str> = files.iter().map(|file| file.external_id.as_str()).collect();
        assert_eq!((text.as_str(), ids, extra.form.as_deref()), ("вот\n⭐ 5", vec!["p", "v"], Some("paid_media")));
        let (_, files, extra) = said(json!({ "live_photo": { "file_id": "live" }, "caption": "вот" }));
        assert_eq!((files[0].external_id.as_str(), extra.form.as_deref()), ("live", Some("live_photo")));
    }

    #[test]
    fn a_sticker_keeps_its_emoji_and_the_name_of_its_kind() {
        let kinds = [
            (json!({ "is_animated": false, "is_video": false }), "sticker.webp"),
            (json!({ "is_animated": true, "is_video": false }), "sticker.tgs"),
            (json!({ "is_animated": false, "is_video": true }), "sticker.webm"),
        ];
        for (mut sticker, name) in kinds {
            sticker["file_id"] = json!("s");
            sticker["emoji"] = json!("👍");
            let (text, files, _) = said(json!({ "sticker": sticker }));
            assert_eq!((text.as_str(), files[0].name.as_str()), ("👍", name));
        }
    }

    #[test]
    fn what_a_message_answers_and_who_wrote_it_first_are_kept() {
        let answered = json!({ "message_id": 6, "from": { "id": 1, "is_bot": true, "first_name": "Магазин" }, "text": "Какой размер?" });
        let InboundEvent::Message { reply_to, extra, .. } = message(
            json!({ "text": "этот", "reply_to_message": answered, "quote": { "text": "размер", "position": 6 } }),
        )
        .unwrap()
        .event
        else {
            panic!("a message")
        };
        let quoted = Quoted { author: Some("Магазин".into()), text: "размер".into() };
        assert_eq!((reply_to.as_deref(), extra.unwrap().quoted), (Some("6"), Some(quoted)));
        let elsewhere = json!({ "origin": { "type": "channel", "date": 1, "message_id": 8, "chat": { "title": "Новости", "username": "news" } } });
        let quoted = said(json!({ "text": "это правда?", "external_reply": elsewhere, "quote": { "text": "скидки" } }))
            .2
            .quoted
            .unwrap();
        assert_eq!((quoted.author.as_deref(), quoted.text.as_str()), (Some("Новости, https://t.me/news/8"), "скидки"));
        for (origin, name) in [
            (
                json!({ "type": "user", "sender_user": { "id": 9, "first_name": "Пётр", "last_name": "Ильин" } }),
                "Пётр Ильин",
            ),
            (json!({ "type": "hidden_user", "sender_user_name": "Некто" }), "Некто"),
            (
                json!({ "type": "channel", "chat": { "title": "Новости" }, "message_id": 8, "author_signature": "Ред." }),
                "Новости, Ред.",
            ),
        ] {
            assert_eq!(
                said(json!({ "text": "вот", "forward_origin": origin })).2.forwarded_from.as_deref(),
                Some(name)
            );
        }
    }

    #[test]
    fn addresses_behind_words_are_kept_with_their_words() {
        let entities = json!([{ "type": "bold", "offset": 0, "length": 2 },
            { "type": "text_link", "offset": 3, "length": 6, "url": "https://shop.example/1" }]);
        let links = said(json!({ "text": "😀 товар1", "entities": entities })).2.links;
        assert_eq!(links, [NamedLink { text: "товар1".into(), url: "https://shop.example/1".into() }]);
        let button = json!({ "inline_keyboard": [[{ "text": "Купить", "url": "https://shop.example/2" }, { "text": "Нет", "callback_data": "n" }]] });
        let links = said(json!({ "text": "вот", "reply_markup": button })).2.links;
        assert_eq!(links, [NamedLink { text: "Купить".into(), url: "https://shop.example/2".into() }]);
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
