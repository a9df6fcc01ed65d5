//! The gravest acts ask for the password that was given lately, and are done a few times a day (security statement 39).

use harness::{Browser, PASSWORD, Product, TestClock, sign_in};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

async fn opened() -> (Product, Arc<TestClock>, Browser) {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    (product, clock, owner)
}

async fn asked(product: &Product, who: &Browser, method: Method, path: &str, body: Value) -> (StatusCode, String) {
    let request = who.request(product, method, path).header("x-otklik-csrf", &who.csrf).json(&body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

/// Every gravest act of the table, with a body that would be taken.
fn acts(product: &Product, contact: &str) -> [(Method, String, Value); 9] {
    [
        (Method::GET, product.project("/contacts/export"), json!({})),
        (Method::GET, product.project(&format!("/contacts/{contact}/export")), json!({})),
        (Method::GET, "/api/v1/audit-log/export".to_owned(), json!({})),
        (Method::POST, "/api/v1/api-keys".to_owned(), json!({ "title": "key", "scopes": ["read"] })),
        (Method::POST, product.project(&format!("/contacts/{contact}/erase")), json!({})),
        (Method::POST, "/api/v1/me/second-factor".to_owned(), json!({})),
        (Method::DELETE, "/api/v1/me/second-factor".to_owned(), json!({})),
        (Method::PUT, "/api/v1/account/second-factor".to_owned(), json!({ "required": false })),
        (
            Method::POST,
            product.project("/webhooks"),
            json!({ "title": "x", "url": "https://shop.example/", "kinds": ["message.created"] }),
        ),
    ]
}

#[tokio::test]
async fn a_session_that_was_left_open_does_none_of_the_gravest_acts_until_the_password_is_given_again() {
    let (product, clock, owner) = opened().await;
    product.changes(json!([{ "op": "create", "external_id": "a", "fields": { "name": "Анна" } }])).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let contact = contacts["items"][0]["id"].as_str().unwrap();
    let grave = server::rules().values().filter(|rule| rule.a_day.is_some()).count();
    // New recovery codes and a colleague's lost phone need more around them (accounts/tests/it/second_factor.rs), and so do another address
    // and another secret of a webhook, which nobody does who could not make one.
    assert_eq!(grave, acts(&product, contact).len() + 4, "every one of them is tried here");

    clock.plus_minutes(16);
    for (method, path, body) in acts(&product, contact) {
        let (status, said) = asked(&product, &owner, method, &path, body).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert!(said.contains("prove_first"), "{path}: {said}");
    }
    let prove = |password: &str| json!({ "password": password });
    let path = "/api/v1/session/proof";
    let (status, _) = asked(&product, &owner, Method::POST, path, prove("not my password")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = asked(&product, &owner, Method::GET, &product.project("/contacts/export"), json!({})).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "a wrong password proves nothing");
    let (status, _) = asked(&product, &owner, Method::POST, path, prove(PASSWORD)).await;
    assert_eq!(status, StatusCode::OK);
    for (method, path, body) in acts(&product, contact) {
        let (status, said) = asked(&product, &owner, method, &path, body).await;
        assert!(status.is_success(), "{path}: {status} {said}");
    }
    // Whatever else a session does is not asked twice.
    clock.plus_minutes(60);
    owner.get(&product, &product.project("/contacts")).await;
}

#[tokio::test]
async fn guesses_of_the_password_count_with_those_of_the_door() {
    let (product, _, owner) = opened().await;
    let guess = json!({ "password": "not my password" });
    for _ in 0..5 {
        asked(&product, &owner, Method::POST, "/api/v1/session/proof", guess.clone()).await;
    }
    let (status, _) = asked(&product, &owner, Method::POST, "/api/v1/session/proof", guess).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let at_the_door = sign_in(&product, "owner@a.example", PASSWORD).await.err().unwrap();
    assert_eq!(at_the_door.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_export_too_many_in_a_day_is_refused_until_the_next() {
    let (product, clock, owner) = opened().await;
    let path = product.project("/contacts/export");
    for n in 0..10 {
        let (status, _) = asked(&product, &owner, Method::GET, &path, json!({})).await;
        assert_eq!(status, StatusCode::OK, "{n}");
    }
    let refused = owner.request(&product, Method::GET, &path).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((86_000..=86_401).contains(&wait), "{wait}");
    // A key has a count of its own, and is counted as well.
    for n in 0..10 {
        assert_eq!(product.call(Method::GET, &path, None).await.0, StatusCode::OK, "{n}");
    }
    assert_eq!(product.call(Method::GET, &path, None).await.0, StatusCode::TOO_MANY_REQUESTS);
    clock.plus_days(1);
    clock.plus_minutes(1);
    assert_eq!(product.call(Method::GET, &path, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn many_at_once_are_not_more_than_a_day_has_and_what_is_refused_gives_its_turn_back() {
    let (product, _, owner) = opened().await;
    let path = product.project("/contacts/export");
    let at_once = (0..25).map(|_| asked(&product, &owner, Method::GET, &path, json!({})));
    let done = futures_util::future::join_all(at_once).await;
    let count = |status| done.iter().filter(|(found, _)| *found == status).count();
    assert_eq!((count(StatusCode::OK), count(StatusCode::TOO_MANY_REQUESTS)), (10, 15));
    // Keys have turns of their own; an attempt that is refused takes none.
    for _ in 0..30 {
        let body = json!({ "title": "", "scopes": ["read"] });
        let (status, said) = asked(&product, &owner, Method::POST, "/api/v1/api-keys", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
    }
    let body = json!({ "title": "key", "scopes": ["read"] });
    let (status, said) = asked(&product, &owner, Method::POST, "/api/v1/api-keys", body).await;
    assert_eq!(status, StatusCode::CREATED, "{said}");
}
