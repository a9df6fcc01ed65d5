//! What of a page is shown: what is named here and nothing else.

use super::measure::{TooMuch, measure};
use ammonia::{Builder, UrlRelative};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A page that may be shown in a frame without rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clean {
    /// What stands in its body.
    pub html: String,
    /// Pictures of other machines: their servers would learn that the letter is open.
    pub elsewhere: usize,
}

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "wbr",
];

/// What is taken away with all that stands in it: it was never to be read.
const WITH_CONTENT: &[&str] = &[
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "noembed",
    "noframes",
    "svg",
    "math",
    "textarea",
    "select",
    "audio",
    "video",
    "canvas",
    "xmp",
    "plaintext",
];

const OF_ALL: &[&str] = &["align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"];

const OF_SOME: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["color", "noshade", "size"]),
    ("img", &["alt", "border", "src"]),
    ("li", &["type", "value"]),
    ("ol", &["reversed", "start", "type"]),
    ("table", &["border", "cellpadding", "cellspacing"]),
    ("td", &["colspan", "nowrap", "rowspan"]),
    ("th", &["colspan", "nowrap", "rowspan", "scope"]),
    ("ul", &["type"]),
];

/// Nothing that lifts a thing out of its place.
const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "box-sizing",
    "clear",
    "color",
    "direction",
    "display",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

const FUNCTIONS: &[&str] = &["calc", "hsl", "hsla", "rgb", "rgba"];

/// Pictures that a letter holds in itself, without those that are programs.
const HELD: &[&str] =
    &["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,", "data:image/webp;base64,"];

/// Cleans a page. Of its own pictures it knows the address by their `Content-ID`; those of other machines are shown when they are wanted.
///
/// # Errors
/// When there is too much of it.
pub fn clean(html: &str, own: &HashMap<String, String>, is_elsewhere_shown: bool) -> Result<Clean, TooMuch> {
    measure(html)?;
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let (counted, own) = (elsewhere.clone(), own.clone());
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(WITH_CONTENT.iter().copied().collect())
        .generic_attributes(OF_ALL.iter().copied().collect())
        .tag_attributes(OF_SOME.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect())
        .url_schemes(["http", "https", "mailto", "tel", "cid", "data"].into_iter().collect())
        .url_relative(UrlRelative::Deny)
        .filter_style_properties(PROPERTIES.iter().copied().collect::<HashSet<_>>())
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .attribute_filter(move |element, name, value| match (element, name) {
            (_, "style") => Some(Cow::Owned(plain_style(value, &counted))),
            (_, "href") => is_link(value).then_some(Cow::Borrowed(value)),
            ("img", "src") => picture(value, &own, is_elsewhere_shown, &counted),
            _ => Some(Cow::Borrowed(value)),
        });
    let html = builder.clean(html).to_string();
    Ok(Clean { html, elsewhere: elsewhere.load(Ordering::Relaxed) })
}

fn begins_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

fn is_link(value: &str) -> bool {
    ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| begins_with(value.trim(), scheme))
}

fn picture<'a>(
    value: &'a str,
    own: &HashMap<String, String>,
    is_elsewhere_shown: bool,
    elsewhere: &AtomicUsize,
) -> Option<Cow<'a, str>> {
    let value = value.trim();
    if begins_with(value, "cid:") {
        return own.get(value[4..].trim_matches(['<', '>'])).map(|address| Cow::Owned(address.clone()));
    }
    if HELD.iter().any(|kind| begins_with(value, kind)) {
        return Some(Cow::Borrowed(value));
    }
    let rest =
        ["https://", "http://"].into_iter().find(|scheme| begins_with(value, scheme)).map(|s| &value[s.len()..])?;
    elsewhere.fetch_add(1, Ordering::Relaxed);
    // In the open anybody on the way would see what is read.
    is_elsewhere_shown.then(|| Cow::Owned(format!("https://{rest}")))
}

/// Declarations that only say how something looks.
fn plain_style(style: &str, elsewhere: &AtomicUsize) -> String {
    let is_plain = |one: &&str| {
        let low = one.to_ascii_lowercase();
        if low.contains("url") && low.contains('(') {
            elsewhere.fetch_add(usize::from(low.contains("//")), Ordering::Relaxed);
            return false;
        }
        let calls = low.match_indices('(').map(|(at, _)| low[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next());
        !low.contains(['\\', '@', '<', '{', '}'])
            && !low.contains("/*")
            && calls.flatten().all(|name| FUNCTIONS.contains(&name))
    };
    style.split(';').filter(is_plain).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
