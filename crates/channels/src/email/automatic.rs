//! Letters that programs write: nothing answers them by itself, or two programs would talk for ever (RFC 3834).

use super::{address, raw};
use mail_parser::{HeaderName, Message};

/// Whether a program wrote it.
pub fn is_automatic(letter: &Message<'_>) -> bool {
    let words = |name: &'static str| letter.header_raw(name).map(|text| text.trim().to_ascii_lowercase());
    let is_submitted = words("Auto-Submitted").is_some_and(|how| !how.is_empty() && !how.starts_with("no"));
    let precedence = words("Precedence").unwrap_or_default();
    let is_bulk = ["bulk", "list", "junk", "auto_reply"].contains(&precedence.as_str());
    let has = |name: &'static str| letter.header(name).is_some();
    is_submitted
        || is_bulk
        || ["List-Id", "X-Autoreply", "X-Autorespond", "X-Autorespond-Reply"].into_iter().any(has)
        || is_from_nobody(letter)
}

/// Reports on letters come from nobody, or from the one who keeps the server.
pub fn is_from_nobody(letter: &Message<'_>) -> bool {
    let path = letter.header_raw(HeaderName::ReturnPath).map(|path| path.split_whitespace().collect::<String>());
    let from = raw::from_of(letter).unwrap_or_default();
    let name = from.strip_suffix(address::domain(&from)).unwrap_or_default();
    path.as_deref() == Some("<>") || ["mailer-daemon@", "postmaster@", "mail-daemon@"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    #[test]
    fn programs_give_themselves_away() {
        let is = |headers: &str| {
            let text = format!("From: a@b.example\r\n{headers}\r\n\r\nтекст");
            is_automatic(&MessageParser::new().parse(text.as_bytes()).unwrap())
        };
        for headers in [
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated; x=y",
            "Precedence: Bulk",
            "Precedence: list",
            "List-Id: Lamps <lamps.example>",
            "X-Autoreply: yes",
            "Return-Path: <>",
            "Sender: x@y.example\r\nReturn-Path: < >",
        ] {
            assert!(is(headers), "{headers}");
        }
        for headers in ["Auto-Submitted: no", "Precedence: normal", "Return-Path: <a@b.example>", "Subject: list-id"] {
            assert!(!is(headers), "{headers}");
        }
        let daemon = "From: Mail Delivery <MAILER-DAEMON@mx.example>\r\n\r\nx";
        assert!(is_automatic(&MessageParser::new().parse(daemon.as_bytes()).unwrap()));
    }
}
