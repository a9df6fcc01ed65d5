//! A browser is one person's, for as long as the session it was made in.

use crate::{Device, PATH, Service, colleague, opened};
use harness::{PASSWORD, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::json;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::rand_core::OsRng;

#[tokio::test]
async fn hostile_addresses_and_keys_that_are_none_are_refused() {
    let (product, owner) = opened().await;
    let keys = Device::keys(&SecretKey::random(&mut OsRng));
    for endpoint in [
        "",
        "push.example",
        "ftp://push.example/",
        "https://a:b@push.example/",
        "https://push.example:6379/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
    ] {
        let body = json!({ "endpoint": endpoint, "keys": keys });
        let (status, refused) = owner.call(&product, Method::POST, PATH, body).await;
        assert_eq!(
            (status, &refused["errors"][0]["path"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("endpoint")),
            "{endpoint}"
        );
    }
    for keys in [
        json!({ "p256dh": "", "auth": "" }),
        json!({ "p256dh": "AAAA", "auth": keys["auth"] }),
        json!({ "p256dh": keys["p256dh"], "auth": "AA" }),
    ] {
        let body = json!({ "endpoint": "https://push.example/x", "keys": keys });
        let (status, refused) = owner.call(&product, Method::POST, PATH, body).await;
        assert_eq!((status, &refused["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("keys")));
    }
    assert_eq!(product.call(Method::GET, PATH, None).await.0, StatusCode::FORBIDDEN, "a key has no browser");
}

#[tokio::test]
async fn nobody_sees_changes_or_tests_a_colleagues_browser_and_whoever_signs_in_there_takes_it_over() {
    let (product, owner) = opened().await;
    let operator = colleague(&product, "op@a.example").await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    assert_eq!(operator.get(&product, PATH).await["items"], json!([]));
    let path = format!("{PATH}/{}", phone.id);
    for (method, path) in
        [(Method::PATCH, path.clone()), (Method::DELETE, path.clone()), (Method::POST, format!("{path}/test"))]
    {
        assert_eq!(operator.call(&product, method, &path, json!({})).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let theirs = Device::of(&product, &operator, &format!("{url}/push/phone")).await;
    assert_eq!(owner.get(&product, PATH).await["items"], json!([]), "a browser is told for one person only");
    product.visitor().await.say("1", "раз").await;
    let heard = service.until(1).await;
    assert_eq!(theirs.reads(&heard[0])["body"], "раз");
    service.stays_at(1).await;
}

#[tokio::test]
async fn a_browser_ends_with_its_session_and_a_person_has_ten() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let elsewhere = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    Device::of(&product, &elsewhere, &format!("{url}/push/old")).await;
    let sessions = owner.get(&product, "/api/v1/sessions").await;
    for session in sessions["items"].as_array().unwrap().iter().filter(|session| session["current"] == false) {
        let path = format!("/api/v1/sessions/{}", session["id"].as_str().unwrap());
        owner.call(&product, Method::DELETE, &path, json!({})).await;
    }
    assert_eq!(owner.get(&product, PATH).await["items"], json!([]));
    for n in 0..12 {
        Device::of(&product, &owner, &format!("{url}/push/{n}")).await;
    }
    let kept = owner.get(&product, PATH).await;
    assert_eq!(kept["items"].as_array().unwrap().len(), 10);
    product.visitor().await.say("1", "раз").await;
    let mut paths: Vec<String> = service.until(10).await.into_iter().map(|heard| heard.path).collect();
    paths.sort();
    assert!(!paths.contains(&"/push/0".to_owned()) && !paths.contains(&"/push/old".to_owned()), "{paths:?}");
    owner.call(&product, Method::DELETE, "/api/v1/session", json!({})).await;
    product.visitor().await.say("1", "два").await;
    service.stays_at(10).await;
}
