//! Who may have something told to whom, and what of it can be changed.

use crate::support::{Answer, Receiver, made, path_of, product};
use harness::join;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const SAID: &[&str] = &["message.created"];

#[tokio::test]
async fn only_public_addresses_and_known_kinds_are_taken() {
    let (product, _) = product().await;
    let new = |url: &str, kinds: Value| json!({ "title": "x", "url": url, "kinds": kinds });
    let path = product.project("/webhooks");
    for url in [
        "",
        "shop.example",
        "ftp://shop.example/",
        "https://user:pass@shop.example/",
        "https://shop.example:22/",
        "http://10.0.0.5/",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "javascript:alert(1)",
    ] {
        let (status, answer) = product.call(Method::POST, &path, Some(new(url, json!(SAID)))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}: {answer}");
        assert_eq!(answer["errors"][0]["path"], "url", "{url}");
    }
    for kinds in [json!([]), json!(["message.created", "conversation.read"]), json!(["*"])] {
        let (status, answer) = product.call(Method::POST, &path, Some(new("https://shop.example/", kinds))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer["errors"][0]["path"].as_str().unwrap().starts_with("kinds"), "{answer}");
    }
    let titled = json!({ "title": " ", "url": "https://shop.example/", "kinds": SAID });
    assert_eq!(product.call(Method::POST, &path, Some(titled)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_operator_sees_none_and_the_secret_is_shown_once() {
    let (product, _) = product().await;
    let (_, url) = Receiver::start().await;
    let webhook = made(&product, &url, SAID).await;
    assert!(webhook["secret"].as_str().unwrap().starts_with("whsec_"));
    let listed = product.get(&product.project("/webhooks")).await;
    assert!(listed["items"][0].get("secret").is_none(), "{listed}");
    let project = product.account.project_id.to_string();
    let operator = join(&product, "op@a.example", "operator", &[&project]).await;
    let refused = operator.call(&product, Method::POST, &product.project("/webhooks"), json!({})).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);
    let narrow =
        product.post("/api/v1/api-keys", json!({ "title": "x", "scopes": ["read", "write", "settings"] })).await;
    let asked =
        product.call_as(narrow["key"].as_str().unwrap(), Method::GET, &product.project("/webhooks"), None).await;
    assert_eq!(asked.0, StatusCode::FORBIDDEN, "everything that clients say goes out by it: not for a key of settings");
}

#[tokio::test]
async fn a_new_secret_signs_at_once_and_the_old_one_beside_it_for_a_day() {
    let (product, clock) = product().await;
    let (receiver, url) = Receiver::start().await;
    let webhook = made(&product, &url, SAID).await;
    let rotated = product.post(&path_of(&product, &webhook, "/rotate"), json!({})).await;
    let (old, new) = (webhook["secret"].as_str().unwrap(), rotated["secret"].as_str().unwrap());
    assert_ne!(old, new);
    assert!(rotated["old_secret_until"].is_string());
    let mut visitor = product.visitor().await;
    visitor.say("1", "раз").await;
    let heard = receiver.until(1).await;
    assert!(heard[0].is_signed_by(old) && heard[0].is_signed_by(new));
    clock.plus_days(1);
    clock.plus_minutes(1);
    visitor.say("2", "два").await;
    let heard = receiver.until(2).await;
    assert!(!heard[1].is_signed_by(old) && heard[1].is_signed_by(new));
}

#[tokio::test]
async fn a_test_says_what_came_of_it_and_is_in_no_log() {
    let (product, _) = product().await;
    let (receiver, url) = Receiver::start().await;
    let webhook = made(&product, &url, SAID).await;
    let tested = product.post(&path_of(&product, &webhook, "/test"), json!({})).await;
    assert_eq!((&tested["delivered"], &tested["status"]), (&json!(true), &json!(204)));
    receiver.then(&[Answer::Status(401)]);
    let tested = product.post(&path_of(&product, &webhook, "/test"), json!({})).await;
    assert_eq!((&tested["delivered"], &tested["status"]), (&json!(false), &json!(401)));
    assert_eq!(receiver.heard()[0].kind(), "webhook.test");
    assert!(receiver.heard()[0].is_signed_by(webhook["secret"].as_str().unwrap()));
    let nobody = made(&product, "http://127.0.0.1:9/", SAID).await;
    let tested = product.post(&path_of(&product, &nobody, "/test"), json!({})).await;
    assert_eq!((&tested["delivered"], &tested["status"]), (&json!(false), &Value::Null));
    assert!(!tested["problem"].as_str().unwrap().is_empty());
    assert_eq!(product.get(&path_of(&product, &webhook, "/messages")).await["items"], json!([]));
}

#[tokio::test]
async fn one_that_is_off_hears_nothing_of_the_time_it_was_off() {
    let (product, _) = product().await;
    let (receiver, url) = Receiver::start().await;
    let webhook = made(&product, &url, SAID).await;
    let path = path_of(&product, &webhook, "");
    let off = product.call(Method::PATCH, &path, Some(json!({ "state": "off" }))).await;
    assert_eq!((off.0, &off.1["off_reason"]), (StatusCode::OK, &json!("by_hand")));
    let mut visitor = product.visitor().await;
    visitor.say("1", "никто не слышит").await;
    receiver.stays_at(0).await;
    product.call(Method::PATCH, &path, Some(json!({ "state": "on", "title": "Склад" }))).await;
    receiver.stays_at(0).await;
    visitor.say("2", "теперь слышно").await;
    let heard = receiver.until(1).await;
    assert_eq!(heard[0].json()["data"]["content"]["text"], "теперь слышно");
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    visitor.say("3", "и опять никто").await;
    receiver.stays_at(1).await;
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_project_has_twenty() {
    let (product, _) = product().await;
    for n in 0..21 {
        let new = json!({ "title": format!("№ {n}"), "url": "https://shop.example/", "kinds": SAID });
        let (status, answer) = product.call(Method::POST, &product.project("/webhooks"), Some(new)).await;
        let wanted = if n < 20 { StatusCode::CREATED } else { StatusCode::CONFLICT };
        assert_eq!(status, wanted, "{n}: {answer}");
    }
}
