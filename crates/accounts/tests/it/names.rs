//! What a refused name says.

use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_refused_name_is_refused_where_it_stands_in_the_body() {
    let product = Product::start().await;
    let long = "я".repeat(101);
    let connection = json!({ "kind": "own", "title": long, "settings": { "url": "http://127.0.0.1:9/in" } });
    let operator = json!({ "email": "olga@a.example", "name": long, "role": "operator", "project_ids": [] });
    for (path, body, place) in [
        ("/api/v1/api-keys".to_owned(), json!({ "title": "", "scopes": ["read"] }), "title"),
        (product.project("/connections"), connection, "title"),
        ("/api/v1/users".to_owned(), operator, "name"),
        ("/api/v1/projects".to_owned(), json!({ "name": " " }), "name"),
    ] {
        let (status, answer) = product.call(Method::POST, &path, Some(body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {answer}");
        assert_eq!(answer["errors"][0]["path"], place, "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_name_that_turns_the_line_or_cannot_be_seen_is_kept_readable_or_refused() {
    let product = Product::start().await;
    let name = async |name: &str| product.call(Method::POST, "/api/v1/projects", Some(json!({ "name": name }))).await;
    for unseen in ["\u{200b}", "\u{3164}", "\u{202e}\u{2066}", "a\u{0}b"] {
        assert_eq!(name(unseen).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{unseen:?}");
    }
    for (given, kept) in [("Лавка\u{202e}ьнеД", "ЛавкаьнеД"), ("и\u{306}од", "йод"), (" Лавка\u{200b} ", "Лавка")]
    {
        let (status, made) = name(given).await;
        assert_eq!((status, &made["name"]), (StatusCode::CREATED, &json!(kept)), "{given:?}");
    }
    let key = json!({ "title": "ключ\u{202e}", "scopes": ["read"] });
    assert_eq!(product.post("/api/v1/api-keys", key).await["title"], "ключ");
}
