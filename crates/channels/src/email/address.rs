//! E-mail addresses.

/// Longest address (RFC 5321).
const LONGEST: usize = 254;

/// An address as people are told apart by it: lower case, its domain as DNS has it. None for what is no address.
pub fn normalised(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['<', '>']).trim();
    let (local, domain) = text.rsplit_once('@')?;
    let is_bad = |c: char| c.is_control() || c.is_whitespace() || "<>()[],;:\"\\".contains(c);
    if local.is_empty() || local.len() > 64 || local.contains(is_bad) {
        return None;
    }
    let domain = idna::domain_to_ascii(domain.trim_end_matches('.')).ok()?;
    let is_name = domain.split('.').all(|label| {
        let is_plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        is_plain && (1..=63).contains(&label.len())
    });
    let whole = format!("{}@{domain}", local.to_lowercase());
    (is_name && whole.len() <= LONGEST).then_some(whole)
}

/// What stands behind the `@`.
pub fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart_as_people_see_them() {
        for (text, wanted) in [
            (" Anna.K@Example.COM ", "anna.k@example.com"),
            ("<a+tag@пример.рф>", "a+tag@xn--e1afmkfd.xn--p1ai"),
            ("ИВАН@example.com", "иван@example.com"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(normalised(text).as_deref(), Some(wanted));
        }
        for bad in
            ["", "anna", "@example.com", "anna@", "a b@example.com", "a@b@", "a@exa mple.com", "a\r\n@b.c", "a@..b"]
        {
            assert_eq!(normalised(bad), None, "{bad}");
        }
    }
}
