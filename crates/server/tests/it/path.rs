//! The main job over the API: a visitor writes, an operator sees it and answers (D1-D4 in small).

use harness::{Product, Socket};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_visitors_message_reaches_the_operator_and_the_answer_comes_back() {
    let product = Product::start().await;
    let mut operator = product.operator().await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "Здравствуйте").await;
    assert_eq!(ack["seq"], 1);

    let seen = operator.event("message.created").await;
    assert_eq!(seen["content"]["text"], "Здравствуйте");
    assert_eq!(seen["author"]["kind"], "client");

    let path = product.project(&format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap()));
    let sent = product.post(&path, json!({ "client_id": "a", "content": { "text": "Добрый день" } })).await;
    assert_eq!(sent["delivery"]["status"], "sent");
    let received = visitor.until(|f| f["data"]["author"]["kind"] == "operator").await;
    assert_eq!(received["data"]["content"]["text"], "Добрый день");

    visitor.send(json!({ "type": "read", "seq": sent["seq"] })).await;
    let delivery = operator.event("delivery.updated").await;
    assert_eq!(delivery["delivery"]["status"], "read");
}

#[tokio::test]
async fn the_same_client_id_has_one_effect_and_the_same_answer() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let first = visitor.say("same", "раз").await;
    let again = visitor.say("same", "раз").await;
    assert_eq!(first["id"], again["id"]);
    visitor.send(json!({ "type": "message", "client_id": "same", "content": { "text": "другое" } })).await;
    assert_eq!(visitor.expect("error").await["code"], "invalid");
    let next = visitor.say("next", "два").await;
    assert_eq!(next["seq"], 2, "a refused repeat uses no number");
}

#[tokio::test]
async fn a_returning_visitor_gets_what_was_missed_and_never_notes() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "вопрос").await;
    let token = visitor.token();
    drop(visitor);
    let conversation = ack["conversation_id"].as_str().unwrap();
    product
        .post(
            &product.project(&format!("/conversations/{conversation}/notes")),
            json!({ "client_id": "n", "text": "секрет" }),
        )
        .await;
    let answer = json!({ "client_id": "m", "content": { "text": "ответ" } });
    product.post(&product.project(&format!("/conversations/{conversation}/messages")), answer).await;

    let mut back = Socket::visitor(&product, Some(&token)).await;
    assert_eq!(back.hello["unread"], 1);
    let mut texts = Vec::new();
    for _ in 0..2 {
        texts.push(back.event("message.created").await["content"]["text"].as_str().unwrap().to_owned());
    }
    assert_eq!(texts, ["вопрос", "ответ"]);
}

#[tokio::test]
async fn forty_writers_make_one_gapless_order() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("0", "начало").await;
    let token = visitor.token();
    let writers = (1..=40).map(|n| {
        let (product, token) = (&product, token.clone());
        async move {
            let mut socket = Socket::visitor(product, Some(&token)).await;
            socket.say(&format!("w{n}"), &format!("{n}")).await["seq"].as_i64().unwrap()
        }
    });
    let mut seqs = futures_util::future::join_all(writers).await;
    seqs.sort_unstable();
    assert_eq!(seqs, (2..=41).collect::<Vec<i64>>());
    let path =
        product.project(&format!("/conversations/{}/messages?limit=200", ack["conversation_id"].as_str().unwrap()));
    assert_eq!(product.get(&path).await["items"].as_array().unwrap().len(), 41);
}

#[tokio::test]
async fn eighty_first_messages_of_one_new_visitor_make_one_contact_and_one_conversation() {
    let product = Product::start().await;
    let token = "0123456789abcdef0123456789abcdef";
    let writers = (0..40).flat_map(|n| [n, n]).map(|n| {
        let product = &product;
        async move {
            let request =
                product.http.post(product.url("/w/v1/messages")).header("x-otklik-site", &product.account.site_key);
            let request = request.header("x-otklik-visitor", token);
            let body = json!({ "client_id": n.to_string(), "content": { "text": n.to_string() } });
            harness::answer(request.json(&body)).await.0
        }
    });
    let statuses = futures_util::future::join_all(writers).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::CREATED), "{statuses:?}");
    let conversations = product.get(&product.project("/conversations")).await;
    assert_eq!(conversations["items"].as_array().unwrap().len(), 1);
    assert_eq!(conversations["items"][0]["unread"], 40);
}

#[tokio::test]
async fn a_closed_conversation_reopens_on_the_next_message() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "вопрос").await;
    let conversation = ack["conversation_id"].as_str().unwrap().to_owned();
    let closed = product.post(&product.project(&format!("/conversations/{conversation}/close")), json!({})).await;
    assert_eq!(closed["status"], "closed");
    let again = visitor.say("2", "ещё").await;
    assert_eq!(again["conversation_id"], conversation.as_str());
    assert_eq!(product.get(&product.project(&format!("/conversations/{conversation}"))).await["status"], "new");
}

#[tokio::test]
async fn a_stale_answer_is_stopped() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "вопрос").await;
    let path = product.project(&format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap()));
    let key = product.post("/api/v1/api-keys", json!({ "title": "коллега", "scopes": ["read", "write"] })).await;
    let colleague = key["key"].as_str().unwrap();
    let body = |id: &str| json!({ "client_id": id, "content": { "text": "ответ" }, "seen_seq": 1 });
    assert_eq!(product.call_as(colleague, Method::POST, &path, Some(body("c"))).await.0, StatusCode::CREATED);
    let (status, problem) = product.call(Method::POST, &path, Some(body("m"))).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("stale")));
}

#[tokio::test]
async fn an_uploaded_picture_is_attached_once_and_shown() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    visitor.say("0", "сейчас пришлю").await;
    let png = harness::PIXEL.to_vec();
    let part = reqwest::multipart::Part::bytes(png).file_name("../../фото.png");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = product.http.post(product.url("/w/v1/files")).header("x-otklik-site", &product.account.site_key);
    let (status, file) = harness::answer(request.header("x-otklik-visitor", visitor.token()).multipart(form)).await;
    assert_eq!(
        (status, file["name"].as_str(), file["mime"].as_str()),
        (StatusCode::CREATED, Some("фото.png"), Some("image/png"))
    );

    let frame = |id: &str| json!({ "type": "message", "client_id": id, "content": { "text": "", "attachments": [file["id"]] } });
    visitor.send(frame("1")).await;
    visitor.expect("ack").await;
    visitor.send(frame("2")).await;
    assert_eq!(visitor.expect("error").await["code"], "not_found", "a bound file cannot be attached again");

    let shown = product.http.get(product.url(file["url"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert!(shown.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
}

#[tokio::test]
async fn no_cache_keeps_what_one_person_may_see() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    visitor.say("m-1", "тайна").await;
    let widget = product.http.get(product.url("/w/v1/messages"));
    let widget = widget.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", visitor.token());
    let desk = product.http.get(product.url(&product.project("/contacts"))).bearer_auth(&product.account.api_key);
    for request in [widget, desk] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["cache-control"], "no-store", "{}", answer.url());
    }
}
