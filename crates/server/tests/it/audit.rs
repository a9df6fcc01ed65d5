//! The audit log: who did what of weight, from where, and what came of it (security statement 38).

use db::{Query, Scope, sql};
use harness::{PASSWORD, Product, answer, join, sign_in};
use model::Refusal;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Action and status of every row, the oldest first.
async fn told(product: &Product) -> Vec<(String, i64)> {
    let log = product.get("/api/v1/audit-log?limit=200").await;
    let mut lines: Vec<_> = log["items"].as_array().unwrap().iter().map(brief).collect();
    lines.reverse();
    lines
}

fn brief(line: &Value) -> (String, i64) {
    (line["action"].as_str().unwrap().to_owned(), line["status"].as_i64().unwrap())
}

#[tokio::test]
async fn what_weighs_leaves_a_row_each_with_who_from_where_and_what_came_of_it() {
    let product = Product::start_limited().await;
    let guess = product.http.post(product.url("/api/v1/session")).header("x-forwarded-for", "203.0.113.7");
    let (status, _) = answer(guess.json(&json!({ "email": "owner@a.example", "password": "guess" }))).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    while told(&product).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let shop = product.account.project_id.to_string();
    let operator = join(&product, "op@a.example", "operator", &[&shop]).await;
    let refused =
        operator.call(&product, Method::POST, "/api/v1/api-keys", json!({ "title": "x", "scopes": ["read"] })).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);
    owner.key(&product, &["read"]).await;
    product.get(&product.project("/identity-secret")).await;
    let export =
        product.http.get(product.url(&product.project("/contacts/export"))).bearer_auth(&product.account.api_key);
    assert_eq!(answer(export).await.0, StatusCode::OK);
    product.get(&product.project("/contacts")).await;

    let expected = [
        ("POST /api/v1/session", 401),
        ("POST /api/v1/session", 200),
        ("POST /api/v1/users", 201),
        ("POST /api/v1/invitations/{token}", 200),
        ("POST /api/v1/session", 200),
        ("POST /api/v1/api-keys", 403),
        ("POST /api/v1/api-keys", 201),
        ("GET /api/v1/projects/{project_id}/identity-secret", 200),
        ("GET /api/v1/projects/{project_id}/contacts/export", 200),
    ];
    assert_eq!(told(&product).await, expected.map(|(action, status)| (action.to_owned(), status)));
    let log = product.get("/api/v1/audit-log?limit=200").await;
    let first = log["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&first["address"], &first["number"]), (&json!("203.0.113.7"), &json!(1)));
    assert_eq!(first["actor"], json!(product.account.user_id));
    let secret_words = [PASSWORD, "otk_", "guess"];
    assert!(secret_words.iter().all(|secret| !log.to_string().contains(secret)), "no secret is in it");
    let page = product.get("/api/v1/audit-log?limit=4").await;
    let rest =
        product.get(&format!("/api/v1/audit-log?limit=200&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn only_an_owner_reads_it_and_nobody_writes_it() {
    let product = Product::start().await;
    let shop = product.account.project_id.to_string();
    let admin = join(&product, "admin@a.example", "admin", &[&shop]).await;
    let read = answer(admin.request(&product, Method::GET, "/api/v1/audit-log")).await;
    assert_eq!(read.0, StatusCode::FORBIDDEN);
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let (status, _) = product.call(method.clone(), "/api/v1/audit-log", Some(json!({}))).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let export = product.http.get(product.url("/api/v1/audit-log/export")).bearer_auth(&product.account.api_key);
    let lines = export.send().await.unwrap().text().await.unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 3 && lines.iter().all(|line| line["chain"].as_str().is_some_and(|chain| chain.len() == 64)));
}

#[tokio::test]
async fn a_row_that_was_changed_or_taken_out_in_the_database_is_found() {
    let spoils: [fn() -> Query<'static>; 4] = [
        || sql!("UPDATE audit_log SET status = 200 WHERE account_id = $1 AND number = 3"),
        || sql!("UPDATE audit_log SET actor_name = 'X' WHERE account_id = $1 AND number = 3"),
        || sql!("UPDATE audit_log SET at = at + 1 WHERE account_id = $1 AND number = 3"),
        || sql!("DELETE FROM audit_log WHERE account_id = $1 AND number = 3"),
    ];
    for spoil in spoils {
        let product = Product::start().await;
        for n in 0..5 {
            product.post("/api/v1/projects", json!({ "name": format!("P{n}") })).await;
        }
        let account = product.account.account_id;
        let broken = async || {
            let read = product.app.messaging.db.read(Scope::System, move |tx| {
                Box::pin(async move { accounts::audit::first_broken(tx, &account).await })
            });
            read.await.unwrap()
        };
        assert_eq!(broken().await, None);
        let spoiled = product.app.messaging.write(&account, move |cx| {
            Box::pin(async move {
                spoil().bind(cx.account).execute(cx.tx).await?;
                Ok::<_, Refusal>(())
            })
        });
        spoiled.await.unwrap();
        assert_eq!(broken().await, Some(3));
    }
}
