//! Clients who wait on an older version are carried over to the newest one.

use crate::support::{Visitor, asks, publish, published, report, save};
use harness::{Product, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A question for the phone, and what is said to whoever answers.
fn asks_phone(thanks: &str, more: Value) -> Value {
    let mut blocks = vec![json!({"id": "b2", "type": "message", "settings": {"text": thanks}})];
    blocks.extend(more.as_array().unwrap().iter().cloned());
    asks(
        json!({"text": "Ваш телефон?", "wait": {"expect": "phone", "save_to": "phone", "error_text": "Это не номер"}}),
        json!([{"from": ["b1", "correct"], "to": "b2"}]),
        json!(blocks),
    )
}

async fn waiting(product: &Product, id: &str) -> Value {
    product.get(&product.project(&format!("/scenarios/{id}/waiting-runs"))).await
}

async fn moves(product: &Product, id: &str, version: i64) -> (StatusCode, Value) {
    let path = product.project(&format!("/scenarios/{id}/waiting-runs/move"));
    product.call(Method::POST, &path, Some(json!({ "version": version }))).await
}

/// The job has ended; answers its result.
async fn ended(product: &Product, job: &Value) -> Value {
    let path = product.project(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    until("the job ends", async || product.get(&path).await["state"] == "done").await;
    product.get(&path).await["result"].clone()
}

async fn publishes(product: &Product, id: &str, document: Value) {
    let revision = save(product, id, document).await;
    publish(product, id, revision).await;
}

async fn numbers(product: &Product, id: &str, version: i64) -> Value {
    product.get(&product.project(&format!("/scenarios/{id}/report?version={version}"))).await
}

#[tokio::test]
async fn who_waits_goes_on_in_the_new_version_and_both_reports_add_up() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", asks_phone("Спасибо", json!([]))).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("старт").await;
    assert_eq!(visitor.hears().await, "Ваш телефон?");
    visitor.says("нет").await;
    assert_eq!(visitor.hears().await, "Это не номер");
    assert_eq!(waiting(&product, &id).await["blocks"], json!([]), "nobody waits on an older version");
    publishes(&product, &id, asks_phone("Большое спасибо", json!([]))).await;
    let before = waiting(&product, &id).await;
    assert_eq!((&before["version"], &before["movable"], &before["staying"]), (&json!(2), &json!(1), &json!(0)));
    let (status, job) = moves(&product, &id, 2).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job}");
    let result = ended(&product, &job).await;
    assert_eq!((&result["moved"], &result["stayed"]), (&json!(1), &json!(0)));
    visitor.says("8 912 345-67-89").await;
    assert_eq!(visitor.hears().await, "Большое спасибо");
    let (first, second) = (numbers(&product, &id, 1).await, numbers(&product, &id, 2).await);
    assert_eq!((&first["launches"], &first["blocks"]["b1"]["visits"]), (&json!(1), &json!(0)));
    let asked = &second["blocks"]["b1"];
    assert_eq!(
        (&asked["visits"], &asked["runs"], &asked["incorrect"], &asked["exits"], &asked["waiting"]),
        (&json!(1), &json!(1), &json!(1), &json!({"correct": 1}), &json!(0))
    );
    let whole = report(&product, &id).await;
    assert_eq!(
        (&whole["launches"], &whole["finishes"], &whole["to_operator"], &whole["blocks"]["b1"]["runs"]),
        (&json!(1), &json!(1), &json!(0), &json!(1))
    );
    assert!(whole["median_seconds"].is_i64(), "{whole}");
    let path = product.project(&format!("/scenarios/{id}/report/blocks/b1/recipients?version=2"));
    assert_eq!(product.get(&path).await["items"][0]["answer"], "+79123456789");
}

#[tokio::test]
async fn whose_block_is_gone_stays_and_ends_on_the_old_version() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", asks_phone("Спасибо", json!([]))).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("старт").await;
    visitor.hears().await;
    let other = json!({"schema": 1, "launch": [{"kind": "keyword", "words": ["старт"], "to": "b7"}],
        "blocks": [{"id": "b7", "type": "message", "settings": {"text": "Теперь иначе"}}], "edges": []});
    publishes(&product, &id, other).await;
    let before = waiting(&product, &id).await;
    assert_eq!((&before["movable"], &before["blocks"][0]["stays"]), (&json!(0), &json!("block_gone")));
    let (_, job) = moves(&product, &id, 2).await;
    let result = ended(&product, &job).await;
    assert_eq!((&result["moved"], &result["stayed"]), (&json!(0), &json!(1)));
    visitor.says("8 912 345-67-89").await;
    assert_eq!(visitor.hears().await, "Спасибо");
}

#[tokio::test]
async fn a_button_of_before_still_answers_and_a_call_goes_back_to_the_new_version() {
    let product = Product::start().await;
    let ask = json!({"text": "Да?", "buttons": [{"id": "x", "label": "Да"}]});
    let called = published(&product, "Вопрос", asks(ask, json!([]), json!([]))).await;
    let calls = |words: &str| {
        json!({"schema": 1, "launch": [{"kind": "keyword", "words": ["вызов"], "to": "b1"}],
            "blocks": [{"id": "b1", "type": "call", "settings": {"scenario": called}},
                {"id": "b2", "type": "message", "settings": {"text": words}}],
            "edges": [{"from": ["b1", "returned"], "to": "b2"}]})
    };
    let id = published(&product, "Внешний", calls("Вернулись")).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("вызов").await;
    let shown = visitor.shown().await;
    publishes(&product, &id, calls("Вернулись в новую")).await;
    let before = waiting(&product, &id).await;
    assert_eq!((&before["blocks"][0]["block"], &before["movable"]), (&json!("b1"), &json!(1)), "{before}");
    let (_, job) = moves(&product, &id, 2).await;
    assert_eq!(ended(&product, &job).await["moved"], 1);
    visitor.presses(&shown["buttons"][0][0]).await;
    assert_eq!(visitor.hears().await, "Вернулись в новую");
    let (first, second) = (numbers(&product, &id, 1).await, numbers(&product, &id, 2).await);
    assert_eq!(
        (&first["blocks"]["b1"]["visits"], &second["blocks"]["b1"]["exits"]["returned"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test]
async fn only_the_newest_version_is_moved_to_and_only_by_those_who_may() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", asks_phone("Спасибо", json!([]))).await;
    let (status, refused) = moves(&product, &id, 7).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("version_changed")));
    let draft = product.post(&product.project("/scenarios"), json!({ "name": "Черновик" })).await;
    let (status, refused) = moves(&product, draft["id"].as_str().unwrap(), 1).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("not_published")));
}
