//! Connecting a channel that calls its hook while it is told of it.

use harness::{Product, TestClock, connects_in_a_hurry};
use messaging::Settings;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn written() -> Value {
    json!({ "update_id": 1, "message": {
        "message_id": 10, "date": 1_700_000_000, "chat": { "id": 5, "type": "private" },
        "from": { "id": 5, "is_bot": false, "first_name": "Марина" }, "text": "успела" } })
}

async fn product() -> Product {
    let settings = Settings { public_url: "https://chat.example".to_owned() };
    Product::start_with(TestClock::new().env(), settings).await
}

async fn bots(product: &Product) -> Vec<Value> {
    let all = product.get(&product.project("/connections")).await["items"].as_array().unwrap().clone();
    all.into_iter().filter(|one| one["kind"] == "telegram").collect()
}

#[tokio::test]
async fn what_a_provider_brings_while_the_channel_is_set_up_is_taken_and_shown() {
    let product = product().await;
    let mut operator = product.operator().await;
    let (heard, (status, made)) = connects_in_a_hurry(&product, written(), StatusCode::OK).await;
    assert_eq!((heard, status), (Some(StatusCode::OK), StatusCode::CREATED), "{made}");
    assert_eq!((&made["status"], &made["health"]["error"]), (&json!("active"), &Value::Null));
    let told = operator.event("message.created").await;
    assert_eq!(told["content"]["text"], "успела");
    assert_eq!(bots(&product).await.len(), 1);
}

#[tokio::test]
async fn a_channel_that_was_not_taken_leaves_nothing() {
    let product = product().await;
    let (heard, (status, refused)) = connects_in_a_hurry(&product, written(), StatusCode::BAD_REQUEST).await;
    assert_eq!((heard, status), (Some(StatusCode::OK), StatusCode::UNPROCESSABLE_ENTITY), "{refused}");
    assert_eq!(bots(&product).await, [] as [Value; 0]);
    let contacts = product.get(&product.project("/contacts")).await;
    let left = contacts["items"].as_array().unwrap().iter().filter(|one| one["channel"] == "telegram").count();
    assert_eq!(left, 0);
}
