//! Conversations that are put off come back by themselves, by a hand, and by a word of the client's.

use harness::{Browser, Product, Socket, TestClock, join, until};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

struct Desk {
    clock: Arc<TestClock>,
    product: Product,
    anna: Browser,
    anna_id: String,
    visitor: Socket,
    conversation: String,
}

async fn desk() -> Desk {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let anna_id = anna.get(&product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    let mut visitor = product.visitor().await;
    let said = visitor.say("1", "Где заказ?").await;
    let conversation = said["conversation_id"].as_str().unwrap().to_owned();
    Desk { clock, product, anna, anna_id, visitor, conversation }
}

impl Desk {
    async fn act(&self, verb: &str, body: Value) -> (StatusCode, Value) {
        let path = self.product.project(&format!("/conversations/{}/{verb}", self.conversation));
        self.anna.call(&self.product, Method::POST, &path, body).await
    }

    async fn snooze(&self, minutes: i64) -> (StatusCode, Value) {
        self.act("snooze", json!({ "until": self.at(minutes) })).await
    }

    /// The moment in so many minutes, by the product's clock.
    fn at(&self, minutes: i64) -> String {
        self.clock.env().now().plus_ms(minutes * 60_000).to_string()
    }

    async fn now(&self) -> Value {
        let path = self.product.project(&format!("/conversations/{}", self.conversation));
        self.anna.get(&self.product, &path).await
    }

    async fn status(&self) -> String {
        self.now().await["status"].as_str().unwrap().to_owned()
    }

    async fn becomes(&self, status: &str) {
        until(&format!("the conversation to be {status}"), async || self.status().await == status).await;
    }

    async fn lines(&self) -> Vec<Value> {
        let path = self.product.project(&format!("/conversations/{}/messages", self.conversation));
        let messages = self.product.get(&path).await;
        let events = messages["items"].as_array().unwrap().iter().filter(|message| message["kind"] == "event");
        events.map(|message| message["content"]["event"].clone()).collect()
    }

    async fn folder(&self, name: &str) -> usize {
        let path = self.product.project(&format!("/conversations?folder={name}"));
        self.anna.get(&self.product, &path).await["items"].as_array().unwrap().len()
    }

    async fn counts(&self) -> Value {
        self.anna.get(&self.product, &self.product.project("/conversations/counts")).await
    }
}

#[tokio::test]
async fn its_time_brings_it_back_unread_to_whoever_has_it() {
    let desk = desk().await;
    desk.act("accept", json!({})).await;
    let seq = desk.now().await["seq"].clone();
    desk.act("read", json!({ "seq": seq })).await;
    let until = desk.at(60);
    let (status, put_off) = desk.act("snooze", json!({ "until": until })).await;
    assert_eq!((status, &put_off["status"]), (StatusCode::OK, &json!("snoozed")), "{put_off}");
    assert_eq!(put_off["snoozed_until"], json!(until));
    assert_eq!((desk.folder("mine").await, desk.folder("open").await, desk.folder("snoozed").await), (0, 0, 1));
    assert_eq!((&desk.counts().await["snoozed"], &desk.counts().await["mine"]), (&json!(1), &json!(0)));
    let line = &desk.lines().await[0];
    assert_eq!((&line["code"], &line["data"]["until"]), (&json!("conversation.snoozed"), &json!(until)));
    assert_eq!(line["data"]["name"], json!("anna@a.example"));

    desk.clock.plus_minutes(59);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(desk.status().await, "snoozed", "not before its time");
    desk.clock.plus_minutes(2);
    desk.becomes("open").await;
    let back = desk.now().await;
    assert_eq!((&back["unread"], &back["snoozed_until"]), (&json!(1), &Value::Null));
    assert_eq!(back["assignee_id"], json!(desk.anna_id));
    assert_eq!(desk.counts().await["unread"], json!(1));
    assert_eq!(desk.lines().await[0]["code"], json!("conversation.woken"));
    // It can be read again.
    desk.act("read", json!({ "seq": back["seq"] })).await;
    assert_eq!(desk.now().await["unread"], json!(0));
}

#[tokio::test]
async fn one_of_nobodys_comes_back_as_new() {
    let desk = desk().await;
    assert_eq!(desk.snooze(5).await.0, StatusCode::OK);
    desk.clock.plus_minutes(6);
    desk.becomes("new").await;
    assert_eq!(desk.folder("new").await, 1);
}

#[tokio::test]
async fn a_hand_brings_it_back_as_it_was_and_its_timer_wakes_nothing_later() {
    let desk = desk().await;
    desk.act("accept", json!({})).await;
    desk.act("messages", json!({ "client_id": "a", "content": { "text": "Ищем" } })).await;
    assert_eq!(desk.status().await, "waiting");
    desk.snooze(5).await;
    let (status, back) = desk.act("wake", json!({})).await;
    assert_eq!((status, &back["status"], &back["snoozed_until"]), (StatusCode::OK, &json!("waiting"), &Value::Null));
    assert_eq!(desk.lines().await[0]["code"], json!("conversation.unsnoozed"));
    // Put off for longer: the first moment is none any more.
    desk.snooze(5).await;
    desk.snooze(60).await;
    desk.clock.plus_minutes(10);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(desk.status().await, "snoozed");
    // And until the client writes: no moment at all.
    desk.act("snooze", json!({ "until_reply": true })).await;
    desk.clock.plus_days(2);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(desk.status().await, "snoozed");
    // Asking for what already is says nothing more.
    let before = desk.lines().await.len();
    desk.act("snooze", json!({ "until_reply": true })).await;
    assert_eq!(desk.lines().await.len(), before);
}

#[tokio::test]
async fn a_word_of_the_client_ends_it_and_so_do_closing_and_giving_away() {
    let mut desk = desk().await;
    desk.act("accept", json!({})).await;
    desk.act("snooze", json!({ "until_reply": true })).await;
    desk.visitor.say("2", "Ау").await;
    assert_eq!(desk.status().await, "open");

    desk.snooze(5).await;
    desk.act("assign", json!({ "user_id": null })).await;
    assert_eq!(desk.status().await, "new");
    desk.snooze(5).await;
    desk.act("assign", json!({ "user_id": desk.anna_id })).await;
    assert_eq!(desk.status().await, "open");
    desk.snooze(5).await;
    desk.act("close", json!({})).await;
    desk.clock.plus_minutes(10);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(desk.status().await, "closed", "a timer that was left behind wakes nothing");
    assert!(desk.lines().await.iter().all(|line| line["code"] != "conversation.woken"));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let desk = desk().await;
    for (body, code) in [
        (json!({ "until": desk.at(0) }), "in_the_past"),
        (json!({ "until": desk.at(-5) }), "in_the_past"),
        (json!({ "until": desk.at(400 * 24 * 60) }), "too_far"),
        (json!({}), "missing"),
        (json!({ "until": desk.at(5), "until_reply": true }), "missing"),
    ] {
        let (status, refused) = desk.act("snooze", body).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
    desk.act("close", json!({})).await;
    let (status, refused) = desk.snooze(5).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("conversation_closed")));
}
