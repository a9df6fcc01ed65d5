//! Secrets of requests go to their hosts and nowhere else.

use crate::support::{Visitor, asks, publish, published, save};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// What the company's server was asked: the header `authorization`, and the body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

async fn crm() -> (String, Asked) {
    let asked = Asked::default();
    let answer = async |State(asked): State<Asked>, headers: HeaderMap, Json(body): Json<Value>| {
        let proof = headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
        asked.lock().unwrap().push((proof, body));
        Json(json!({ "ok": true }))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = axum::Router::new().route("/orders", post(answer)).with_state(asked.clone());
    tokio::spawn(async move { axum::serve(listener, server).await });
    (address, asked)
}

/// Asks for a word, sends it with a secret, says how that went.
fn sends(address: &str, secret: &str) -> Value {
    asks(
        json!({"text": "Номер заказа?", "wait": {"expect": "text", "save_to": "var.order"}}),
        json!([{"from": ["b1", "correct"], "to": "b2"}, {"from": ["b2", "success"], "to": "b3"}, {"from": ["b2", "error"], "to": "b4"}]),
        json!([
            {"id": "b2", "type": "http", "settings": {"method": "POST", "url": format!("{address}/orders"), "retries": 0,
                "headers": {"authorization": format!("Bearer {{{{secret.{secret}}}}}")},
                "body": {"key": format!("{{{{secret.{secret}}}}}"), "order": "{{var.order}}"}}},
            {"id": "b3", "type": "message", "settings": {"text": "Нашли"}},
            {"id": "b4", "type": "message", "settings": {"text": "Не вышло"}},
        ]),
    )
}

async fn put(product: &Product, name: &str, body: Value) -> (StatusCode, Value) {
    product.call(Method::PUT, &product.project(&format!("/scenario-secrets/{name}")), Some(body)).await
}

const VALUE: &str = "очень \"тайное\" слово";

#[tokio::test]
async fn a_secret_is_sent_to_its_host_and_what_a_client_writes_names_none() {
    let product = Product::start().await;
    let (address, asked) = crm().await;
    assert_eq!(put(&product, "crm", json!({"value": "s3cret-\"x\"", "hosts": [&address]})).await.0, 200);
    published(&product, "Заказ", sends(&address, "crm")).await;
    let mut visitor = Visitor::new(&product).await;
    visitor.says("старт").await;
    visitor.hears().await;
    visitor.says("{{secret.crm}}").await;
    assert_eq!(visitor.hears().await, "Нашли");
    let asked = asked.lock().unwrap().clone();
    let body = json!({"key": "s3cret-\"x\"", "order": "{{secret.crm}}"});
    assert_eq!(asked, [("Bearer s3cret-\"x\"".to_owned(), body)]);
}

#[tokio::test]
async fn another_host_gets_nothing_and_the_thread_says_why() {
    let product = Product::start().await;
    let (address, asked) = crm().await;
    assert_eq!(put(&product, "crm", json!({"value": VALUE, "hosts": ["crm.example"]})).await.0, 200);
    published(&product, "Заказ", sends(&address, "crm")).await;
    let mut visitor = Visitor::new(&product).await;
    let here = visitor.says("старт").await;
    visitor.hears().await;
    visitor.says("71092").await;
    assert_eq!(visitor.hears().await, "Не вышло");
    assert!(asked.lock().unwrap().is_empty());
    let thread = product.get(&product.project(&format!("/conversations/{here}/messages"))).await;
    let note =
        thread["items"].as_array().unwrap().iter().find(|m| m["content"]["event"]["code"] == "scenario.secret_refused");
    assert_eq!(note.unwrap()["content"]["event"]["data"], json!({"secret": "crm", "host": "127.0.0.1"}));
}

#[tokio::test]
async fn a_value_is_never_shown_and_stays_with_the_hosts_it_was_given_for() {
    let product = Product::start().await;
    let (status, made) =
        put(&product, "crm", json!({"value": VALUE, "hosts": ["https://CRM.example/api", "b.example"]})).await;
    assert_eq!((status, &made["hosts"]), (StatusCode::OK, &json!(["crm.example", "b.example"])));
    let list = product.get(&product.project("/scenario-secrets")).await;
    assert_eq!(list["items"][0]["name"], "crm");
    assert!(!format!("{made}{list}").contains("тайное"));
    let (status, refused) = put(&product, "crm", json!({"hosts": ["crm.example", "thief.example"]})).await;
    assert_eq!(
        (status, &refused["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("value_needed")),
        "{refused}"
    );
    let (status, fewer) = put(&product, "crm", json!({"hosts": ["crm.example"]})).await;
    assert_eq!((status, &fewer["hosts"]), (StatusCode::OK, &json!(["crm.example"])));
    for (name, body) in [
        ("Ключ", json!({"value": "x", "hosts": ["a.example"]})),
        ("empty", json!({"value": " ", "hosts": ["a.example"]})),
        ("lines", json!({"value": "a\nb", "hosts": ["a.example"]})),
        ("nowhere", json!({"value": "x", "hosts": []})),
        ("wild", json!({"value": "x", "hosts": ["*.example"]})),
        ("new", json!({"hosts": ["a.example"]})),
    ] {
        assert_eq!(put(&product, name, body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}

#[tokio::test]
async fn a_scenario_that_names_a_secret_that_is_not_there_is_not_published() {
    let product = Product::start().await;
    let new = json!({"name": "Заказ", "document": sends("https://crm.example", "crm")});
    let made = product.post(&product.project("/scenarios"), new).await;
    let id = made["id"].as_str().unwrap();
    let path = product.project(&format!("/scenarios/{id}/publish"));
    let (status, refused) = product.call(Method::POST, &path, Some(json!({"revision": 1}))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert!(refused.to_string().contains("unknown_secret"), "{refused}");
    put(&product, "crm", json!({"value": VALUE, "hosts": ["crm.example"]})).await;
    let revision = save(&product, id, sends("https://crm.example", "crm")).await;
    publish(&product, id, revision).await;
    let gone = product.call(Method::DELETE, &product.project("/scenario-secrets/crm"), None).await;
    assert_eq!(gone.0, StatusCode::NO_CONTENT);
    assert_eq!(
        product.call(Method::DELETE, &product.project("/scenario-secrets/crm"), None).await.0,
        StatusCode::NOT_FOUND
    );
}
