//! Several conversations of one visitor, where the project allows them (issue 15.7).

use harness::{Product, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn allowing() -> Product {
    allowed(Product::start().await).await
}

async fn allowed(product: Product) -> Product {
    let on = json!({ "several_conversations": true });
    assert_eq!(product.call(Method::PATCH, &product.project(""), Some(on)).await.1["several_conversations"], true);
    product
}

async fn read(product: &Product, token: &str, path: &str) -> (StatusCode, Value) {
    let request = product.http.get(product.url(path));
    let request = request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", token);
    harness::answer(request).await
}

async fn list(product: &Product, visitor: &Socket) -> Vec<Value> {
    let (status, body) = read(product, &visitor.token(), "/w/v1/conversations").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["items"].as_array().unwrap().clone()
}

async fn texts(product: &Product, visitor: &Socket, conversation: &Value) -> Vec<String> {
    let path = format!("/w/v1/messages?conversation_id={}", conversation.as_str().unwrap());
    let (status, body) = read(product, &visitor.token(), &path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let text = |message: &Value| message["content"]["text"].as_str().unwrap_or_default().to_owned();
    body["items"].as_array().unwrap().iter().rev().map(text).filter(|text| !text.is_empty()).collect()
}

async fn say(visitor: &mut Socket, client_id: &str, text: &str, meant: Value) -> Value {
    let mut frame = json!({ "type": "message", "client_id": client_id, "content": { "text": text } });
    frame.as_object_mut().unwrap().extend(meant.as_object().unwrap().clone());
    visitor.send(frame).await;
    visitor.expect("ack").await["conversation_id"].clone()
}

async fn status(product: &Product, conversation: &Value) -> Value {
    let path = product.project(&format!("/conversations/{}", conversation.as_str().unwrap()));
    product.get(&path).await["status"].clone()
}

#[tokio::test]
async fn a_visitor_begins_another_and_goes_back_and_one_is_open_at_a_time() {
    let product = allowing().await;
    let mut visitor = product.visitor().await;
    let first = say(&mut visitor, "1", "Где мой заказ?", json!({})).await;
    let second = say(&mut visitor, "2", "Есть ли чашки?", json!({ "new_conversation": true })).await;
    assert_ne!(first, second);
    assert_eq!((status(&product, &first).await, status(&product, &second).await), (json!("closed"), json!("new")));
    let again = say(&mut visitor, "2", "Есть ли чашки?", json!({ "new_conversation": true })).await;
    assert_eq!(again, second, "the same message twice begins nothing twice");
    assert_eq!(say(&mut visitor, "3", "Синие", json!({})).await, second, "the one that goes on");

    let back = say(&mut visitor, "4", "Нашёлся!", json!({ "conversation_id": first })).await;
    assert_eq!(back, first);
    assert_eq!((status(&product, &first).await, status(&product, &second).await), (json!("new"), json!("closed")));
    assert_eq!(texts(&product, &visitor, &first).await, ["Где мой заказ?", "Нашёлся!"]);
    assert_eq!(texts(&product, &visitor, &second).await, ["Есть ли чашки?", "Синие"]);

    let all = list(&product, &visitor).await;
    let shown: Vec<_> = all.iter().map(|t| (&t["id"], &t["closed"], &t["last_message"]["content"]["text"])).collect();
    assert_eq!(
        shown,
        [(&first, &json!(false), &json!("Нашёлся!")), (&second, &json!(true), &json!("Синие"))],
        "the one that changed last is first"
    );
    let (_, page) = read(&product, &visitor.token(), "/w/v1/conversations?limit=1").await;
    let next = format!("/w/v1/conversations?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(read(&product, &visitor.token(), &next).await.1["items"][0]["id"], second);
}

#[tokio::test]
async fn nobody_turns_to_a_conversation_of_somebody_else_s() {
    let product = allowing().await;
    let mut other = product.visitor().await;
    let theirs = say(&mut other, "1", "Тайна", json!({})).await;
    let mut visitor = product.visitor().await;
    let own = say(&mut visitor, "1", "Здравствуйте", json!({ "conversation_id": theirs })).await;
    assert_ne!(own, theirs, "the message is not lost, and goes nowhere else");
    assert_eq!(say(&mut visitor, "2", "Ещё", json!({ "conversation_id": theirs })).await, own);
    let path = format!("/w/v1/messages?conversation_id={}", theirs.as_str().unwrap());
    assert_eq!(read(&product, &visitor.token(), &path).await.0, StatusCode::NOT_FOUND);
    visitor.send(json!({ "type": "read", "seq": 1, "conversation_id": theirs })).await;
    assert_eq!(list(&product, &visitor).await.len(), 1);
    assert_eq!(status(&product, &theirs).await, "new");
}

#[tokio::test]
async fn conversations_are_not_begun_by_the_dozen() {
    let product = allowed(Product::start_limited().await).await;
    let mut visitor = product.visitor().await;
    say(&mut visitor, "0", "Раз", json!({})).await;
    let mut refused = 0;
    for n in 1..=10 {
        let frame = json!({ "type": "message", "client_id": n.to_string(), "content": { "text": "Ещё" }, "new_conversation": true });
        visitor.send(frame).await;
        let answer = visitor.until(|frame| frame["type"] == "ack" || frame["type"] == "error").await;
        refused += usize::from(answer["code"] == "too_many_requests" && answer["retry_after"].is_number());
    }
    assert!((5..10).contains(&refused), "{refused} of ten were to wait");
}

#[tokio::test]
async fn where_the_project_has_one_conversation_it_goes_on() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let first = say(&mut visitor, "1", "Раз", json!({})).await;
    assert_eq!(say(&mut visitor, "2", "Два", json!({ "new_conversation": true })).await, first);
    assert_eq!(list(&product, &visitor).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_a_bot_asked_in_the_one_that_is_left_is_over_and_what_was_not_read_is_counted() {
    let product = allowing().await;
    let document = json!({ "schema": 1, "launch": [{ "kind": "keyword", "words": ["доставка"], "to": "b1" }], "edges": [],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": "Какой город?", "wait": { "expect": "any" } } }] });
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Доставка", "document": document })).await;
    let path = product.project(&format!("/scenarios/{}/publish", made["id"].as_str().unwrap()));
    product.post(&path, json!({ "revision": made["revision"] })).await;

    let mut visitor = product.visitor().await;
    let first = say(&mut visitor, "1", "доставка", json!({})).await;
    assert_eq!(status(&product, &first).await, "bot");
    let second = say(&mut visitor, "2", "Лучше с человеком", json!({ "new_conversation": true })).await;
    assert_eq!((status(&product, &first).await, status(&product, &second).await), (json!("closed"), json!("new")));
    let all = list(&product, &visitor).await;
    assert_eq!((&all[1]["id"], &all[1]["unread"]), (&first, &json!(1)), "the bot's question was not read");
    visitor.send(json!({ "type": "read", "seq": 100, "conversation_id": first })).await;
    visitor.send(json!({ "type": "read", "seq": all[1]["last_message"]["seq"], "conversation_id": first })).await;
    harness::until("it is read", async || list(&product, &visitor).await[1]["unread"] == 0).await;

    // The bot does not go on where it was stopped.
    say(&mut visitor, "3", "Казань", json!({ "conversation_id": first })).await;
    assert_eq!(status(&product, &first).await, "new");
}

#[tokio::test]
async fn the_thread_says_that_the_client_left_and_came_back() {
    let product = allowing().await;
    let mut visitor = product.visitor().await;
    let first = say(&mut visitor, "1", "Где мой заказ?", json!({})).await;
    say(&mut visitor, "2", "Есть ли чашки?", json!({ "new_conversation": true })).await;
    say(&mut visitor, "3", "Нашёлся!", json!({ "conversation_id": first })).await;
    let path = product.project(&format!("/conversations/{}/messages", first.as_str().unwrap()));
    let thread = product.get(&path).await;
    let told = |message: &Value| match message["content"]["event"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => message["content"]["text"].as_str().unwrap().to_owned(),
    };
    let mut told: Vec<String> = thread["items"].as_array().unwrap().iter().map(told).collect();
    told.reverse();
    assert_eq!(told, ["Где мой заказ?", "conversation.left", "conversation.reopened", "Нашёлся!"]);
}

#[tokio::test]
async fn every_message_is_told_whichever_conversation_it_is_in() {
    let product = allowing().await;
    let mut visitor = product.visitor().await;
    let first = say(&mut visitor, "1", "Раз", json!({})).await;
    // The numbers of one are those of the other: none is taken for the other's.
    let second = say(&mut visitor, "2", "Два", json!({ "new_conversation": true })).await;
    say(&mut visitor, "3", "Три", json!({})).await;
    say(&mut visitor, "4", "Четыре", json!({ "conversation_id": first })).await;
    let mut again = Socket::visitor(&product, Some(&visitor.token())).await;
    let text = |told: &Value| told["content"]["text"].as_str().unwrap().to_owned();
    assert_eq!(text(&again.event("message.created").await), "Раз");
    assert_eq!(text(&again.event("message.created").await), "Четыре");
    let mut listening = product.visitor().await;
    let mut told = Vec::new();
    listening.send(json!({ "type": "message", "client_id": "1", "content": { "text": "Раз" } })).await;
    told.push(listening.event("message.created").await);
    for (n, name) in [(2, "Два"), (3, "Три"), (4, "Четыре")] {
        let is_new = n == 2;
        let frame = json!({ "type": "message", "client_id": n.to_string(), "content": { "text": name }, "new_conversation": is_new });
        listening.send(frame).await;
        told.push(listening.event("message.created").await);
    }
    let back = json!({ "type": "message", "client_id": "5", "content": { "text": "Пять" }, "conversation_id": told[0]["conversation_id"] });
    listening.send(back).await;
    told.push(listening.event("message.created").await);
    assert_eq!(told.iter().map(text).collect::<Vec<_>>(), ["Раз", "Два", "Три", "Четыре", "Пять"]);
    assert_ne!(first, second);
}
