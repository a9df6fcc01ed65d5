//! The code of the chat in the text of a page.

use super::policy::Asked;

/// Where the code names its project.
const MARK: &str = "/w.js?p=";

/// The code as it stands in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The key of the site.
    pub key: String,
    /// Where the script comes from; none when the address is put together by another script.
    pub origin: Option<String>,
    /// The nonce on its tag.
    pub nonce: Option<String>,
}

impl Code {
    /// What the policy of a page is asked about.
    pub fn asked<'a>(&'a self, page: &'a str) -> Option<Asked<'a>> {
        Some(Asked { page, script: self.origin.as_deref()?, nonce: self.nonce.as_deref() })
    }
}

/// Every code in a page; what is commented out is none.
pub fn codes(html: &str) -> Vec<Code> {
    let html = without_comments(html);
    html.match_indices(MARK).map(|(at, _)| code_at(&html, at)).filter(|code| !code.key.is_empty()).collect()
}

fn code_at(html: &str, at: usize) -> Code {
    let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let key = html[at + MARK.len()..].chars().take_while(|c| is_key(*c)).collect();
    let before = &html[..at];
    let start = before.rfind(|c: char| matches!(c, '"' | '\'' | '=' | '`') || c.is_whitespace()).map_or(0, |i| i + 1);
    let origin = before.get(start..).filter(|origin| origin.starts_with("http") && origin.contains("://"));
    let tag_start = before.rfind('<').unwrap_or(at);
    let tag_end = html[at..].find('>').map_or(html.len(), |end| at + end);
    let tag = &html[tag_start..tag_end];
    let is_tag = tag.get(..7).is_some_and(|name| name.eq_ignore_ascii_case("<script"));
    let nonce = if is_tag { attribute(tag, "nonce") } else { None };
    Code { key, origin: origin.map(str::to_ascii_lowercase), nonce }
}

/// Policies that the page itself states.
pub fn policies(html: &str) -> Vec<String> {
    let html = without_comments(html);
    // ASCII only: places stay where they are.
    let lower = html.to_ascii_lowercase();
    let tags = lower.match_indices("<meta").map(|(at, _)| {
        let end = lower[at..].find('>').map_or(html.len(), |end| at + end);
        &html[at..end]
    });
    let stated = tags.filter(|tag| {
        attribute(tag, "http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"))
    });
    stated.filter_map(|tag| attribute(tag, "content")).collect()
}

/// The value of an attribute, in quotes or bare.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let places = lower.match_indices(name).map(|(at, _)| at);
    let mut values = places.filter(|&at| lower[..at].ends_with(|c: char| c.is_whitespace() || "\"'/".contains(c)));
    values.find_map(|at| {
        let rest = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quoted = rest.strip_prefix('"').and_then(|inner| inner.split('"').next());
        let single = || rest.strip_prefix('\'').and_then(|inner| inner.split('\'').next());
        let value = quoted.or_else(single).unwrap_or_else(|| rest.split_whitespace().next().unwrap_or_default());
        Some(value.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&"))
    })
}

fn without_comments(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<!--") {
        kept.push_str(&rest[..start]);
        rest = rest[start..].find("-->").map_or("", |end| &rest[start + end + 3..]);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_as_people_paste_it() {
        let of = |html: &str| codes(html).into_iter().next();
        let code = |key: &str, origin: Option<&str>, nonce: Option<&str>| {
            Some(Code { key: key.into(), origin: origin.map(Into::into), nonce: nonce.map(Into::into) })
        };
        let chat = Some("https://chat.example");
        assert_eq!(of(r#"<script async src="https://chat.example/w.js?p=k1"></script>"#), code("k1", chat, None));
        assert_eq!(of("<SCRIPT nonce='n' SRC=https://Chat.example/w.js?p=k1&x=1>"), code("k1", chat, Some("n")));
        assert_eq!(
            of("s.src='https://chat.example:8443/w.js?p=k1'"),
            code("k1", Some("https://chat.example:8443"), None)
        );
        assert_eq!(of("s.src = host + '/w.js?p=k1'"), code("k1", None, None));
        assert_eq!(of(r#"<!-- <script src="https://chat.example/w.js?p=k1"> -->"#), None);
        assert_eq!(of("<p>w.js</p>"), None);
    }

    #[test]
    fn a_policy_in_the_page_counts() {
        let html = r#"<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'self'">
            <!-- <meta http-equiv="content-security-policy" content="x"> -->"#;
        assert_eq!(policies(html), ["default-src 'self'"]);
    }
}
