//! Scenarios that subscribe clients to mailings and unsubscribe them.

use crate::support::{Visitor, asks, published};
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Asks whether mailings are wanted, and does what is answered.
fn asks_about_mailings() -> Value {
    asks(
        json!({"text": "Присылать новости?", "buttons": [{"id": "yes", "label": "Да"}, {"id": "no", "label": "Нет"}]}),
        json!([{"from": ["b1", "button:yes"], "to": "on"}, {"from": ["b1", "button:no"], "to": "off"},
               {"from": ["on", "next"], "to": "done"}, {"from": ["off", "next"], "to": "done"}]),
        json!([{"id": "on", "type": "subscribe", "settings": {"mailings": true}},
               {"id": "off", "type": "subscribe", "settings": {"mailings": false}},
               {"id": "done", "type": "message", "settings": {"text": "Хорошо"}}]),
    )
}

async fn opt_out_of(product: &Product, conversation: &str) -> (String, Value) {
    let found = product.get(&product.project(&format!("/conversations/{conversation}"))).await;
    let path = product.project(&format!("/contacts/{}/opt-out", found["contact_id"].as_str().unwrap()));
    let said = product.get(&path).await;
    (path, said)
}

#[tokio::test]
async fn a_client_unsubscribes_by_an_answer_and_subscribes_by_another() {
    let product = Product::start().await;
    published(&product, "Новости", asks_about_mailings()).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("старт").await;
    visitor.hears().await;
    visitor.says("Нет").await;
    assert_eq!(visitor.hears().await, "Хорошо");
    let (path, said) = opt_out_of(&product, &here).await;
    let one = &said["items"][0];
    assert_eq!((&one["source"], &one["by"]), (&json!("stop_word"), &json!("Новости")));
    let (status, refused) = product.call(Method::DELETE, &path, None).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("own_will")));
    visitor.says("старт").await;
    visitor.hears().await;
    visitor.says("Да").await;
    assert_eq!(visitor.hears().await, "Хорошо");
    assert_eq!(opt_out_of(&product, &here).await.1["is_opted_out"], false);
}

#[tokio::test]
async fn what_a_client_wanted_stands_against_a_scenario_that_the_client_did_not_answer() {
    let product = Product::start().await;
    published(&product, "Новости", asks_about_mailings()).await;
    let mut subscribes = asks(json!({}), json!([]), json!([]));
    subscribes["blocks"] = json!([{"id": "b1", "type": "subscribe", "settings": {"mailings": true}}]);
    subscribes["launch"] = json!([{"kind": "api", "to": "b1"}]);
    let id = published(&product, "Подписать всех", subscribes.clone()).await;
    subscribes["blocks"][0]["settings"]["mailings"] = json!(false);
    let off = published(&product, "Отписать всех", subscribes).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("старт").await;
    visitor.hears().await;
    visitor.says("Нет").await;
    visitor.hears().await;
    let run = product.project(&format!("/conversations/{here}/run"));
    product.post(&run, json!({ "scenario_id": id })).await;
    assert_eq!(opt_out_of(&product, &here).await.1["is_opted_out"], true);
    let messages = product.get(&product.project(&format!("/conversations/{here}/messages"))).await;
    let kept = messages["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["content"]["event"]["code"] == "scenario.consent_kept");
    assert_eq!(kept.unwrap()["content"]["event"]["data"]["scenario"], "Подписать всех");

    // What a scenario decided without the client, people and scenarios take back.
    let mut silent = Visitor::new(&product).await;
    let other = silent.says("добрый день").await;
    let run = product.project(&format!("/conversations/{other}/run"));
    product.post(&run, json!({ "scenario_id": off })).await;
    assert_eq!(opt_out_of(&product, &other).await.1["items"][0]["source"], "api");
    product.post(&run, json!({ "scenario_id": id })).await;
    assert_eq!(opt_out_of(&product, &other).await.1["is_opted_out"], false);
}
