//! Nodes whose clocks are minutes apart work by the database's (D11, D18). One node, and SQLite, have the machine's.

use harness::{Product, Shop};
use messaging::files::FileStore;
use messaging::{Messaging, Settings};
use model::{Clock, ClockedIds, Env, SharedClock, SystemClock, Timestamp};
use reqwest::Method;
use serde_json::json;
use server::{App, nodes};
use std::sync::Arc;
use std::time::{Duration, Instant};
use vault::Vault;

/// The machine's clock, wrongly set.
struct Wrong(i64);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(self.0)
    }
}

const TWO_MINUTES_MS: i64 = 120_000;
/// Enough for both nodes to look for work while some of it is under way.
const ANSWERS: usize = 100;

/// A node whose clock is wrong, before it asked the database.
fn node(wrong_by_ms: i64) -> (Arc<SharedClock>, Env) {
    let clock = Arc::new(SharedClock::over(Arc::new(Wrong(wrong_by_ms))));
    (clock.clone(), Env::new(clock.clone(), Arc::new(ClockedIds::by(clock)), Vault::throwaway()))
}

/// A second node of the product's database.
fn beside(product: &Product, env: Env) -> App {
    let vault = product.app.messaging.env.vault().clone();
    let env = Env::new(Arc::new(Of(env.clone())), Arc::new(ClockedIds::by(Arc::new(Of(env)))), vault);
    let files = FileStore::folder(&product.test_db.folder.join("files")).unwrap();
    let egress = egress::Egress::new(egress::Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
    App::new(Messaging::new(product.test_db.db.clone(), env, files, egress, Settings::default()))
}

/// The clock of an environment.
struct Of(Env);

impl Clock for Of {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

#[tokio::test]
async fn clocks_two_minutes_apart_tell_one_time_and_ids_rise_over_both() {
    let product = Product::start().await;
    let db = &product.test_db.db;
    let (ahead, ahead_env) = node(TWO_MINUTES_MS);
    let (behind, behind_env) = node(-TWO_MINUTES_MS);
    let (Some(first), Some(second)) = (nodes::set(db, &ahead).await.unwrap(), nodes::set(db, &behind).await.unwrap())
    else {
        assert_eq!(product.test_db.url, None, "only SQLite has no clock");
        return;
    };
    let near = |ms: i64, wanted: i64| (ms - wanted).abs() < 1000;
    assert!(near(first, TWO_MINUTES_MS) && near(second, -TWO_MINUTES_MS), "the skew is known: {first} {second}");
    assert!(ahead.now().ms_since(behind.now()).abs() < 500, "and set right");
    let mut ids = Vec::new();
    for n in 0..20 {
        let env = if n % 2 == 0 { &ahead_env } else { &behind_env };
        ids.push(env.ids().next_ordered());
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    assert!(ids.is_sorted_by(|a, b| a < b));
}

#[tokio::test]
async fn nodes_two_minutes_apart_send_at_once_and_take_nothing_from_each_other() {
    let (clock, env) = node(-TWO_MINUTES_MS);
    let product = Product::start_with(env, Settings::default()).await;
    if nodes::set(&product.test_db.db, &clock).await.unwrap().is_none() {
        return;
    }
    let (clock, env) = node(TWO_MINUTES_MS);
    nodes::set(&product.test_db.db, &clock).await.unwrap();
    beside(&product, env).start_workers();
    let shop = Shop::open_in(product).await;
    let (path, _operator) = shop.conversation().await;
    let started = Instant::now();
    for n in 0..ANSWERS {
        let text = format!("ответ {n}");
        shop.product.post(&path, json!({ "client_id": n.to_string(), "content": { "text": text } })).await;
    }
    while shop.sent().len() < ANSWERS {
        assert!(started.elapsed() < Duration::from_secs(20), "sent: {}", shop.sent().len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let texts: Vec<String> = shop.sent().iter().map(|sent| sent["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, (0..ANSWERS).map(|n| format!("ответ {n}")).collect::<Vec<_>>(), "each once, in order");
    let list = shop.product.call(Method::GET, &format!("{path}?limit=200"), None).await.1;
    let answers = list["items"].as_array().unwrap().iter().filter(|item| !item["delivery"].is_null());
    assert!(answers.clone().all(|item| item["delivery"]["status"] == "sent"), "{list}");
    assert_eq!(answers.count(), ANSWERS);
}

#[test]
fn a_sqlite_installation_refuses_nats_in_words() {
    let data = std::env::temp_dir().join(format!("otklik-nats-on-sqlite-{}", std::process::id()));
    let mut otklik = std::process::Command::new(env!("CARGO_BIN_EXE_otklik"));
    otklik.args(["serve", "--listen", "127.0.0.1:0", "--nats-url", "nats://127.0.0.1:4222", "--data"]).arg(&data);
    let refused = otklik.env_remove("OTKLIK_DATABASE_URL").output().unwrap();
    let _ = std::fs::remove_dir_all(&data);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && words.contains("--database-url"), "{words}");
}
