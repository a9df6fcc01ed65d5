//! Our messages into letters.

use super::address;
use super::settings::Mailbox;
use crate::adapter::refused;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};
use lettre::{Address, Message};
use model::{MessageId, Outbound, SendError, Timestamp};
use std::error::Error;
use std::time::{Duration, SystemTime};

/// Begins the ids of our letters: a reply, a bounce and a copy in our own mailbox are known by it.
const MARK: &str = "otklik.";
const LONGEST_SUBJECT: usize = 200;
/// A subject made of the first words.
const LONGEST_MADE: usize = 78;

/// A letter, ready to be given to a server.
pub struct Letter {
    /// Its id, without brackets.
    pub id: String,
    pub from: Address,
    pub to: Address,
    pub bytes: Vec<u8>,
}

/// The id of the letter that a message of ours becomes: the same however often it is tried.
pub fn id_of(message: &MessageId, own_address: &str) -> String {
    format!("{MARK}{message}@{}", address::domain(own_address))
}

/// The message of ours whose letter has this id.
pub fn message_of(letter_id: &str) -> Option<MessageId> {
    let (name, _) = letter_id.trim().trim_matches(['<', '>']).split_once('@')?;
    name.strip_prefix(MARK)?.parse().ok()
}

/// Writes the letter.
///
/// # Errors
/// When the client's address is none that a letter can go to.
pub fn letter(mailbox: &Mailbox, message: &Outbound, now: Timestamp) -> Result<Letter, SendError> {
    let bad = |e: &dyn Error| refused("bad_address", &e.to_string());
    let from: Address = mailbox.address.parse().map_err(|e| bad(&e))?;
    let to: Address = message.address.parse().map_err(|e| bad(&e))?;
    let id = id_of(&message.message_id, &mailbox.address);
    let name = Some(mailbox.name.clone()).filter(|name| !name.is_empty());
    let date = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    let mut letter = Message::builder()
        .from(lettre::message::Mailbox::new(name, from.clone()))
        .to(lettre::message::Mailbox::new(None, to.clone()))
        .subject(subject(message))
        .message_id(Some(format!("<{id}>")))
        .date(date);
    if let Some(answered) = message.thread.answers.as_deref().and_then(letter_id) {
        letter = letter.in_reply_to(answered);
    }
    let before: Vec<String> = message.thread.before.iter().filter_map(|id| letter_id(id)).collect();
    if !before.is_empty() {
        letter = letter.references(before.join(" "));
    }
    if message.is_automatic {
        letter = letter.header(AutoSubmitted).header(SuppressAnswers);
    }
    if let Some(link) = message.unsubscribe.as_deref().filter(|link| link.bytes().all(|b| b.is_ascii_graphic())) {
        letter = letter.header(ListUnsubscribe(format!("<{link}>"))).header(ListUnsubscribePost);
    }
    let letter = letter.multipart(body(mailbox, message)).map_err(|e| refused("refused", &e.to_string()))?;
    Ok(Letter { id, from, to, bytes: letter.formatted() })
}

fn body(mailbox: &Mailbox, message: &Outbound) -> MultiPart {
    let text = match mailbox.signature.trim() {
        "" => message.text.clone(),
        signature => format!("{}\n\n-- \n{signature}", message.text),
    };
    let mut whole = MultiPart::mixed().singlepart(SinglePart::plain(text));
    for file in &message.files {
        let octets = ContentType::parse("application/octet-stream");
        let Ok(kind) = ContentType::parse(&file.mime).or(octets) else { continue };
        whole = whole.singlepart(Attachment::new(file.name.clone()).body(file.bytes.clone(), kind));
    }
    whole
}

/// What its author called it, or the client, or else the first words.
fn subject(message: &Outbound) -> String {
    let one_line = |text: &str, longest: usize| {
        let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(longest).collect::<String>()
    };
    if let Some(subject) = &message.subject {
        return one_line(subject, LONGEST_SUBJECT);
    }
    if let Some(subject) = &message.thread.subject {
        return format!("Re: {}", one_line(bare(subject), LONGEST_SUBJECT)).trim_end().to_owned();
    }
    let first = message.text.lines().find(|line| !line.trim().is_empty());
    let first = first.or_else(|| message.files.first().map(|file| file.name.as_str()));
    one_line(first.unwrap_or_default(), LONGEST_MADE)
}

/// A subject without what mail programs put before it.
fn bare(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        let Some((mark, after)) = rest.split_once(':') else { return rest };
        let mark = mark.trim().trim_end_matches(|c: char| c.is_ascii_digit() || "[]()".contains(c)).to_lowercase();
        if !["re", "fw", "fwd", "aw", "wg", "ответ", "на", "пер"].contains(&mark.as_str()) {
            return rest;
        }
        rest = after.trim_start();
    }
}

/// The id of a letter as headers have it; none for a message whose letter had no id of its own.
fn letter_id(external_id: &str) -> Option<String> {
    let id = super::raw::letter_id(external_id)?;
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>".contains(c);
    (id.contains('@') && id.chars().all(is_plain)).then(|| format!("<{id}>"))
}

/// Programs do not answer what a program says (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-replied".to_owned())
    }
}

/// The same in the words of Exchange.
#[derive(Clone)]
struct SuppressAnswers;

impl Header for SuppressAnswers {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Auto-Response-Suppress")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "All".to_owned())
    }
}

/// Where the reader's program takes them off the list (RFC 2369)...
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(link: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self(link.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// ...by one press, without opening a page (RFC 8058).
#[derive(Clone)]
struct ListUnsubscribePost;

impl Header for ListUnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};
    use model::{OutboundFile, Thread};
    use serde_json::json;

    fn mailbox(more: serde_json::Value) -> Mailbox {
        let server = json!({ "host": "localhost", "port": 25, "security": "plain" });
        let mut settings = json!({ "address": "sales@shop.example", "smtp": server, "imap": server });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(settings).unwrap()
    }

    fn outbound(text: &str) -> Outbound {
        Outbound {
            key: "dlv_1".into(),
            message_id: MessageId::from_bits(7),
            address: "anna@client.example".into(),
            text: text.into(),
            files: vec![],
            buttons: vec![],
            thread: Thread::default(),
            is_automatic: false,
            subject: None,
            unsubscribe: None,
        }
    }

    fn written(mailbox: &Mailbox, message: &Outbound) -> String {
        String::from_utf8(letter(mailbox, message, Timestamp(1_790_000_000_000)).unwrap().bytes).unwrap()
    }

    #[test]
    fn a_letter_says_who_to_whom_and_what() {
        let mailbox = mailbox(json!({ "name": "Отдел продаж", "signature": "Тихий свет\n+7 900" }));
        let bytes = written(&mailbox, &outbound("Здравствуйте!\nЗаказ готов."));
        let read = MessageParser::new().parse(bytes.as_bytes()).unwrap();
        let from = read.from().unwrap().first().unwrap();
        assert_eq!((from.name(), from.address()), (Some("Отдел продаж"), Some("sales@shop.example")));
        assert_eq!(read.subject(), Some("Здравствуйте!"));
        assert_eq!(
            read.body_text(0).unwrap().trim(),
            "Здравствуйте!\r\nЗаказ готов.\r\n\r\n-- \r\nТихий свет\r\n+7 900"
        );
        assert!(read.header_raw("Auto-Submitted").is_none());
        assert!(bytes.is_ascii(), "every server takes it");
        assert_eq!(message_of(read.message_id().unwrap()), Some(MessageId::from_bits(7)));
    }

    #[test]
    fn a_mailing_names_its_subject_and_the_way_out_of_it() {
        let unsubscribe = Some("https://chat.shop.example/unsubscribe/a/b?mark=c".to_owned());
        let message =
            Outbound { subject: Some("Зимний\r\nсвет".into()), unsubscribe, ..outbound("Скидки") };
        let bytes = written(&mailbox(json!({})), &message);
        let read = MessageParser::new().parse(bytes.as_bytes()).unwrap();
        assert_eq!(read.subject(), Some("Зимний свет"));
        let one_line = bytes.replace("\r\n ", " ");
        assert!(one_line.contains("List-Unsubscribe: <https://chat.shop.example/unsubscribe/a/b?mark=c>"), "{bytes}");
        assert!(one_line.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{bytes}");
    }

    #[test]
    fn an_answer_names_what_it_answers_and_what_was_before() {
        let thread = Thread {
            subject: Some("RE: Ответ: Лампа".into()),
            before: vec!["a@client.example#0123456789abcdef".into(), "none#0123456789abcdef".into(), "b@x#y".into()],
            answers: Some("a@client.example#0123456789abcdef".into()),
        };
        let bytes = written(&mailbox(json!({})), &Outbound { thread, is_automatic: true, ..outbound("Да") });
        let read = MessageParser::new().parse(bytes.as_bytes()).unwrap();
        assert_eq!(read.subject(), Some("Re: Лампа"));
        assert_eq!(read.in_reply_to().as_text(), Some("a@client.example"));
        assert_eq!(read.references().as_text_list().unwrap(), ["a@client.example", "b@x#y"]);
        assert_eq!(read.header_raw("Auto-Submitted").unwrap().trim(), "auto-replied");
    }

    #[test]
    fn no_line_of_a_subject_becomes_a_header() {
        let thread = Thread { subject: Some("x\r\nBcc: all@world.example".into()), ..Thread::default() };
        let bytes = written(&mailbox(json!({})), &Outbound { thread, ..outbound("Да") });
        assert!(!bytes.contains("\nBcc:"), "{bytes}");
        let refused =
            letter(&mailbox(json!({})), &Outbound { address: "a@b>\r\nRCPT".into(), ..outbound("") }, Timestamp(0));
        assert!(matches!(refused, Err(SendError::Refused { code, .. }) if code == "bad_address"));
    }

    #[test]
    fn files_come_with_it() {
        let file = OutboundFile {
            name: "счёт.pdf".into(),
            mime: "application/pdf".into(),
            bytes: vec![0, 159, 255],
            url: String::new(),
            sides: None,
        };
        let bytes = written(&mailbox(json!({})), &Outbound { files: vec![file], ..outbound("") });
        let read = MessageParser::new().parse(bytes.as_bytes()).unwrap();
        let part = read.attachment(0).unwrap();
        assert_eq!((part.attachment_name(), part.contents()), (Some("счёт.pdf"), [0, 159, 255].as_slice()));
        assert_eq!(read.subject(), Some("счёт.pdf"));
    }
}
