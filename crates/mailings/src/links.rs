//! Links of a mailing's texts: which there are, and how they are counted. Where a counted link leads is read out of the mailing itself, which
//! nobody changes once it goes out: so it leads nowhere else.

use crate::document::Document;
use model::{ChannelKind, Invalid};

/// Links of one mailing that are counted at most.
const MOST: usize = 100;

/// The links of a mailing's texts, each once, in an order that stays. What a field is printed into is another address for each: it is left.
pub fn links_of(document: &Document) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if document.body.scenario_id.is_some() {
        return found;
    }
    let own = document.body.per_channel.values().filter_map(|words| words.text.as_deref());
    for text in document.body.text.as_deref().into_iter().chain(own) {
        for (start, end) in places(text) {
            let is_printed_into = text[end..].trim_start_matches(TRAILING).starts_with("{{");
            let link = &text[start..end];
            if !is_printed_into && !found.iter().any(|known| known == link) && found.len() < MOST {
                found.push(link.to_owned());
            }
        }
    }
    found
}

/// The text with its links in their counted form; those that are not the mailing's own stay.
pub fn counted(text: &str, links: &[String], counted: impl Fn(u8) -> Option<String>) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in places(text) {
        let number =
            links.iter().position(|link| link == &text[start..end]).and_then(|number| u8::try_from(number).ok());
        if let Some(instead) = number.and_then(&counted) {
            whole.push_str(&text[at..start]);
            whole.push_str(&instead);
            at = end;
        }
    }
    whole.push_str(&text[at..]);
    whole
}

/// Links are to be counted, and this installation does not know its own address.
pub fn no_address(document: &Document, public_url: &str) -> Option<Invalid> {
    let is_wrong = document.count_clicks && document.body.scenario_id.is_none() && public_url.is_empty();
    let words = "links are counted at this installation's own address: start it with --public-url, or count none";
    is_wrong.then(|| Invalid::new("count_clicks", "no_public_url", words))
}

/// Whether the links of a channel's text are counted.
pub fn is_for(document: &Document, channel: ChannelKind) -> bool {
    document.count_clicks && document.text_for(channel).is_some()
}

/// What ends a sentence and no link.
const TRAILING: &[char] = &['.', ',', ';', ':', '!', '?', '\'', '"', '»', '”', '…', '*', '_'];

/// Where links begin and end.
fn places(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = ["https://", "http://"].iter().filter_map(|scheme| text[from..].find(scheme)).min() {
        let start = from + at;
        let is_end = |c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`«»“”".contains(c);
        let length = text[start..].find(is_end).unwrap_or(text.len() - start);
        let mut link = text[start..start + length].trim_end_matches(TRAILING);
        // A bracket that was opened before the link is not of it.
        while link.ends_with(')') && link.matches(')').count() > link.matches('(').count() {
            link = link[..link.len() - 1].trim_end_matches(TRAILING);
        }
        let end = start + link.len();
        let host = link.split_once("://").map_or("", |(_, rest)| rest);
        if host.contains('.') && !host.starts_with(['.', '/', '?', '#']) {
            found.push((start, end));
        }
        from = start + length.max("http://".len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(text: &str, telegram: &str) -> Document {
        let body = json!({ "text": text, "per_channel": { "telegram": { "text": telegram } } });
        serde_json::from_value(json!({ "title": "x", "body": body, "channels": ["site"], "count_clicks": true }))
            .unwrap()
    }

    #[test]
    fn links_are_found_as_people_write_them() {
        let text = "Смотрите https://shop.example/a?b=1&c=2#d, (см. https://shop.example/x_(y)) и «http://shop.example».\n\
                    https://shop.example/{{id}} https://shop.example/a?b=1&c=2#d http:// https://localhost https://пример.рф/путь!";
        let links = links_of(&document(text, "https://t.example/1 https://shop.example"));
        let wanted = [
            "https://shop.example/a?b=1&c=2#d",
            "https://shop.example/x_(y)",
            "http://shop.example",
            "https://пример.рф/путь",
            "https://t.example/1",
            "https://shop.example",
        ];
        assert_eq!(links, wanted);
    }

    #[test]
    fn only_links_of_the_mailing_are_counted() {
        let links = vec!["https://shop.example/a".to_owned(), "https://shop.example/b".to_owned()];
        let text = "Вот: https://shop.example/b. Ваше: https://evil.example/a (https://shop.example/a) https://shop.example/ab";
        let made = counted(text, &links, |n| Some(format!("https://otklik.example/l/{n}")));
        assert_eq!(
            made,
            "Вот: https://otklik.example/l/1. Ваше: https://evil.example/a (https://otklik.example/l/0) https://shop.example/ab"
        );
        assert_eq!(counted(text, &links, |_| None), text);
    }
}
