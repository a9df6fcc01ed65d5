//! Sending: each person once, through the best contact, with honest ends.

use super::support::{Clients, assert_equation, blocked};
use harness::until;
use model::ChannelKind;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_person_of_two_channels_gets_one_message_and_the_numbers_add_up() {
    let clients = Clients::new().await;
    let product = clients.product();
    let (mail, mailbox) = clients.mailbox().await;
    let anna = clients.telegram(1).await;
    let anna_by_mail = clients.on(mailbox, ChannelKind::Email, "anna@client.example").await;
    clients.on(mailbox, ChannelKind::Email, "boris@client.example").await;
    for contact in [anna, anna_by_mail] {
        clients.set(contact, json!({ "phone": ["+7 900 123-45-67"] })).await;
    }
    product.post(&product.project("/multi-contact-rules"), json!({ "fields": ["phone"] })).await;
    let mailing = clients.mailing(json!({})).await;
    until("one person of two contacts", async || {
        let counted = clients.act(&mailing, "preflight").await;
        counted["duplicates"] == 1
    })
    .await;
    let counted = clients.act(&mailing, "preflight").await;
    assert_eq!((&counted["contacts"], &counted["people"], &counted["reachable"]), (&json!(3), &json!(2), &json!(2)));
    assert_eq!((&counted["fallback"], &counted["problems"]), (&json!(1), &json!([])));
    let counts = clients.sent(&mailing).await;
    assert_eq!((&counts["people"], &counts["sent"]), (&json!(2), &json!(2)));
    let texts: Vec<Value> = clients.shop.sent().iter().map(|sent| sent["text"].clone()).collect();
    assert_eq!(texts, ["Лампы в подарок"]);
    assert_eq!(mail.posted().len(), 1);
    let by_channel = product.get(&format!("{mailing}/report")).await["by_channel"].clone();
    assert_eq!((&by_channel["telegram"]["sent"], &by_channel["email"]["sent"]), (&json!(1), &json!(1)));
    let people = clients.people(&mailing, "state=sent&channel=telegram").await;
    assert_eq!((&people[0]["contact_id"], &people[0]["text"]), (&json!(anna), &json!("Лампы в подарок")));
    assert!(people[0]["sent_at"].is_string() && people[0]["message_id"].is_string());
}

#[tokio::test]
async fn a_channel_that_refuses_is_followed_by_the_persons_next_and_never_both() {
    let clients = Clients::new().await;
    let product = clients.product();
    let (mail, mailbox) = clients.mailbox().await;
    let anna = clients.telegram(1).await;
    let by_mail = clients.on(mailbox, ChannelKind::Email, "anna@client.example").await;
    let link = json!({ "kind": "link", "contacts": [anna, by_mail] });
    product.post(&product.project("/multi-contact-overrides"), link).await;
    clients.shop.answers(blocked());
    let mailing = clients.mailing(json!({})).await;
    let counts = clients.sent(&mailing).await;
    assert_eq!((&counts["people"], &counts["sent"], &counts["failed"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!((clients.shop.sent().len(), mail.posted().len()), (1, 1));
    // Whoever blocked us is not tried again where only that channel is meant; the reason is that of the contact that came furthest.
    let mailing = clients.mailing(json!({ "channels": ["telegram"] })).await;
    assert_eq!(clients.act(&mailing, "preflight").await["skipped"], json!({ "no_channel": 1 }));
    assert_eq!(clients.sent(&mailing).await["skipped"], 1);
    assert_eq!(clients.shop.sent().len(), 1);
}

#[tokio::test]
async fn an_address_is_written_to_once_whatever_persons_it_is_said_to_be() {
    let clients = Clients::new().await;
    let (mail, mailbox) = clients.mailbox().await;
    let (_, second) = clients.mailbox().await;
    clients.on(mailbox, ChannelKind::Email, "anna@client.example").await;
    clients.on(second, ChannelKind::Email, "Anna@client.example").await;
    let mailing = clients.mailing(json!({ "channels": ["email"] })).await;
    let counted = clients.act(&mailing, "preflight").await;
    assert_eq!((&counted["contacts"], &counted["people"], &counted["duplicates"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(clients.sent(&mailing).await["people"], 1);
    drop(mail);
}

#[tokio::test]
async fn a_scenario_begins_with_each_and_answers_count() {
    let clients = Clients::new().await;
    let product = clients.product();
    clients.telegram(5).await;
    clients.field("city", "Город").await;
    let document = json!({
        "schema": 1, "launch": [{ "kind": "mailing", "to": "b1" }],
        "blocks": [
            { "id": "b1", "type": "message", "settings": { "text": "Какой свет вам по душе?", "wait": { "expect": "text", "save_to": "city" } } },
            { "id": "b2", "type": "message", "settings": { "text": "Спасибо!" } },
        ],
        "edges": [{ "from": ["b1", "correct"], "to": "b2" }],
    });
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Свет", "document": document })).await;
    let scenario = product.project(&format!("/scenarios/{}", made["id"].as_str().unwrap()));
    let mailing = clients.mailing(json!({ "body": { "scenario_id": made["id"] } })).await;
    assert_eq!(clients.refused(&mailing, "start").await, "not_ready", "it is not published");
    product.post(&format!("{scenario}/publish"), json!({ "revision": made["revision"] })).await;
    let counts = clients.sent(&mailing).await;
    assert_eq!((&counts["sent"], &counts["answered"]), (&json!(1), &json!(0)));
    assert_eq!(clients.shop.update(&clients.shop.text(7, "Тёплый")).await, StatusCode::OK);
    until("the bot's thanks", async || clients.shop.sent().len() == 2).await;
    until("the answer is counted", async || product.get(&mailing).await["counts"]["answered"] == 1).await;
    let id = mailing.rsplit('/').next().unwrap();
    let report = product.get(&format!("{scenario}/report?mailing_id={id}")).await;
    assert_eq!((&report["launches"], &report["blocks"]["b2"]["visits"]), (&json!(1), &json!(1)));
    let people = clients.people(&mailing, "state=answered").await;
    assert_eq!((people.len(), &people[0]["step"]), (1, &json!("b2")));
    // Who is in talk with people is not taken from them.
    let conversation = product.project(&format!("/conversations/{}", people[0]["conversation_id"].as_str().unwrap()));
    product.post(&format!("{conversation}/assign"), json!({ "user_id": product.account.user_id })).await;
    let again = clients.mailing(json!({ "body": { "scenario_id": made["id"] } })).await;
    clients.sent(&again).await;
    assert_eq!(product.get(&format!("{again}/report")).await["skipped"], json!({ "with_operator": 1 }));
}

#[tokio::test]
async fn a_paused_mailing_sends_nothing_and_a_stopped_one_never_does() {
    let clients = Clients::new().await;
    let product = clients.product();
    for number in 1..=40 {
        clients.telegram(number).await;
    }
    let mailing = clients.mailing(json!({ "pace_per_minute": 600 })).await;
    clients.act(&mailing, "start").await;
    until("some of it", async || clients.shop.sent().len() >= 3).await;
    let paused = clients.act(&mailing, "pause").await;
    assert_eq!(paused["state"], "paused");
    until("what was being sent has ended", async || {
        let before = clients.shop.sent().len();
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        clients.shop.sent().len() == before
    })
    .await;
    let sent = clients.shop.sent().len();
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(clients.shop.sent().len(), sent, "it stands still");
    clients.act(&mailing, "resume").await;
    until("it goes on", async || clients.shop.sent().len() > sent).await;
    clients.act(&mailing, "stop").await;
    let counts = clients.settled(&mailing, "stopped").await["counts"].clone();
    assert_equation(&counts);
    let n = |key: &str| counts[key].as_u64().unwrap();
    assert_eq!((n("people"), n("sent") + n("skipped"), n("sending")), (40, 40, 0));
    assert_eq!(n("sent"), clients.shop.sent().len() as u64);
    assert_eq!(clients.refused(&mailing, "resume").await, "wrong_state");
    let (status, _) = product.call(Method::DELETE, &mailing, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_began_is_not_changed_and_two_editors_do_not_overwrite_each_other() {
    let clients = Clients::new().await;
    let product = clients.product();
    clients.telegram(1).await;
    let mailing = clients.mailing(json!({})).await;
    let draft = product.get(&mailing).await;
    let save = async |revision: i64| {
        let body = json!({ "document": draft["document"], "revision": revision });
        product.call(Method::PUT, &mailing, Some(body)).await
    };
    assert_eq!(save(1).await.1["revision"], 2);
    assert_eq!(save(1).await.1["code"], "changed_meanwhile");
    clients.sent(&mailing).await;
    assert_eq!(save(2).await.1["code"], "not_a_draft");
    let (status, refused) = product
        .call(
            Method::POST,
            &product.project("/mailings"),
            Some(json!({ "title": "x", "audience": { "all": [{ "field": "nowhere", "op": "is_filled" }] } })),
        )
        .await;
    assert_eq!(
        (status, &refused["errors"][0]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_field")),
        "{refused}"
    );
}

#[tokio::test]
async fn those_who_were_erased_meanwhile_are_gone_and_nobody_else() {
    let clients = Clients::new().await;
    let product = clients.product();
    for number in 1..=3 {
        clients.telegram(number).await;
    }
    let gone = clients.telegram(9).await;
    let mailing = clients.mailing(json!({ "schedule": { "at": "2030-01-01T10:00", "quiet": null } })).await;
    assert_eq!(clients.act(&mailing, "start").await["state"], "scheduled");
    let (status, _) = product.call(Method::DELETE, &product.project(&format!("/contacts/{gone}")), None).await;
    assert!(status.is_success());
    product.post(&format!("{mailing}/start"), json!({ "now": true })).await;
    let counts = clients.settled(&mailing, "done").await["counts"].clone();
    assert_eq!((&counts["people"], &counts["sent"]), (&json!(3), &json!(3)));
}
