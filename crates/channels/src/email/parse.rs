//! A kept letter into our words. Whatever it is made of, nothing of it vanishes: what cannot be shown is named.

use super::raw::{self, Kept};
use super::{automatic, bounce, charset, compose, fold, html, page};
use mail_parser::{Address, Message, MessagePart, MimeHeaders, PartType};
use model::{Extra, Inbound, InboundEvent, InboundFile, LetterNote, NamedLink, Receipt, ReceiptOf, Sender, Timestamp};
use serde_json::Value;

/// Characters of a text that a message holds; of a longer one the whole comes as a file.
const LONGEST_TEXT: usize = 9_000;
const LONGEST_FOLDED: usize = 20_000;
const LONGEST_SUBJECT: usize = 500;
pub(super) const MOST_FILES: usize = 50;
/// A file of a letter that we hold has no id.
const HERE: &str = "";

/// What a kept letter says, under this key.
///
/// # Errors
/// When it is none of ours.
pub fn parse(raw: &Value) -> Result<Option<Inbound>, String> {
    let (kept, bytes) = Kept::read(raw)?;
    let letter = raw::read(&bytes).ok_or("the letter cannot be read")?;
    let at = letter.date().map_or(kept.at, |date| date.to_timestamp().saturating_mul(1000));
    if let Some(report) = bounce::read(&letter) {
        let Some(status) = report.status else { return Ok(None) };
        let receipt = Receipt { about: ReceiptOf::Ours(report.message), status, reason: report.reason };
        let sender = Sender { external_id: kept.from, ..Sender::default() };
        return Ok(Some(Inbound { sender, at: Timestamp(at), event: InboundEvent::Receipt(receipt) }));
    }
    let sender = sender(&letter, &kept);
    Ok(Some(Inbound { sender, at: Timestamp(at), event: message(&letter, &kept) }))
}

fn sender(letter: &Message<'_>, kept: &Kept) -> Sender {
    let named = |list: Option<&Address<'_>>| {
        let person = list?
            .iter()
            .find(|a| a.address().and_then(super::address::normalised).is_some_and(|address| address == kept.from))?;
        person.name().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    };
    let name = named(letter.reply_to()).or_else(|| named(letter.from())).or_else(|| name_of(letter));
    let name = name.filter(|name| !name.contains('\u{FFFD}')).or_else(|| name_of(letter));
    let email = Some(kept.from.clone()).filter(|from| from != raw::NOBODY);
    // A name must not pass for another address.
    let name = name.filter(|name| !name.contains('@')).or_else(|| email.clone());
    Sender { external_id: kept.from.clone(), name, username: None, address: None, email }
}

/// The name of who wrote it, also one that was not written in the way of headers.
fn name_of(letter: &Message<'_>) -> Option<String> {
    let name = letter.from()?.first()?.name()?.trim();
    if !name.contains('\u{FFFD}') {
        return Some(name.to_owned()).filter(|name| !name.is_empty());
    }
    let from = charset::header(letter, "From", None)?;
    let name = from.split_once('<')?.0.trim().trim_matches('"').to_owned();
    (!name.is_empty() && !name.contains('=')).then_some(name)
}

fn message(letter: &Message<'_>, kept: &Kept) -> InboundEvent {
    let subject =
        charset::header(letter, "Subject", letter.subject()).map(|subject| one_line(&subject, LONGEST_SUBJECT));
    let subject = subject.filter(|subject| !subject.is_empty());
    let Words { text, links } = words(letter);
    let mut files = files(letter, kept);
    let (mut text, folded) = fold::fold(&text);
    if let Some(whole) = kept.whole {
        text = format!(
            "{text}\n\n[Письмо слишком велико, {} / The letter is too large: only its beginning is here]",
            size(whole)
        );
    }
    if text.chars().count() > LONGEST_TEXT {
        files.insert(0, whole_text(&text));
        text = format!("{}…", text.chars().take(LONGEST_TEXT).collect::<String>());
    }
    let text = if text.trim().is_empty() && files.is_empty() { subject.clone().unwrap_or_default() } else { text };
    let extra = Extra {
        form: (text.trim().is_empty() && files.is_empty()).then(|| "email".to_owned()),
        forwarded_from: written_by(letter, kept),
        links,
        subject,
        folded: folded.map(|folded| folded.chars().take(LONGEST_FOLDED).collect()),
        automatic: automatic::is_automatic(letter),
        letter: LetterNote { html: page::has_page(letter), ..kept.proof.clone().unwrap_or_default() }.some(),
        ..Extra::default()
    };
    let reply_to = letter.in_reply_to().as_text().filter(|id| compose::message_of(id).is_some()).map(str::to_owned);
    let external_id = kept.key.clone();
    InboundEvent::Message {
        external_id,
        text: text.trim().to_owned(),
        files,
        buttons: Vec::new(),
        extra: extra.some(),
        reply_to,
    }
}

/// Files that stand before a letter's own: its whole text, where that is long.
pub(super) fn files_ahead(letter: &Message<'_>, kept: &Kept) -> usize {
    let all = match message(letter, kept) {
        InboundEvent::Message { files, .. } => files.len(),
        _ => 0,
    };
    all.saturating_sub(files(letter, kept).len())
}

/// Who wrote a letter whose answers go to somebody else.
fn written_by(letter: &Message<'_>, kept: &Kept) -> Option<String> {
    let from = raw::from_of(letter).filter(|from| *from != kept.from)?;
    Some(name_of(letter).map_or_else(|| from.clone(), |name| format!("{name} <{from}>")))
}

struct Words {
    text: String,
    links: Vec<NamedLink>,
}

fn words(letter: &Message<'_>) -> Words {
    let (mut texts, mut links) = (Vec::new(), Vec::new());
    for part in letter.text_bodies() {
        match &part.body {
            PartType::Text(text) => texts.push(plain(letter, part, text)),
            PartType::Html(text) => {
                let (text, more) = html::text_of(&charset::text_of(letter, part, text));
                texts.push(tidied(&text));
                links.extend(more);
            }
            _ => {}
        }
    }
    let text = texts.join("\n\n");
    if !text.trim().is_empty() {
        return Words { text, links };
    }
    // Some programs send an empty text beside the HTML.
    let html = letter.html_bodies().find_map(|part| match &part.body {
        PartType::Html(text) => Some(html::text_of(&charset::text_of(letter, part, text))),
        _ => None,
    });
    html.map_or(Words { text: String::new(), links: Vec::new() }, |(text, links)| Words { text: tidied(&text), links })
}

fn plain(letter: &Message<'_>, part: &MessagePart<'_>, text: &str) -> String {
    let text = charset::text_of(letter, part, text);
    let is_flowed = part
        .content_type()
        .and_then(|kind| kind.attribute("format"))
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    tidied(&if is_flowed { fold::unflowed(&text) } else { text })
}

/// Without what cannot be seen: returns, NUL, spaces at ends, more than one empty line.
fn tidied(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\0' | '\u{FEFF}')).collect();
    for line in text.lines() {
        // "-- " begins a signature.
        let line = if line == "-- " { line } else { line.trim_end() };
        if line.is_empty() && lines.last().is_some_and(|last| last.is_empty()) {
            continue;
        }
        lines.push(line);
    }
    lines.join("\n")
}

fn files(letter: &Message<'_>, kept: &Kept) -> Vec<InboundFile> {
    let all: Vec<(usize, &MessagePart<'_>)> =
        letter.attachments.iter().filter_map(|id| Some((*id as usize, letter.parts.get(*id as usize)?))).collect();
    let mut files: Vec<InboundFile> =
        all.iter().take(MOST_FILES).map(|(number, part)| file(letter, kept, *number, part)).collect();
    if let Some((_, left)) = all.split_at_checked(MOST_FILES).filter(|(_, left)| !left.is_empty()) {
        let names: Vec<String> = left.iter().map(|(number, part)| name_of_file(part, *number)).collect();
        let words = format!("Ещё файлов / more files: {}\n{}\n", names.len(), names.join("\n"));
        files.push(here("more.txt", "text/plain", words.into_bytes()));
    }
    files
}

fn file(letter: &Message<'_>, kept: &Kept, number: usize, part: &MessagePart<'_>) -> InboundFile {
    let name = name_of_file(part, number);
    let mime = part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")));
    if let Some(size) = kept.cut.get(&number) {
        let external_id = format!("{}.{}.{number}", kept.validity, kept.uid);
        return InboundFile { external_id, name, mime, size: i64::try_from(*size).ok(), bytes: None };
    }
    let bytes = raw::file_of(letter, part).into_owned();
    InboundFile { mime, ..here(&name, "", bytes) }
}

fn here(name: &str, mime: &str, bytes: Vec<u8>) -> InboundFile {
    InboundFile {
        external_id: HERE.to_owned(),
        name: name.to_owned(),
        mime: Some(mime.to_owned()),
        size: i64::try_from(bytes.len()).ok(),
        bytes: Some(bytes),
    }
}

fn whole_text(text: &str) -> InboundFile {
    here("message.txt", "text/plain", text.as_bytes().to_vec())
}

/// Kinds whose second word is what names end with.
const FAMILIES: &[&str] = &["image", "audio", "video"];

/// The name that the sender gave, else one that says what it is.
fn name_of_file(part: &MessagePart<'_>, number: usize) -> String {
    if let Some(name) = part.attachment_name().map(|name| one_line(name, 200)).filter(|name| !name.is_empty()) {
        return name.replace(['/', '\\'], "_");
    }
    if let PartType::Message(inner) = &part.body {
        let subject = inner.subject().map(|subject| one_line(subject, 80).replace(['/', '\\'], "_"));
        return format!(
            "{}.eml",
            subject.filter(|subject| !subject.is_empty()).unwrap_or_else(|| format!("message-{number}"))
        );
    }
    let kind = part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
    let kind = kind.unwrap_or_default();
    let ending = match kind.as_str() {
        "image/jpeg" => "jpg",
        "text/calendar" => "ics",
        "text/html" => "html",
        "application/pdf" => "pdf",
        kind if kind.starts_with("text/") => "txt",
        kind => match kind.split_once('/') {
            Some((family, subtype)) if FAMILIES.contains(&family) && (1..=5).contains(&subtype.len()) => subtype,
            _ => "bin",
        },
    };
    format!("file-{number}.{ending}")
}

fn one_line(text: &str, longest: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(longest).collect()
}

fn size(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / (1024.0 * 1024.0))
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
