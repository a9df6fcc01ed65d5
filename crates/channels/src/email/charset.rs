//! Text of letters whose charset is wrong, missing or unknown.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders};

/// What stands for a byte that is no letter.
const UNREADABLE: char = '\u{FFFD}';

/// The text of a part, guessed from its bytes where its charset cannot be right.
pub fn text_of(letter: &Message<'_>, part: &MessagePart<'_>, read: &str) -> String {
    let named = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_ascii_lowercase();
    if ["windows-125", "iso-8859-", "koi8-"].iter().any(|name| named.starts_with(name)) && !read.is_ascii() {
        // Bytes that happen to be UTF-8 are nothing else.
        if let Ok(text) = String::from_utf8(bytes_of(letter, part)) {
            return text;
        }
    }
    let is_latin = LATIN.contains(&named.as_str());
    let is_doubtful = read.contains(UNREADABLE) || (is_latin && is_hardly_latin(read));
    if !is_doubtful {
        return read.to_owned();
    }
    let guessed = guessed(&bytes_of(letter, part), tld_of(letter).as_deref());
    // One bad byte of a long letter is not worth another alphabet.
    let bad = |text: &str| text.matches(UNREADABLE).count();
    if bad(&guessed) < bad(read).max(1) { guessed } else { read.to_owned() }
}

/// Charsets that programs name without knowing.
const LATIN: &[&str] = &["us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "iso-8859-15"];

/// Words of Latin letters have few with marks.
fn is_hardly_latin(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let marked = text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count();
    marked * 5 > letters * 2
}

/// The country of whoever wrote it, which says what alphabets are likely.
fn tld_of(letter: &Message<'_>) -> Option<String> {
    let from = super::raw::from_of(letter)?;
    let label = from.rsplit('.').next()?.to_owned();
    let is_tld = !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase());
    is_tld.then_some(label)
}

/// The bytes of a text part as its sender had them.
pub fn bytes_of(letter: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let raw = letter.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let decoded = match part.encoding {
        Encoding::None => None,
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    };
    decoded.unwrap_or_else(|| raw.to_vec())
}

/// Text of bytes of which nobody says what they are.
fn guessed(bytes: &[u8], tld: Option<&str>) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let (text, _, _) = detector.guess(tld.map(str::as_bytes), chardetng::Utf8Detection::Allow).decode(bytes);
    text.into_owned()
}

/// A header that holds text, read again when it was not written in the way of headers.
pub fn header(letter: &Message<'_>, name: &str, read: Option<&str>) -> Option<String> {
    let is_readable = |text: &&str| !text.contains(UNREADABLE);
    if let Some(text) = read.filter(is_readable) {
        return Some(text.to_owned());
    }
    let header = letter.headers().iter().rev().find(|header| header.name.as_str().eq_ignore_ascii_case(name))?;
    let bytes = letter.raw_message.get(header.offset_start as usize..header.offset_end as usize)?;
    let text = guessed(bytes, tld_of(letter).as_deref());
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
