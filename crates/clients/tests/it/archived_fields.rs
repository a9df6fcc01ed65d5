//! Deleted fields go to the archive with their values and come back with them (issue 3, item 7).

use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

async fn found(product: &Product, words: &str) -> usize {
    product.get(&product.project(&format!("/contacts?q={words}"))).await["items"].as_array().unwrap().len()
}

/// Waits until a search for the words finds so many contacts.
async fn until_found(product: &Product, words: &str, count: usize) {
    for _ in 0..200 {
        if found(product, words).await == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a search for {words} does not find {count}");
}

async fn values_of(product: &Product) -> Value {
    product.get(&product.project("/contacts")).await["items"][0]["fields"]["city"].clone()
}

#[tokio::test]
async fn a_deleted_field_is_archived_with_its_values_and_comes_back_with_them() {
    let product = Product::start().await;
    let city = json!({ "key": "city", "title": "Город", "kind": "text", "multi": true });
    product.post(&product.project("/fields"), city).await;
    let fields = json!({ "city": ["Выборг", "Пушкин"], "name": "Нина" });
    product
        .post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "a", "fields": fields }))
        .await;
    product.changes(json!([{ "op": "block_value", "field": "city", "value": "Пушкин" }])).await;
    let before = values_of(&product).await;
    assert_eq!((before.as_array().unwrap().len(), found(&product, "выборг").await), (2, 1));

    let (status, _) = product.call(Method::DELETE, &product.project("/fields/city"), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(values_of(&product).await, Value::Null);
    until_found(&product, "выборг", 0).await;
    let states = product.get(&product.project("/multi-contact-values")).await;
    assert_eq!(states["items"], json!([]), "decisions about its values are gone");
    let archived = product.get(&product.project("/archived-fields")).await;
    assert_eq!(
        (&archived["items"][0]["key"], &archived["items"][0]["title"], &archived["items"][0]["values"]),
        (&json!("city"), &json!("Город"), &json!(2))
    );

    product.post(&product.project("/archived-fields/city/restore"), json!({})).await;
    assert_eq!(values_of(&product).await, before, "every value with its source and time");
    until_found(&product, "выборг", 1).await;
    assert_eq!(product.get(&product.project("/archived-fields")).await["items"], json!([]));
    // What it held is compared as ever.
    product.changes(json!([{ "op": "rule_add", "key": "city", "fields": ["city"] }])).await;
    product
        .post(
            &product.project("/contacts"),
            json!({ "channel": "api", "external_id": "b", "fields": { "city": "выборг" } }),
        )
        .await;
    let groups = product.get(&product.project("/multi-contacts?min_size=2")).await;
    assert_eq!(groups["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_archived_field_does_not_come_back_over_another_of_its_key() {
    let product = Product::start().await;
    let city = json!({ "key": "city", "title": "Город", "kind": "text" });
    product.post(&product.project("/fields"), city.clone()).await;
    product.call(Method::DELETE, &product.project("/fields/city"), None).await;
    product.post(&product.project("/fields"), city).await;
    let path = product.project("/archived-fields/city/restore");
    let (status, answer) = product.call(Method::POST, &path, None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("taken")));
    let (status, _) = product.call(Method::POST, &product.project("/archived-fields/none/restore"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn values_of_two_deleted_fields_of_one_key_do_not_mix() {
    let product = Product::start().await;
    let path = product.project("/fields/city");
    let texts = json!({ "key": "city", "title": "Города", "kind": "text", "multi": true });
    product.post(&product.project("/fields"), texts).await;
    let fields = json!({ "city": ["Выборг", "Пушкин"] });
    product
        .post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "a", "fields": fields }))
        .await;
    product.call(Method::DELETE, &path, None).await;
    let number = json!({ "key": "city", "title": "Номер города", "kind": "number" });
    product.post(&product.project("/fields"), number).await;
    product.changes(json!([{ "op": "set", "external_id": "a", "fields": { "city": "78" } }])).await;
    product.call(Method::DELETE, &path, None).await;
    let field = product.post(&product.project("/archived-fields/city/restore"), json!({})).await;
    assert_eq!((&field["kind"], &field["title"]), (&json!("number"), &json!("Номер города")));
    let values = values_of(&product).await;
    let values: Vec<_> = values.as_array().unwrap().iter().map(|value| value["value"].clone()).collect();
    assert_eq!(values, [json!("78")]);
}

#[tokio::test]
async fn a_cleared_name_is_gone_from_the_contact() {
    let product = Product::start().await;
    let fields = json!({ "name": "Нина" });
    let made = product
        .post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "a", "fields": fields }))
        .await;
    let path = product.project(&format!("/contacts/{}", made["id"].as_str().unwrap()));
    let (_, changed) = product.call(Method::PATCH, &path, Some(json!({ "fields": { "name": null } }))).await;
    assert_eq!((&changed["name"], found(&product, "нина").await), (&Value::Null, 0), "{changed}");
}
