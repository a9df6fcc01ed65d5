//! Forms of a message that are neither text nor a file: what of them can be shown in words (rulings 66). Telegram adds new ones often, so
//! one that we do not know is named by Telegram's own word, with the words found in it.

use model::InboundFile;
use serde_json::{Map, Value};

/// A form, in Telegram's word, and what of it can be shown.
#[derive(Debug, Default, PartialEq)]
pub struct Form {
    /// As `Content::extra` names it.
    pub name: String,
    /// Its words.
    pub text: String,
    /// Its files.
    pub files: Vec<InboundFile>,
}

/// What stands around a message and is no form of it.
const AROUND: &[&str] = &[
    "message_id",
    "message_thread_id",
    "direct_messages_topic",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "date",
    "guest_query_id",
    "business_connection_id",
    "chat",
    "is_topic_message",
    "is_automatic_forward",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_to_story",
    "reply_to_checklist_task_id",
    "reply_to_poll_option_id",
    "via_bot",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "edit_date",
    "has_protected_content",
    "is_from_offline",
    "is_paid_post",
    "media_group_id",
    "author_signature",
    "paid_star_count",
    "text",
    "entities",
    "link_preview_options",
    "suggested_post_info",
    "effect_id",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "reply_markup",
];
/// Keys under which Telegram keeps words for people.
const WORDS: &[&str] = &[
    "title",
    "question",
    "text",
    "caption",
    "description",
    "name",
    "first_name",
    "last_name",
    "emoji",
    "address",
    "phone_number",
    "url",
    "data",
];
/// Words taken from a form that we do not know: how many, how long, how deep.
const MOST_WORDS: usize = 20;
const LONGEST_WORD: usize = 300;
const DEEPEST: usize = 5;
/// Currencies without a smaller unit; Telegram counts the others in hundredths.
const WHOLE_CURRENCIES: &[&str] = &[
    "XTR", "JPY", "KRW", "VND", "CLP", "PYG", "ISK", "UGX", "RWF", "GNF", "XAF", "XOF", "XPF", "VUV", "KMF", "DJF",
    "BIF",
];

/// What of a form can be shown; none when it is not as we know it.
type Show = fn(&Value) -> Option<String>;

/// The form of a message, when it has one that we know.
pub fn known(message: &Map<String, Value>) -> Option<Form> {
    // A venue comes with its location, too.
    const KNOWN: &[(&str, Show)] = &[
        ("contact", contact),
        ("venue", venue),
        ("location", location),
        ("poll", poll),
        ("dice", dice),
        ("story", story),
        ("checklist", checklist),
        ("paid_media", paid_media),
        ("web_app_data", web_app_data),
        ("successful_payment", payment),
        ("refunded_payment", payment),
        ("sticker", sticker),
    ];
    let (name, value, show) = KNOWN.iter().find_map(|(name, show)| Some((*name, message.get(*name)?, show)))?;
    let Some(text) = show(value) else { return Some(unknown(name, value)) };
    let files = if name == "paid_media" { paid_files(value) } else { Vec::new() };
    Some(Form { name: name.to_owned(), text, files })
}

/// The form of a message that brought nothing else that we know.
pub fn other(message: &Map<String, Value>) -> Form {
    let found = message.iter().find(|(key, _)| !AROUND.contains(&key.as_str()));
    match found {
        Some((key, value)) => unknown(key, value),
        None => Form { name: "unknown".to_owned(), ..Form::default() },
    }
}

fn unknown(name: &str, value: &Value) -> Form {
    let mut words = Vec::new();
    match value {
        Value::String(text) => words.push(text.clone()),
        _ => collect_words(value, 0, &mut words),
    }
    let text = words.iter().map(|word| word.chars().take(LONGEST_WORD).collect()).collect::<Vec<String>>().join("\n");
    let files = super::parse::file_in(value, name, None).into_iter().collect();
    Form { name: name.to_owned(), text, files }
}

fn collect_words(value: &Value, depth: usize, words: &mut Vec<String>) {
    if depth > DEEPEST || words.len() >= MOST_WORDS {
        return;
    }
    match value {
        Value::Object(fields) => {
            let said = WORDS.iter().filter_map(|key| fields.get(*key).and_then(Value::as_str));
            words.extend(said.filter(|word| !word.trim().is_empty()).map(str::to_owned));
            fields.values().for_each(|inner| collect_words(inner, depth + 1, words));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_words(inner, depth + 1, words)),
        _ => {}
    }
    words.truncate(MOST_WORDS);
}

fn str_of<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A card of somebody's: the number as it was given, never taken as the sender's own.
fn contact(card: &Value) -> Option<String> {
    let number = str_of(card, "phone_number")?;
    let parts = [str_of(card, "first_name"), str_of(card, "last_name"), Some(number)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn venue(venue: &Value) -> Option<String> {
    let place = venue.get("location").and_then(location);
    let lines = [str_of(venue, "title").map(str::to_owned), str_of(venue, "address").map(str::to_owned), place];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn location(place: &Value) -> Option<String> {
    let number = |key| place.get(key).and_then(Value::as_f64);
    Some(format!("{}, {}", number("latitude")?, number("longitude")?))
}

fn poll(poll: &Value) -> Option<String> {
    let question = str_of(poll, "question")?;
    Some(with_items(question, poll.get("options")))
}

fn checklist(list: &Value) -> Option<String> {
    let title = str_of(list, "title")?;
    Some(with_items(title, list.get("tasks")))
}

fn with_items(head: &str, items: Option<&Value>) -> String {
    let items = items.and_then(Value::as_array).into_iter().flatten();
    let lines = items.filter_map(|item| str_of(item, "text")).map(|text| format!("• {text}"));
    std::iter::once(head.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

fn dice(dice: &Value) -> Option<String> {
    let value = dice.get("value").and_then(Value::as_i64)?;
    Some(format!("{} {value}", str_of(dice, "emoji").unwrap_or("🎲")))
}

/// Bots are told whose a story is and nothing of what it shows.
fn story(story: &Value) -> Option<String> {
    let chat = story.get("chat")?;
    let address = str_of(chat, "username")
        .zip(story.get("id").and_then(Value::as_i64))
        .map(|(name, id)| format!("https://t.me/{name}/s/{id}"));
    let lines: Vec<String> = [title_of(chat), address].into_iter().flatten().collect();
    Some(lines.join("\n"))
}

/// What a chat or a person is called.
pub fn title_of(chat: &Value) -> Option<String> {
    if let Some(title) = str_of(chat, "title") {
        return Some(title.to_owned());
    }
    let names: Vec<&str> = [str_of(chat, "first_name"), str_of(chat, "last_name")].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn paid_media(media: &Value) -> Option<String> {
    media.get("star_count").and_then(Value::as_i64).map(|stars| format!("⭐ {stars}"))
}

fn paid_files(media: &Value) -> Vec<InboundFile> {
    let items = media.get("paid_media").and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| {
            super::parse::picture_in(item.get("photo")).or_else(|| super::parse::video_in(item.get("video")))
        })
        .collect()
}

fn web_app_data(data: &Value) -> Option<String> {
    let lines: Vec<&str> = [str_of(data, "button_text"), str_of(data, "data")].into_iter().flatten().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn payment(payment: &Value) -> Option<String> {
    let amount = payment.get("total_amount").and_then(Value::as_i64)?;
    let currency = str_of(payment, "currency")?;
    let amount = if WHOLE_CURRENCIES.contains(&currency) {
        amount.to_string()
    } else {
        format!("{}.{:02}", amount / 100, (amount % 100).abs())
    };
    let lines = [Some(format!("{amount} {currency}")), str_of(payment, "invoice_payload").map(str::to_owned)];
    Some(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

fn sticker(sticker: &Value) -> Option<String> {
    Some(str_of(sticker, "emoji").unwrap_or_default().to_owned())
}
