//! When: times, quiet hours, caps, starts that are late. By a clock of its own.

use super::support::Clients;
use harness::{Product, Shop, TestClock, until};
use messaging::Settings;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// The clock stands on 21 September 2026, 17:13 in Moscow (14:13 UTC).
async fn shop() -> (Clients, Arc<TestClock>) {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    (Clients::of(Shop::open_in(product).await).await, clock)
}

async fn state(clients: &Clients, mailing: &str) -> Value {
    clients.product().get(mailing).await["state"].clone()
}

#[tokio::test]
async fn a_mailing_begins_at_its_time_and_one_that_is_long_overdue_waits_for_somebodys_word() {
    let (clients, clock) = shop().await;
    clients.telegram(1).await;
    let mailing = clients.mailing(json!({ "schedule": { "at": "2026-09-21T18:00", "quiet": null } })).await;
    assert_eq!(clients.act(&mailing, "start").await["state"], "scheduled");
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_eq!(state(&clients, &mailing).await, "scheduled");
    clock.plus_minutes(50);
    clients.settled(&mailing, "done").await;
    let late = clients.mailing(json!({ "schedule": { "at": "2026-09-22T10:00", "quiet": null } })).await;
    clients.act(&late, "start").await;
    clock.plus_days(1);
    until("it is held", async || clients.product().get(&late).await["held"] == "overdue").await;
    assert_eq!(clients.shop.sent().len(), 1);
    clients.product().post(&format!("{late}/start"), json!({ "now": true })).await;
    clients.settled(&late, "done").await;
    assert_eq!(clients.shop.sent().len(), 2);
}

#[tokio::test]
async fn quiet_hours_are_the_clients_and_whoever_sleeps_waits() {
    let (clients, clock) = shop().await;
    let (moscow, vladivostok) = (clients.telegram(1).await, clients.telegram(2).await);
    clients.field("timezone", "Часовой пояс").await;
    clients.set(vladivostok, json!({ "timezone": ["Asia/Vladivostok"] })).await;
    let mailing = clients.mailing(json!({ "schedule": { "quiet": { "from": "21:00", "to": "09:00" } } })).await;
    let counted = clients.act(&mailing, "preflight").await;
    let zones = counted["zones"].as_array().unwrap();
    let waits = |zone: &str| zones.iter().find(|one| one["zone"] == zone).unwrap()["waits_seconds"].as_i64().unwrap();
    assert_eq!(waits("Europe/Moscow"), 0);
    // There it is 00:13: nearly nine hours are left.
    assert_eq!(waits("Asia/Vladivostok") / 3_600, 8);
    assert_eq!(counted["zone_unknown"], 1);
    clients.act(&mailing, "start").await;
    until("who is awake has it", async || clients.people(&mailing, "state=sent").await.len() == 1).await;
    assert_eq!(clients.people(&mailing, "state=sent").await[0]["contact_id"], json!(moscow));
    clock.plus_minutes(9 * 60);
    clients.settled(&mailing, "done").await;
    assert_eq!(clients.shop.sent().len(), 2);
}

#[tokio::test]
async fn what_comes_after_the_last_moment_is_skipped_as_too_late() {
    let (clients, clock) = shop().await;
    let vladivostok = clients.telegram(2).await;
    clients.field("timezone", "Часовой пояс").await;
    clients.set(vladivostok, json!({ "timezone": ["Asia/Vladivostok"] })).await;
    let schedule = json!({ "quiet": { "from": "21:00", "to": "09:00" }, "last": "2026-09-21T20:00" });
    let mailing = clients.mailing(json!({ "schedule": schedule })).await;
    assert_eq!(clients.act(&mailing, "preflight").await["skipped"], json!({ "too_late": 1 }));
    clock.plus_minutes(1);
    assert_eq!(clients.sent(&mailing).await["skipped"], 1);
}

#[tokio::test]
async fn nobody_gets_more_mailings_than_the_cap_in_its_days() {
    let (clients, clock) = shop().await;
    clients.telegram(1).await;
    let capped = json!({ "frequency": { "times": 1, "days": 7 } });
    assert_eq!(clients.sent(&clients.mailing(capped.clone()).await).await["sent"], 1);
    let second = clients.mailing(capped.clone()).await;
    assert_eq!(clients.act(&second, "preflight").await["skipped"], json!({ "frequency_cap": 1 }));
    assert_eq!(clients.sent(&second).await["skipped"], 1);
    clock.plus_days(8);
    assert_eq!(clients.sent(&clients.mailing(capped).await).await["sent"], 1);
}

#[tokio::test]
async fn a_scheduled_mailing_that_is_changed_or_stopped_is_a_draft_again() {
    let (clients, _clock) = shop().await;
    let mailing = clients.mailing(json!({ "schedule": { "at": "2026-09-22T10:00", "quiet": null } })).await;
    clients.act(&mailing, "start").await;
    assert_eq!(clients.act(&mailing, "stop").await["state"], "draft");
    clients.act(&mailing, "start").await;
    let document = clients.product().get(&mailing).await["document"].clone();
    let body = json!({ "document": document, "revision": 1 });
    assert_eq!(clients.product().call(Method::PUT, &mailing, Some(body)).await.1["state"], "draft");
}
