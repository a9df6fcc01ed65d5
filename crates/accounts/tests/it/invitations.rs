//! Invitations that are pending: shown again, made anew, taken back.

use harness::{PASSWORD, Product, answer, join, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn invited(product: &Product, email: &str, role: &str) -> (String, String) {
    let body = json!({ "email": email, "name": "Борис", "role": role, "project_ids": [product.account.project_id] });
    let made = product.post("/api/v1/users", body).await;
    (made["user"]["id"].as_str().unwrap().to_owned(), made["invite_url"].as_str().unwrap().to_owned())
}

async fn opens(product: &Product, url: &str) -> StatusCode {
    let token = url.rsplit('/').next().unwrap();
    answer(product.http.get(product.url(&format!("/api/v1/invitations/{token}")))).await.0
}

fn path(id: &str) -> String {
    format!("/api/v1/users/{id}/invitation")
}

#[tokio::test]
async fn a_pending_invitation_is_shown_again_made_anew_and_taken_back() {
    let product = Product::start().await;
    let (id, first) = invited(&product, "b@a.example", "operator").await;
    let again = product.get(&path(&id)).await;
    assert_eq!(again["invite_url"], first.as_str());
    assert!(again["expires_at"].is_string());
    let renewed = product.post(&path(&id), json!({})).await["invite_url"].as_str().unwrap().to_owned();
    // Two links of one millisecond are the same, and then there is nothing to end.
    if renewed != first {
        assert_eq!(opens(&product, &first).await, StatusCode::NOT_FOUND, "the former one has ended");
    }
    assert_eq!(opens(&product, &renewed).await, StatusCode::OK);
    let (status, gone) = product.call(Method::DELETE, &path(&id), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{gone}");
    assert_eq!(opens(&product, &renewed).await, StatusCode::NOT_FOUND);
    let users = product.get("/api/v1/users").await;
    assert!(users["items"].as_array().unwrap().iter().all(|user| user["id"] != id.as_str()), "{users}");
    // The address is free again.
    invited(&product, "b@a.example", "operator").await;
}

#[tokio::test]
async fn an_invitation_that_was_taken_is_none_any_more() {
    let product = Product::start().await;
    join(&product, "b@a.example", "operator", &[&product.account.project_id.to_string()]).await;
    let users = product.get("/api/v1/users").await;
    let joined = users["items"].as_array().unwrap().iter().find(|user| user["email"] == "b@a.example").unwrap();
    let id = joined["id"].as_str().unwrap();
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let (status, problem) = product.call(method.clone(), &path(id), None).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("already_joined")), "{method}");
    }
}

/// Whoever holds the link becomes the colleague.
#[tokio::test]
async fn an_admin_is_not_handed_the_invitation_of_an_owner() {
    let product = Product::start().await;
    let (id, _) = invited(&product, "boss@a.example", "owner").await;
    let project = product.account.project_id.to_string();
    let admin = join(&product, "admin@a.example", "admin", &[&project]).await;
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let (status, problem) = admin.call(&product, method.clone(), &path(&id), Value::Null).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{method}: {problem}");
    }
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    assert!(owner.get(&product, &path(&id)).await["invite_url"].is_string());
}
