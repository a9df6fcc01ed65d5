use super::*;
use std::time::{Duration, Instant};

fn shown(html: &str) -> String {
    clean(html, &HashMap::new(), false).unwrap().html
}

/// What must never come out, whatever came in, read as a browser reads it and not as text.
fn acts(html: &str) -> Vec<String> {
    // A tag that is shown as words has its `<` escaped: whatever stands between `<` and `>` is a tag.
    let mut found = Vec::new();
    for tag in html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default().to_ascii_lowercase()) {
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !TAGS.contains(&name) {
            found.push(format!("tag {tag}"));
        }
        let bare: String = tag.split('"').step_by(2).collect();
        if bare.split_whitespace().skip(1).any(|a| a.starts_with("on")) {
            found.push(format!("handler {tag}"));
        }
        for address in tag.split("href=\"").skip(1).chain(tag.split("src=\"").skip(1)) {
            if !is_link(address) && !HELD.iter().any(|kind| begins_with(address, kind)) {
                found.push(format!("address {tag}"));
            }
        }
        if tag.contains("style=\"") && (tag.contains("url(") || tag.contains("expression")) {
            found.push(format!("style {tag}"));
        }
    }
    found
}

#[test]
fn a_letter_keeps_its_looks_and_loses_what_acts() {
    let html = "<html><head><title>t</title><style>p{color:red}</style></head><body onload=alert(1)><table width=600 bgcolor=#ffffff \
        align=center cellpadding=0><tr><td style='padding: 10px; color: rgb(1, 2, 3); position: fixed; background: url(https://spy.example/b.png)' \
        colspan=2><font color=red face=Arial>Скидка</font> <a href='https://shop.example/?a=1&b=2' onclick=x() target=_top>сюда</a>\
        <img src=https://spy.example/x.gif width=1 alt=''><form action=//evil.example><input name=q>поле</form></td></tr></table>";
    let cleaned = clean(html, &HashMap::new(), false).unwrap();
    for kept in [
        "width=\"600\"",
        "bgcolor=\"#ffffff\"",
        "padding:10px",
        "color:rgb(1,2,3)",
        "color=\"red\"",
        "colspan=\"2\"",
        "поле",
        "href=\"https://shop.example/?a=1&amp;b=2\"",
        "target=\"_blank\"",
        "rel=\"noopener noreferrer\"",
    ] {
        assert!(cleaned.html.replace(": ", ":").replace(", ", ",").contains(kept), "{kept}: {}", cleaned.html);
    }
    for gone in ["onclick", "spy.example", "position", "_top", "form", "input", "onload", "p{", "<title"] {
        assert!(!cleaned.html.contains(gone), "{gone}: {}", cleaned.html);
    }
    assert_eq!(cleaned.elsewhere, 2);
}

#[test]
fn pictures_are_the_letters_own_or_wait_to_be_asked_for() {
    let own = HashMap::from([("a@b".to_owned(), "data:image/png;base64,AAAA".to_owned())]);
    let html = "<img src=cid:a@b><img src=CID:other@b><img src=http://spy.example/x.gif><img src=//spy.example/y.gif><img src=/f/z.gif>\
        <img src='data:image/svg+xml;base64,AA'><img srcset='https://spy.example/s.gif 2x'><a href=data:text/html,x>x</a>";
    let cleaned = clean(html, &own, false).unwrap();
    assert_eq!(cleaned.html.matches("src=").count(), 1, "{}", cleaned.html);
    assert!(cleaned.html.contains("<img src=\"data:image/png;base64,AAAA\""));
    assert_eq!(cleaned.elsewhere, 1);
    let asked = clean(html, &own, true).unwrap();
    assert!(asked.html.contains("src=\"https://spy.example/x.gif\""), "{}", asked.html);
    assert_eq!(asked.html.matches("spy.example").count(), 1);
    assert!(!asked.html.contains("href=\"data"));
}

#[test]
fn tricks_do_not_come_through() {
    // Inputs of the tests of bleach 6.4.0 (Apache-2.0), which were other people's findings.
    let others: Vec<String> = serde_json::from_str(include_str!("bleach.json")).unwrap();
    assert!(others.len() > 250);
    for html in TRICKS.iter().copied().chain(others.iter().map(String::as_str)) {
        let first = shown(html);
        assert_eq!(acts(&first), Vec::<String>::new(), "{html} became {first}");
        // What is read and written once more by the browser must not become something else (mXSS).
        assert_eq!(words(&shown(&first)), words(&first), "{html}");
    }
}

/// Attributes come in any order.
fn words(html: &str) -> Vec<&str> {
    let mut words: Vec<&str> = html.split([' ', '<', '>']).collect();
    words.sort_unstable();
    words
}

const TRICKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" onerror\n=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt&colon;alert(1)\">x</a>",
    "<a href=vbscript:x>x</a>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><a><animate attributeName=href values=javascript:alert(1) /><text x=20 y=20>x</text></a>",
    "<svg><use href=\"data:image/svg+xml;base64,AAAA#x\"/></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math href=\"javascript:alert(1)\">x</math>",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<table><tr><td><svg><desc><![CDATA[</desc><script>alert(1)</script>]]></svg>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<?xml version=\"1.0\"?><img src=x onerror=alert(1)?>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object><embed src=\"javascript:alert(1)\">",
    "<base href=\"https://evil.example/\"><a href=\"x\">x</a>",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example/\">",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<div style=\"background:url(javascript:alert(1))\">x</div>",
    "<div style=\"width: expression(alert(1))\">x</div>",
    "<div style=\"background: u\\72l(https://evil.example/x)\">x</div>",
    "<div style=\"color: red; behavior: url(x.htc); -moz-binding: url(x)\">x</div>",
    "<div style=\"font-family: '</style><img src=x onerror=alert(1)>'\">x</div>",
    "<template><img src=x onerror=alert(1)></template>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
    "<option><style></option></select><b><img src=xx: onerror=alert(1)></style></option>",
    "<xmp><img src=x onerror=alert(1)></xmp><plaintext><img src=x onerror=alert(1)>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details><marquee onstart=alert(1)>x</marquee>",
    "<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</button>",
    "<a href=\"https://x.example\" ping=\"https://spy.example\" style=\"position:fixed;inset:0\">x</a>",
    "<div id=getElementById name=cookie>x</div>",
    "<img src=\"data:text/html;base64,PHNjcmlwdD4=\">",
    "<p title='\"><img src=x onerror=alert(1)>'>x",
    "<li><a title=\"`onmouseover=alert(1)\">x</a>",
    "<\u{0}script>alert(1)</script>",
];

#[test]
fn what_is_made_to_take_hours_is_put_aside_at_once() {
    let begun = Instant::now();
    let fonts: String = (0..500).map(|n| format!("<font color=c{n}>")).collect();
    let names: String = (0..300_000).map(|n| format!(" a{n}")).collect();
    for html in [
        "<div>".repeat(100_000),
        format!("{}{}", fonts, "<p>x".repeat(100_000)),
        format!("<a{names}>x</a>"),
        "<p>слово</p>".repeat(1_000_000),
        "<table><tr><td>".repeat(60_000),
        "<a><div></a>".repeat(100_000),
        "&amp;".repeat(100_000),
        "<table>&amp;<tr>&amp;".repeat(40_000),
    ] {
        assert_eq!(clean(&html, &HashMap::new(), false), Err(TooMuch), "{}", &html[..40]);
    }
    for html in ["<template>".repeat(900), "<svg><desc>".repeat(400), "<".repeat(100_000)] {
        let _ = clean(&html, &HashMap::new(), false);
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn a_long_newsletter_is_no_attack() {
    let row = "<tr><td style='padding:4px;font-family:Arial'><b><a href='https://shop.example/1'>Товар</a></b><br><i>1 200 ₽</i></td></tr>";
    let html = format!("<table>{}</table>", row.repeat(4_000));
    assert_eq!(clean(&html, &HashMap::new(), false).unwrap().html.matches("Товар").count(), 4_000);
    let text = format!("<p>{}</p>", "Добрый день,&nbsp;это длинное письмо. ".repeat(500)).repeat(12);
    assert!(clean(&text, &HashMap::new(), false).is_ok());
    assert!(clean(&"слово ".repeat(160_000), &HashMap::new(), false).is_ok());
}
