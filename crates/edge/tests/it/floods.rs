//! What a stranger's flood meets (issue 13 A4): a limit with a time to wait, few rows, and nobody else feels it. The same by the minute and
//! with figures: `cargo xtask bench --only floods`.

use harness::{Product, Socket, answer};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn count(product: &Product, path: &str) -> usize {
    product.get(&product.project(path)).await["items"].as_array().unwrap().len()
}

/// A visitor whose page is elsewhere.
async fn visitor_from(product: &Product, address: &str) -> Socket {
    let mut socket = Socket::open_from(product, "/w/v1/live", address).await;
    socket.send(json!({ "type": "auth", "site_key": product.account.site_key })).await;
    socket.hello = socket.expect("hello").await;
    socket
}

fn said(n: usize, text: &str) -> Value {
    json!({ "type": "message", "client_id": n.to_string(), "content": { "text": text } })
}

#[tokio::test]
async fn new_clients_of_one_address_are_few_and_others_come_in() {
    let product = Product::start_limited().await;
    let mut refused = 0;
    for n in 0..40 {
        let mut stranger = visitor_from(&product, "203.0.113.7").await;
        stranger.send(said(n, "спам")).await;
        let frame = stranger.until(|frame| frame["type"] == "ack" || frame["type"] == "error").await;
        if frame["type"] == "error" {
            assert_eq!((&frame["code"], &frame["client_id"]), (&json!("too_many_requests"), &json!(n.to_string())));
            assert!(frame["retry_after"].as_u64().is_some_and(|seconds| seconds > 0), "{frame}");
            refused += 1;
        }
    }
    let made = count(&product, "/contacts?limit=200").await;
    assert!((20..=25).contains(&made) && refused == 40 - made, "{made} {refused}");
    let mut client = visitor_from(&product, "203.0.113.8").await;
    assert_eq!(client.say("1", "здравствуйте").await["seq"], 1);
}

#[tokio::test]
async fn a_flood_of_fields_ends_and_what_was_refused_is_not_stored() {
    let product = Product::start_limited().await;
    product.post(&product.project("/fields"), json!({ "key": "note", "title": "Note", "kind": "text" })).await;
    let mut stranger = visitor_from(&product, "203.0.113.7").await;
    let long = "я".repeat(300);
    let mut refused = 0;
    for n in 0..200 {
        let fields =
            json!({ "type": "fields", "client_id": n.to_string(), "fields": { "note": format!("{n} {long}") } });
        stranger.send(fields).await;
        let frame = stranger.until(|frame| frame["client_id"] == json!(n.to_string())).await;
        refused += usize::from(frame["code"] == "too_many_requests");
        assert!(n > 0 || frame["ok"] == true, "{frame}");
    }
    assert!((175..=180).contains(&refused), "{refused}");
    let contacts = product.get(&product.project("/contacts")).await;
    let id = contacts["items"][0]["id"].as_str().unwrap();
    assert!(count(&product, &format!("/contacts/{id}/fields/note/history?limit=200")).await <= 25);
}

#[tokio::test]
async fn a_flood_of_messages_meets_a_limit_and_a_refused_one_is_taken_later() {
    let product = Product::start_limited().await;
    let mut stranger = visitor_from(&product, "203.0.113.7").await;
    let (mut taken, mut waited) = (Vec::new(), 0);
    for n in 0..100 {
        stranger.send(said(n, "x")).await;
    }
    for _ in 0..100 {
        let frame = stranger.until(|frame| frame["type"] == "ack" || frame["type"] == "error").await;
        match frame["type"].as_str() {
            Some("ack") => taken.push(frame["client_id"].as_str().unwrap().to_owned()),
            _ => waited = waited.max(frame["retry_after"].as_u64().unwrap()),
        }
    }
    assert!((60..70).contains(&taken.len()), "{}", taken.len());
    assert!((1..=3).contains(&waited), "one a second");
    tokio::time::sleep(std::time::Duration::from_secs(waited)).await;
    assert!(!taken.contains(&"99".to_owned()));
    stranger.send(said(99, "x")).await;
    assert_eq!(stranger.until(|frame| frame["client_id"] == "99").await["type"], "ack", "the same id, later");
}

#[tokio::test]
async fn what_is_typed_reaches_the_operators_once_a_second_at_most() {
    let product = Product::start_limited().await;
    let mut visitor = visitor_from(&product, "203.0.113.7").await;
    visitor.say("1", "здравствуйте").await;
    let mut operator = product.operator().await;
    visitor.flood(r#"{"type":"typing"}"#, 200).await;
    visitor.say("2", "всё").await;
    let heard = operator.heard_until(|frame| frame["data"]["content"]["text"] == "всё").await;
    let typed = heard.iter().filter(|frame| frame["type"] == "typing").count();
    assert!((1..=3).contains(&typed), "{typed}");
}

#[tokio::test]
async fn requests_over_http_are_counted_with_the_same_visitor() {
    let product = Product::start_limited().await;
    let token = visitor_from(&product, "203.0.113.7").await.token();
    let mut statuses = Vec::new();
    for n in 0..70 {
        let request = product.http.post(product.url("/w/v1/messages")).header("x-forwarded-for", "203.0.113.7");
        let request = request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", &token);
        let response =
            request.json(&json!({ "client_id": n.to_string(), "content": { "text": "x" } })).send().await.unwrap();
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(response.headers().contains_key("retry-after"));
        }
        statuses.push(response.status());
    }
    let taken = statuses.iter().filter(|status| **status == StatusCode::CREATED).count();
    assert!((60..=66).contains(&taken), "{statuses:?}");
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
}

#[tokio::test]
async fn an_upload_too_many_is_refused_before_it_is_read() {
    let product = Product::start_limited().await;
    let token = visitor_from(&product, "203.0.113.7").await.token();
    let mut taken = 0;
    for _ in 0..15 {
        let part = reqwest::multipart::Part::bytes(vec![b'x'; 1000]).file_name("x.txt");
        let request = product.http.post(product.url("/w/v1/files")).header("x-forwarded-for", "203.0.113.7");
        let request = request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", &token);
        let (status, body) = answer(request.multipart(reqwest::multipart::Form::new().part("file", part))).await;
        match status {
            StatusCode::CREATED => taken += 1,
            status => assert_eq!((status, &body["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_requests"))),
        }
    }
    assert!((10..=11).contains(&taken), "{taken}");
}

#[tokio::test]
async fn slow_uploads_go_to_the_disk_as_they_come_and_what_breaks_off_leaves_nothing() {
    let product = Product::start().await;
    let token = product.visitor().await.token();
    let upload = |body: reqwest::Body| {
        let part = reqwest::multipart::Part::stream(body).file_name("x.bin");
        let request = product.http.post(product.url("/w/v1/files"));
        let request = request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", &token);
        request.multipart(reqwest::multipart::Form::new().part("file", part))
    };
    let files = product.test_db.folder.join("files");
    let held = || bytes_below(&files);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Vec<u8>, std::io::Error>>(1);
    let pieces = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let slow = tokio::spawn(upload(reqwest::Body::wrap_stream(pieces)).send());
    for _ in 0..8 {
        sender.send(Ok(vec![b'x'; 1024 * 1024])).await.unwrap();
    }
    // What came is on the disk although the rest of it does not come.
    let patience = std::time::Instant::now();
    while held() < 6 * 1024 * 1024 {
        assert!(patience.elapsed().as_secs() < 5, "{} bytes on the disk", held());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(sender.send(Err(std::io::Error::other("gone"))).await);
    assert!(slow.await.unwrap().is_err());
    let patience = std::time::Instant::now();
    while held() > 0 {
        assert!(patience.elapsed().as_secs() < 5, "{} bytes left behind", held());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let (status, answer) = answer(upload(vec![b'x'; 20 * 1024 * 1024 + 1].into())).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("too_large")));
    assert_eq!(held(), 0);
    let (status, kept) = harness::answer(upload(vec![b'x'; 20 * 1024 * 1024].into())).await;
    assert_eq!((status, kept["size"].as_i64()), (StatusCode::CREATED, Some(20 * 1024 * 1024)));
    assert_eq!(held(), 20 * 1024 * 1024);
}

fn bytes_below(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes_below(&entry.path()),
        _ => entry.metadata().map_or(0, |facts| facts.len()),
    });
    sizes.sum()
}
