//! E-mail addresses: lower case, one `@`, a dot in the domain, IDNA domain (section 5). No dot or plus folding.

use super::{Why, text};

const MAX_BYTES: usize = 254;

/// The address with its domain in ASCII. The text is already clean. The domain is read by IDNA before case is folded: "ß" and "ss" are two
/// domains (rulings 60).
pub(super) fn email(clean: &str) -> Result<String, Why> {
    let (local, domain) = bare(clean).split_once('@').ok_or(Why::Invalid)?;
    let local = text::fold(local);
    let is_odd = |c: char| {
        c.is_whitespace() || matches!(c, '@' | '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '\\')
    };
    if local.is_empty() || domain.contains('@') || local.contains(is_odd) {
        return Err(Why::Invalid);
    }
    let domain = host(domain)?;
    if !domain.contains('.') {
        return Err(Why::Invalid);
    }
    let address = format!("{local}@{domain}");
    if address.len() > MAX_BYTES { Err(Why::Invalid) } else { Ok(address) }
}

/// The address in `Name <a@b>`, and without what is left of a list behind it.
fn bare(clean: &str) -> &str {
    let clean = clean.trim_end_matches([',', ';', ' ']);
    match clean.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) if !name.trim().is_empty() && !name.contains('@') => address.trim(),
        _ => clean,
    }
}

/// A host name in ASCII with non-empty labels of letters, digits and hyphens.
pub(super) fn host(raw: &str) -> Result<String, Why> {
    let ascii = idna::domain_to_ascii(raw).map_err(|_| Why::Invalid)?;
    let good_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if ascii.split('.').all(good_label) { Ok(ascii) } else { Err(Why::Invalid) }
}

#[cfg(test)]
mod tests {
    use crate::normalise::{FieldKind, NormSettings, Normalised, Why, normalise};

    fn norm(raw: &str) -> Normalised {
        normalise(FieldKind::Email, raw, &NormSettings::default())
    }

    #[test]
    fn good_addresses() {
        let table = [
            ("A@B.RU", "a@b.ru"),
            ("  x@y.ru ", "x@y.ru"),
            ("x\u{200b}@y.ru", "x@y.ru"),
            ("ｘ@ｙ.ru", "x@y.ru"),
            ("user@пример.рф", "user@xn--e1afmkfd.xn--p1ai"),
            ("user@ПРИМЕР.РФ", "user@xn--e1afmkfd.xn--p1ai"),
            ("user@xn--e1afmkfd.xn--p1ai", "user@xn--e1afmkfd.xn--p1ai"),
            ("Иван@пример.рф", "иван@xn--e1afmkfd.xn--p1ai"),
            ("a.b+tag@gmail.com", "a.b+tag@gmail.com"),
            ("Олег Ильин <Oleg@B.ru>", "oleg@b.ru"),
            ("\"Ильин, Олег\" <oleg@b.ru>", "oleg@b.ru"),
            ("oleg@b.ru, ", "oleg@b.ru"),
            ("oleg@b.ru;", "oleg@b.ru"),
            ("x@straße.de", "x@xn--strae-oqa.de"),
            ("x@STRASSE.de", "x@strasse.de"),
            ("x@βόλος.com", "x@xn--nxasmm1c.com"),
            ("x@βόλοσ.com", "x@xn--nxasmq6b.com"),
            ("o'neil@x-y.co.uk", "o'neil@x-y.co.uk"),
        ];
        for (raw, want) in table {
            assert_eq!(norm(raw), Normalised::Usable(want.into()), "{raw}");
        }
    }

    #[test]
    fn bad_addresses() {
        for raw in [
            "x",
            "x@",
            "@y.ru",
            "x@y",
            "a@b@c.ru",
            "a b@c.ru",
            "a@b c.ru",
            "a@.ru",
            "a@b..ru",
            "a@b.ru.",
            "<a@b.ru>",
            "a,b@c.ru",
            "a@b.ru;c@d.ru",
            "mailto:a@b.ru",
            "a@-b.ru",
            "a@b!.ru",
        ] {
            assert_eq!(norm(raw), Normalised::Unusable(Why::Invalid), "{raw}");
        }
    }
}
