//! Telegram through a scripted server on loopback: honest states, no doubles, order kept (D5, D6). What a stranger's server says is
//! judged in `web/e2e`.

use harness::{Product, Shop};
use messaging::Settings;
use model::{Env, IdSource, RandomIds, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vault::Vault;

fn refusal(code: u16, words: &str, retry_after: Option<u32>) -> (StatusCode, Value) {
    let mut body = json!({ "ok": false, "error_code": code, "description": words });
    if let Some(seconds) = retry_after {
        body["parameters"] = json!({ "retry_after": seconds });
    }
    (StatusCode::from_u16(code).unwrap(), body)
}

#[tokio::test]
async fn an_answer_goes_out_once_and_ends_as_sent() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    shop.product.post(&path, json!({ "client_id": "1", "content": { "text": "здравствуйте" } })).await;
    let done = operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    assert_eq!(done["kind"], "delivery.updated");
    let sent = shop.sent();
    assert_eq!(sent, [json!({ "chat_id": 5, "text": "здравствуйте" })]);
}

#[tokio::test]
async fn the_same_update_three_times_is_one_message_and_a_forged_one_none() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    for _ in 0..3 {
        assert_eq!(shop.update(&shop.text(2, "раз")).await, StatusCode::OK);
    }
    let forged =
        shop.product.http.post(shop.product.url(&shop.hook)).json(&shop.text(3, "подделка")).send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(shop.update(&shop.text(4, "два")).await, StatusCode::OK);
    operator.until(|f| f["data"]["content"]["text"] == "два").await;
    let messages = shop.product.get(&path).await;
    let texts: Vec<&str> =
        messages["items"].as_array().unwrap().iter().map(|m| m["content"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["два", "раз", "привет"]);
}

#[tokio::test]
async fn a_busy_channel_is_asked_again_and_keeps_order() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    shop.answers(refusal(429, "Too Many Requests: retry after 1", Some(1)));
    for n in ["1", "2", "3"] {
        shop.product.post(&path, json!({ "client_id": n, "content": { "text": n } })).await;
    }
    let waiting = operator.until(|f| f["data"]["delivery"]["reason"]["code"] == "rate_limited").await;
    assert_eq!(waiting["data"]["delivery"]["status"], "queued");
    for _ in 0..3 {
        operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    }
    let texts: Vec<Value> = shop.sent().iter().map(|s| s["text"].clone()).collect();
    assert_eq!(texts, ["1", "1", "2", "3"], "the refused one first, nobody overtakes it");
}

/// Ids of a node whose clock is ahead of the other's, until it is the other's turn.
struct Ahead(AtomicBool);

impl IdSource for Ahead {
    fn next_ordered(&self) -> u128 {
        let id = RandomIds.next_ordered();
        // Ten seconds: the time stands in the upper 48 bits.
        if self.0.load(Ordering::Relaxed) { id + (10_000 << 80) } else { id }
    }

    fn next_random(&self) -> u128 {
        RandomIds.next_random()
    }
}

#[tokio::test]
async fn answers_keep_their_order_although_the_first_nodes_clock_was_ahead() {
    let ids = Arc::new(Ahead(AtomicBool::new(true)));
    let env = Env::new(Arc::new(SystemClock), ids.clone(), Vault::throwaway());
    let shop = Shop::open_in(Product::start_with(env, Settings::default()).await).await;
    let (path, mut operator) = shop.conversation().await;
    shop.answers(refusal(429, "Too Many Requests: retry after 1", Some(1)));
    shop.product.post(&path, json!({ "client_id": "1", "content": { "text": "1" } })).await;
    operator.until(|f| f["data"]["delivery"]["reason"]["code"] == "rate_limited").await;
    ids.0.store(false, Ordering::Relaxed);
    shop.product.post(&path, json!({ "client_id": "2", "content": { "text": "2" } })).await;
    for _ in 0..2 {
        operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    }
    let texts: Vec<Value> = shop.sent().iter().map(|s| s["text"].clone()).collect();
    assert_eq!(texts, ["1", "1", "2"]);
}

#[tokio::test]
async fn a_blocked_bot_fails_in_words_and_closes_the_channel() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    shop.answers(refusal(403, "Forbidden: bot was blocked by the user", None));
    shop.product.post(&path, json!({ "client_id": "1", "content": { "text": "эй" } })).await;
    let failed = operator.until(|f| f["data"]["delivery"]["status"] == "failed").await;
    assert_eq!(failed["data"]["delivery"]["reason"]["code"], "blocked_by_client");
    let (status, problem) = {
        let body = json!({ "client_id": "2", "content": { "text": "ещё" } });
        shop.product.call(reqwest::Method::POST, &path, Some(body)).await
    };
    assert_eq!((status, problem["code"].as_str()), (StatusCode::CONFLICT, Some("blocked_by_client")));
}

#[tokio::test]
async fn an_unknown_outcome_is_not_repeated_by_itself_and_a_person_can_send_again() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    shop.answers((StatusCode::BAD_GATEWAY, json!("proxy")));
    let message = shop.product.post(&path, json!({ "client_id": "1", "content": { "text": "дошло?" } })).await;
    operator.until(|f| f["data"]["delivery"]["status"] == "unknown").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(shop.sent().len(), 1, "nobody resends what may have arrived");
    let retry = shop.product.project(&format!("/messages/{}/retry", message["id"].as_str().unwrap()));
    shop.product.post(&retry, json!({})).await;
    operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    assert_eq!(shop.sent().len(), 2, "a retry really sends");
}

#[tokio::test]
async fn a_shared_phone_is_verified_and_joins_the_site_visitor() {
    let shop = Shop::open().await;
    shop.product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let mut visitor = shop.product.visitor().await;
    visitor.say("1", "есть матовая?").await;
    visitor.send(json!({ "type": "fields", "fields": { "phone": "8 912 555-01-42" } })).await;
    visitor.expect("fields").await;
    let mut operator = shop.product.operator().await;
    let mut share = shop.text(7, "");
    share["message"]["contact"] = json!({ "phone_number": "79125550142", "first_name": "Марина", "user_id": 5 });
    shop.update(&share).await;
    let changed = operator.event("multi_contact.changed").await;
    assert_eq!(changed["groups"][0]["contact_ids"].as_array().unwrap().len(), 2);
    let contacts = shop.product.get(&shop.product.project("/contacts?q=marina")).await;
    let telegram = &contacts["items"][0];
    assert_eq!((&telegram["fields"]["phone"][0]["verified"], &telegram["channel"]), (&json!(true), &json!("telegram")));
    let ways = shop
        .product
        .get(&shop.product.project(&format!("/contacts/{}/reply-channels", telegram["id"].as_str().unwrap())))
        .await;
    assert_eq!(ways["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_disconnected_channel_is_told_to_the_operators_at_once() {
    let shop = Shop::open().await;
    let (_, mut operator) = shop.conversation().await;
    let connections = shop.product.get(&shop.product.project("/connections")).await;
    let telegram = connections["items"].as_array().unwrap().iter().find(|c| c["kind"] == "telegram").unwrap();
    let path = shop.product.project(&format!("/connections/{}", telegram["id"].as_str().unwrap()));
    assert_eq!(shop.product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    operator.until(|frame| frame["kind"] == "settings.updated" && frame["data"]["resource"] == "connections").await;
    assert!(shop.product.get(&shop.product.project("/contacts")).await["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_long_text_waits_before_its_second_part_and_goes_on_with_it() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    let parts = ["а".repeat(4096), "б".repeat(4096), "в".repeat(10)];
    shop.answers((StatusCode::OK, json!({ "ok": true, "result": { "message_id": 901 } })));
    shop.answers(refusal(429, "Too Many Requests: retry after 1", Some(1)));
    shop.product.post(&path, json!({ "client_id": "1", "content": { "text": parts.concat() } })).await;
    shop.product.post(&path, json!({ "client_id": "2", "content": { "text": "после" } })).await;
    let waiting = operator.until(|f| f["data"]["delivery"]["reason"]["code"] == "rate_limited").await;
    assert_eq!(waiting["data"]["delivery"]["status"], "queued");
    let detail = waiting["data"]["delivery"]["reason"]["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("part 2 of 3: "), "which part waits is said: {detail}");
    for _ in 0..2 {
        operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    }
    let texts: Vec<Value> = shop.sent().iter().map(|s| s["text"].clone()).collect();
    assert_eq!(
        texts,
        [parts[0].as_str(), &parts[1], &parts[1], &parts[2], "после"],
        "no part twice, nothing overtakes the last"
    );
}

#[tokio::test]
async fn a_text_whose_second_part_has_an_unknown_outcome_is_sent_again_from_there() {
    let shop = Shop::open().await;
    let (path, mut operator) = shop.conversation().await;
    let parts = ["а".repeat(4096), "б".repeat(10)];
    shop.answers((StatusCode::OK, json!({ "ok": true, "result": { "message_id": 901 } })));
    shop.answers((StatusCode::BAD_GATEWAY, json!("proxy")));
    let message = shop.product.post(&path, json!({ "client_id": "1", "content": { "text": parts.concat() } })).await;
    let told = operator.until(|f| f["data"]["delivery"]["status"] == "unknown").await;
    let detail = told["data"]["delivery"]["reason"]["detail"].as_str().unwrap().to_owned();
    assert!(detail.starts_with("part 2 of 2: "), "{detail}");
    let retry = shop.product.project(&format!("/messages/{}/retry", message["id"].as_str().unwrap()));
    shop.product.post(&retry, json!({})).await;
    operator.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    let texts: Vec<Value> = shop.sent().iter().map(|s| s["text"].clone()).collect();
    assert_eq!(texts, [parts[0].as_str(), &parts[1], &parts[1]], "the first part arrived and is not doubled");
}
