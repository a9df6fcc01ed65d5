//! What the mailbox's own server found out of who sent a letter (RFC 8601). Whoever writes a letter can write such lines into it, too: only
//! those above everything else that bear the server's own name count, and nothing is called proven because of them. Only a failure is shown.

use super::settings::Mailbox;
use mail_parser::Message;
use model::LetterNote;

const HEADER: &str = "Authentication-Results";
/// Words of results (RFC 8601, 2.7), and what else they may be is nothing to show.
const RESULTS: &[&str] =
    &["pass", "fail", "softfail", "hardfail", "neutral", "none", "policy", "temperror", "permerror", "bestguesspass"];
/// Servers whose results bear another name than that of their IMAP server.
const ELSEWHERE: &[(&str, &str)] = &[
    ("gmail.com", "google.com"),
    ("googlemail.com", "google.com"),
    ("yandex.ru", "yandex.net"),
    ("yandex.com", "yandex.net"),
];

/// The results of a letter; none when its server wrote none.
pub fn of(letter: &Message<'_>, mailbox: &Mailbox) -> Option<LetterNote> {
    let mut note = LetterNote::default();
    let mut is_found = false;
    for (name, value) in letter.headers_raw() {
        let is_result = name.trim().eq_ignore_ascii_case(HEADER);
        let said = is_result.then(|| read(value)).filter(|said| is_trusted(&said.server, mailbox));
        match said {
            // A server may write a line for each of its judges, one upon the other.
            Some(said) => {
                is_found = true;
                note.spf = note.spf.or(said.spf);
                note.dkim = note.dkim.or(said.dkim);
                note.dmarc = note.dmarc.or(said.dmarc);
            }
            None if is_found => break,
            None => {}
        }
    }
    (note != LetterNote::default()).then_some(note)
}

struct Results {
    server: String,
    spf: Option<String>,
    dkim: Option<String>,
    dmarc: Option<String>,
}

fn read(value: &str) -> Results {
    let bare = without_comments(value);
    let mut pieces = bare.split(';').map(str::trim);
    let server = pieces.next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
    // Microsoft's servers begin with the first result.
    let (server, first) = if server.contains('=') {
        ("", Some(bare.split(';').next().unwrap_or_default().trim()))
    } else {
        (server, None)
    };
    let mut results = Results { server: server.to_ascii_lowercase(), spf: None, dkim: None, dmarc: None };
    for piece in first.into_iter().chain(pieces) {
        let Some((method, rest)) = piece.split_once('=') else { continue };
        let result = rest.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if !RESULTS.contains(&result.as_str()) {
            continue;
        }
        let method = method.split('/').next().unwrap_or_default().trim().to_ascii_lowercase();
        match method.as_str() {
            "spf" => results.spf = results.spf.or(Some(result)),
            // Of several signatures one that holds is enough.
            "dkim" if results.dkim.as_deref() != Some("pass") => results.dkim = Some(result),
            "dmarc" => results.dmarc = results.dmarc.or(Some(result)),
            _ => {}
        }
    }
    results
}

fn without_comments(value: &str) -> String {
    let (mut depth, mut is_quoted) = (0_usize, false);
    let is_kept = |c: char| {
        match c {
            '"' if depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted && depth > 0 => {
                depth -= 1;
                return None;
            }
            _ => {}
        }
        (depth == 0).then_some(if c.is_whitespace() { ' ' } else { c })
    };
    value.chars().filter_map(is_kept).collect()
}

/// Whether results of this name are the mailbox's own server's.
fn is_trusted(server: &str, mailbox: &Mailbox) -> bool {
    let given = mailbox.authserv_id.trim().to_ascii_lowercase();
    if !given.is_empty() {
        return server == given || given.strip_prefix("*.").is_some_and(|under| is_under(server, under));
    }
    let host = mailbox.imap.host.to_ascii_lowercase();
    let own = last_two(&host);
    if server.is_empty() {
        return ["outlook.com", "office365.com"].contains(&own);
    }
    let named = ELSEWHERE.iter().find(|(imap, _)| *imap == own).map(|(_, name)| *name);
    is_under(server, own)
        || named.is_some_and(|named| is_under(server, named))
        || is_under(server, domain_of(&mailbox.address))
}

fn is_under(server: &str, domain: &str) -> bool {
    !domain.is_empty() && (server == domain || server.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

fn last_two(host: &str) -> &str {
    match host.rmatch_indices('.').nth(1) {
        Some((at, _)) => &host[at + 1..],
        None => host,
    }
}

fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use super::super::raw;
    use super::super::settings::tests::mailbox;
    use super::*;

    fn results(head: &str, at: &Mailbox) -> Option<(String, String, String)> {
        let text = format!("{head}\nFrom: a@bank.example\n\nтекст\n").replace('\n', "\r\n");
        let letter = raw::read(text.as_bytes()).unwrap();
        let word = |word: Option<String>| word.unwrap_or_default();
        of(&letter, at).map(|note| (word(note.spf), word(note.dkim), word(note.dmarc)))
    }

    fn three(spf: &str, dkim: &str, dmarc: &str) -> Option<(String, String, String)> {
        Some((spf.to_owned(), dkim.to_owned(), dmarc.to_owned()))
    }

    #[test]
    fn results_are_read_as_servers_write_them() {
        let at = mailbox("sales@shop.example", "imap.gmail.com");
        let gmail = "Delivered-To: sales@shop.example\nReceived: by 2002:a05 with SMTP id x\nAuthentication-Results: mx.google.com;\n\
            \x20      dkim=fail (bad; header=x) header.i=@bank.example header.s=s1;\n       dkim=pass header.i=@other.example;\n\
            \x20      spf=softfail (google.com: domain of a@bank.example does not designate 1.2.3.4 as permitted sender) smtp.mailfrom=a@bank.example;\n\
            \x20      dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=bank.example";
        assert_eq!(results(gmail, &at), three("softfail", "pass", "fail"));
        let outlook = "Authentication-Results: spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=b.example; dkim=none;dmarc=bestguesspass action=none";
        assert_eq!(
            results(outlook, &mailbox("a@b.example", "outlook.office365.com")),
            three("pass", "none", "bestguesspass")
        );
        assert_eq!(results(outlook, &at), None, "a line without a name is nobody's");
    }

    #[test]
    fn lines_of_others_are_nothing() {
        let at = mailbox("sales@shop.example", "imap.shop.example");
        let real = "Authentication-Results: mx.shop.example; dmarc=fail header.from=bank.example";
        let forged = "Authentication-Results: mx.shop.example; dmarc=pass; spf=pass";
        let received = "Received: from evil.example by mx.shop.example; Mon, 21 Sep 2026 12:00:00 +0300";
        assert_eq!(results(&format!("{real}\n{received}\n{forged}"), &at), three("", "", "fail"));
        assert_eq!(results("Authentication-Results: mx.evil-shop.example; dmarc=pass", &at), None);
        assert_eq!(results("Authentication-Results: notshop.example; dmarc=pass", &at), None);
        assert_eq!(
            results(&format!("X-Authentication-Results: mx.shop.example; dmarc=pass\n{real}"), &at),
            three("", "", "fail")
        );
        let two = format!("{real}\nAuthentication-Results: mx.shop.example; spf=fail; dkim=<b>\n{received}");
        assert_eq!(
            results(&two, &at),
            three("fail", "", "fail"),
            "one line for each judge; a word that is none is left out"
        );
    }

    #[test]
    fn a_name_may_be_given() {
        let mut at = mailbox("sales@shop.example", "imap.hosting.example");
        let line = "Authentication-Results: filter7.other.example 1; dmarc=fail";
        assert_eq!(results(line, &at), None);
        at.authserv_id = "*.other.example".to_owned();
        assert_eq!(results(line, &at), three("", "", "fail"));
        at.authserv_id = "filter8.other.example".to_owned();
        assert_eq!(results(line, &at), None);
    }
}
