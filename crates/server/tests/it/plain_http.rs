//! Plain http away from the machine itself (rulings 44).

use harness::{PASSWORD, Product, answer};
use messaging::Settings;
use model::Env;
use reqwest::StatusCode;
use serde_json::{Value, json};
use vault::Vault;

const ELSEWHERE: &str = "chat.example.ru:8080";

async fn with_tls() -> Product {
    let settings = Settings { public_url: "https://chat.example.ru".into() };
    Product::start_with(Env::system(Vault::throwaway()), settings).await
}

async fn sign_in(product: &Product, host: &str, password: &str) -> (StatusCode, Value) {
    let request = product.http.post(product.url("/api/v1/session")).header("host", host);
    answer(request.json(&json!({ "email": "owner@a.example", "password": password }))).await
}

#[tokio::test]
async fn signing_in_over_plain_http_from_elsewhere_is_refused_in_words() {
    let product = Product::start().await;
    for password in [PASSWORD, "a wrong one"] {
        let (status, problem) = sign_in(&product, ELSEWHERE, password).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("tls_required")), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("--public-url https://"), "{problem}");
    }
    assert_eq!(sign_in(&product, "localhost:8080", PASSWORD).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_is_not_taken_over_plain_http_from_elsewhere_and_stays_good() {
    let product = Product::start().await;
    let invite = json!({ "email": "op@a.example", "name": "Оля", "role": "operator", "project_ids": [product.account.project_id] });
    let invited = product.post("/api/v1/users", invite).await;
    let token = invited["invite_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let take = |host: &'static str| {
        let request = product.http.post(product.url(&format!("/api/v1/invitations/{token}"))).header("host", host);
        answer(request.json(&json!({ "name": "Ольга", "password": "long enough pass" })))
    };
    let (status, problem) = take(ELSEWHERE).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("tls_required")));
    assert_eq!(take("127.0.0.1").await.0, StatusCode::OK);
}

#[tokio::test]
async fn behind_tls_everybody_may_sign_in() {
    let product = with_tls().await;
    assert_eq!(sign_in(&product, ELSEWHERE, PASSWORD).await.0, StatusCode::OK);
    let page = product.http.get(product.url("/sign-in")).header("host", ELSEWHERE).send().await.unwrap();
    assert!(!page.text().await.unwrap().contains("caddy"));
}

#[tokio::test]
async fn pages_of_the_desk_say_how_to_put_tls_in_front_and_nothing_else_changes() {
    let product = Product::start().await;
    let get = |path: &'static str, host: &'static str| product.http.get(product.url(path)).header("host", host).send();
    for path in ["/sign-in", "/inbox", "/invite/abc"] {
        let page = get(path, ELSEWHERE).await.unwrap();
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "{path}");
        assert!(policy.contains("default-src 'none'") && policy.contains("style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let html = page.text().await.unwrap();
        for words in ["--public-url https://", "Войти по http нельзя", "You cannot sign in over http", "lang=\"en\""]
        {
            assert!(html.contains(words), "{path}: {words}");
        }
        assert!(!html.contains("<script"));
    }
    let here = get("/sign-in", "127.0.0.1:8080").await.unwrap();
    assert!(!here.text().await.unwrap().contains("caddy"));
    let config = format!("/w/v1/config?p={}", product.account.site_key);
    let widget = product.http.get(product.url(&config)).header("host", ELSEWHERE).send().await.unwrap();
    assert_ne!(widget.status(), StatusCode::FORBIDDEN, "sites on http keep their widget");
    assert_eq!(get("/healthz", ELSEWHERE).await.unwrap().status(), StatusCode::OK);
    assert_eq!(get("/api/v1/me", ELSEWHERE).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
