//! What scenarios tell by e-mail.

use crate::{Post, body, subject};
use harness::{Product, SmtpSays, until};
use serde_json::{Value, json};

/// A bot that tells these addresses what it was told.
async fn bot(product: &Product, emails: &[&str]) {
    let document = json!({"schema": 1, "launch": [{"kind": "first_message", "to": "b1"}],
        "blocks": [
            {"id": "b1", "type": "notify", "settings": {"text": "Новая заявка", "emails": emails}},
            {"id": "b2", "type": "close", "settings": {}}],
        "edges": [{"from": ["b1", "next"], "to": "b2"}]});
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Заявка", "document": document })).await;
    let publish = product.project(&format!("/scenarios/{}/publish", made["id"].as_str().unwrap()));
    product.post(&publish, json!({ "revision": made["revision"] })).await;
}

const TEAM: [&str; 2] = ["sales-team@a.example", "boss@a.example"];

/// Lines of a thread that say why a letter did not go out.
async fn troubles(product: &Product, conversation: &Value) -> Vec<Value> {
    let path = format!("/conversations/{}/messages?limit=100", conversation.as_str().unwrap());
    let page = product.get(&product.project(&path)).await;
    let events = page["items"].as_array().unwrap().iter().map(|message| &message["content"]["event"]);
    events.filter(|event| event["code"] == "scenario.notice_not_sent").map(|event| event["data"].clone()).collect()
}

#[tokio::test]
async fn a_note_of_a_scenario_goes_to_its_addresses_with_a_way_to_the_conversation() {
    let post = Post::open().await;
    bot(&post.product, &TEAM).await;
    let ack = post.product.visitor().await.say("1", "здравствуйте").await;
    let letters = post.letters(2).await;
    let mut to: Vec<&str> = letters.iter().map(|letter| letter.to[0].as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["RCPT TO:<boss@a.example>", "RCPT TO:<sales-team@a.example>"]);
    let text = body(&letters[0]);
    let link = format!("https://desk.example/inbox/{}", ack["conversation_id"].as_str().unwrap());
    assert!(
        text.starts_with("Новая заявка") && text.contains("Сценарий «Заявка» · Посетитель") && text.contains(&link),
        "{text}"
    );
    assert!(subject(&letters[0]).starts_with("Заявка: Посетитель"), "{}", subject(&letters[0]));
    assert_eq!(troubles(&post.product, &ack["conversation_id"]).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_letter_that_cannot_go_out_is_a_line_of_the_thread() {
    let post = Post::without_mailbox().await;
    bot(&post.product, &TEAM).await;
    let ack = post.product.visitor().await.say("1", "здравствуйте").await;
    let told = async |count: usize| {
        until("the lines", async || troubles(&post.product, &ack["conversation_id"]).await.len() == count).await;
        troubles(&post.product, &ack["conversation_id"]).await
    };
    let lines = told(2).await;
    assert!(lines.iter().all(|line| line["code"] == "no_mailbox"), "{lines:?}");
    post.connect().await;
    post.server.says(SmtpSays::To("RCPT", "550 5.1.1 no such user"));
    let other = post.product.visitor().await.say("1", "здравствуйте").await;
    until("one line", async || troubles(&post.product, &other["conversation_id"]).await.len() == 1).await;
    let lines = troubles(&post.product, &other["conversation_id"]).await;
    assert_eq!(lines[0]["code"], "no_such_address", "{lines:?}");
    post.letters(1).await;
}

#[tokio::test]
async fn what_was_erased_before_the_letter_goes_nowhere() {
    let post = Post::open().await;
    bot(&post.product, &TEAM).await;
    post.server.says(SmtpSays::HangUp("MAIL"));
    post.server.says(SmtpSays::HangUp("MAIL"));
    let mut operator = post.product.operator().await;
    let ack = post.product.visitor().await.say("1", "здравствуйте").await;
    let message = operator.until(|frame| frame["data"]["conversation_id"] == ack["conversation_id"]).await;
    let contact = message["data"]["contact_id"].as_str().unwrap().to_owned();
    until("both tries", async || post.server.has_said_all()).await;
    let path = post.product.project(&format!("/contacts/{contact}"));
    let (status, answer) = post.product.call(reqwest::Method::DELETE, &path, None).await;
    assert!(status.is_success(), "{answer}");
    post.clock.plus_minutes(30);
    post.stays_at(0).await;
}

#[tokio::test]
async fn our_own_mailbox_is_not_written_to() {
    let post = Post::open().await;
    bot(&post.product, &["Sales@Shop.example"]).await;
    let ack = post.product.visitor().await.say("1", "здравствуйте").await;
    until("the line", async || troubles(&post.product, &ack["conversation_id"]).await.len() == 1).await;
    assert_eq!(troubles(&post.product, &ack["conversation_id"]).await[0]["code"], "own_mailbox");
    post.stays_at(0).await;
}
