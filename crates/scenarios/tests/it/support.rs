//! Documents and what happens to them.

use harness::{Product, Socket};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The example of the source: check the phone, ask for it when it is empty.
pub fn collects_a_phone(on_incorrect: &str) -> Value {
    json!({
        "schema": 1,
        "launch": [{"kind": "keyword", "words": ["телефон"], "to": "b1"}],
        "blocks": [
            {"id": "b1", "type": "condition", "settings": {"branches": [{"id": "filled", "all": [{"field": "phone", "op": "filled"}]}]}},
            {"id": "b2", "type": "message", "settings": {"text": "Мы вас знаем: {{phone}}"}},
            {"id": "b3", "type": "message", "title": "Спросить телефон", "settings": {"text": "Ваш телефон?",
                "wait": {"expect": "phone", "save_to": "phone", "on_incorrect": on_incorrect, "error_text": "Это не номер"}}},
            {"id": "b4", "type": "message", "settings": {"text": "Спасибо, {{phone}}"}},
            {"id": "b5", "type": "message", "settings": {"text": "Тогда оставьте e-mail"}},
        ],
        "edges": [
            {"from": ["b1", "filled"], "to": "b2"}, {"from": ["b1", "else"], "to": "b3"},
            {"from": ["b3", "correct"], "to": "b4"}, {"from": ["b3", "incorrect"], "to": "b5"},
        ],
    })
}

/// A message that asks with these settings.
pub fn asks(settings: Value, edges: Value, more: Value) -> Value {
    let mut blocks = vec![json!({"id": "b1", "type": "message", "settings": settings})];
    blocks.extend(more.as_array().unwrap().iter().cloned());
    json!({"schema": 1, "launch": [{"kind": "keyword", "words": ["старт"], "to": "b1"}], "blocks": blocks, "edges": edges})
}

/// Makes and publishes a scenario; answers its id.
pub async fn published(product: &Product, name: &str, document: Value) -> String {
    let made = product.post(&product.project("/scenarios"), json!({ "name": name, "document": document })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    publish(product, &id, made["revision"].as_i64().unwrap()).await;
    id
}

/// Publishes a draft.
pub async fn publish(product: &Product, id: &str, revision: i64) -> Value {
    product.post(&product.project(&format!("/scenarios/{id}/publish")), json!({ "revision": revision })).await
}

/// Saves a draft over the newest revision.
pub async fn save(product: &Product, id: &str, document: Value) -> i64 {
    let path = product.project(&format!("/scenarios/{id}/draft"));
    let revision = product.get(&path).await["revision"].clone();
    let body = json!({ "document": document, "revision": revision });
    let (status, saved) = product.call(reqwest::Method::PUT, &path, Some(body)).await;
    assert_eq!(status, 200, "{saved}");
    saved["revision"].as_i64().unwrap()
}

/// A visitor who writes, presses and hears what the bot says, in its order.
pub struct Visitor {
    socket: Socket,
    heard: VecDeque<Value>,
    said: usize,
}

impl Visitor {
    /// A new one.
    pub async fn new(product: &Product) -> Self {
        Self { socket: product.visitor().await, heard: VecDeque::new(), said: 0 }
    }

    /// Writes; answers the conversation.
    pub async fn says(&mut self, text: &str) -> String {
        self.sends(json!({ "text": text })).await
    }

    /// Has read everything up to a place.
    pub async fn reads(&mut self, seq: i64) {
        self.socket.send(json!({ "type": "read", "seq": seq })).await;
    }

    /// Presses a button.
    pub async fn presses(&mut self, button: &Value) -> String {
        self.sends(json!({ "text": button["label"], "pressed": button["id"] })).await
    }

    async fn sends(&mut self, content: Value) -> String {
        self.said += 1;
        let client_id = self.said.to_string();
        self.socket.send(json!({ "type": "message", "client_id": client_id, "content": content })).await;
        let heard =
            self.socket.heard_until(|frame| frame["type"] == "ack" && frame["client_id"] == client_id.as_str()).await;
        let ack = heard.last().unwrap().clone();
        self.heard.extend(heard.into_iter().filter(is_of_bot));
        ack["conversation_id"].as_str().unwrap().to_owned()
    }

    /// The next message of the bot's.
    pub async fn shown(&mut self) -> Value {
        let frame = match self.heard.pop_front() {
            Some(frame) => frame,
            None => self.socket.until(is_of_bot).await,
        };
        frame["data"]["content"].clone()
    }

    /// Its text.
    pub async fn hears(&mut self) -> String {
        self.shown().await["text"].as_str().unwrap().to_owned()
    }
}

fn is_of_bot(frame: &Value) -> bool {
    frame["kind"] == "message.created" && frame["data"]["author"]["kind"] == "bot"
}

/// Numbers of a scenario.
pub async fn report(product: &Product, id: &str) -> Value {
    product.get(&product.project(&format!("/scenarios/{id}/report"))).await
}
