//! A letter as it is kept until it is understood: its bytes as they came, without those of big files, which stay in the mailbox.

use super::settings::Mailbox;
use super::{address, bounce, charset, compose, proof};
use crate::adapter::Raw;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{Message, MessageParser, MessagePart, PartType};
use model::LetterNote;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Letters up to this length are kept whole.
const WHOLE: usize = 512 * 1024;
/// Of longer ones, files above this stay in the mailbox.
const SMALL_FILE: usize = 32 * 1024;
/// Bytes kept of one that is long without files.
const LONGEST: usize = 2 * 1024 * 1024;
/// Ids of letters longer than this are cut: nobody makes such.
const LONGEST_ID: usize = 250;
/// Between the id of a letter and the mark of what it says.
const MARK: char = '#';
const MARK_LENGTH: usize = 16;

/// A letter as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// The key it is stored under: the id of its message.
    #[serde(default)]
    pub key: String,
    /// Who wrote it: the contact.
    pub from: String,
    /// Where it lies in the mailbox.
    pub validity: u32,
    pub uid: u32,
    /// When it came there, in milliseconds.
    pub at: i64,
    /// Its bytes, as base64.
    pub mime: String,
    /// Sizes of files whose bytes stayed in the mailbox, by the number of their part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cut: BTreeMap<usize, usize>,
    /// What the mailbox's own server found out of who sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<LetterNote>,
    /// Bytes of the whole letter, when its end is not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<usize>,
}

/// A letter as it came from the mailbox.
pub struct Came {
    pub validity: u32,
    pub uid: u32,
    pub at: i64,
    /// Bytes of the whole letter; more than there are here when it was too long to be fetched.
    pub size: usize,
    pub bytes: Vec<u8>,
}

impl Kept {
    pub fn read(raw: &Value) -> Result<(Self, Vec<u8>), String> {
        let kept = Self::deserialize(raw).map_err(|e| e.to_string())?;
        let bytes = STANDARD.decode(&kept.mime).map_err(|e| e.to_string())?;
        Ok((kept, bytes))
    }
}

/// A letter under its key; none for one of our own.
pub fn raw(came: Came, mailbox: &Mailbox) -> Option<Raw> {
    let own_address = mailbox.address.as_str();
    let came = readable(came);
    let parsed = read(&came.bytes)?;
    if is_own(&parsed, own_address) {
        return None;
    }
    let key = key_of(&parsed, &came.bytes);
    let from = person_of(&parsed, own_address);
    let (bytes, cut) = without_big_files(&parsed, &came.bytes);
    let is_long = came.size > came.bytes.len() || bytes.len() > LONGEST;
    let mime = STANDARD.encode(&bytes[..bytes.len().min(LONGEST)]);
    let whole = is_long.then_some(came.size);
    let proof = proof::of(&parsed, mailbox);
    let Came { validity, uid, at, .. } = came;
    let kept = Kept { key: key.clone(), from, validity, uid, at, mime, cut, proof, whole };
    Some(Raw { key, body: serde_json::to_value(kept).unwrap_or_default() })
}

/// What a letter is made of; none for bytes without a head. The library says that it never gives up, and what strangers send is no place to
/// believe that.
pub fn read(bytes: &[u8]) -> Option<Message<'_>> {
    let read = std::panic::catch_unwind(|| MessageParser::new().parse(bytes)).ok().flatten();
    read.filter(|letter| !letter.parts.is_empty())
}

/// Bytes that cannot be read as a letter come as a file in one, so that nothing vanishes.
fn readable(came: Came) -> Came {
    if read(&came.bytes).is_some() {
        return came;
    }
    const AROUND: &str = "MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=\"letter.eml\"\r\n\
                          Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"letter.eml\"\r\n\r\n";
    let bytes = format!("{AROUND}{}", STANDARD.encode(&came.bytes)).into_bytes();
    Came { size: bytes.len(), bytes, ..came }
}

/// What we sent ourselves, or a copy of it. A form of the company's site may write under our address, too, for somebody else.
fn is_own(letter: &Message<'_>, own_address: &str) -> bool {
    let is_ours = letter.message_id().and_then(compose::message_of).is_some();
    is_ours || (from_of(letter).as_deref() == Some(own_address) && answers_go_to(letter, own_address).is_none())
}

/// The person behind a letter: whoever answers are to go to, else whoever wrote it. A report on a letter of ours is about whom it went to.
pub fn person_of(letter: &Message<'_>, own_address: &str) -> String {
    let about = bounce::read(letter).and_then(|report| report.recipient);
    about
        .or_else(|| answers_go_to(letter, own_address))
        .or_else(|| from_of(letter))
        .unwrap_or_else(|| NOBODY.to_owned())
}

/// Who wrote a letter that does not say it.
pub const NOBODY: &str = "unknown";

/// Where answers go, when that is a person's own address and not a list's.
pub fn answers_go_to(letter: &Message<'_>, own_address: &str) -> Option<String> {
    if letter.header("List-Id").is_some() || letter.header("List-Post").is_some() {
        return None;
    }
    let to = letter.reply_to()?;
    let first = to.first()?.address().and_then(address::normalised)?;
    (to.iter().count() == 1 && first != own_address).then_some(first)
}

pub fn from_of(letter: &Message<'_>) -> Option<String> {
    let senders = [letter.from(), letter.sender()];
    senders.into_iter().flatten().find_map(|from| from.iter().find_map(|a| a.address().and_then(address::normalised)))
}

/// The same letter has the same key, wherever it lies: servers number anew, and ids are missing or used again.
fn key_of(letter: &Message<'_>, bytes: &[u8]) -> String {
    let body = letter.parts.first().map_or(0, |part| part.offset_body as usize);
    let mut digest = Sha256::new();
    for part in [letter.header_raw("Date"), letter.header_raw("From"), letter.header_raw("Subject")] {
        digest.update(part.unwrap_or_default().trim());
        digest.update([0]);
    }
    digest.update(bytes.get(body..).unwrap_or_default());
    let mark: String = digest.finalize().iter().take(MARK_LENGTH / 2).map(|byte| format!("{byte:02x}")).collect();
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>".contains(c);
    let id: String = letter.message_id().unwrap_or("none").chars().filter(|c| is_plain(*c)).take(LONGEST_ID).collect();
    format!("{id}{MARK}{mark}")
}

/// The id that a letter had, of the id under which its message is known.
pub fn letter_id(external_id: &str) -> Option<&str> {
    if compose::message_of(external_id).is_some() {
        return Some(external_id);
    }
    let is_mark = |mark: &str| mark.len() == MARK_LENGTH && mark.bytes().all(|b| b.is_ascii_hexdigit());
    match external_id.rsplit_once(MARK) {
        Some((id, mark)) if is_mark(mark) => Some(id),
        _ => Some(external_id),
    }
}

/// The bytes without those of big files; the sizes of these.
fn without_big_files(letter: &Message<'_>, bytes: &[u8]) -> (Vec<u8>, BTreeMap<usize, usize>) {
    let mut cut = BTreeMap::new();
    if bytes.len() <= WHOLE {
        return (bytes.to_vec(), cut);
    }
    let mut kept = Vec::with_capacity(WHOLE);
    let mut at = 0;
    for (number, part) in letter.parts.iter().enumerate() {
        let (begin, end) = (part.offset_body as usize, part.offset_end as usize);
        let is_file = letter.attachments.iter().any(|id| *id as usize == number);
        let is_big = end.saturating_sub(begin) > SMALL_FILE && !matches!(part.body, PartType::Multipart(_));
        if is_file && is_big && begin >= at && end <= bytes.len() {
            kept.extend_from_slice(&bytes[at..begin]);
            at = end;
            cut.insert(number, file_of(letter, part).len());
        }
    }
    kept.extend_from_slice(&bytes[at..]);
    // Numbers of parts must mean the same without the files.
    let is_same = read(&kept).is_some_and(|again| again.parts.len() == letter.parts.len());
    if is_same { (kept, cut) } else { (bytes.to_vec(), BTreeMap::new()) }
}

/// The bytes of a file, as its sender had them.
pub fn file_of<'a>(letter: &'a Message<'_>, part: &'a MessagePart<'_>) -> std::borrow::Cow<'a, [u8]> {
    match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.as_ref().into(),
        PartType::Text(_) | PartType::Html(_) => charset::bytes_of(letter, part).into(),
        PartType::Message(inner) if part.encoding != mail_parser::Encoding::None => inner.raw_message.as_ref().into(),
        PartType::Message(_) => {
            letter.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default().into()
        }
        PartType::Multipart(_) => [].as_slice().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::tests::mailbox;
    use super::*;

    const OWN: &str = "sales@shop.example";

    fn came(text: &str) -> Came {
        let bytes = text.replace('\n', "\r\n").into_bytes();
        Came { validity: 1, uid: 2, at: 3, size: bytes.len(), bytes }
    }

    fn from(headers: &str) -> Option<String> {
        let raw = raw(came(&format!("{headers}\n\nтекст\n")), &mailbox(OWN, "imap.shop.example"))?;
        Some(raw.body["from"].as_str().unwrap().to_owned())
    }

    #[test]
    fn the_person_is_whom_answers_go_to() {
        assert_eq!(from("From: Anna <Anna@Client.example>").as_deref(), Some("anna@client.example"));
        let form = "From: Сайт <sales@shop.example>\nReply-To: anna@client.example";
        assert_eq!(from(form).as_deref(), Some("anna@client.example"), "a form of the company's site");
        let list = "From: anna@client.example\nReply-To: list@lists.example\nList-Id: <lamps>";
        assert_eq!(from(list).as_deref(), Some("anna@client.example"));
        assert_eq!(from("Subject: nobody").as_deref(), Some(NOBODY));
        assert_eq!(from("From: undisclosed\nSender: anna@client.example").as_deref(), Some("anna@client.example"));
    }

    #[test]
    fn what_we_sent_ourselves_is_no_message() {
        assert_eq!(from("From: sales@shop.example\nSubject: copy"), None);
        let id = compose::id_of(&model::MessageId::from_bits(5), OWN);
        assert_eq!(from(&format!("From: other@shop.example\nMessage-ID: <{id}>")), None);
    }

    #[test]
    fn the_same_letter_has_the_same_key_and_no_other_has() {
        let key = |uid, text: &str| raw(Came { uid, ..came(text) }, &mailbox(OWN, "imap.shop.example")).unwrap().key;
        let letter = "From: a@b.example\nMessage-ID: <1@b.example>\n\nтекст\n";
        assert_eq!(key(1, letter), key(77, letter));
        assert_ne!(key(1, letter), key(1, &letter.replace("текст", "другой")), "an id that is used again");
        let traced = format!("X-Trace: 5\n{letter}");
        assert_eq!(key(1, letter), key(1, &traced), "servers write what they like above a letter");
        assert_eq!(letter_id(&key(1, letter)), Some("1@b.example"));
    }

    #[test]
    fn big_files_stay_in_the_mailbox() {
        let file = format!("{}\n", "QUJD".repeat(19)).repeat(9_000);
        let letter = format!(
            "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nпривет\n--x\nContent-Type: image/png\n\
             Content-Transfer-Encoding: base64\n\n{file}\n--x\nContent-Type: text/plain; name=b.txt\n\
             Content-Disposition: attachment; filename=b.txt\n\nb\n--x--\n"
        );
        let raw = raw(came(&letter), &mailbox(OWN, "imap.shop.example")).unwrap();
        assert!(raw.body.to_string().len() < 2_000);
        let (kept, bytes) = Kept::read(&raw.body).unwrap();
        let parsed = MessageParser::new().parse(&bytes).unwrap();
        assert_eq!(parsed.attachments.len(), 2);
        assert_eq!(kept.cut.values().copied().collect::<Vec<_>>(), [9_000 * 19 * 3]);
        assert_eq!(parsed.body_text(0).unwrap().trim(), "привет");
    }
}
