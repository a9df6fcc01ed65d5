//! What stands beside the words of a message: what it answers, who wrote it first, and the addresses behind words.

use super::forms;
use model::{NamedLink, Quoted};
use serde_json::{Map, Value};

/// Characters kept of quoted words and of an address.
const LONGEST_QUOTE: usize = 500;
const LONGEST_ADDRESS: usize = 2048;
const MOST_LINKS: usize = 100;

/// The words that a message answers.
pub fn quoted(message: &Map<String, Value>) -> Option<Quoted> {
    let marked = message.get("quote").and_then(|quote| text_at(quote, "text"));
    if let Some(answered) = message.get("reply_to_message").filter(|answered| answered.is_object()) {
        let author = answered.get("from").or_else(|| answered.get("sender_chat")).and_then(forms::title_of);
        return Some(Quoted { author, text: shortened(&marked.unwrap_or_else(|| words_of(answered))) });
    }
    if let Some(elsewhere) = message.get("external_reply").filter(|elsewhere| elsewhere.is_object()) {
        let author = elsewhere.get("origin").and_then(author_of);
        return Some(Quoted { author, text: shortened(&marked.unwrap_or_else(|| words_of(elsewhere))) });
    }
    if let Some(story) = message.get("reply_to_story").filter(|story| story.is_object()) {
        let author = story.get("chat").and_then(forms::title_of);
        return Some(Quoted { author, text: words_of(&serde_json::json!({ "story": story })) });
    }
    marked.map(|text| Quoted { author: None, text: shortened(&text) })
}

/// Telegram's id of the message that a message answers, when that is one of this chat.
pub fn answered_id(message: &Map<String, Value>) -> Option<String> {
    message.get("reply_to_message")?.get("message_id").and_then(Value::as_i64).map(|id| id.to_string())
}

/// Who wrote a message that was passed on, and where it can be read.
pub fn forwarded_from(message: &Map<String, Value>) -> Option<String> {
    message.get("forward_origin").and_then(author_of)
}

fn author_of(origin: &Value) -> Option<String> {
    if let Some(name) = text_at(origin, "sender_user_name") {
        return Some(name);
    }
    let author = ["sender_user", "sender_chat", "chat"].iter().find_map(|key| origin.get(*key))?;
    let username = text_at(author, "username");
    let post = origin.get("message_id").and_then(Value::as_i64);
    let place = match (username, post) {
        (Some(name), Some(post)) => Some(format!("https://t.me/{name}/{post}")),
        (Some(name), None) => Some(format!("@{name}")),
        (None, _) => None,
    };
    let parts: Vec<String> =
        [forms::title_of(author), text_at(origin, "author_signature"), place].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What a message says, in words.
fn words_of(message: &Value) -> String {
    let said = text_at(message, "text").or_else(|| text_at(message, "caption"));
    let form = || message.as_object().and_then(forms::known).map(|form| form.text);
    said.or_else(form).unwrap_or_default()
}

/// Addresses behind words of the text, and behind buttons of a message that was passed on.
pub fn links(message: &Map<String, Value>) -> Vec<NamedLink> {
    let behind = |text: &str, entities: &str| -> Vec<NamedLink> {
        let Some(text) = message.get(text).and_then(Value::as_str) else { return Vec::new() };
        // Telegram counts in units of UTF-16.
        let units: Vec<u16> = text.encode_utf16().collect();
        let entities = message.get(entities).and_then(Value::as_array).into_iter().flatten();
        entities.filter_map(|entity| named(&units, entity)).collect()
    };
    let rows = message.get("reply_markup").and_then(|markup| markup.get("inline_keyboard")).and_then(Value::as_array);
    let buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
    let buttons = buttons.filter_map(|button| link(&text_at(button, "text")?, button));
    let mut links = behind("text", "entities");
    links.extend(behind("caption", "caption_entities"));
    links.extend(buttons);
    links.truncate(MOST_LINKS);
    links
}

fn named(units: &[u16], entity: &Value) -> Option<NamedLink> {
    if entity.get("type").and_then(Value::as_str) != Some("text_link") {
        return None;
    }
    let number = |key| entity.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let (from, length) = (number("offset")?, number("length")?);
    let words = units.get(from..from.checked_add(length)?).map(String::from_utf16_lossy).unwrap_or_default();
    link(&words, entity)
}

fn link(words: &str, holder: &Value) -> Option<NamedLink> {
    let url = text_at(holder, "url")?;
    Some(NamedLink { text: shortened(words), url: url.chars().take(LONGEST_ADDRESS).collect() })
}

fn text_at(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned).filter(|text| !text.trim().is_empty())
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST_QUOTE).collect()
}
