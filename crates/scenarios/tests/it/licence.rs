//! Premium: without it nothing answers clients but for test users, nothing is lost, and everything can be edited (R58-R64).

use crate::support::{Visitor, collects_a_phone, published, save};
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn switch(product: &Product, is_on: bool) -> Value {
    let (status, shown) = product.call(Method::PATCH, "/api/v1/licence", Some(json!({ "premium": is_on }))).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    shown
}

async fn status(product: &Product, conversation: &str) -> Value {
    product.get(&product.project(&format!("/conversations/{conversation}"))).await["status"].clone()
}

#[tokio::test]
async fn an_installation_of_ones_own_has_everything_on_and_says_who_switched() {
    let product = Product::start().await;
    let shown = product.get("/api/v1/licence").await;
    assert_eq!(
        (&shown["premium"], &shown["premium_works"], &shown["seats"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    assert_eq!(shown["seats_used"], 1);
    let shown = switch(&product, false).await;
    assert_eq!(
        (&shown["premium_works"], &shown["changes"][0]["what"], &shown["changes"][0]["value"]),
        (&json!(false), &json!("premium"), &json!("off"))
    );
    assert_eq!(switch(&product, false).await["changes"].as_array().unwrap().len(), 1, "the same again is no change");
}

#[tokio::test]
async fn without_premium_a_launch_is_refused_and_the_message_is_for_people() {
    let product = Product::start().await;
    published(&product, "Сбор", collects_a_phone("retry")).await;
    switch(&product, false).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("телефон").await;
    assert_eq!(status(&product, &here).await, "new");
    let said = product.get(&product.project(&format!("/conversations/{here}/messages"))).await["items"].clone();
    let codes: Vec<&Value> = said
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["kind"] == "event")
        .map(|m| &m["content"]["event"]["code"])
        .collect();
    assert_eq!(codes, ["scenario.refused"]);
    switch(&product, true).await;
    visitor.says("телефон").await;
    assert_eq!(visitor.hears().await, "Ваш телефон?", "on again: at once");
}

#[tokio::test]
async fn dialogues_of_bots_go_to_people_when_premium_ends() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("телефон").await;
    visitor.hears().await;
    let shown = product.get("/api/v1/licence").await;
    assert_eq!((&shown["affected"]["active_runs"], &shown["affected"]["scenarios"][0]["id"]), (&json!(1), &json!(id)));
    switch(&product, false).await;
    harness::until("people have it", async || status(&product, &here).await == "new").await;
    visitor.says("89123456789").await;
    let runs = product.get(&product.project(&format!("/scenarios/{id}/runs"))).await;
    assert_eq!(runs["items"][0]["reason"], "no_licence");
}

#[tokio::test]
async fn a_test_user_is_answered_without_premium_and_the_draft_can_be_edited() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("привет").await;
    let contact = product.get(&product.project(&format!("/conversations/{here}"))).await["contact_id"].clone();
    product.call(Method::PUT, &product.project("/test-users"), Some(json!({ "contact_ids": [contact] }))).await;
    switch(&product, false).await;
    save(&product, &id, collects_a_phone("exit")).await;
    visitor.says("телефон").await;
    assert_eq!(visitor.hears().await, "Ваш телефон?");
    visitor.says("нет").await;
    assert_eq!(visitor.hears().await, "Тогда оставьте e-mail");
}

#[tokio::test]
async fn a_start_by_hand_without_premium_is_refused_in_words() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let here = Visitor::new(&product).await.says("привет").await;
    switch(&product, false).await;
    let path = product.project(&format!("/conversations/{here}/run"));
    let (status, refused) = product.call(Method::POST, &path, Some(json!({ "scenario_id": id }))).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("no_licence")));
}
