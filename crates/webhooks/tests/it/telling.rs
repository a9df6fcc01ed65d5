//! What receivers hear, and what becomes of what they do not take (D7).

use crate::support::{Answer, Receiver, log_until, made, path_of, product, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const SAID: &[&str] = &["message.created"];

fn is_state(state: &'static str) -> impl Fn(&[Value]) -> bool {
    move |items| items.first().is_some_and(|item| item["state"] == state)
}

#[tokio::test]
async fn what_is_said_is_told_signed_and_once() {
    let (product, _) = product().await;
    let (receiver, url) = Receiver::start().await;
    let mut visitor = product.visitor().await;
    visitor.say("0", "до того, как появился вебхук").await;
    let webhook = made(&product, &url, &["message.created", "conversation.created", "contact.created"]).await;
    let ack = visitor.say("1", "Есть лампы?").await;
    let heard = receiver.until(1).await;
    let body = heard[0].json();
    assert_eq!((&body["type"], &body["data"]["content"]["text"]), (&json!("message.created"), &json!("Есть лампы?")));
    assert_eq!((&body["data"]["id"], &body["project_id"]), (&ack["id"], &json!(product.account.project_id)));
    let message = product
        .get(&product.project(&format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap())))
        .await;
    assert_eq!(body["data"], message["items"][0], "as its GET answers it");
    assert!(body["timestamp"].as_str().unwrap().starts_with("2026-09-"), "{body}");

    let secret = webhook["secret"].as_str().unwrap();
    assert!(heard[0].is_signed_by(secret));
    assert!(!heard[0].is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "another secret is none");
    receiver.stays_at(1).await;
    let log = log_until(&product, &webhook, is_state("delivered")).await;
    assert_eq!((log.len(), &log[0]["id"]), (1, &json!(heard[0].id)));
    assert_eq!((&log[0]["attempts"][0]["status"], &log[0]["due_at"]), (&json!(204), &Value::Null));
    // A kind that nobody asked for is not told, and another project's neither.
    assert!(receiver.heard().iter().all(|heard| heard.kind() != "conversation.updated"));
}

#[tokio::test]
async fn what_fails_is_tried_again_by_the_table_under_the_same_id() {
    let (product, clock) = product().await;
    let (receiver, url) = Receiver::start().await;
    receiver.then(&[Answer::Status(500), Answer::Redirect, Answer::Status(404)]);
    let webhook = made(&product, &url, SAID).await;
    product.visitor().await.say("1", "слышно?").await;
    receiver.until(1).await;
    let waiting =
        log_until(&product, &webhook, |items| items.first().is_some_and(|item| item["attempts"][0]["status"] == 500))
            .await;
    assert_eq!(waiting[0]["state"], "waiting");
    receiver.stays_at(1).await;
    clock.plus_minutes(1);
    receiver.until(2).await;
    let redirected = log_until(&product, &webhook, |items| items[0]["attempts"][1]["status"] == 302).await;
    assert!(redirected[0]["attempts"][1]["problem"].as_str().unwrap().contains("redirect"), "{redirected:?}");
    receiver.stays_at(2).await;
    clock.plus_minutes(6);
    receiver.until(3).await;
    log_until(&product, &webhook, |items| items[0]["attempts"][2]["status"] == 404).await;
    clock.plus_minutes(34);
    let heard = receiver.until(4).await;
    assert!(heard.iter().all(|one| one.id == heard[0].id && one.body == heard[0].body));
    let times: Vec<&str> = heard.iter().map(|one| one.headers["webhook-timestamp"].to_str().unwrap()).collect();
    assert!(times.windows(2).all(|two| two[0] < two[1]), "each try is signed for its own time: {times:?}");
    let log = log_until(&product, &webhook, is_state("delivered")).await;
    assert_eq!(log[0]["attempts"].as_array().unwrap().len(), 4);
    until(&product, &webhook, |webhook| webhook["failing_since"].is_null()).await;
}

#[tokio::test]
async fn a_receiver_that_answers_410_is_told_nothing_more_and_whoever_asks_for_time_has_it() {
    let (product, clock) = product().await;
    let (gone, gone_url) = Receiver::start().await;
    let (slow, slow_url) = Receiver::start().await;
    gone.then(&[Answer::Status(410)]);
    slow.then(&[Answer::RetryAfter(429, 1200)]);
    let ended = made(&product, &gone_url, SAID).await;
    let slower = made(&product, &slow_url, SAID).await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "раз").await;
    let off = until(&product, &ended, |webhook| webhook["state"] == "off").await;
    assert_eq!(off["off_reason"], "gone");
    log_until(&product, &slower, |items| items.first().is_some_and(|item| item["attempts"][0]["status"] == 429)).await;
    visitor.say("2", "два").await;
    clock.plus_minutes(19);
    gone.stays_at(1).await;
    assert_eq!(slow.heard().len(), 1, "nothing before the twenty minutes it asked for, not even the second message");
    clock.plus_minutes(2);
    assert_eq!(slow.until(3).await.len(), 3);
}

#[tokio::test]
async fn one_that_takes_nothing_for_five_days_is_switched_off_and_told_again_by_hand() {
    let (product, clock) = product().await;
    let (receiver, url) = Receiver::start().await;
    receiver.always(Answer::Status(500));
    let webhook = made(&product, &url, SAID).await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "пять дней тишины").await;
    log_until(&product, &webhook, |items| {
        items.first().is_some_and(|item| !item["attempts"].as_array().unwrap().is_empty())
    })
    .await;
    let failing = until(&product, &webhook, |webhook| webhook["failing_since"].is_string()).await;
    assert_eq!(failing["state"], "on");
    clock.plus_days(5);
    clock.plus_minutes(1);
    let off = until(&product, &webhook, |webhook| webhook["state"] == "off").await;
    assert_eq!(off["off_reason"], "failing");
    let log = log_until(&product, &webhook, is_state("failed")).await;
    let replay = format!("/messages/{}/replay", log[0]["id"].as_str().unwrap());
    let refused = product.call(Method::POST, &path_of(&product, &webhook, &replay), Some(json!({}))).await;
    assert_eq!((refused.0, &refused.1["code"]), (StatusCode::CONFLICT, &json!("webhook_off")));

    receiver.always(Answer::Status(200));
    let on = product.call(Method::PATCH, &path_of(&product, &webhook, ""), Some(json!({ "state": "on" }))).await;
    assert_eq!((on.0, &on.1["off_reason"]), (StatusCode::OK, &Value::Null));
    let before = receiver.heard().len();
    receiver.stays_at(before).await;
    let since = json!({ "since": "2026-01-01T00:00:00Z" });
    let replayed = product.post(&path_of(&product, &webhook, "/replay"), since).await;
    assert_eq!(replayed["messages"], 1);
    let heard = receiver.until(before + 1).await;
    assert_eq!(heard.last().unwrap().id, heard[0].id, "under its own id");
    log_until(&product, &webhook, is_state("delivered")).await;
}

#[tokio::test]
async fn a_silent_receiver_holds_up_no_other() {
    let (product, _) = product().await;
    let (silent, silent_url) = Receiver::start().await;
    let (lively, lively_url) = Receiver::start().await;
    silent.always(Answer::Silence);
    made(&product, &silent_url, SAID).await;
    made(&product, &lively_url, SAID).await;
    let mut visitor = product.visitor().await;
    for n in 0..20 {
        visitor.say(&n.to_string(), "и ещё").await;
    }
    assert_eq!(lively.until(20).await.len(), 20);
    assert!(silent.heard().len() <= 8, "and is not asked for more at once than that");
}

#[tokio::test]
async fn what_was_erased_before_it_was_told_is_told_to_nobody() {
    let (product, clock) = product().await;
    let (receiver, url) = Receiver::start().await;
    receiver.then(&[Answer::Status(500)]);
    let webhook = made(&product, &url, SAID).await;
    let ack = product.visitor().await.say("1", "забудьте меня").await;
    receiver.until(1).await;
    log_until(&product, &webhook, |items| items.first().is_some_and(|item| item["attempts"][0]["status"] == 500)).await;
    let conversation =
        product.get(&product.project(&format!("/conversations/{}", ack["conversation_id"].as_str().unwrap()))).await;
    let erase = product.project(&format!("/contacts/{}/erase", conversation["contact_id"].as_str().unwrap()));
    product.post(&erase, json!({})).await;
    let contact = erase.trim_end_matches("/erase").to_owned();
    while product.call(Method::GET, &contact, None).await.0 != StatusCode::NOT_FOUND {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    clock.plus_minutes(1);
    let log = log_until(&product, &webhook, is_state("failed")).await;
    assert!(log[0]["attempts"][1]["problem"].as_str().unwrap().contains("no longer kept"));
    receiver.stays_at(1).await;
    let still_on = until(&product, &webhook, |_| true).await;
    assert_eq!(still_on["state"], "on", "that was not the receiver's doing");
}

#[tokio::test]
async fn files_are_told_with_whole_addresses() {
    let (product, _) = product().await;
    let (receiver, url) = Receiver::start().await;
    made(&product, &url, SAID).await;
    let ack = product.visitor().await.say("1", "пришлите фото").await;
    receiver.until(1).await;
    let part = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
    let form = reqwest::multipart::Form::new().part("file", part);
    let upload = product.http.post(product.url(&product.project("/files"))).bearer_auth(&product.account.api_key);
    let (status, file) = harness::answer(upload.multipart(form)).await;
    assert!(status.is_success(), "{file}");
    let path = product.project(&format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap()));
    let content = json!({ "text": "вот", "attachments": [file["id"]] });
    product.post(&path, json!({ "client_id": "f1", "content": content })).await;
    let heard = receiver.until(2).await;
    let told =
        heard.iter().map(super::support::Heard::json).find(|body| body["data"]["content"]["text"] == "вот").unwrap();
    let address = told["data"]["content"]["attachments"][0]["url"].as_str().unwrap();
    assert!(address.starts_with("https://chat.example/f/"), "{address}");
}
