//! However often, from wherever and by whomever the log is read, the numbers are the same.

use crate::support::{Shop, shop};
use db::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn run(shop: &Shop, script: &'static str) {
    let ran = shop
        .product
        .app
        .messaging
        .db
        .write(Scope::System, move |tx| Box::pin(async move { tx.run_script(script).await }));
    ran.await.unwrap();
}

async fn all(shop: &Shop) -> Vec<Value> {
    let mut reports = Vec::new();
    for by in ["operator", "department", "channel", "page", "scenario"] {
        reports.push(shop.until(&format!("by={by}"), |report| report["total"]["conversations"] != 0).await);
    }
    reports
}

#[tokio::test]
async fn the_log_read_again_changes_nothing() {
    let shop = shop().await;
    shop.a_day().await;
    let before = all(&shop).await;
    run(&shop, "UPDATE report_follows SET position = 0").await;
    shop.asks("https://shop.example/").await;
    let after = shop.until("by=operator", |report| report["total"]["conversations"] == 6).await;
    assert_eq!((&after["total"]["missed"], &after["total"]["people_messages"]), (&json!(3), &json!(2)));
    assert_eq!(before[0]["total"]["conversations"], 5);
}

#[tokio::test]
async fn an_installation_with_a_history_has_the_numbers_of_it_but_for_the_pages() {
    let shop = shop().await;
    shop.a_day().await;
    let mut before = all(&shop).await;
    run(&shop, "DELETE FROM report_sums; DELETE FROM report_sessions; DELETE FROM report_follows; DELETE FROM events")
        .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let wait = |report: &Value| report["total"]["conversations"] == 5;
    shop.until("by=operator", wait).await;
    let mut after = all(&shop).await;
    // Pages of long ago are nobody's to know; those of this minute are still told.
    before.remove(3);
    after.remove(3);
    assert_eq!(before, after);
}

#[tokio::test]
async fn an_erased_client_stays_counted_and_leads_nowhere() {
    let shop = shop().await;
    let talks = shop.a_day().await;
    let before = shop.report("by=operator").await;
    let conversation = shop.product.get(&shop.path(&format!("/conversations/{}", talks[0].id))).await;
    let path = shop.path(&format!("/contacts/{}", conversation["contact_id"].as_str().unwrap()));
    let (status, answer) = shop.product.call(Method::DELETE, &path, None).await;
    assert!(status.is_success(), "{status} {answer}");
    let rated = shop.listed("which=rated").await;
    assert_eq!(rated.len(), 1, "the number opens as many as it says");
    for gone in ["conversation_id", "contact_id", "client", "comment"] {
        assert_eq!(rated[0][gone], Value::Null, "{gone}");
    }
    // And the next thing that happens changes nothing of it.
    shop.asks("https://shop.example/").await;
    let after = shop.until("by=operator", |report| report["total"]["conversations"] == 6).await;
    for same in ["rated", "answered", "missed", "closed"] {
        assert_eq!(before["total"][same], after["total"][same], "{same}");
    }
}

#[tokio::test]
async fn who_writes_after_the_close_begins_another() {
    let shop = shop().await;
    let mut talk = shop.asks("https://shop.example/").await;
    shop.answers(&talk).await;
    shop.act(&talk, "close", json!({})).await;
    shop.until("", |report| report["total"]["closed"] == 1).await;
    shop.clock.plus_minutes(60);
    talk.visitor.say("2", "И ещё вопрос").await;
    let report = shop.until("", |report| report["total"]["conversations"] == 2).await;
    assert_eq!((&report["total"]["asked"], &report["total"]["answered"]), (&json!(2), &json!(1)));
    let listed = shop.listed("").await;
    assert_eq!(listed.iter().filter(|one| one["conversation_id"] == talk.id).count(), 2, "in the same thread");
}

#[tokio::test]
async fn a_bot_is_not_people_until_it_gives_the_client_over() {
    let shop = shop().await;
    let document = json!({
        "schema": 1,
        "launch": [{ "kind": "first_message", "to": "b1" }],
        "blocks": [
            { "id": "b1", "type": "message", "settings": { "text": "Здравствуйте, я бот" } },
            { "id": "b2", "type": "transfer", "settings": {} },
        ],
        "edges": [{ "from": ["b1", "next"], "to": "b2" }],
    });
    let scenario = json!({ "name": "Приветствие", "document": document });
    let made = shop.product.post(&shop.path("/scenarios"), scenario).await;
    let path = shop.path(&format!("/scenarios/{}/publish", made["id"].as_str().unwrap()));
    shop.product.post(&path, json!({ "revision": made["revision"] })).await;
    shop.asks("https://shop.example/").await;
    let report = shop.until("by=scenario", |report| report["total"]["asked"] == 1).await;
    assert_eq!((&report["rows"][0]["name"], &report["rows"][0]["bot_messages"]), (&json!("Приветствие"), &json!(1)));
}

#[tokio::test]
async fn three_followers_at_once_count_everything_once() {
    let shop = shop().await;
    let service = &shop.product.app.messaging;
    let more: Vec<_> = (0..2).map(|_| tokio::spawn(reports::runner::run(service.clone()))).collect();
    shop.a_day().await;
    let mut visitors = Vec::new();
    for _ in 0..12 {
        visitors.push(shop.asks("https://shop.example/lamps").await);
    }
    for talk in &mut visitors {
        for n in 2..6 {
            talk.visitor.say(&n.to_string(), "И ещё").await;
        }
    }
    let report = shop.until("by=operator", |report| report["total"]["client_messages"] == 5 + 12 * 5).await;
    assert_eq!(report["total"]["conversations"], 17);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(shop.report("by=operator").await, report, "and nothing twice afterwards");
    more.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_month_is_the_sum_of_its_days() {
    let shop = shop().await;
    shop.a_day().await;
    for by in ["operator", "page"] {
        // The clock stands on 21 September: the first is read from the month, the second from its days.
        let month = shop.report(&format!("from=2026-09-01&to=2026-09-30&by={by}")).await;
        let days = shop.report(&format!("from=2026-09-02&to=2026-09-30&by={by}")).await;
        assert_eq!(month["rows"], days["rows"], "{by}");
        assert_eq!(
            month["rows"].as_array().unwrap().iter().map(|row| row["conversations"].as_i64().unwrap()).sum::<i64>(),
            5
        );
        let longer = shop.report(&format!("from=2026-08-20&to=2026-10-10&by={by}")).await;
        assert_eq!(longer["rows"], days["rows"], "{by}");
    }
}
