//! Keys of one's own: kept with the person, not with the browser.

use harness::{PASSWORD, Product, join, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const ME: &str = "/api/v1/me";

#[tokio::test]
async fn keys_are_the_persons_in_every_browser_and_nobody_elses() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let usual = json!({ "single_keys": true, "keys": {} });
    assert_eq!(anna.get(&product, ME).await["shortcuts"], usual);
    let own = json!({ "single_keys": false, "keys": { "close": ["KeyQ", "Alt+KeyE"], "of_a_newer_desk": [] } });
    let (status, me) = anna.call(&product, Method::PATCH, ME, json!({ "shortcuts": own })).await;
    assert_eq!((status, &me["shortcuts"]), (StatusCode::OK, &own));
    let elsewhere = sign_in(&product, "anna@a.example", PASSWORD).await.ok().unwrap();
    assert_eq!(elsewhere.get(&product, ME).await["shortcuts"], own);
    // Another change leaves them; nobody else has them; a key has none.
    anna.call(&product, Method::PATCH, ME, json!({ "locale": "en" })).await;
    assert_eq!(elsewhere.get(&product, ME).await["shortcuts"], own);
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    assert_eq!(boris.get(&product, ME).await["shortcuts"], usual);
    let by_key = product.call(Method::PATCH, ME, Some(json!({ "shortcuts": own }))).await;
    assert_eq!(by_key.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_no_key_is_refused_whole() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let many: serde_json::Map<String, Value> = (0..65).map(|n| (format!("c{n}"), json!([]))).collect();
    for keys in [
        json!({ "close": ["<script>"] }),
        json!({ "close": ["KeyA", "KeyB", "KeyC", "KeyD", "KeyE"] }),
        json!({ "close": ["Я"] }),
        json!({ "Close": ["KeyA"] }),
        json!({ "close": ["K".repeat(10_240)] }),
        Value::Object(many),
    ] {
        let body = json!({ "name": "Другая", "shortcuts": { "keys": keys } });
        let (status, refused) = anna.call(&product, Method::PATCH, ME, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    }
    let me = anna.get(&product, ME).await;
    assert_eq!(me["shortcuts"]["keys"], json!({}));
    assert_ne!(me["user"]["name"], "Другая", "nothing of it was done");
}

#[tokio::test]
async fn how_the_list_shows_a_clients_conversations_is_kept_with_the_person() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    assert_eq!(anna.get(&product, ME).await["together"], true, "as one row, unless somebody wants it otherwise");
    let (status, me) = anna.call(&product, Method::PATCH, ME, json!({ "together": false })).await;
    assert_eq!((status, &me["together"]), (StatusCode::OK, &json!(false)));
    let elsewhere = sign_in(&product, "anna@a.example", PASSWORD).await.ok().unwrap();
    anna.call(&product, Method::PATCH, ME, json!({ "locale": "en" })).await;
    assert_eq!(elsewhere.get(&product, ME).await["together"], false);
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    assert_eq!(boris.get(&product, ME).await["together"], true);
}
