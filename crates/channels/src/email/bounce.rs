//! Reports on letters of ours: what could not be delivered (RFC 3464), what was read (RFC 8098).

use super::{address, automatic, compose, smtp};
use mail_parser::{Message, MimeHeaders, PartType};
use model::{DeliveryStatus, MessageId};

const LONGEST_REASON: usize = 500;

/// What became of a letter of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub message: MessageId,
    /// None while the server still tries.
    pub status: Option<DeliveryStatus>,
    pub reason: Option<String>,
    /// Whom it was written to, when the report says.
    pub recipient: Option<String>,
}

/// The report that a letter is; none for any other, and for one that is not about a letter of ours.
pub fn read(letter: &Message<'_>) -> Option<Report> {
    let kind = letter.content_type()?;
    let is_report = kind.ctype() == "multipart" && kind.subtype() == Some("report");
    if is_report {
        let part_of = |subtype: &str| {
            letter.parts.iter().find(|part| {
                part.content_type().is_some_and(|kind| kind.ctype() == "message" && kind.subtype() == Some(subtype))
            })
        };
        if let Some(part) = part_of("delivery-status").or_else(|| part_of("global-delivery-status")) {
            return delivery(letter, &String::from_utf8_lossy(part.contents()));
        }
        if let Some(part) = part_of("disposition-notification") {
            return disposition(&String::from_utf8_lossy(part.contents()));
        }
    }
    // Some servers only say it in words, to which they add the letter.
    if !automatic::is_from_nobody(letter) {
        return None;
    }
    let words = letter.body_text(0).unwrap_or_default().into_owned();
    let reason =
        words.lines().find(|line| smtp::finer(line).is_some_and(|code| code.starts_with('5')))?.trim().to_owned();
    let message = message_in(letter)?;
    Some(Report { message, status: Some(DeliveryStatus::Failed), reason: Some(short(&reason)), recipient: None })
}

fn delivery(letter: &Message<'_>, text: &str) -> Option<Report> {
    let message = message_in(letter)?;
    let field = |name: &str| field(text, name);
    let status = match field("Action")?.to_ascii_lowercase().as_str() {
        "failed" => Some(DeliveryStatus::Failed),
        "delivered" => Some(DeliveryStatus::Delivered),
        // Handed on, multiplied, or still tried: nothing is known yet.
        _ => None,
    };
    let said = field("Diagnostic-Code").map(|code| after_kind(&code)).or_else(|| field("Status"));
    let reason = said.filter(|_| status == Some(DeliveryStatus::Failed)).map(|words| short(&words));
    let recipient = field("Original-Recipient").or_else(|| field("Final-Recipient"));
    let recipient = recipient.and_then(|to| address::normalised(&after_kind(&to)));
    Some(Report { message, status, reason, recipient })
}

fn disposition(text: &str) -> Option<Report> {
    let message = compose::message_of(&field(text, "Original-Message-ID")?)?;
    let is_read = field(text, "Disposition")?.to_ascii_lowercase().contains("displayed");
    let recipient = field(text, "Final-Recipient").and_then(|to| address::normalised(&after_kind(&to)));
    Some(Report { message, status: is_read.then_some(DeliveryStatus::Read), reason: None, recipient })
}

/// Our letter, or the head of it, that a report brings back. What the report itself answers is not asked: an answering machine names our
/// letter, too.
fn message_in(letter: &Message<'_>) -> Option<MessageId> {
    letter
        .parts
        .iter()
        .skip(1)
        .find_map(|part| match &part.body {
            PartType::Message(ours) => ours.message_id().and_then(compose::message_of),
            PartType::Text(text) | PartType::Html(text) => id_in(text),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => id_in(&String::from_utf8_lossy(bytes)),
            PartType::Multipart(_) => None,
        })
        .or_else(|| id_in(&letter.body_text(0)?))
}

fn id_in(text: &str) -> Option<MessageId> {
    text.lines().find_map(|line| {
        let (name, id) = line.split_once(':')?;
        let is_id = ["message-id", "x-original-message-id"].contains(&name.trim().to_ascii_lowercase().as_str());
        if is_id { compose::message_of(id) } else { None }
    })
}

/// The first field of this name, with the lines that go on with it.
fn field(text: &str, wanted: &str) -> Option<String> {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.split_once(':').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)));
    let (_, first) = lines.next()?.split_once(':')?;
    let further = lines.take_while(|line| line.starts_with([' ', '\t']));
    let words = std::iter::once(first).chain(further).flat_map(str::split_whitespace);
    Some(words.collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
}

/// `smtp; 550 ...` and `rfc822; a@b` without their first word.
fn after_kind(text: &str) -> String {
    text.split_once(';').map_or(text, |(_, rest)| rest).trim().to_owned()
}

fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn report(status: &str, last: &str) -> String {
        format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: sales@shop.example\nSubject: Undelivered\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt did not arrive.\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{status}\n--b\n{last}\n--b--\n"
        )
        .replace('\n', "\r\n")
    }

    fn ours() -> (MessageId, String) {
        let id = MessageId::from_bits(7);
        (id, compose::id_of(&id, "sales@shop.example"))
    }

    #[test]
    fn what_could_not_be_delivered_is_told_with_the_servers_words() {
        let (id, letter_id) = ours();
        let status = "Final-Recipient: rfc822; Anna@Client.example\nAction: failed\nStatus: 5.1.1\n\
                      Diagnostic-Code: smtp; 550 5.1.1 <anna@client.example>:\n  no such user";
        for last in [
            format!(
                "Content-Type: message/rfc822\n\nFrom: sales@shop.example\nMessage-ID: <{letter_id}>\nSubject: x\n\nтекст"
            ),
            format!("Content-Type: text/rfc822-headers\n\nFrom: sales@shop.example\nMessage-ID: <{letter_id}>\n"),
        ] {
            let text = report(status, &last);
            let wanted = Report {
                message: id,
                status: Some(DeliveryStatus::Failed),
                reason: Some("550 5.1.1 <anna@client.example>: no such user".into()),
                recipient: Some("anna@client.example".into()),
            };
            assert_eq!(read(&MessageParser::new().parse(text.as_bytes()).unwrap()), Some(wanted));
        }
    }

    #[test]
    fn a_letter_that_is_late_is_not_lost_and_one_of_others_is_not_ours() {
        let (_, letter_id) = ours();
        let last = format!("Content-Type: text/rfc822-headers\n\nMessage-ID: <{letter_id}>\n");
        let text = report("Action: delayed\nStatus: 4.4.1", &last);
        assert_eq!(read(&MessageParser::new().parse(text.as_bytes()).unwrap()).unwrap().status, None);
        let others = "Content-Type: text/rfc822-headers\n\nMessage-ID: <1@else.example>\n";
        let text = report("Action: failed\nStatus: 5.1.1", others);
        assert_eq!(read(&MessageParser::new().parse(text.as_bytes()).unwrap()), None);
    }

    #[test]
    fn words_alone_are_enough_from_a_mail_server_and_from_nobody_else() {
        let (id, letter_id) = ours();
        let of = |from: &str| {
            let text = format!(
                "From: {from}\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n550 5.1.1 unknown user\r\n\r\n--- your letter\r\n\
                 Message-ID: <{letter_id}>\r\n"
            );
            read(&MessageParser::new().parse(text.as_bytes()).unwrap())
        };
        assert_eq!(of("mailer-daemon@mx.example").unwrap().message, id);
        assert_eq!(of("anna@client.example"), None);
    }

    #[test]
    fn an_answering_machine_is_no_report() {
        let (_, letter_id) = ours();
        let text = format!(
            "From: anna@client.example\r\nReturn-Path: <>\r\nIn-Reply-To: <{letter_id}>\r\nAuto-Submitted: auto-replied\r\n\
             Content-Type: text/plain\r\n\r\nI am away.\r\n"
        );
        assert_eq!(read(&MessageParser::new().parse(text.as_bytes()).unwrap()), None);
    }

    #[test]
    fn a_receipt_says_that_it_was_read() {
        let (id, letter_id) = ours();
        let text = format!(
            "From: anna@client.example\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n\
             --b\r\n\r\nread\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;anna@client.example\r\n\
             Original-Message-ID: <{letter_id}>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n"
        );
        let read = read(&MessageParser::new().parse(text.as_bytes()).unwrap()).unwrap();
        assert_eq!((read.message, read.status), (id, Some(DeliveryStatus::Read)));
    }
}
