//! HTML of letters into text.

use super::page;
use html2text::config;
use html2text::render::{RichAnnotation, RichDecorator, TaggedLine, TextDecorator};
use mail_parser::decoders::html::html_to_text;
use model::NamedLink;

/// Longer HTML is read in a simpler way: nobody wrote it by hand.
const LONGEST: usize = 512 * 1024;
/// Deeper than this no letter is; what reads HTML goes down with it.
const DEEPEST: usize = 500;
/// With fewer references nothing has to be looked at.
const MANY_REFERENCES: usize = 2_000;
/// No line of text is that long: paragraphs stay in one.
const WIDTH: usize = 4_000;
const LONGEST_WORDS: usize = 500;
const LONGEST_ADDRESS: usize = 2_048;
const MOST_LINKS: usize = 100;

/// Text, and the addresses behind words of it.
pub fn text_of(html: &str) -> (String, Vec<NamedLink>) {
    if html.len() > LONGEST || depth_of(html) > DEEPEST || is_moved_about(html) {
        return (html_to_text(html), Vec::new());
    }
    let rendered =
        config::with_decorator(Plain(RichDecorator::new())).raw_mode(true).lines_from_read(html.as_bytes(), WIDTH);
    let Ok(lines) = rendered else { return (html_to_text(html), Vec::new()) };
    let mut links: Vec<NamedLink> = Vec::new();
    let texts: Vec<String> = lines.iter().map(|line| text_of_line(line, &mut links)).collect();
    links.retain(is_worth_naming);
    links.truncate(MOST_LINKS);
    (texts.join("\n"), links)
}

/// Whether so many references are in it that reading them is a matter of minutes.
fn is_moved_about(html: &str) -> bool {
    html.bytes().filter(|b| *b == b'&').count() > MANY_REFERENCES && page::measure(html).is_err()
}

/// How deep the tags may go at most, counted without understanding them.
fn depth_of(html: &str) -> usize {
    let bytes = html.as_bytes();
    let (mut depth, mut deepest) = (0_usize, 0);
    for at in html.match_indices('<').map(|(at, _)| at) {
        match bytes.get(at + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b) if b.is_ascii_alphabetic() && !is_empty_tag(&html[at + 1..]) => depth += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Tags that are never closed, or need not be.
fn is_empty_tag(rest: &str) -> bool {
    const EMPTY: &[&str] =
        &["br", "img", "hr", "meta", "link", "input", "col", "p", "li", "td", "tr", "area", "wbr", "o:p"];
    let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(rest.len());
    EMPTY.iter().any(|tag| rest[..end].eq_ignore_ascii_case(tag))
}

fn text_of_line(line: &TaggedLine<Vec<RichAnnotation>>, links: &mut Vec<NamedLink>) -> String {
    let mut text = String::new();
    for piece in line.tagged_strings() {
        text.push_str(&piece.s);
        let url = piece.tag.iter().find_map(|tag| match tag {
            RichAnnotation::Link(url) => Some(url),
            _ => None,
        });
        if let Some(url) = url {
            add_link(links, &piece.s, url);
        }
    }
    let text = text.trim_end();
    // A rule is drawn as wide as the page.
    if !text.is_empty() && text.chars().all(|c| c == '─') { "———".to_owned() } else { text.to_owned() }
}

fn add_link(links: &mut Vec<NamedLink>, words: &str, url: &str) {
    // Words of one link come in pieces.
    match links.last_mut().filter(|last| last.url == url) {
        Some(last) if last.text.chars().count() < LONGEST_WORDS => last.text.push_str(words),
        Some(_) => {}
        None => links.push(NamedLink {
            text: words.chars().take(LONGEST_WORDS).collect(),
            url: url.chars().take(LONGEST_ADDRESS).collect(),
        }),
    }
}

/// An address that its own words already say needs no second mention.
fn is_worth_naming(link: &NamedLink) -> bool {
    let words = link.text.trim();
    let bare = |text: &str| {
        let text = text.trim_start_matches("mailto:").trim_start_matches("https://").trim_start_matches("http://");
        text.trim_end_matches('/').to_lowercase()
    };
    !words.is_empty() && !link.url.starts_with('#') && !link.url.is_empty() && bare(words) != bare(&link.url)
}

/// Words without marks around them: only a quote is marked.
#[derive(Clone)]
struct Plain(RichDecorator);

impl TextDecorator for Plain {
    type Annotation = RichAnnotation;

    fn decorate_link_start(&mut self, url: &str) -> (String, RichAnnotation) {
        self.0.decorate_link_start(url)
    }
    fn decorate_link_end(&mut self) -> String {
        String::new()
    }
    fn decorate_em_start(&self) -> (String, RichAnnotation) {
        self.0.decorate_em_start()
    }
    fn decorate_em_end(&self) -> String {
        String::new()
    }
    fn decorate_strong_start(&self) -> (String, RichAnnotation) {
        self.0.decorate_strong_start()
    }
    fn decorate_strong_end(&self) -> String {
        String::new()
    }
    fn decorate_strikeout_start(&self) -> (String, RichAnnotation) {
        self.0.decorate_strikeout_start()
    }
    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }
    fn decorate_code_start(&self) -> (String, RichAnnotation) {
        self.0.decorate_code_start()
    }
    fn decorate_code_end(&self) -> String {
        String::new()
    }
    fn decorate_preformat_first(&self) -> RichAnnotation {
        self.0.decorate_preformat_first()
    }
    fn decorate_preformat_cont(&self) -> RichAnnotation {
        self.0.decorate_preformat_cont()
    }
    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, RichAnnotation) {
        (title.to_owned(), RichAnnotation::Default)
    }
    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }
    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }
    fn unordered_item_prefix(&self) -> String {
        "• ".to_owned()
    }
    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }
    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_read_as_people_see_it() {
        let html = "<html><head><title>t</title><style>p{}</style></head><body><h1>Заказ</h1><p>Здравствуйте,&nbsp;<b>Анна</b>!\
                    <br>Ссылка: <a href='https://shop.example/1'>сюда</a></p><script>alert(1)</script><ul><li>раз<li>два</ul>\
                    <table><tr><td>a</td><td>b</td></tr></table><img src='http://spy.example/x.gif' alt=''></body></html>";
        let (text, links) = text_of(html);
        for wanted in ["Заказ", "Здравствуйте,\u{a0}Анна!\nСсылка: сюда", "• раз\n• два"]
        {
            assert!(text.contains(wanted), "{wanted}: {text:?}");
        }
        for hidden in ["alert", "p{}", "spy.example", "*"] {
            assert!(!text.contains(hidden), "{hidden}: {text:?}");
        }
        assert_eq!(links, [NamedLink { text: "сюда".into(), url: "https://shop.example/1".into() }]);
    }

    #[test]
    fn a_quote_is_marked_as_in_plain_text() {
        let (text, _) = text_of("<p>Да</p><div>12 мая Оля пишет:<blockquote><p>Вам подходит?</p></blockquote></div>");
        assert_eq!(text.trim(), "Да\n\n12 мая Оля пишет:\n\n> Вам подходит?");
    }

    #[test]
    fn what_is_made_to_break_programs_breaks_nothing() {
        for html in [
            "<div>".repeat(100_000),
            format!("{}слово", "<blockquote>".repeat(400)),
            "<table><tr><td>".repeat(20_000),
            format!("<p>слово</p>{}", "x".repeat(LONGEST)),
            "<a href=\"".repeat(1_000),
            "<<<>>>&&&;;<!-- <!--".to_owned(),
            "&amp;".repeat(100_000),
        ] {
            text_of(&html);
        }
    }
}
