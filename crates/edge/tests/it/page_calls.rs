//! What a page's script asks for its visitor (R80): tags, the mark of a target, a scenario.

use harness::{Product, Socket};
use reqwest::Method;
use serde_json::{Value, json};

async fn tags_of(product: &Product, contact: &Value) -> Value {
    let path = product.project(&format!("/contacts/{}", contact.as_str().unwrap()));
    product.get(&path).await["tags"].clone()
}

async fn told(visitor: &mut Socket, frame: Value) -> Value {
    visitor.send(frame).await;
    let answer = visitor.expect("fields").await;
    assert_eq!(answer["ok"], true);
    answer["contact_id"].clone()
}

#[tokio::test]
async fn a_page_takes_back_the_tags_that_pages_gave_and_no_others() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let contact =
        told(&mut visitor, json!({ "type": "tags", "client_id": "1", "add": ["опт", " опт ", "москва"] })).await;
    assert_eq!(tags_of(&product, &contact).await, json!(["опт", "москва"]));
    let path = product.project(&format!("/contacts/{}", contact.as_str().unwrap()));
    let both = json!({ "tags": ["опт", "москва", "должник"] });
    assert!(product.call(Method::PATCH, &path, Some(both)).await.0.is_success());

    told(&mut visitor, json!({ "type": "tags", "client_id": "2", "remove": ["должник", "опт"] })).await;
    assert_eq!(tags_of(&product, &contact).await, json!(["москва", "должник"]), "an operator's tag is the operator's");
    told(&mut visitor, json!({ "type": "tags", "client_id": "3", "clear": true, "add": ["розница"] })).await;
    assert_eq!(tags_of(&product, &contact).await, json!(["должник", "розница"]));
    told(&mut visitor, json!({ "type": "tags", "client_id": "3", "clear": true, "add": ["розница"] })).await;
    assert_eq!(tags_of(&product, &contact).await, json!(["должник", "розница"]), "the same twice");

    let many: Vec<String> = (0..21).map(|n| format!("т{n}")).collect();
    for wrong in [json!(many), json!([" "]), json!(["я".repeat(51)])] {
        visitor.send(json!({ "type": "tags", "client_id": "4", "add": wrong })).await;
        assert_eq!(visitor.expect("error").await["client_id"], "4");
    }
    assert_eq!(tags_of(&product, &contact).await, json!(["должник", "розница"]), "nothing half");
}

#[tokio::test]
async fn a_target_is_seen_as_a_tag_with_its_reason() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let contact = told(&mut visitor, json!({ "type": "target", "client_id": "1", "reason": "оформил заказ" })).await;
    told(&mut visitor, json!({ "type": "target", "client_id": "2", "reason": "" })).await;
    assert_eq!(tags_of(&product, &contact).await, json!(["целевой: оформил заказ", "целевой"]));
    told(&mut visitor, json!({ "type": "target", "client_id": "3", "reason": "я".repeat(2_000) })).await;
}

async fn scenario(product: &Product, launch: Value) -> String {
    let document = json!({ "schema": 1, "launch": [launch], "edges": [],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": "Чем помочь?", "wait": { "expect": "any" } } }] });
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Помощь", "document": document })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = product.project(&format!("/scenarios/{id}/publish"));
    product.post(&path, json!({ "revision": made["revision"] })).await;
    id
}

#[tokio::test]
async fn a_page_starts_a_scenario_that_may_be_called_and_no_other() {
    let product = Product::start().await;
    let called = scenario(&product, json!({ "kind": "api", "to": "b1" })).await;
    let closed = scenario(&product, json!({ "kind": "keyword", "words": ["тайна"], "to": "b1" })).await;
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "subscribe", "from": 0 })).await;
    visitor.send(json!({ "type": "launch", "client_id": "0", "scenario_id": closed })).await;
    assert_eq!(visitor.expect("error").await["code"], "not_found");
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]), "nobody became a contact");

    let call = json!({ "type": "launch", "client_id": "1", "scenario_id": called });
    visitor.send(call.clone()).await;
    assert_eq!(visitor.expect("launched").await["started"], true);
    assert_eq!(visitor.event("message.created").await["content"]["text"], "Чем помочь?");
    visitor.send(call).await;
    assert_eq!(visitor.expect("launched").await["started"], true);
    let runs = product.get(&product.project(&format!("/scenarios/{called}/runs"))).await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "the same call twice starts nothing twice");
    let conversations = product.get(&product.project("/conversations")).await;
    let id = conversations["items"][0]["id"].as_str().unwrap();
    let messages = product.get(&product.project(&format!("/conversations/{id}/messages"))).await;
    let events = messages["items"].as_array().unwrap().iter().map(|message| &message["content"]["event"]);
    let told = events.filter(|event| event["code"] == "scenario.called").collect::<Vec<_>>();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["data"]["label"], "Помощь", "people know it by its name");
}

#[tokio::test]
async fn a_page_takes_no_conversation_from_an_operator() {
    let product = Product::start().await;
    let called = scenario(&product, json!({ "kind": "api", "to": "b1" })).await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "Здравствуйте").await;
    let path = product.project(&format!("/conversations/{}", ack["conversation_id"].as_str().unwrap()));
    product.post(&format!("{path}/messages"), json!({ "client_id": "a", "content": { "text": "Слушаю" } })).await;
    visitor.send(json!({ "type": "launch", "client_id": "2", "scenario_id": called })).await;
    let launched = visitor.expect("launched").await;
    assert_eq!((&launched["started"], &launched["reason"]), (&json!(false), &json!("busy")));
    assert_eq!(product.get(&format!("{path}/run")).await, json!({ "run": null }));
}

#[tokio::test]
async fn a_conversation_is_rated_once_by_its_client_and_the_last_word_counts() {
    let product = Product::start().await;
    let mut stranger = product.visitor().await;
    stranger.send(json!({ "type": "rate", "client_id": "0", "score": 5 })).await;
    assert_eq!(stranger.expect("error").await["code"], "not_found", "who has said nothing has nothing to rate");

    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "Здравствуйте").await;
    let path = product.project(&format!("/conversations/{}", ack["conversation_id"].as_str().unwrap()));
    product.post(&format!("{path}/messages"), json!({ "client_id": "a", "content": { "text": "Слушаю" } })).await;
    product.post(&format!("{path}/close"), json!({})).await;
    for (score, comment) in [(2, "долго"), (2, "долго"), (4, "")] {
        told(&mut visitor, json!({ "type": "rate", "client_id": "2", "score": score, "comment": comment })).await;
    }
    for score in [0, 6, -1] {
        visitor.send(json!({ "type": "rate", "client_id": "3", "score": score })).await;
        assert_eq!(visitor.expect("error").await["client_id"], "3");
    }
    let ratings = product.get(&product.project("/ratings")).await;
    assert_eq!(ratings["items"].as_array().unwrap().len(), 1, "{ratings}");
    assert_eq!((&ratings["items"][0]["score"], &ratings["items"][0]["comment"]), (&json!(4), &json!("")));
    let messages = product.get(&format!("{path}/messages")).await;
    let events = messages["items"].as_array().unwrap().iter().map(|one| &one["content"]["event"]);
    let mut lines: Vec<&Value> = events.filter(|event| event["code"] == "conversation.rated").collect();
    lines.reverse();
    let told: Vec<(&Value, &Value)> =
        lines.iter().map(|line| (&line["data"]["score"], &line["data"]["comment"])).collect();
    assert_eq!(told.len(), 2, "the same twice is one line");
    assert!(told.contains(&(&json!(2), &json!("долго"))) && told.contains(&(&json!(4), &json!(""))), "{told:?}");
    assert_eq!(product.get(&path).await["status"], "closed", "a rating wakes nobody");
}
