//! Letters that go out through a scripted server on loopback, and what it says of them.

use crate::email_in::{Post, letter};
use harness::{SmtpSays, Socket};
use serde_json::{Value, json};

/// A letter came in: the path that answers it.
async fn conversation(post: &Post) -> (String, Socket) {
    let mut operator = post.product.operator().await;
    post.server.receives(&letter(1, "Добрый день!"));
    let message = operator.event("message.created").await;
    let id = message["conversation_id"].as_str().unwrap().to_owned();
    (post.product.project(&format!("/conversations/{id}/messages")), operator)
}

async fn answer(post: &Post, path: &str, text: &str) -> Value {
    post.product.post(path, json!({ "client_id": text, "content": { "text": text } })).await
}

fn status(frame: &Value) -> (&str, &str) {
    let delivery = &frame["data"]["delivery"];
    (delivery["status"].as_str().unwrap_or_default(), delivery["reason"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn an_answer_goes_into_the_clients_thread() {
    let post = Post::open().await;
    post.change(json!({ "settings": { "signature": "Магазин" } })).await;
    let (path, mut operator) = conversation(&post).await;
    answer(&post, &path, "Здравствуйте!").await;
    operator.until(|f| status(f).0 == "sent").await;
    let posted = post.server.posted();
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].to, ["RCPT TO:<anna@client.example>"]);
    for header in [
        "Subject: Re: Lamp",
        "In-Reply-To: <1@client.example>",
        "References: <1@client.example>",
        "To: anna@client.example",
    ] {
        assert!(posted[0].text.contains(header), "{header}: {}", posted[0].text);
    }
    assert!(!posted[0].text.contains("Auto-Submitted"));
    answer(&post, &path, "И ещё").await;
    operator.until(|f| status(f).0 == "sent").await;
    let second = &post.server.posted()[1].text;
    assert!(second.contains("In-Reply-To: <1@client.example>") && second.contains("otklik.msg_"), "{second}");
}

#[tokio::test]
async fn what_became_of_a_letter_is_what_the_server_says() {
    let post = Post::open().await;
    let (path, mut operator) = conversation(&post).await;
    let outcomes = [
        (SmtpSays::To("RCPT", "550 5.1.1 no such user"), ("failed", "no_such_address")),
        (SmtpSays::To("RCPT", "450 4.2.0 greylisted"), ("queued", "rate_limited")),
    ];
    for (says, wanted) in outcomes {
        post.server.says(says.clone());
        answer(&post, &path, &format!("{says:?}")).await;
        operator.until(|f| status(f) == wanted).await;
    }
    assert!(post.server.posted().is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_up_before_the_letter_has_nothing_and_after_it_nobody_knows() {
    let post = Post::open().await;
    let (path, mut operator) = conversation(&post).await;
    post.server.says(SmtpSays::HangUp("DATA"));
    answer(&post, &path, "один").await;
    operator.until(|f| status(f) == ("queued", "not_reached")).await;
    operator.until(|f| status(f).0 == "sent").await;
    assert_eq!(post.server.posted().len(), 1, "it was tried again");
    post.server.says(SmtpSays::HangUp("."));
    answer(&post, &path, "два").await;
    operator.until(|f| status(f) == ("unknown", "no_answer")).await;
    for (words, code) in
        [("552 5.3.4 too big", "too_large"), ("554 5.7.1 spam", "refused"), ("550 5.2.2 full", "mailbox_full")]
    {
        post.server.says(SmtpSays::To(".", words));
        answer(&post, &path, words).await;
        let told = operator.until(|f| status(f) == ("failed", code)).await;
        assert!(told["data"]["delivery"]["reason"]["detail"].as_str().unwrap().contains(&words[4..]), "{told}");
    }
    assert_eq!(post.server.posted().len(), 1);
}

#[tokio::test]
async fn a_bounce_marks_the_message_and_begins_no_conversation() {
    let post = Post::open().await;
    let (path, mut operator) = conversation(&post).await;
    answer(&post, &path, "Здравствуйте!").await;
    operator.until(|f| status(f).0 == "sent").await;
    let sent = post.server.posted()[0].text.clone();
    let id = sent.lines().find(|line| line.starts_with("Message-ID:")).unwrap();
    post.server.receives(&format!(
        "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; anna@client.example\n\
         Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n--b\nContent-Type: text/rfc822-headers\n\n{id}\n\n--b--\n"
    ));
    let told = operator.until(|f| status(f).0 == "failed").await;
    assert_eq!(told["data"]["delivery"]["reason"]["detail"], "550 5.1.1 no such user");
    let conversations = post.product.get(&post.product.project("/conversations")).await;
    assert_eq!(conversations["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bot_answers_people_says_that_it_is_one_and_answers_no_other_program() {
    let post = Post::open().await;
    let mut operator = post.product.operator().await;
    let hello = json!({ "schema": 1, "launch": [{ "kind": "first_message", "to": "b1" }],
        "blocks": [{ "id": "b1", "type": "message", "settings": { "text": "Здравствуйте, ждём вас!" } }], "edges": [] });
    let made = json!({ "name": "Привет", "document": hello });
    let made = post.product.post(&post.product.project("/scenarios"), made).await;
    let path = post.product.project(&format!("/scenarios/{}/publish", made["id"].as_str().unwrap()));
    post.product.post(&path, json!({ "revision": made["revision"] })).await;
    post.server.receives("From: robot@client.example\nAuto-Submitted: auto-replied\nSubject: Away\n\nI am away.\n");
    let heard = operator.event("message.created").await;
    assert_eq!(heard["content"]["extra"]["automatic"], true);
    post.server.receives(&letter(1, "Добрый день!"));
    operator.until(|f| status(f).0 == "sent").await;
    let posted = post.server.posted();
    assert_eq!(posted.len(), 1, "nobody answers the machine");
    assert_eq!(posted[0].to, ["RCPT TO:<anna@client.example>"]);
    assert!(posted[0].text.contains("Auto-Submitted: auto-replied"), "{}", posted[0].text);
}
