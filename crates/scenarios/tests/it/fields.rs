//! A changed field launches what waits for it (R30, ruling 51).

use crate::support::{Visitor, published, save};
use harness::{Product, until};
use reqwest::Method;
use serde_json::{Value, json};

/// Speaks when the order's state changes, and answers to a word that saves a field.
fn waits_for(field: &str, text: &str) -> Value {
    json!({ "schema": 1, "launch": [{ "kind": "field_changed", "ref": field, "to": "b1" }], "edges": [],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": text } }] })
}

async fn state_field(product: &Product) {
    product.post(&product.project("/fields"), json!({ "key": "order_state", "title": "Заказ", "kind": "text" })).await;
}

async fn set(product: &Product, contact: &str, value: &str) {
    let path = product.project(&format!("/contacts/{contact}"));
    let body = json!({ "fields": { "order_state": value } });
    let (status, answer) = product.call(Method::PATCH, &path, Some(body)).await;
    assert!(status.is_success(), "{answer}");
}

async fn texts(product: &Product, contact: &str) -> Vec<String> {
    let all = product.get(&product.project("/conversations?folder=all&limit=200")).await;
    let mut texts = Vec::new();
    for conversation in all["items"].as_array().unwrap().iter().filter(|one| one["contact_id"] == contact) {
        let path = product.project(&format!("/conversations/{}/messages", conversation["id"].as_str().unwrap()));
        let thread = product.get(&path).await;
        texts.extend(thread["items"].as_array().unwrap().iter().rev().map(|message| {
            let event = &message["content"]["event"];
            match event["code"].as_str() {
                Some(code) => format!("{code} {}", event["data"]["reason"].as_str().unwrap_or_default()),
                None => message["content"]["text"].as_str().unwrap().to_owned(),
            }
        }));
    }
    texts
}

async fn contact_of(product: &Product, conversation: &str) -> String {
    let path = product.project(&format!("/conversations/{conversation}"));
    product.get(&path).await["contact_id"].as_str().unwrap().to_owned()
}

async fn close(product: &Product, conversation: &str) {
    product.post(&product.project(&format!("/conversations/{conversation}/close")), json!({})).await;
}

#[tokio::test]
async fn a_field_that_an_operator_changes_launches_the_scenario_that_waits_for_it() {
    let product = Product::start().await;
    state_field(&product).await;
    published(&product, "Заказ", waits_for("order_state", "Ваш заказ: {{order_state}}")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("Здравствуйте").await;
    let contact = contact_of(&product, &here).await;
    set(&product, &contact, "собран").await;
    assert_eq!(visitor.hears().await, "Ваш заказ: собран");
    // The same value once more is no change; another one is.
    set(&product, &contact, "собран").await;
    set(&product, &contact, "отправлен").await;
    assert_eq!(visitor.hears().await, "Ваш заказ: отправлен");
    let other = json!({ "fields": { "email": "anna@shop.example" } });
    product.call(Method::PATCH, &product.project(&format!("/contacts/{contact}")), Some(other)).await;
    close(&product, &here).await;
    set(&product, &contact, "получен").await;
    assert_eq!(visitor.hears().await, "Ваш заказ: получен", "a closed conversation opens again");
}

#[tokio::test]
async fn over_an_operator_or_another_run_it_is_skipped_and_the_thread_says_so() {
    let product = Product::start().await;
    state_field(&product).await;
    published(&product, "Заказ", waits_for("order_state", "Ваш заказ: {{order_state}}")).await;
    let asks = json!({ "schema": 1, "launch": [{ "kind": "keyword", "words": ["старт"], "to": "b1" }], "edges": [],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": "Как вас зовут?", "wait": { "expect": "any" } } }] });
    published(&product, "Знакомство", asks).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("старт").await;
    assert_eq!(visitor.hears().await, "Как вас зовут?");
    let contact = contact_of(&product, &here).await;
    set(&product, &contact, "собран").await;
    until("the run is left alone", async || texts(&product, &contact).await.contains(&"scenario.skipped run".into()))
        .await;
    product
        .post(&product.project(&format!("/conversations/{here}/assign")), json!({ "user_id": product.account.user_id }))
        .await;
    set(&product, &contact, "отправлен").await;
    until("people are left alone", async || {
        texts(&product, &contact).await.contains(&"scenario.skipped people".into())
    })
    .await;
    assert!(!texts(&product, &contact).await.iter().any(|text| text.starts_with("Ваш заказ")));
}

#[tokio::test]
async fn what_a_scenario_saves_launches_no_other() {
    let product = Product::start().await;
    state_field(&product).await;
    published(&product, "Эхо", waits_for("order_state", "Эхо: {{order_state}}")).await;
    let saves = json!({ "schema": 1, "launch": [{ "kind": "keyword", "words": ["старт"], "to": "b1" }], "edges": [],
        "blocks": [{ "id": "b1", "type": "message",
            "settings": { "text": "Номер заказа?", "wait": { "expect": "any", "save_to": "order_state" } } }] });
    published(&product, "Номер", saves).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("старт").await;
    assert_eq!(visitor.hears().await, "Номер заказа?");
    visitor.says("А-17").await;
    let contact = contact_of(&product, &here).await;
    let path = product.project(&format!("/contacts/{contact}"));
    until("it is saved", async || product.get(&path).await["fields"]["order_state"][0]["value"] == "А-17").await;
    // Whatever it would have launched stands before what an operator's change launches.
    set(&product, &contact, "А-18").await;
    assert_eq!(visitor.hears().await, "Эхо: А-18");
}

#[tokio::test]
async fn a_draft_is_launched_for_nobody_but_test_users_and_publishing_warns_of_nothing() {
    let product = Product::start().await;
    state_field(&product).await;
    let id = published(&product, "Заказ", waits_for("order_state", "Версия 1")).await;
    save(&product, &id, waits_for("order_state", "Версия 2")).await;
    let draft = product.get(&product.project(&format!("/scenarios/{id}/draft"))).await;
    assert!(!draft["problems"].to_string().contains("launch_unavailable"), "{draft}");
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("Здравствуйте").await;
    set(&product, &contact_of(&product, &here).await, "собран").await;
    assert_eq!(visitor.hears().await, "Версия 1");
}
