//! A clock that is set while a mailing runs: back an hour, on a day, and to the seams of leases. Nobody gets it twice, and the ledger adds up.

use super::support::{Clients, assert_equation};
use harness::{Product, Shop, TestClock};
use messaging::Settings;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const PEOPLE: u32 = 60;
/// So long a job or a delivery is its worker's.
const LEASE_MS: i64 = 120_000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Time goes on as it does, a little at a time.
fn goes_on(clock: Arc<TestClock>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            clock.plus_ms(20);
        }
    })
}

#[tokio::test]
async fn a_clock_that_jumps_sends_nothing_twice_and_loses_nobody() {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let clients = Clients::of(Shop::open_in(product).await).await;
    let time = goes_on(clock.clone());
    for number in 1..=PEOPLE {
        clients.telegram(number).await;
    }
    let mailing = clients.mailing(json!({ "channels": ["telegram"], "pace_per_minute": 1200 })).await;
    clients.act(&mailing, "start").await;
    let jumps =
        [-HOUR_MS, LEASE_MS - 1, 1, LEASE_MS + 1, 24 * HOUR_MS, -LEASE_MS, -2 * HOUR_MS, LEASE_MS, 24 * HOUR_MS];
    for jump in jumps {
        tokio::time::sleep(Duration::from_millis(250)).await;
        clock.plus_ms(jump);
        assert_equation(&clients.product().get(&format!("{mailing}/report")).await["counts"]);
    }
    // What was put off until a time that now lies ahead comes when that time comes.
    let mut ended = Value::Null;
    for _ in 0..200 {
        ended = clients.product().get(&mailing).await;
        if ended["state"] == "done" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        clock.plus_ms(60_000);
    }
    time.abort();
    assert_eq!(ended["state"], "done", "{ended}");
    let counts = &ended["counts"];
    assert_equation(counts);
    let mut by_client: BTreeMap<String, usize> = BTreeMap::new();
    for sent in clients.shop.sent() {
        *by_client.entry(sent["chat_id"].to_string()).or_default() += 1;
    }
    assert!(by_client.values().all(|times| *times == 1), "{by_client:?}");
    let n = |key: &str| usize::try_from(counts[key].as_u64().unwrap()).unwrap();
    assert_eq!((n("people"), n("queued"), n("sending")), (PEOPLE as usize, 0, 0), "{counts}");
    // Who was being written to when the clock went on by a day is honestly unknown, and got it all the same.
    assert!(
        n("sent") <= by_client.len() && by_client.len() <= n("sent") + n("unknown"),
        "{counts}, {} got it",
        by_client.len()
    );
    assert_eq!(n("sent") + n("unknown"), PEOPLE as usize, "{counts}");
}
