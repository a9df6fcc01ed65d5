//! A note is gone when its conversation is read elsewhere: once, and only where it was told.

use crate::{Device, Service, colleague, opened};
use harness::{Browser, Product};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

async fn reads(product: &Product, who: &Browser, ack: &Value, seq: i64) {
    let path = product.project(&format!("/conversations/{}/read", ack["conversation_id"].as_str().unwrap()));
    let (status, said) = who.call(product, Method::POST, &path, json!({ "seq": seq })).await;
    assert!(status.is_success(), "{said}");
}

#[tokio::test]
async fn what_is_read_elsewhere_is_taken_away_once_from_the_devices_of_that_person() {
    let (product, owner) = opened().await;
    let operator = colleague(&product, "op@a.example").await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    let theirs = Device::of(&product, &operator, &format!("{url}/push/op")).await;
    let ack = product.visitor().await.say("1", "Есть лампы?").await;
    let told = service.until(2).await;
    let topic = |heard: &crate::Heard| heard.headers["topic"].to_str().unwrap().to_owned();

    reads(&product, &owner, &ack, 1).await;
    let heard = service.until(3).await;
    let read = phone.reads(&heard[2]);
    assert_eq!((&read["kind"], &read["conversation_id"]), (&json!("read"), &ack["conversation_id"]));
    assert_eq!(topic(&heard[2]), topic(&told[0]), "a note that still waits for its device is let go by its service");
    assert_eq!(read["body"], "", "nothing of it is said again");
    reads(&product, &owner, &ack, 1).await;
    service.stays_at(3).await;
    reads(&product, &operator, &ack, 1).await;
    let heard = service.until(4).await;
    assert_eq!(theirs.reads(&heard[3])["kind"], "read", "each reads for themselves");
    service.stays_at(4).await;
}

#[tokio::test]
async fn what_was_not_told_is_not_taken_away_and_a_newer_word_stays() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    let mut desk = owner.socket(&product).await;
    desk.send(json!({ "type": "subscribe", "projects": [product.account.project_id], "from": 0 })).await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "раз").await;
    service.stays_at(0).await;
    reads(&product, &owner, &ack, 1).await;
    service.stays_at(0).await;
    drop(desk);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let newer = visitor.say("2", "два").await;
    assert_eq!(phone.reads(&service.until(1).await[0])["body"], "два");
    // Some page of theirs says late what was read before the newer word.
    reads(&product, &owner, &ack, 1).await;
    service.stays_at(1).await;
    reads(&product, &owner, &newer, newer["seq"].as_i64().unwrap()).await;
    assert_eq!(phone.reads(&service.until(2).await[1])["kind"], "read");
    service.stays_at(2).await;
}

#[tokio::test]
async fn several_that_are_read_at_once_are_taken_away_together() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    let mut said = Vec::new();
    for number in 0..3 {
        said.push(product.visitor().await.say("1", &format!("вопрос {number}")).await);
    }
    service.until(3).await;
    tokio::join!(
        reads(&product, &owner, &said[0], 1),
        reads(&product, &owner, &said[1], 1),
        reads(&product, &owner, &said[2], 1)
    );
    // What one look at the log finds goes in one push; three at most.
    let wanted: HashSet<String> = said.iter().map(|ack| ack["conversation_id"].as_str().unwrap().to_owned()).collect();
    let mut gone = HashSet::new();
    for calls in 4..=6 {
        if gone == wanted {
            break;
        }
        let read = phone.reads(&service.until(calls).await[calls - 1]);
        assert_eq!(read["kind"], "read");
        let several = read["conversation_ids"].as_array().cloned().unwrap_or_default();
        for id in several.iter().chain(read.get("conversation_id")) {
            assert!(gone.insert(id.as_str().unwrap().to_owned()), "once: {id}");
        }
    }
    assert_eq!(gone, wanted);
}
