//! A scripted Telegram on loopback.

use crate::{Product, Socket};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A token of the usual form.
pub const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1";

/// Answers for `sendMessage`, in order; `ok` when the script is at its end.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<(StatusCode, Value)>>>,
    sent: Arc<Mutex<Vec<Value>>>,
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    /// Updates of each bot, by its token.
    waiting: Arc<Mutex<Vec<(String, Value)>>>,
    /// Told while a webhook is being set.
    calls_back: Arc<Mutex<Option<CallsBack>>>,
}

/// A Telegram that is in a hurry: it brings an update to the webhook before it answers that it has it.
#[derive(Clone)]
struct CallsBack {
    product: String,
    update: Value,
    then: StatusCode,
    heard: Option<StatusCode>,
}

impl CallsBack {
    async fn call(mut self, wish: &Value) -> Self {
        let path = wish["url"].as_str().unwrap().split_once("/hooks/").unwrap().1;
        let call = crate::client().post(format!("{}/hooks/{path}", self.product)).json(&self.update);
        let call = call.header("x-telegram-bot-api-secret-token", wish["secret_token"].as_str().unwrap());
        self.heard = Some(call.send().await.unwrap().status());
        self
    }
}

/// The bytes of a file that somebody sent to the bot; its path is its id.
async fn bot_file(State(script): State<Script>, Path((_, id)): Path<(String, String)>) -> (StatusCode, Vec<u8>) {
    let found = script.files.lock().unwrap().get(&id).cloned();
    found.map_or((StatusCode::NOT_FOUND, Vec::new()), |bytes| (StatusCode::OK, bytes))
}

async fn bot_api(
    State(script): State<Script>,
    Path((bot, method)): Path<(String, String)>,
    bytes: Bytes,
) -> (StatusCode, Json<Value>) {
    // A message with a file is a form: it is kept as the text that it is made of.
    let form = || json!({ "method": method, "form": String::from_utf8_lossy(&bytes) });
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_else(|_| form());
    let ok = |result: Value| (StatusCode::OK, Json(json!({ "ok": true, "result": result })));
    match method.as_str() {
        "getMe" => ok(json!({ "id": 1, "is_bot": true, "first_name": "Shop", "username": "shop_bot" })),
        "getFile" => ok(json!({ "file_id": body["file_id"], "file_path": body["file_id"] })),
        "getUpdates" => {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let from = body["offset"].as_i64().unwrap();
            let waiting = script.waiting.lock().unwrap();
            let of_bot = waiting.iter().filter(|(token, _)| bot.ends_with(token.as_str())).map(|(_, update)| update);
            ok(of_bot.filter(|update| update["update_id"].as_i64().unwrap() >= from).cloned().collect())
        }
        "sendMessage" | "sendPhoto" | "sendDocument" | "editMessageText" | "editMessageCaption" | "deleteMessage" => {
            let number = {
                let mut sent = script.sent.lock().unwrap();
                sent.push(body);
                sent.len()
            };
            match script.answers.lock().unwrap().pop_front() {
                Some((status, answer)) => (status, Json(answer)),
                None => ok(json!({ "message_id": number, "date": 1, "chat": { "id": 5, "type": "private" } })),
            }
        }
        "setWebhook" => {
            let wished = script.calls_back.lock().unwrap().clone();
            let Some(wished) = wished else { return ok(json!(true)) };
            let called = wished.call(&body).await;
            let then = called.then;
            *script.calls_back.lock().unwrap() = Some(called);
            (
                then,
                Json(
                    json!({ "ok": then.is_success(), "result": true, "error_code": then.as_u16(), "description": "Bad" }),
                ),
            )
        }
        _ => ok(json!(true)),
    }
}

/// Connects a bot by webhook at a Telegram that calls the hook before it answers with this status: what the hook said, and what connecting did.
pub async fn connects_in_a_hurry(
    product: &Product,
    update: Value,
    then: StatusCode,
) -> (Option<StatusCode>, (StatusCode, Value)) {
    let script = Script::default();
    *script.calls_back.lock().unwrap() = Some(CallsBack { product: product.url(""), update, then, heard: None });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = Router::new().route("/{bot}/{method}", post(bot_api)).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, server).await });
    let settings = json!({ "token": TOKEN, "mode": "webhook", "base_url": base });
    let body = json!({ "kind": "telegram", "title": "Бот", "settings": settings });
    let made = product.call(reqwest::Method::POST, &product.project("/connections"), Some(body)).await;
    let heard = script.calls_back.lock().unwrap().as_ref().and_then(|called| called.heard);
    (heard, made)
}

/// A product with a Telegram connection to the scripted server.
pub struct Shop {
    /// The product.
    pub product: Product,
    script: Script,
    /// Path of its hook.
    pub hook: String,
    /// What Telegram would prove itself by.
    pub secret: String,
    /// Path of the connection.
    pub connection: String,
}

impl Shop {
    /// One in a product of its own.
    pub async fn open() -> Self {
        Self::open_in(Product::start().await).await
    }

    /// One in this product.
    pub async fn open_in(product: Product) -> Self {
        let script = Script::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = Router::new()
            .route("/{bot}/{method}", post(bot_api))
            .route("/file/{bot}/{id}", get(bot_file))
            .with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, server).await });
        let body = json!({ "kind": "telegram", "title": "Бот", "settings": { "token": TOKEN, "mode": "polling", "base_url": base } });
        let made = product.post(&product.project("/connections"), body).await;
        assert_eq!((&made["status"], &made["health"]["bot"]["username"]), (&json!("active"), &json!("shop_bot")));
        assert!(!made.to_string().contains(TOKEN), "the token is never shown");
        let id = made["id"].as_str().unwrap().parse().unwrap();
        let connection = product.project(&format!("/connections/{}", made["id"].as_str().unwrap()));
        let stored = product.app.messaging.read(&product.account.account_id, move |cx| {
            Box::pin(async move { messaging::connections::get(cx.tx, cx.account, &id).await })
        });
        let stored = stored.await.unwrap();
        let opened = stored.open(product.app.messaging.env.vault()).unwrap();
        let secret = opened.hook.unwrap().expose().to_owned();
        Self { hook: format!("/hooks/telegram/{}", stored.hook_path.unwrap()), secret, product, script, connection }
    }

    /// The next message is answered by this.
    pub fn answers(&self, answer: (StatusCode, Value)) {
        self.script.answers.lock().unwrap().push_back(answer);
    }

    /// Telegram holds this file for the bot.
    pub fn holds_file(&self, id: &str, bytes: &[u8]) {
        self.script.files.lock().unwrap().insert(id.to_owned(), bytes.to_vec());
    }

    /// An update waits for the bot with this token.
    pub fn holds_update(&self, token: &str, update: Value) {
        self.script.waiting.lock().unwrap().push((token.to_owned(), update));
    }

    /// What was sent, in order.
    pub fn sent(&self) -> Vec<Value> {
        self.script.sent.lock().unwrap().clone()
    }

    /// Tells the product of an update; what it answers.
    pub async fn update(&self, body: &Value) -> StatusCode {
        let request = self
            .product
            .http
            .post(self.product.url(&self.hook))
            .header("x-telegram-bot-api-secret-token", &self.secret);
        request.json(body).send().await.unwrap().status()
    }

    /// The update of a text that Marina wrote.
    pub fn text(&self, update_id: i64, text: &str) -> Value {
        json!({ "update_id": update_id, "message": {
            "message_id": update_id * 10, "date": 1_700_000_000, "chat": { "id": 5, "type": "private" },
            "from": { "id": 5, "is_bot": false, "first_name": "Марина", "username": "marina_kv" }, "text": text } })
    }

    /// The first message of the client, and the path that answers it.
    pub async fn conversation(&self) -> (String, Socket) {
        let mut operator = self.product.operator().await;
        assert_eq!(self.update(&self.text(1, "привет")).await, StatusCode::OK);
        let message = operator.event("message.created").await;
        let id = message["conversation_id"].as_str().unwrap();
        (self.product.project(&format!("/conversations/{id}/messages")), operator)
    }
}
