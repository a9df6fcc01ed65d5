//! A letter as it looked: its HTML without whatever acts, asks elsewhere, or passes for the desk (ADR 41).

mod clean;
mod measure;

pub use clean::{Clean, clean};
pub use measure::{TooMuch, measure};

use super::raw::{self, Kept};
use super::{charset, parse};
use mail_parser::{Message, MimeHeaders, PartType};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a letter was written as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// As its sender wrote it: nothing of it is to be believed.
    pub html: String,
    /// Pictures that it names by their `Content-ID`, each with the number of the message's file.
    pub pictures: BTreeMap<String, usize>,
}

/// The page of a kept letter; none for one that has only text.
#[must_use]
pub fn page_of(raw: &Value) -> Option<Page> {
    let (kept, bytes) = Kept::read(raw).ok()?;
    let letter = raw::read(&bytes)?;
    has_page(&letter).then(|| Page { html: html_of(&letter), pictures: pictures_of(&letter, &kept) })
}

/// Whether a letter was written as a page.
pub fn has_page(letter: &Message<'_>) -> bool {
    letter.html_bodies().any(|part| matches!(&part.body, PartType::Html(html) if !html.trim().is_empty()))
}

fn html_of(letter: &Message<'_>) -> String {
    let mut whole = String::new();
    for part in letter.html_bodies() {
        match &part.body {
            PartType::Html(html) => whole.push_str(&charset::text_of(letter, part, html)),
            // Words between pages, as programs of telephones send them.
            PartType::Text(text) => {
                whole.push_str("<p style=\"white-space: pre-wrap\">");
                whole.push_str(&ammonia::clean_text(&charset::text_of(letter, part, text)));
                whole.push_str("</p>");
            }
            _ => {}
        }
    }
    whole
}

fn pictures_of(letter: &Message<'_>, kept: &Kept) -> BTreeMap<String, usize> {
    let ahead = parse::files_ahead(letter, kept);
    let named = letter.attachments.iter().take(parse::MOST_FILES).enumerate().filter_map(|(number, id)| {
        let id = letter.parts.get(*id as usize)?.content_id()?;
        Some((id.trim_matches(['<', '>', ' ']).to_owned(), number + ahead))
    });
    named.collect()
}
