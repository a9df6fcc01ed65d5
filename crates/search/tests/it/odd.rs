//! Searches of every kind are answered: no operator of an engine gets through, and nothing breaks.

use crate::support::{ask, hits, indexed};
use harness::{Product, new_account};
use reqwest::{Method, StatusCode};

#[tokio::test]
async fn odd_searches_are_answered_and_never_break() {
    let product = Product::start().await;
    product.visitor().await.say("1", "обычный текст ' с \"кавычками\" & знаками").await;
    indexed(&product).await;
    let long = "word ".repeat(340);
    let wide = "я".repeat(999);
    let many: String = (0..180).map(|n| format!("a{n} ")).collect();
    let quotes = "\"".repeat(500);
    let odd = [
        "текст AND",
        "AND",
        "OR",
        "NOT",
        "NEAR(a b, 5)",
        "terms:текст",
        "^текст",
        "te*xt",
        "*",
        "+",
        "-",
        "{a b}: c",
        "(",
        ")",
        "((",
        "\"",
        "\"\"\"",
        "'",
        "''",
        "\\",
        "\\'",
        "a & b",
        "a | b",
        "!a",
        "a <-> b",
        "a:*",
        ":*",
        "a:A",
        "<->",
        "&&",
        "||",
        "%",
        "_",
        "$1",
        "?1",
        "; DROP TABLE messages",
        "--",
        "/*",
        "я",
        "a",
        "1",
        "👍🏽",
        "👨‍👩‍👧",
        "\u{202e}abc",
        "\u{feff}",
        "e\u{301}",
        "𝒳",
        "ﷺ",
        "İ",
        "ß",
        "@",
        "@@",
        "a@",
        "@a",
        "a@b",
        "a@@b",
        "+7",
        "++7",
        "1 2 3 4 5",
        "12345678901234567890",
        "…",
        "·",
        "a·b",
        "~a",
        "#csite",
        "=a",
        "1.a",
        "x'41'",
        &wide,
        &many,
        &quotes,
    ];
    for q in odd {
        let (status, answer) = ask(&product, &[("q", q)]).await;
        assert_eq!(status, StatusCode::OK, "{q:?}: {answer}");
    }
    for blank in ["", " ", "\t\n", "\u{a0}\u{2003}", "\u{7}"] {
        let (status, answer) = ask(&product, &[("q", blank)]).await;
        assert_eq!(
            (status, answer["errors"][0]["path"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some("q")),
            "{blank:?} {answer}"
        );
    }
    let (status, answer) = ask(&product, &[("q", "a\0b")]).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &"bad_character".into()));
    // So long an address is not even read.
    let (status, _) = ask(&product, &[("q", &"слово ".repeat(930))]).await;
    assert!(status.is_client_error(), "{status}");
    let (status, answer) = ask(&product, &[("q", &long)]).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &"too_long".into()));
    for (name, value) in [
        ("kinds", "people"),
        ("channel", "pigeon"),
        ("author", "me"),
        ("from", "вчера"),
        ("limit", "0"),
        ("cursor", "zz"),
    ] {
        let (status, answer) = ask(&product, &[("q", "текст"), (name, value)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {answer}");
    }
    let (status, _) = product.call(Method::GET, &product.project("/search"), None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "without q");
}

#[tokio::test]
async fn nobody_finds_what_another_account_has() {
    let product = Product::start().await;
    product.visitor().await.say("1", "тайное слово").await;
    let other = new_account(&product.app, "owner@b.example", "B").await;
    indexed(&product).await;
    assert_eq!(hits(&product, &[("q", "тайное")]).await.len(), 1);
    let path = format!("/api/v1/projects/{}/search?q=%D1%82%D0%B0%D0%B9%D0%BD%D0%BE%D0%B5", other.project_id);
    let (status, answer) = product.call_as(&other.api_key, Method::GET, &path, None).await;
    assert_eq!((status, answer["items"].as_array().map(Vec::len)), (StatusCode::OK, Some(0)));
    let (status, _) = product.call(Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
