//! A letter as it looked: who may open it, what of it is shown, and what becomes of one that is made to take hours. What a browser makes of it
//! is judged in `web/e2e`.

use db::sql;
use harness::{MailServer, Product, until};
use model::Refusal;
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async fn mailbox(product: &Product) -> MailServer {
    let server = MailServer::start().await;
    let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
    product.post(&product.project("/connections"), body).await;
    until("the mailbox is read", async || server.commands().iter().any(|c| c == "IDLE")).await;
    server
}

async fn received(product: &Product, server: &MailServer, letter: &str) -> Value {
    let mut operator = product.operator().await;
    server.receives(letter);
    operator.event("message.created").await
}

fn page(product: &Product, message: &Value) -> String {
    product.project(&format!("/messages/{}/page", message["id"].as_str().unwrap()))
}

async fn open(product: &Product, path: &str) -> reqwest::Response {
    product.http.get(product.url(path)).bearer_auth(&product.account.api_key).send().await.unwrap()
}

/// Raw letters that are kept.
async fn kept(product: &Product) -> i64 {
    let read = product.app.messaging.read(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let query = sql!("SELECT COUNT(*) FROM inbound_journal WHERE account_id = $1 AND body <> '{}'");
            Ok::<_, Refusal>(query.bind(cx.account).one::<(i64,)>(cx.tx).await?.0)
        })
    });
    read.await.unwrap()
}

fn html(body: &str) -> String {
    format!(
        "From: Anna <anna@client.example>\nSubject: Sale\nMessage-ID: <1@client.example>\nMIME-Version: 1.0\n\
         Content-Type: text/html; charset=utf-8\n\n{body}\n"
    )
}

#[tokio::test]
async fn a_letter_is_shown_as_it_looked_to_whoever_may_read_it() {
    let product = Product::start().await;
    let server = mailbox(&product).await;
    let letter = format!(
        "From: Anna <anna@client.example>\nSubject: Sale\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=r\n\n\
         --r\nContent-Type: text/html; charset=utf-8\n\n<h1 style=\"color:red\">Скидка</h1><img src=\"cid:logo@x\"><img src=\"https://spy.example/1.gif\">\
         <a href=\"https://shop.example/\">сюда</a><script>alert(1)</script>\n\
         --r\nContent-Type: image/png; name=logo.png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\n{PIXEL}\n--r--\n"
    );
    let message = received(&product, &server, &letter).await;
    assert_eq!(message["content"]["extra"]["letter"], json!({ "html": true }), "{message}");
    let path = page(&product, &message);
    let answer = open(&product, &path).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(header(REFERRER_POLICY), "no-referrer");
    let policy = header(CONTENT_SECURITY_POLICY);
    for rule in
        ["default-src 'none'", "img-src data:;", "sandbox allow-popups", "form-action 'none'", "frame-ancestors 'self'"]
    {
        assert!(policy.contains(rule), "{rule}: {policy}");
    }
    assert_eq!(answer.headers()["otklik-pictures-elsewhere"], "1");
    let shown = answer.text().await.unwrap();
    for wanted in
        ["Скидка", "color:red", "src=\"data:image/png;base64,", "rel=\"noopener noreferrer\"", "target=\"_blank\""]
    {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    assert!(!shown.contains("spy.example") && !shown.contains("<script"), "{shown}");

    let asked = open(&product, &format!("{path}?pictures=true")).await;
    assert!(asked.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("img-src data: https:;"));
    assert!(asked.text().await.unwrap().contains("src=\"https://spy.example/1.gif\""));

    let other = product.post("/api/v1/projects", json!({ "name": "Другой" })).await;
    let elsewhere =
        format!("/api/v1/projects/{}/messages/{}/page", other["id"].as_str().unwrap(), message["id"].as_str().unwrap());
    let (status, _) = product.call(Method::GET, &elsewhere, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "a message of another project");
}

#[tokio::test]
async fn what_has_no_page_is_not_found_and_what_is_no_longer_kept_says_so() {
    let product = Product::start().await;
    let server = mailbox(&product).await;
    let plain = received(&product, &server, "From: a@client.example\nSubject: x\n\nтекст\n").await;
    assert_eq!(plain["content"]["extra"].get("letter"), None, "{plain}");
    let (status, _) = product.call(Method::GET, &page(&product, &plain), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    let message = received(&product, &server, &html("<p>привет</p>")).await;
    let forgotten = product.app.messaging.write(&product.account.account_id, |cx| {
        Box::pin(async move {
            let query = sql!("DELETE FROM inbound_journal WHERE account_id = $1");
            Ok::<_, Refusal>(query.bind(cx.account).execute(cx.tx).await?)
        })
    });
    assert_eq!(forgotten.await.unwrap(), 2);
    let (status, answer) = product.call(Method::GET, &page(&product, &message), None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("letter_gone")), "{answer}");
}

#[tokio::test]
async fn a_letter_that_is_made_to_take_hours_is_refused_at_once_and_holds_up_nobody() {
    let product = Product::start().await;
    let server = mailbox(&product).await;
    for body in
        ["<div>\n".repeat(100_000), "<font color=x><p>слово</p>\n".repeat(20_000), "<p>слово</p>\n".repeat(700_000)]
    {
        let message = received(&product, &server, &html(&body)).await;
        let begun = Instant::now();
        let (status, answer) = product.call(Method::GET, &page(&product, &message), None).await;
        assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("letter_too_large")), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_sender_for_whom_the_domain_does_not_vouch_is_marked() {
    let product = Product::start().await;
    let server = mailbox(&product).await;
    let forged = "Authentication-Results: mx.shop.example; spf=fail; dkim=none; dmarc=fail (p=none)\n\
        Received: from evil.example by mx.shop.example\nAuthentication-Results: mx.shop.example; dmarc=pass\n\
        From: a@bank.example\nSubject: x\n\nтекст\n";
    let message = received(&product, &server, forged).await;
    let letter = &message["content"]["extra"]["letter"];
    assert_eq!(letter, &json!({ "spf": "fail", "dkim": "none", "dmarc": "fail" }), "{message}");
}

#[tokio::test]
async fn who_is_erased_is_erased_with_the_letters_that_came() {
    let product = Product::start().await;
    let server = mailbox(&product).await;
    let message = received(&product, &server, &html("<p>привет</p>")).await;
    received(&product, &server, "From: boris@client.example\nSubject: x\n\nтекст\n").await;
    assert_eq!(kept(&product).await, 2);
    let contact = product.project(&format!("/contacts/{}/erase", message["contact_id"].as_str().unwrap()));
    let (status, answer) = product.call(Method::POST, &contact, Some(json!({}))).await;
    assert!(status.is_success(), "{answer}");
    until("the raw letter is gone", async || kept(&product).await == 1).await;
    let (status, _) = product.call(Method::GET, &page(&product, &message), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
