//! Addresses as people read them (section 2 of `site.md`). The browser's `address.ts` does the same, step by step.

use crate::text::{ANY_RUN, fold, spaces};

/// Which parts of an address are compared: those that the condition's value has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub scheme: bool,
    pub hash: bool,
}

impl Form {
    /// What a condition's value asks for. Its scheme may be a pattern.
    pub fn of(value: &str) -> Self {
        let is_scheme = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "+.-*".contains(c));
        let scheme = value.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme.trim_start()));
        Self { scheme, hash: value.contains('#') }
    }

    /// 1 for the scheme, 2 for what stands after `#`.
    pub fn number(self) -> u8 {
        u8::from(self.scheme) + 2 * u8::from(self.hash)
    }
}

/// An address, taken apart; every part is as people read it, its case is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    scheme: String,
    host: String,
    path: String,
    query: String,
    hash: String,
}

impl Address {
    /// Takes any text apart: what is no address becomes a host.
    pub fn read(text: &str) -> Self {
        Self::take(text, "+.-")
    }

    /// The same for a pattern, whose scheme may have runs of anything.
    pub fn read_pattern(text: &str) -> Self {
        Self::take(text, "+.-\0")
    }

    fn take(text: &str, in_schemes: &str) -> Self {
        let text = spaces(text);
        let (rest, hash) = cut(&text, '#');
        let (rest, query) = cut(rest, '?');
        let is_scheme = |scheme: &&str| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic() || (c == ANY_RUN && in_schemes.contains(c)))
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || in_schemes.contains(c))
        };
        let scheme = rest.split_once("://").map(|(scheme, _)| scheme).filter(is_scheme).unwrap_or_default();
        let (scheme, rest) = rest.split_at(if scheme.is_empty() { 0 } else { scheme.len() + 3 });
        let (host, path) = cut(rest, '/');
        let host = without_port(host, scheme);
        Self {
            scheme: scheme.to_owned(),
            host: host.split('.').map(label).collect::<Vec<_>>().join("."),
            path: decoded(path),
            query: query.to_owned(),
            hash: decoded(hash),
        }
    }

    /// The path, decoded.
    pub fn path(&self) -> &str {
        if self.path.is_empty() { "/" } else { &self.path }
    }

    /// Names and values of the query, as a form writes them; the first of a name counts.
    pub fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        let pairs = self.query.strip_prefix('?').unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let read = |text: &str| decoded(&text.replace('+', " "));
        pairs.map(move |pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (read(name), read(value))
        })
    }

    /// The address without and with a slash at the end of its path: one of them is compared with success, or none.
    pub fn readings(&self, form: Form) -> Vec<String> {
        let path = self.path.trim_end_matches('/');
        vec![self.text(path, form), self.text(&format!("{path}/"), form)]
    }

    /// The address as a condition that names all of it means it.
    pub fn whole(&self, form: Form) -> String {
        self.text(self.path.trim_end_matches('/'), form)
    }

    /// The address as it is written, with its slash or without, for a condition on how it begins.
    pub fn as_written(&self, form: Form) -> String {
        let bare = self.path.trim_end_matches('/');
        let slash = if bare.len() < self.path.len() { "/" } else { "" };
        self.text(&[bare, slash].concat(), form)
    }

    fn text(&self, path: &str, form: Form) -> String {
        let scheme = if form.scheme { self.scheme.as_str() } else { "" };
        let hash = if form.hash { self.hash.as_str() } else { "" };
        fold(&[scheme, &self.host, path, &self.query, hash].concat())
    }

    /// The same without a port that is some scheme's default, for a value that names no scheme.
    pub fn without_any_default_port(&self) -> Option<Self> {
        let host = self.host.strip_suffix(":443").or_else(|| self.host.strip_suffix(":80"));
        let host = host.filter(|_| self.scheme.is_empty())?;
        Some(Self { host: host.to_owned(), ..self.clone() })
    }
}

/// A path's readings: without and with a slash at its end.
pub(crate) fn path_readings(path: &str) -> Vec<String> {
    decoded_path_readings(&decoded(&spaces(path)))
}

/// The same of a path that is decoded already.
pub(crate) fn decoded_path_readings(path: &str) -> Vec<String> {
    let path = path.trim_end_matches('/');
    vec![fold(path), fold(&format!("{path}/"))]
}

/// A part of an address as people read it: up to its query decoded, its host's labels in Unicode.
pub(crate) fn part(value: &str) -> String {
    let (rest, hash) = cut(value, '#');
    let (rest, query) = cut(rest, '?');
    let mut out = String::new();
    let mut rest = rest;
    while let Some(at) = rest.find(is_label) {
        let end = rest[at..].find(|c| !is_label(c)).map_or(rest.len(), |end| at + end);
        out.push_str(&rest[..at]);
        out.push_str(&label(&rest[at..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    [decoded(&out).as_str(), query, decoded(hash).as_str()].concat()
}

fn is_label(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

/// What stands before a sign, and the rest with the sign.
fn cut(text: &str, at: char) -> (&str, &str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

fn without_port<'h>(host: &'h str, scheme: &str) -> &'h str {
    let Some((name, port)) = host.rsplit_once(':') else { return host };
    let is_default = match port {
        "" => true,
        "443" => scheme.eq_ignore_ascii_case("https://"),
        "80" => scheme.eq_ignore_ascii_case("http://"),
        _ => false,
    };
    if is_default { name } else { host }
}

/// A host's label in Unicode; one that is no Punycode stays.
fn label(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let decoded =
        lower.strip_prefix("xn--").filter(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()));
    decoded.and_then(idna::punycode::decode_to_string).unwrap_or_else(|| text.to_owned())
}

/// Every run of `%XX` that is valid UTF-8 is decoded, others stay. A pattern's mark is never made.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (bytes, length) = run(rest);
        let length = length.max(1);
        match String::from_utf8(bytes) {
            Ok(text) if !text.is_empty() && !text.contains('\0') => out.push_str(&text),
            _ => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// The bytes of `%XX%XX...` at the start of a text, and how long it is.
fn run(text: &str) -> (Vec<u8>, usize) {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let signs = text.as_bytes();
    let mut bytes = Vec::new();
    let mut at = 0;
    while signs.get(at) == Some(&b'%') {
        let (Some(high), Some(low)) = (digit(signs.get(at + 1)), digit(signs.get(at + 2))) else { break };
        bytes.push((high * 16 + low) as u8);
        at += 3;
    }
    (bytes, at)
}
