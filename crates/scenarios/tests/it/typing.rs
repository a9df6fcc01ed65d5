//! What a bot has not said yet when a person comes.

use crate::support::published;
use harness::{Shop, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Says one thing at once, and another after a while of typing.
fn types() -> Value {
    json!({"schema": 1, "launch": [{"kind": "keyword", "words": ["старт"], "to": "b1"}],
        "blocks": [
            {"id": "b1", "type": "message", "settings": {"text": "Сразу"}},
            {"id": "b2", "type": "message", "settings": {"text": "Погодя?", "typing": "PT30S", "wait": {"expect": "any"}}},
        ],
        "edges": [{"from": ["b1", "next"], "to": "b2"}]})
}

#[tokio::test]
async fn a_late_word_of_the_bot_is_taken_back_when_a_person_answers() {
    let shop = Shop::open().await;
    let product = &shop.product;
    published(product, "Печатает", types()).await;
    let mut operator = product.operator().await;
    assert_eq!(shop.update(&shop.text(1, "старт")).await, StatusCode::OK);
    let first = operator.event("message.created").await;
    let path = product.project(&format!("/conversations/{}/messages", first["conversation_id"].as_str().unwrap()));
    until("the bot speaks", async || shop.sent().iter().any(|call| call["text"] == "Сразу")).await;
    let body = json!({ "client_id": "a", "content": { "text": "Здравствуйте, я Анна" } });
    let (status, said) = product.call(Method::POST, &path, Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
    until("the person speaks", async || shop.sent().iter().any(|call| call["text"] == "Здравствуйте, я Анна")).await;
    let items = product.get(&path).await["items"].clone();
    let late = items.as_array().unwrap().iter().find(|message| message["content"]["text"] == "Погодя?").unwrap();
    assert_eq!(
        (&late["delivery"]["status"], &late["delivery"]["reason"]["code"]),
        (&json!("failed"), &json!("withdrawn")),
        "{late}"
    );
    assert!(!shop.sent().iter().any(|call| call["text"] == "Погодя?"));
}
