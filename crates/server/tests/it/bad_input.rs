//! Bad input: the status codes of `reliability.md` section 6, and nothing changes.

use harness::{Product, answer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn broken_wrong_and_unknown_bodies() {
    let product = Product::start().await;
    let raw = |body: &'static str, kind: &'static str| {
        let request =
            product.http.post(product.url(&product.project("/contacts"))).bearer_auth(&product.account.api_key);
        answer(request.header("content-type", kind).body(body))
    };
    assert_eq!(raw("{\"channel\":", "application/json").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(raw("channel=api", "application/x-www-form-urlencoded").await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for bad in [
        json!({ "channel": "api", "external_id": "x", "account_id": "acc_1" }),
        json!({ "channel": "api", "external_id": { "$ne": 1 } }),
        json!({ "channel": "api", "external_id": null }),
        json!({ "channel": "api", "external_id": "" }),
        json!({ "channel": "telegram", "external_id": "x" }),
        json!({ "channel": "api", "external_id": "x", "fields": { "nope": "1" } }),
        json!({ "channel": "api", "external_id": "x", "fields": { "phone": { "a": 1 } } }),
        json!([1, 2, 3]),
    ] {
        let (status, problem) = product.call(Method::POST, &product.project("/contacts"), Some(bad.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}: {problem}");
        assert!(
            problem["request_id"].as_str().is_some_and(|id| id.len() == 32) && problem["detail"].is_string(),
            "{problem}"
        );
    }
    let large = json!({ "channel": "api", "external_id": "x".repeat(1_200_000) });
    assert_eq!(
        product.call(Method::POST, &product.project("/contacts"), Some(large)).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]), "nothing was stored");
}

#[tokio::test]
async fn bad_pages_cursors_and_filters() {
    let product = Product::start().await;
    for query in ["limit=0", "limit=201", "limit=x", "cursor=zz", "cursor=31", "folder=secret", "unknown=1"] {
        let path = product.project(&format!("/conversations?{query}"));
        let expected = if query == "cursor=31" { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        assert_eq!(product.call(Method::GET, &path, None).await.0, expected, "{query}");
    }
    for id in
        ["x", "cnv_1", "cnt_00000000000000000000000000000000", "cnv_00000000000000000000000000000000", "..%2f..%2fetc"]
    {
        let path = product.project(&format!("/conversations/{id}"));
        assert_eq!(product.call(Method::GET, &path, None).await.0, StatusCode::NOT_FOUND, "{id}");
    }
}

/// Our own short list; each must come back as it was, or be refused.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}",
    "${7*7}",
    "' OR 1=1 --",
    "'; DROP TABLE messages; --",
    "%00",
    "\u{202e}gpj.exe",
    "\u{feff}",
    "﷽﷽﷽",
    "Z̷̛̪a̴͖l̷̘g̵̙o̴̬",
    "🏳️‍🌈👩‍👩‍👧‍👦",
    "\r\nSet-Cookie: a=b",
    "null",
    "0x7fffffffffffffff",
    "-1e999",
    "\u{1b}[31mred",
    "../../../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "\\\\.\\COM1",
    "ÅÄÖ İıŞş ß ﬁ",
];

#[tokio::test]
async fn hostile_text_comes_back_as_it_was_everywhere() {
    let product = Product::start().await;
    for (n, text) in HOSTILE.iter().enumerate() {
        let body =
            json!({ "channel": "api", "external_id": format!("h{n}"), "fields": { "name": text, "skype": text } });
        let (status, contact) = product.call(Method::POST, &product.project("/contacts"), Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{text}: {contact}");
        let stored = contact["fields"]["name"][0]["value"].as_str().unwrap_or_default();
        assert_eq!(stored, text.trim(), "kept as given");
        let found = product.http.get(product.url(&product.project("/contacts"))).bearer_auth(&product.account.api_key);
        let (status, _) = answer(found.query(&[("q", text)])).await;
        assert_eq!(status, StatusCode::OK, "searching for {text}");
    }
    let mut visitor = product.visitor().await;
    for (n, text) in HOSTILE.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        visitor.say(&n.to_string(), text).await;
    }
    let body = json!({ "type": "message", "client_id": "nul", "content": { "text": "a\u{0}b" } });
    visitor.send(body).await;
    assert_eq!(visitor.expect("error").await["code"], "invalid", "NUL is refused in words");
    let conversations = product.get(&product.project("/conversations")).await;
    assert_eq!(conversations["items"][0]["unread"], HOSTILE.iter().filter(|t| !t.trim().is_empty()).count());
}

#[tokio::test]
async fn like_wildcards_are_literal() {
    let product = Product::start().await;
    for name in ["100%", "100 рублей", "a_b", "axb"] {
        let body = json!({ "channel": "api", "external_id": name, "fields": { "name": name } });
        product.post(&product.project("/contacts"), body).await;
    }
    let search = |q: &'static str| {
        let request = product
            .http
            .get(product.url(&product.project("/contacts")))
            .bearer_auth(&product.account.api_key)
            .query(&[("q", q)]);
        async move { answer(request).await.1["items"].as_array().unwrap().len() }
    };
    assert_eq!((search("100%").await, search("a_b").await, search("100").await), (1, 1, 2));
}

#[tokio::test]
async fn an_idempotency_key_has_one_effect() {
    let product = Product::start().await;
    let call = |key: &'static str, name: &'static str| {
        let request = product.http.post(product.url("/api/v1/projects")).bearer_auth(&product.account.api_key);
        answer(request.header("idempotency-key", key).json(&json!({ "name": name })))
    };
    let first = call("k1", "Новый").await;
    let again = call("k1", "Новый").await;
    assert_eq!((first.0, first.1["id"].as_str()), (again.0, again.1["id"].as_str()));
    assert_eq!(call("k1", "Другой").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(call("k2", "Новый").await.0, StatusCode::CREATED);
    let all: Value = product.get("/api/v1/projects").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
}
