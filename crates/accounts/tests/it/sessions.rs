//! The list of one's own signed-in browsers.

use harness::{Browser, PASSWORD, Product, TestClock, answer, join, sign_in};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const SESSIONS: &str = "/api/v1/sessions";

async fn listed(product: &Product, who: &Browser) -> Vec<Value> {
    who.get(product, SESSIONS).await["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn one_sees_ones_own_browsers_and_ends_one_of_them() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let operator = join(&product, "op@a.example", "operator", &[&project]).await;
    let body = json!({ "email": "op@a.example", "password": PASSWORD });
    let elsewhere =
        product.http.post(product.url("/api/v1/session")).header("user-agent", "Firefox\u{9} of the office");
    assert_eq!(answer(elsewhere.json(&body)).await.0, StatusCode::OK);

    let sessions = listed(&product, &operator).await;
    // The invitation began one, too.
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let other = sessions.iter().find(|session| session["device"] == "Firefox of the office").expect("cleaned");
    assert_eq!((&other["address"], &other["current"]), (&json!("127.0.0.1"), &json!(false)));
    assert!(other.get("token_hash").is_none());

    let path = format!("{SESSIONS}/{}", other["id"].as_str().unwrap());
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    assert_eq!(
        owner.call(&product, Method::DELETE, &path, json!({})).await.0,
        StatusCode::NOT_FOUND,
        "not the owner's"
    );
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::FORBIDDEN, "nor a key's");
    assert_eq!(operator.call(&product, Method::DELETE, &path, json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(operator.call(&product, Method::DELETE, &path, json!({})).await.0, StatusCode::NOT_FOUND, "twice");
    assert_eq!(listed(&product, &operator).await.len(), 2);
}

#[tokio::test]
async fn a_session_that_is_ended_is_out_at_once_and_its_socket_closes() {
    let product = Product::start().await;
    let first = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let second = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let mut socket = second.socket(&product).await;
    let sessions = listed(&product, &first).await;
    for session in sessions.iter().filter(|session| session["current"] == false) {
        let path = format!("{SESSIONS}/{}", session["id"].as_str().unwrap());
        first.call(&product, Method::DELETE, &path, json!({})).await;
    }
    assert_eq!(answer(second.request(&product, Method::GET, "/api/v1/me")).await.0, StatusCode::UNAUTHORIZED);
    socket.close_code().await;
    assert_eq!(listed(&product, &first).await.len(), 1);
}

#[tokio::test]
async fn when_a_session_was_seen_is_kept_to_some_minutes() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let seen = async || listed(&product, &owner).await[0]["last_seen_at"].clone();
    let at_first = seen().await;
    clock.plus_minutes(9);
    assert_eq!(seen().await, at_first);
    clock.plus_minutes(2);
    let mut last = seen().await;
    for _ in 0..100 {
        if last != at_first {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        last = seen().await;
    }
    assert_ne!(last, at_first);
}
