//! What an operator has begun to write is there on every device of theirs, and on nobody else's.

use harness::{Browser, PASSWORD, Product, join, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn operator(product: &Product, name: &str) -> Browser {
    let project = product.account.project_id.to_string();
    join(product, &format!("{name}@a.example"), "operator", &[&project]).await
}

async fn put(product: &Product, who: &Browser, conversation: &str, text: &str) -> (StatusCode, Value) {
    let path = product.project(&format!("/conversations/{conversation}/draft"));
    who.call(product, Method::PUT, &path, json!({ "text": text })).await
}

async fn texts(product: &Product, who: &Browser) -> Vec<String> {
    let drafts = who.get(product, "/api/v1/drafts").await;
    drafts["items"].as_array().unwrap().iter().map(|draft| draft["text"].as_str().unwrap().to_owned()).collect()
}

async fn conversation(product: &Product) -> String {
    product.visitor().await.say("1", "Где заказ?").await["conversation_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_is_on_every_device_of_the_operator_and_on_nobody_elses() {
    let product = Product::start().await;
    let (anna, boris) = (operator(&product, "anna").await, operator(&product, "boris").await);
    let here = conversation(&product).await;
    let mut phone = anna.socket(&product).await;
    let mut colleague = boris.socket(&product).await;
    let subscribe = json!({ "type": "subscribe", "projects": [product.account.project_id], "from": 0 });
    phone.send(subscribe.clone()).await;
    colleague.send(subscribe).await;
    phone.event("message.created").await;
    colleague.event("message.created").await;

    let (status, kept) = put(&product, &anna, &here, "Едет, будет").await;
    assert_eq!((status, &kept["conversation_id"]), (StatusCode::OK, &json!(here)));
    let told = phone.expect("draft").await;
    assert_eq!((&told["conversation_id"], &told["changed_at"]), (&json!(here), &kept["changed_at"]));
    assert_eq!(told["text"], Value::Null, "what it says is asked for, not told");
    assert_eq!(texts(&product, &anna).await, ["Едет, будет"]);
    assert_eq!(texts(&product, &boris).await, Vec::<String>::new());

    // Whatever the colleague hears up to a mark that was made later, a draft is not among it.
    phone.send(json!({ "type": "viewing", "conversation_id": here })).await;
    let heard = colleague.heard_until(|frame| frame["type"] == "viewing").await;
    assert!(heard.iter().all(|frame| frame["type"] != "draft"), "{heard:?}");

    put(&product, &anna, &here, "Едет, будет завтра").await;
    assert_eq!(texts(&product, &anna).await, ["Едет, будет завтра"], "the later word holds");
    put(&product, &anna, &here, "").await;
    assert_eq!(texts(&product, &anna).await, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_keeps_a_draft_of_what_he_may_not_see() {
    let product = Product::start().await;
    let other = product.post("/api/v1/projects", json!({ "name": "Other" })).await;
    let outsider = join(&product, "out@a.example", "operator", &[other["id"].as_str().unwrap()]).await;
    let here = conversation(&product).await;
    assert_eq!(put(&product, &outsider, &here, "x").await.0, StatusCode::NOT_FOUND);

    // Who leaves a project sees no drafts of it any more.
    let anna = operator(&product, "anna").await;
    put(&product, &anna, &here, "x").await;
    let id = anna.get(&product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/users/{id}");
    let without = json!({ "project_ids": [] });
    assert_eq!(product.call(Method::PATCH, &path, Some(without)).await.0, StatusCode::OK);
    let anna = sign_in(&product, "anna@a.example", PASSWORD).await.ok().unwrap();
    assert_eq!(texts(&product, &anna).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_draft_too_long_to_be_kept_is_refused_in_words() {
    let product = Product::start().await;
    let anna = operator(&product, "anna").await;
    let here = conversation(&product).await;
    let (status, refused) = put(&product, &anna, &here, &"ё".repeat(20_001)).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("too_long")));
    assert_eq!(put(&product, &anna, &here, &"ё".repeat(20_000)).await.0, StatusCode::OK);
}
