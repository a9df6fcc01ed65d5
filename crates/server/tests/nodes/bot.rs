//! A Telegram on loopback that counts what it is sent and who asks it for updates.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;

pub const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1";

#[derive(Clone, Default)]
pub struct Bot {
    sent: Arc<Mutex<Vec<String>>>,
    updates: Arc<Mutex<Vec<Value>>>,
    asking: Arc<AtomicUsize>,
    /// Most requests for updates that waited at once since it was looked at last.
    most_asking: Arc<AtomicUsize>,
    pub holds_answers: Arc<AtomicBool>,
}

impl Bot {
    /// Starts it; its address.
    pub async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Router::new().route("/{bot}/{method}", post(answer)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, server).await });
        address
    }

    /// Texts that were sent, in order.
    pub fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// Somebody writes.
    pub fn text(&self, from: i64, text: &str) {
        let mut updates = self.updates.lock().unwrap();
        let id = i64::try_from(updates.len()).unwrap() + 1;
        updates.push(json!({ "update_id": id, "message": {
            "message_id": id * 10, "date": 1_700_000_000, "chat": { "id": from, "type": "private" },
            "from": { "id": from, "is_bot": false, "first_name": format!("Client {from}") }, "text": text } }));
    }

    /// Most requests for updates at once since the last look: Telegram itself refuses a second one.
    pub fn most_asking(&self) -> usize {
        self.most_asking.swap(0, Ordering::Relaxed)
    }

    async fn updates(&self, from: i64) -> Vec<Value> {
        let asking = self.asking.fetch_add(1, Ordering::Relaxed) + 1;
        let _asked = Asked(self.asking.clone());
        self.most_asking.fetch_max(asking, Ordering::Relaxed);
        // Held so long that two readers, who pause for less between their requests, are seen at once.
        for _ in 0..30 {
            let found = self.updates_after(from);
            if !found.is_empty() {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
        Vec::new()
    }

    fn updates_after(&self, from: i64) -> Vec<Value> {
        let updates = self.updates.lock().unwrap();
        updates.iter().filter(|update| update["update_id"].as_i64().unwrap() >= from).cloned().collect()
    }
}

/// Counted until it is answered or given up.
struct Asked(Arc<AtomicUsize>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer(
    State(bot): State<Bot>,
    Path((_, method)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let result = match method.as_str() {
        "getMe" => json!({ "id": 1, "is_bot": true, "first_name": "Shop", "username": "shop_bot" }),
        "getUpdates" => json!(bot.updates(body["offset"].as_i64().unwrap_or(0)).await),
        "sendMessage" => {
            let number = {
                let mut sent = bot.sent.lock().unwrap();
                sent.push(body["text"].as_str().unwrap_or_default().to_owned());
                sent.len()
            };
            while bot.holds_answers.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(20)).await;
            }
            json!({ "message_id": 100_000 + number, "date": 1, "chat": { "id": body["chat_id"], "type": "private" } })
        }
        _ => json!(true),
    };
    (StatusCode::OK, Json(json!({ "ok": true, "result": result })))
}
