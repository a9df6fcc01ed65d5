//! What is asked of a mailbox, and the mailbox that came of it.

use super::address;
use crate::adapter::{Draft, Issued, Link};
use egress::Security;
use model::{Invalid, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::net::IpAddr;
use vault::Secret;

const LONGEST_HOST: usize = 253;
const LONGEST_NAME: usize = 100;
const LONGEST_SIGNATURE: usize = 2_000;
/// How far back a mailbox is read when that is asked for.
const MOST_DAYS: u32 = 365;
/// Clocks differ: mail of the last minute may be new.
const GRACE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Settings of a mailbox.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailSettings {
    /// Address of the mailbox: clients write to it, and read it above what we answer.
    pub address: Option<String>,
    /// Name that stands beside the address.
    pub name: Option<String>,
    /// Name to log in with, when it is not the address.
    pub login: Option<String>,
    /// Password of the mailbox; big providers give one for programs only.
    pub password: Option<String>,
    /// Where mail goes out.
    pub smtp: Option<MailServer>,
    /// Where mail comes in.
    pub imap: Option<MailServer>,
    /// What stands below everything that operators write.
    pub signature: Option<String>,
    /// The name under which the mailbox's server writes what it found of a sender (`Authentication-Results`), `*.example.com` for all below
    /// it; empty for the names of the IMAP server's own domain.
    pub authserv_id: Option<String>,
    /// Bring in what came within so many days before, too; 0 for what comes from now on.
    pub import_days: Option<u32>,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How what is said is kept from others.
    pub security: Protection,
}

/// How what is said to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// TLS from the beginning: ports 465 and 993.
    Tls,
    /// TLS from the first command on: ports 587 and 143.
    Starttls,
    /// Nothing: only for a server on this machine.
    Plain,
}

impl Protection {
    /// How a connection to it begins.
    pub fn at_first(self) -> Security {
        match self {
            Self::Tls => Security::Tls,
            Self::Starttls => Security::Later,
            Self::Plain => Security::Plain,
        }
    }
}

/// A mailbox, as it is used.
#[derive(Debug, Clone, Deserialize)]
pub struct Mailbox {
    pub address: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub login: String,
    pub smtp: MailServer,
    pub imap: MailServer,
    #[serde(default)]
    pub signature: String,
    #[serde(default)]
    pub authserv_id: String,
    /// What came before this moment (milliseconds) is not ours to read.
    #[serde(default)]
    pub since: i64,
    #[serde(skip)]
    pub password: Option<Secret>,
}

impl Mailbox {
    /// The mailbox of a connection; none when its settings are not ours.
    pub fn of(link: &Link) -> Result<Self, serde_json::Error> {
        let mailbox = Self::deserialize(&link.settings)?;
        Ok(Self { password: link.secrets.token.clone(), ..mailbox })
    }

    pub fn login(&self) -> &str {
        if self.login.is_empty() { &self.address } else { &self.login }
    }

    pub fn password(&self) -> &str {
        self.password.as_ref().map_or("", Secret::expose)
    }
}

/// Where a mailbox is read: its numbers mean nothing elsewhere.
pub fn polled_at(settings: &Value) -> Option<String> {
    let mailbox = Mailbox::deserialize(settings).ok()?;
    Some(format!("{}:{} {}", mailbox.imap.host, mailbox.imap.port, mailbox.login()))
}

/// Puts what was given over what stands.
pub fn configure(draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
    let given =
        EmailSettings::deserialize(given).map_err(|e| Invalid::new("settings", "wrong_shape", e.to_string()))?;
    if draft.is_new {
        check_whole(&given)?;
    }
    let before = draft.settings.clone();
    if let Some(address) = given.address {
        draft.settings["address"] = json!(checked_address(&address)?);
    }
    if let Some(name) = given.name {
        draft.settings["name"] = json!(checked_line("settings.name", &name, LONGEST_NAME)?);
    }
    if let Some(login) = given.login {
        draft.settings["login"] = json!(checked_line("settings.login", &login, LONGEST_HOST)?);
    }
    for (key, server) in [("smtp", given.smtp), ("imap", given.imap)] {
        if let Some(server) = server {
            draft.settings[key] = json!(checked_server(key, server)?);
        }
    }
    if let Some(signature) = given.signature {
        draft.settings["signature"] = json!(checked_signature(&signature)?);
    }
    if let Some(name) = given.authserv_id {
        let name = checked_line("settings.authserv_id", &name, LONGEST_HOST)?.to_ascii_lowercase();
        if name.strip_prefix("*.").is_some_and(|rest| !rest.contains('.')) || name.contains([' ', ';', '=']) {
            return Err(Invalid::new(
                "settings.authserv_id",
                "wrong_form",
                "a name like mx.example.com or *.example.com",
            ));
        }
        draft.settings["authserv_id"] = json!(name);
    }
    let has_password = given.password.is_some();
    if let Some(password) = given.password {
        draft.secrets.token = Some(Secret::new(checked_password(&password)?));
    }
    let is_moved = |key: &str| before.get(key) != draft.settings.get(key);
    // The stored password would go to whoever is there.
    if !draft.is_new
        && !has_password
        && ["smtp", "imap"].into_iter().any(|key| is_elsewhere(key, &before, draft.settings))
    {
        let words = "another server is to get the password: enter the password again";
        return Err(Invalid::new("settings.password", "needed_again", words));
    }
    let is_other = draft.is_new || is_moved("address") || is_moved("login");
    if let Some(since) = begin(given.import_days, is_other, draft.now)? {
        draft.settings["since"] = json!(since);
    }
    Ok(None)
}

fn check_whole(given: &EmailSettings) -> Result<(), Invalid> {
    let missing = |path: &str, words: &str| Err(Invalid::new(path, "missing", words));
    if given.address.as_deref().unwrap_or_default().trim().is_empty() {
        return missing("settings.address", "the address of the mailbox");
    }
    if given.password.as_deref().unwrap_or_default().is_empty() {
        return missing("settings.password", "the password of the mailbox");
    }
    if given.smtp.is_none() {
        return missing("settings.smtp", "the server that takes outgoing mail");
    }
    if given.imap.is_none() {
        return missing("settings.imap", "the server that holds incoming mail");
    }
    Ok(())
}

/// From when on mail is read: a mailbox that was not read before begins now.
fn begin(days: Option<u32>, is_other: bool, now: Timestamp) -> Result<Option<i64>, Invalid> {
    let Some(days) = days else { return Ok(is_other.then_some(now.0 - GRACE_MS)) };
    if days > MOST_DAYS {
        let words = format!("at most {MOST_DAYS} days");
        return Err(Invalid::new("settings.import_days", "too_long", words));
    }
    Ok((is_other || days > 0).then_some(now.0 - i64::from(days) * DAY_MS - GRACE_MS))
}

fn is_elsewhere(key: &str, before: &Value, now: &Value) -> bool {
    let at = |settings: &Value| {
        let server = settings.get(key);
        let part = |name: &str| server.and_then(|server| server.get(name)).cloned();
        // Whoever listens on the way would get it, too.
        (part("host"), part("port"), part("security"))
    };
    at(before) != at(now)
}

fn checked_address(text: &str) -> Result<String, Invalid> {
    address::normalised(text)
        .ok_or_else(|| Invalid::new("settings.address", "wrong_form", "an e-mail address like hello@company.example"))
}

fn checked_line<'a>(path: &str, text: &'a str, longest: usize) -> Result<&'a str, Invalid> {
    let text = text.trim();
    if text.chars().count() > longest || text.contains(char::is_control) {
        return Err(Invalid::new(path, "wrong_form", format!("one line of at most {longest} characters")));
    }
    Ok(text)
}

fn checked_signature(text: &str) -> Result<&str, Invalid> {
    let text = text.trim_end();
    if text.chars().count() > LONGEST_SIGNATURE || text.contains('\0') {
        let words = format!("at most {LONGEST_SIGNATURE} characters");
        return Err(Invalid::new("settings.signature", "too_long", words));
    }
    Ok(text)
}

fn checked_password(text: &str) -> Result<&str, Invalid> {
    if text.is_empty() || text.len() > 1_000 || text.contains(['\0', '\r', '\n']) {
        return Err(Invalid::new("settings.password", "wrong_form", "the password of the mailbox, in one line"));
    }
    Ok(text)
}

fn checked_server(key: &str, server: MailServer) -> Result<MailServer, Invalid> {
    let place = |field: &str| format!("settings.{key}.{field}");
    let host = checked_host(&server.host)
        .ok_or_else(|| Invalid::new(&place("host"), "wrong_form", "a name like mail.example.com"))?;
    if server.port == 0 {
        return Err(Invalid::new(&place("port"), "wrong_form", "a number from 1 to 65535"));
    }
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    if server.security == Protection::Plain && !is_here {
        let words = "without TLS anybody on the way reads the password: choose TLS or STARTTLS";
        return Err(Invalid::new(&place("security"), "not_secure", words));
    }
    Ok(MailServer { host, ..server })
}

fn checked_host(text: &str) -> Option<String> {
    let host = idna::domain_to_ascii(text.trim().trim_end_matches('.')).ok()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    (!host.is_empty() && host.len() <= LONGEST_HOST && host.chars().all(is_name)).then_some(host)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::adapter::Secrets;

    /// A mailbox at a server.
    pub fn mailbox(address: &str, imap: &str) -> Mailbox {
        let server = json!({ "host": imap, "port": 993, "security": "tls" });
        Mailbox::deserialize(json!({ "address": address, "smtp": server, "imap": server })).unwrap()
    }

    fn given() -> Value {
        json!({ "address": " Sales@Пример.РФ ", "password": "s3cret",
            "smtp": { "host": "smtp.example.com", "port": 465, "security": "tls" },
            "imap": { "host": "imap.example.com", "port": 993, "security": "tls" } })
    }

    fn put(settings: &mut Value, secrets: &mut Secrets, given: &Value, now: i64) -> Result<(), Invalid> {
        let new_secret = String::new;
        let is_new = settings.as_object().unwrap().is_empty();
        let now = Timestamp(now);
        configure(Draft { settings, secrets, new_secret: &new_secret, is_new, now }, given).map(drop)
    }

    #[test]
    fn a_mailbox_is_stored_without_its_password() {
        let (mut settings, mut secrets) = (json!({}), Secrets::default());
        put(&mut settings, &mut secrets, &given(), 1_000_000).unwrap();
        assert_eq!(settings["address"], "sales@xn--e1afmkfd.xn--p1ai");
        assert_eq!(settings["since"], 1_000_000 - GRACE_MS);
        assert!(!settings.to_string().contains("s3cret"));
        assert_eq!(secrets.token.unwrap().expose(), "s3cret");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (key, code) in [("address", "missing"), ("password", "missing"), ("smtp", "missing"), ("imap", "missing")] {
            let mut given = given();
            given.as_object_mut().unwrap().remove(key);
            let refused = put(&mut json!({}), &mut Secrets::default(), &given, 0).unwrap_err();
            assert_eq!((refused.path.as_str(), refused.code.as_str()), (format!("settings.{key}").as_str(), code));
        }
        let wrong = [
            ("/address", json!("nobody"), "settings.address"),
            ("/smtp/host", json!("a b"), "settings.smtp.host"),
            ("/smtp/host", json!("ftp://x"), "settings.smtp.host"),
            ("/imap/port", json!(0), "settings.imap.port"),
            ("/imap/security", json!("plain"), "settings.imap.security"),
            ("/password", json!("a\nb"), "settings.password"),
        ];
        for (at, value, path) in wrong {
            let mut given = given();
            *given.pointer_mut(at).unwrap() = value;
            assert_eq!(put(&mut json!({}), &mut Secrets::default(), &given, 0).unwrap_err().path, path, "{at}");
        }
    }

    #[test]
    fn another_server_gets_the_password_only_when_it_is_given_again() {
        let (mut settings, mut secrets) = (json!({}), Secrets::default());
        put(&mut settings, &mut secrets, &given(), 0).unwrap();
        let other = json!({ "smtp": { "host": "smtp.evil.example", "port": 465, "security": "tls" } });
        let refused = put(&mut settings.clone(), &mut secrets, &other, 0).unwrap_err();
        assert_eq!((refused.path.as_str(), refused.code.as_str()), ("settings.password", "needed_again"));
        put(&mut settings, &mut secrets, &json!({ "name": "Отдел продаж" }), 0).unwrap();
    }

    #[test]
    fn a_mailbox_begins_now_and_goes_on_when_only_its_server_moves() {
        let (mut settings, mut secrets) = (json!({}), Secrets::default());
        put(&mut settings, &mut secrets, &given(), 90 * DAY_MS).unwrap();
        let begun = settings["since"].clone();
        let moved = json!({ "password": "x", "imap": { "host": "mx.example.com", "port": 993, "security": "tls" } });
        let before = polled_at(&settings);
        put(&mut settings, &mut secrets, &moved, 100 * DAY_MS).unwrap();
        assert_eq!(settings["since"], begun);
        assert_ne!(polled_at(&settings), before, "the numbers of another server mean nothing");
        put(&mut settings, &mut secrets, &json!({ "import_days": 10 }), 100 * DAY_MS).unwrap();
        assert_eq!(settings["since"], 90 * DAY_MS - GRACE_MS);
    }
}
