//! Drafts are saved by one at a time, and only sound ones are published.

use crate::support::{collects_a_phone, publish, published, save};
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_draft_with_errors_is_kept_and_not_published() {
    let product = Product::start().await;
    let mut broken = collects_a_phone("retry");
    broken["blocks"][1]["settings"]["text"] = json!("");
    broken["edges"][0]["to"] = json!("nowhere");
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Сбор", "document": broken })).await;
    assert_eq!((&made["errors"], &made["version"]), (&json!(2), &Value::Null));
    let path = product.project(&format!("/scenarios/{}/publish", made["id"].as_str().unwrap()));
    let (status, refused) = product.call(Method::POST, &path, Some(json!({ "revision": 1 }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let places: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
    assert_eq!(places, ["document.blocks.b2.settings.text", "document.blocks.b1.exits.filled"]);
}

#[tokio::test]
async fn who_saves_over_another_is_told_and_nothing_is_lost() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let path = product.project(&format!("/scenarios/{id}/draft"));
    let first = json!({ "document": collects_a_phone("exit"), "revision": 1 });
    assert_eq!(product.call(Method::PUT, &path, Some(first.clone())).await.0, StatusCode::OK);
    let (status, refused) = product.call(Method::PUT, &path, Some(first)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("draft_changed")));
    let (status, refused) = product
        .call(Method::POST, &product.project(&format!("/scenarios/{id}/publish")), Some(json!({ "revision": 1 })))
        .await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("draft_changed")));
}

#[tokio::test]
async fn a_version_never_changes_and_can_be_brought_back() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let mut other = collects_a_phone("exit");
    other["blocks"].as_array_mut().unwrap().push(json!({"id": "b9", "type": "end"}));
    let revision = save(&product, &id, other).await;
    assert_eq!(publish(&product, &id, revision).await["version"], 2);
    let versions = product.get(&product.project(&format!("/scenarios/{id}/versions"))).await;
    assert_eq!((&versions["items"][0]["version"], &versions["items"][1]["blocks"]), (&json!(2), &json!(5)));
    let path = product.project(&format!("/scenarios/{id}/versions/1/restore"));
    let (status, draft) = product.call(Method::POST, &path, None).await;
    assert_eq!(status, StatusCode::OK, "{draft}");
    assert_eq!(draft["document"]["blocks"][2]["settings"]["wait"]["on_incorrect"], "retry");
    assert_eq!(draft["document"]["next"], 10, "the id b9 is never used again");
}

#[tokio::test]
async fn what_is_no_document_is_refused_by_name() {
    let product = Product::start().await;
    let cases = [json!({"blocs": []}), json!({"blocks": "none"}), json!({"blocks": [{"id": "b1"}]}), json!([1, 2])];
    for document in cases {
        let body = json!({ "name": "Сбор", "document": document });
        let (status, refused) = product.call(Method::POST, &product.project("/scenarios"), Some(body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{document}: {refused}");
    }
}

#[tokio::test]
async fn a_try_in_the_editor_writes_to_nobody_and_stores_nothing() {
    let product = Product::start().await;
    let id = published(&product, "Сбор", collects_a_phone("retry")).await;
    let steps = json!([{"event": {"type": "start"}}, {"event": {"type": "message", "text": "8 912 345-67-89"}}]);
    let body = json!({ "document": collects_a_phone("retry"), "steps": steps });
    let played = product.post(&product.project(&format!("/scenarios/{id}/simulate")), body).await;
    assert_eq!(played["steps"][1]["sent"][0]["text"], "Спасибо, +79123456789");
    assert_eq!(crate::support::report(&product, &id).await["launches"], 0);
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]));
}
