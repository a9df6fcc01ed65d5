//! The live sockets: proof, origins, resume, limits (D4, security statements 20, 21).

use harness::{PASSWORD, Product, Socket, join, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_reader_that_was_away_gets_every_event_once_and_in_order() {
    let product = Product::start().await;
    let operator = product.operator().await;
    drop(operator);
    let mut visitor = product.visitor().await;
    for n in 0..300 {
        visitor
            .send(json!({ "type": "message", "client_id": n.to_string(), "content": { "text": n.to_string() } }))
            .await;
    }
    visitor.until(|f| f["type"] == "ack" && f["client_id"] == "299").await;

    let mut back = Socket::open(&product, "/api/v1/live").await;
    back.send(json!({ "type": "auth", "api_key": product.account.api_key })).await;
    back.expect("hello").await;
    back.send(json!({ "type": "subscribe", "projects": [product.account.project_id], "from": 0 })).await;
    let mut texts = Vec::new();
    let mut last = 0;
    while texts.len() < 300 {
        let frame = back.expect("event").await;
        let position = frame["position"].as_i64().unwrap();
        assert_eq!(position, last + 1, "no gap and no repeat");
        last = position;
        if frame["kind"] == "message.created" {
            texts.push(frame["data"]["content"]["text"].as_str().unwrap().parse::<i64>().unwrap());
        }
    }
    assert_eq!(texts, (0..300).collect::<Vec<_>>(), "a visitor's own sends keep their order");
}

#[tokio::test]
async fn events_that_are_no_longer_kept_become_a_gap() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "старое").await;
    let account = product.account.account_id;
    let db = &product.app.messaging.db;
    let far = model::Timestamp(i64::MAX);
    let forgotten = db.write(product.account.account_id, move |tx| {
        Box::pin(async move { events::forget(tx, &account, far, 1000).await })
    });
    assert!(forgotten.await.unwrap() > 0);
    // A hub that still remembers would answer from memory: this one starts after the forgetting.
    let fresh = product.app.messaging.hub.account(&product.account.account_id).await.unwrap();
    let mut reader = Socket::open(&product, "/api/v1/live").await;
    reader.send(json!({ "type": "auth", "api_key": product.account.api_key })).await;
    reader.expect("hello").await;
    reader.send(json!({ "type": "subscribe", "projects": [product.account.project_id], "from": -5 })).await;
    let gap = reader.expect("gap").await;
    assert_eq!(gap["position"], fresh.newest());
}

#[tokio::test]
async fn sockets_without_proof_are_closed() {
    let product = Product::start().await;
    let frames = [
        json!({ "type": "subscribe", "projects": [], "from": 0 }),
        json!({ "type": "auth", "api_key": "otk_wrong" }),
        json!({ "type": "auth", "csrf": "x" }),
    ];
    for frame in frames {
        let mut socket = Socket::open(&product, "/api/v1/live").await;
        socket.send(frame.clone()).await;
        assert_eq!(socket.close_code().await, 4401, "{frame}");
    }
    let mut socket = Socket::open(&product, "/w/v1/live").await;
    socket.send(json!({ "type": "auth", "site_key": "unknown" })).await;
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test]
async fn a_deleted_key_closes_its_socket() {
    let product = Product::start().await;
    let made = product.post("/api/v1/api-keys", json!({ "title": "x", "scopes": ["read"] })).await;
    let mut socket = Socket::open(&product, "/api/v1/live").await;
    socket.send(json!({ "type": "auth", "api_key": made["key"] })).await;
    socket.expect("hello").await;
    let path = format!("/api/v1/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test]
async fn oversized_binary_and_unknown_frames_close_the_socket_and_nobody_else() {
    let product = Product::start().await;
    let mut well = product.visitor().await;
    let mut large = product.visitor().await;
    large
        .send_text(&format!(r#"{{"type":"message","client_id":"1","content":{{"text":"{}"}}}}"#, "x".repeat(70_000)))
        .await;
    assert!(matches!(large.close_code().await, 1009 | 1006));
    let mut strange = product.visitor().await;
    for _ in 0..3 {
        strange.send_text("{\"type\":\"nonsense\"}").await;
    }
    assert_eq!(strange.close_code().await, 1008);
    assert_eq!(well.say("1", "жив").await["seq"], 1);
}

#[tokio::test]
async fn upgrades_from_foreign_pages_are_refused() {
    let product = Product::start().await;
    let upgrade = |path: &str, origin: &'static str| {
        let request =
            product.http.get(product.url(path)).header("connection", "upgrade").header("upgrade", "websocket");
        let request =
            request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let request = request.header("origin", origin);
        async move { request.send().await.unwrap().status() }
    };
    for origin in ["null", "https://evil.example", "http://127.0.0.1"] {
        assert_eq!(upgrade("/api/v1/live", origin).await, StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(upgrade("/w/v1/live", "null").await, StatusCode::FORBIDDEN);
    assert_eq!(upgrade("/w/v1/live", "https://shop.example").await, StatusCode::SWITCHING_PROTOCOLS);
}

#[tokio::test]
async fn a_site_that_is_not_in_the_list_gets_no_widget() {
    let product = Product::start().await;
    let path = format!("/api/v1/projects/{}", product.account.project_id);
    let body = json!({ "allowed_origins": ["https://shop.example"] });
    assert_eq!(product.call(Method::PATCH, &path, Some(body)).await.0, StatusCode::OK);
    let config = |origin: &'static str| {
        let url = product.url(&format!("/w/v1/config?p={}", product.account.site_key));
        let request = product.http.get(url).header("origin", origin);
        async move { request.send().await.unwrap().status() }
    };
    assert_eq!(config("https://shop.example").await, StatusCode::OK);
    assert_eq!(config("https://evil.example").await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_has_no_project_hears_nothing_of_it_whatever_the_frame() {
    let product = Product::start().await;
    let shop = product.account.project_id.to_string();
    let other = product.post("/api/v1/projects", json!({ "name": "Other" })).await;
    let other = other["id"].as_str().unwrap();
    let mut visitor = product.visitor().await;
    let said = visitor.say("1", "тайна").await;
    let conversation = said["conversation_id"].clone();
    let insider =
        join(&product, "in@a.example", "admin", &[&shop, other]).await.key(&product, &["read", "write"]).await;
    let outsider = join(&product, "out@a.example", "admin", &[other]).await.key(&product, &["read", "write"]).await;
    let nobody = join(&product, "none@a.example", "admin", &[other]).await;
    let nobody_id = nobody.get(&product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    let nobody = nobody.key(&product, &["read", "write"]).await;
    let path = format!("/api/v1/users/{nobody_id}");
    assert_eq!(product.call(Method::PATCH, &path, Some(json!({ "project_ids": [] }))).await.0, StatusCode::OK);

    let both = [shop.as_str(), other];
    let mut inside = Socket::operator(&product, &insider, &both).await;
    let mut outside = Socket::operator(&product, &outsider, &both).await;
    let mut without = Socket::operator(&product, &nobody, &both).await;
    assert_eq!(inside.hello["online_contacts"].as_array().unwrap().len(), 1);
    for socket in [&outside, &without] {
        assert_eq!(socket.hello["online_contacts"], json!([]), "who is online is of the project");
    }

    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let mut colleague = owner.socket(&product).await;
    colleague.send(json!({ "type": "subscribe", "projects": [shop], "from": 0 })).await;
    visitor.send(json!({ "type": "typing" })).await;
    visitor.say("2", "ещё").await;
    colleague.send(json!({ "type": "typing", "conversation_id": conversation })).await;
    colleague.send(json!({ "type": "viewing", "conversation_id": conversation })).await;
    // What an outsider sends about a hidden conversation reaches nobody, either.
    outside.send(json!({ "type": "viewing", "conversation_id": conversation })).await;
    outside.send(json!({ "type": "typing", "conversation_id": conversation })).await;
    let answer =
        json!({ "type": "message", "client_id": "x", "conversation_id": conversation, "content": { "text": "x" } });
    outside.send(answer).await;
    assert_eq!(outside.expect("error").await["code"], "not_found");
    let mut heard = inside.heard_until(|frame| frame["type"] == "viewing").await;
    drop(visitor);

    let kind = |frame: &serde_json::Value| {
        let of = |name: &str| frame[name].as_str().unwrap_or_default().to_owned();
        let author = frame["author"]["kind"].as_str().unwrap_or_default();
        let whose = if frame["contact_id"].is_string() { "contact" } else { "user" };
        match of("type").as_str() {
            "event" => format!("event {}", of("kind")),
            "typing" => format!("typing {author}"),
            "presence" => format!("presence {whose}"),
            other => other.to_owned(),
        }
    };
    heard.extend(inside.heard_until(|frame| frame["type"] == "presence" && frame["online"] == false).await);
    let kinds: BTreeSet<String> = heard.iter().map(kind).collect();
    for wanted in
        ["event message.created", "typing client", "typing operator", "viewing", "presence contact", "presence user"]
    {
        assert!(kinds.contains(wanted), "{wanted}: {kinds:?}");
    }
    let from_outside = heard.iter().filter(|frame| frame["user"]["name"] == "API" || frame["author"]["name"] == "API");
    assert_eq!(from_outside.count(), 0, "{heard:?}");
    // The last word, in the project that everybody but one has.
    let contact = json!({ "channel": "api", "external_id": "last" });
    product.post(&format!("/api/v1/projects/{other}/contacts"), contact).await;
    let heard = outside.heard_until(|frame| frame["kind"] == "contact.created").await;
    // The owner works in every project, so his coming is of theirs, too.
    let foreign: Vec<_> =
        heard.iter().filter(|frame| frame["project_id"] != json!(other) && kind(frame) != "presence user").collect();
    assert_eq!(foreign, Vec::<&serde_json::Value>::new());
    product.call(Method::PATCH, &path, Some(json!({ "project_ids": [other] }))).await;
    without.send_text("{}").await;
    let heard = without.heard_until(|frame| frame["type"] == "error").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
}
