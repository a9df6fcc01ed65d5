//! The orders of the conversation list, page by page.

use harness::{Product, join};
use reqwest::{Method, StatusCode};
use serde_json::json;

async fn texts(product: &Product, query: &str) -> Vec<String> {
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = product.get(&product.project(&format!("/conversations?limit=2&{query}{cursor}"))).await;
        for row in page["items"].as_array().unwrap() {
            texts.push(row["last_message"]["content"]["text"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return texts,
        }
    }
}

#[tokio::test]
async fn whose_client_waits_longest_comes_first_page_by_page() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let mut visitors = Vec::new();
    for name in ["первый", "второй", "третий", "четвёртый", "пятый"] {
        let mut visitor = product.visitor().await;
        let said = visitor.say("1", name).await;
        visitors.push((visitor, said["conversation_id"].as_str().unwrap().to_owned()));
        // Waiting is told in milliseconds.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    // The first writes once more, and waits since his first word; the second is answered; the fourth has ended.
    visitors[0].0.say("2", "первый").await;
    let answer = json!({ "client_id": "a", "content": { "text": "ответ второму" } });
    let path = |index: usize, verb: &str| product.project(&format!("/conversations/{}/{verb}", visitors[index].1));
    assert_eq!(anna.call(&product, Method::POST, &path(1, "messages"), answer).await.0, StatusCode::CREATED);
    assert_eq!(anna.call(&product, Method::POST, &path(3, "close"), json!({})).await.0, StatusCode::OK);
    // A note to a colleague is no answer: its client waits on.
    let note = json!({ "client_id": "n", "text": "третий" });
    assert_eq!(anna.call(&product, Method::POST, &path(2, "notes"), note).await.0, StatusCode::CREATED);

    assert_eq!(texts(&product, "order=waiting").await, ["первый", "третий", "пятый", "ответ второму"]);
    assert_eq!(texts(&product, "").await, ["третий", "ответ второму", "первый", "пятый"]);
    assert_eq!(texts(&product, "order=waiting&folder=new").await, ["первый", "третий", "пятый"]);
    assert_eq!(texts(&product, "order=waiting&folder=closed").await, ["четвёртый"]);
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let product = Product::start().await;
    for _ in 0..2 {
        product.visitor().await.say("1", "слово").await;
    }
    let page = product.get(&product.project("/conversations?limit=1")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let path = product.project(&format!("/conversations?limit=1&order=waiting&cursor={cursor}"));
    assert_eq!(product.call(Method::GET, &path, None).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}
