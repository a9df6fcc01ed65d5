//! First steps tick by what has happened, and the check of the code names what is wrong.

use harness::{Product, Socket, TestClock};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A page of the company, on a port of its own.
async fn page(html: String, policy: &str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let header = if policy.is_empty() { String::new() } else { format!("content-security-policy: {policy}\r\n") };
    let length = html.len();
    let answer = format!("HTTP/1.1 200 OK\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n{html}");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

fn code(key: &str) -> String {
    format!(r#"<script async src="https://chat.example/w.js?p={key}"></script>"#)
}

async fn check(product: &Product, url: &str) -> Value {
    product.post(&product.project("/installation/check"), json!({ "url": url })).await
}

async fn done(product: &Product) -> Vec<String> {
    let steps = product.get(&product.project("/first-steps")).await;
    let steps = steps.as_object().unwrap().iter();
    let done = steps.filter(|(name, is_done)| **is_done == true && *name != "hidden");
    let mut done: Vec<_> = done.map(|(name, _)| name.clone()).collect();
    done.sort();
    done
}

#[tokio::test]
async fn the_check_of_a_page_names_its_cause() {
    let product = Product::start().await;
    let key = product.account.site_key.clone();
    let none = check(&product, &page("<h1>Shop</h1>".into(), "").await).await;
    assert_eq!(none["state"], "no_code");
    let wrong = check(&product, &page(code("another"), "").await).await;
    assert_eq!((&wrong["state"], &wrong["found_key"]), (&json!("wrong_key"), &json!("another")));
    let blocked = check(&product, &page(code(&key), "default-src 'self'").await).await;
    assert_eq!(blocked["state"], "blocked_by_policy");
    assert_eq!(blocked["directives"], json!(["script-src", "connect-src"]));
    let nobody = check(&product, "http://127.0.0.1:9/").await;
    assert_eq!((&nobody["state"], &nobody["reason"]), (&json!("not_reached"), &json!("not_reached")));
    for inside in ["http://10.0.0.1/", "http://169.254.169.254/latest/", "file:///etc/passwd"] {
        let refused = check(&product, inside).await;
        assert_eq!((&refused["state"], &refused["reason"]), (&json!("not_reached"), &json!("blocked")), "{inside}");
    }
    assert!(done(&product).await.is_empty(), "what does not work is no step");
    let works = check(&product, &page(code(&key), "").await).await;
    assert_eq!(works["state"], "works");
    assert_eq!(done(&product).await, ["installed"]);
    let empty = product.call(Method::POST, &product.project("/installation/check"), Some(json!({ "url": " " }))).await;
    assert_eq!(empty.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_code_that_no_text_shows_is_known_by_the_widget_that_speaks() {
    let product = Product::start().await;
    let shop = page("<script>tags()</script>".into(), "").await;
    assert_eq!(check(&product, &shop).await["state"], "no_code");
    let seen = json!({ "url": format!("{shop}/"), "title": "Лавка" });
    let _visitor = Socket::on_page(&product, None, &seen, &Value::Null).await;
    harness::until("the visitor is there", async || {
        !product.get(&product.project("/visitors")).await["items"].as_array().unwrap().is_empty()
    })
    .await;
    assert_eq!(check(&product, &shop).await["state"], "works");
}

#[tokio::test]
async fn steps_tick_by_what_has_happened() {
    let product = Product::start().await;
    assert!(done(&product).await.is_empty());
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "Есть торшеры?").await;
    assert_eq!(done(&product).await, ["written"]);
    let owner = harness::sign_in(&product, "owner@a.example", harness::PASSWORD).await.ok().unwrap();
    let path = format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap());
    let body = json!({ "client_id": "a", "content": { "text": "Есть" } });
    let (status, answer) = owner.call(&product, Method::POST, &product.project(&path), body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    assert_eq!(done(&product).await, ["answered", "written"]);
    let invite = json!({ "email": "b@a.example", "name": "Борис", "role": "operator", "project_ids": [product.account.project_id] });
    product.post("/api/v1/users", invite).await;
    assert_eq!(done(&product).await, ["answered", "invited", "written"]);
}

#[tokio::test]
async fn a_tick_keeps_its_moment_and_stays_whatever_becomes_of_what_it_was_for() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let path = product.project("/first-steps");
    let said = product.visitor().await.say("1", "Есть торшеры?").await;
    let written = product.get(&path).await["done_at"]["written"].clone();
    assert_eq!(written, said["created_at"], "when it was said: {said}");
    clock.plus_days(2);
    product.visitor().await.say("1", "А лампы?").await;
    let contact = product.get(&product.project("/conversations")).await["items"][1]["contact_id"].clone();
    let contact = product.project(&format!("/contacts/{}", contact.as_str().unwrap()));
    assert_eq!(product.call(Method::DELETE, &contact, None).await.0, StatusCode::NO_CONTENT);
    let steps = product.get(&path).await;
    assert_eq!((&steps["written"], &steps["done_at"]["written"]), (&json!(true), &written));
    assert_eq!((&steps["answered"], &steps["done_at"]["answered"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn the_steps_are_put_away_for_everybody_and_come_back() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let path = product.project("/first-steps");
    let anna = harness::join(&product, "anna@a.example", "admin", &[&project]).await;
    let boris = harness::join(&product, "boris@a.example", "operator", &[&project]).await;
    assert_eq!(anna.get(&product, &path).await["hidden"], false);
    let (status, hidden) = anna.call(&product, Method::PUT, &path, json!({ "hidden": true })).await;
    assert_eq!((status, &hidden["hidden"]), (StatusCode::OK, &json!(true)));
    assert_eq!(product.get(&path).await["hidden"], true);
    assert_eq!(boris.call(&product, Method::PUT, &path, json!({ "hidden": false })).await.0, StatusCode::FORBIDDEN);
    let (_, back) = anna.call(&product, Method::PUT, &path, json!({ "hidden": false })).await;
    assert_eq!((&back["hidden"], &back["invited"]), (&json!(false), &json!(true)));
}
