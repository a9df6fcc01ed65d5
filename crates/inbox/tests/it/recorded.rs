//! What the operators' socket tells of a conversation, recorded for the web's tests: whoever applied these events holds what a fresh
//! read gives (web/packages/chat/test/recorded.test.ts). The committed recording is this program's own.

use harness::{Product, Socket, TestClock};
use messaging::Settings;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A conversation that is played, its two sides, and what was told and read so far.
struct Play<'a> {
    product: &'a Product,
    visitor: Socket,
    operator: Socket,
    id: String,
    steps: Vec<Value>,
}

impl Play<'_> {
    fn path(&self, path: &str) -> String {
        self.product.project(&format!("/conversations/{}{path}", self.id))
    }

    async fn conversation(&self) -> Value {
        self.product.get(&self.path("")).await
    }

    async fn messages(&self) -> Value {
        self.product.get(&self.path("/messages")).await["items"].clone()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.product.post(&self.path(path), body).await
    }

    /// Hears what the last step told, and reads afresh.
    async fn told(&mut self, kinds: &[&str]) {
        let mut events = Vec::new();
        for kind in kinds {
            let frame = self.operator.expect("event").await;
            assert_eq!(frame["kind"], *kind, "{frame}");
            events.push(json!({ "kind": frame["kind"], "data": frame["data"] }));
        }
        self.steps.push(json!({ "events": events, "conversation": self.conversation().await }));
    }

    /// A day of a conversation.
    async fn whole(&mut self) {
        self.visitor.say("2", "Доставка до Выборга есть?").await;
        self.told(&["message.created"]).await;
        self.post("/read", json!({ "seq": 2 })).await;
        self.told(&["conversation.read"]).await;
        let owner = self.product.account.user_id;
        self.post("/assign", json!({ "user_id": owner })).await;
        self.told(&["message.created", "conversation.updated"]).await;

        let reply = json!({ "client_id": "r1", "content": { "text": "Да, завтра" } });
        let reply = self.post("/messages", reply).await;
        self.told(&["message.created", "conversation.updated"]).await;
        for confirmed in ["received", "read"] {
            self.visitor.send(json!({ "type": confirmed, "seq": reply["seq"] })).await;
            self.told(&["delivery.updated"]).await;
        }
        self.post("/notes", json!({ "client_id": "n1", "text": "Постоянный клиент" })).await;
        self.told(&["message.created"]).await;

        let fields = json!({ "name": "Нина", "phone": "+7 921 555-35-35" });
        self.visitor.send(json!({ "type": "fields", "fields": fields })).await;
        self.told(&["contact.updated"]).await;
        let fields = json!({ "phone": ["+79215553535"] });
        let other = json!({ "channel": "api", "external_id": "crm-1", "fields": fields });
        self.product.post(&self.product.project("/contacts"), other).await;
        self.told(&["contact.created", "contact.updated", "multi_contact.changed"]).await;

        self.visitor.say("3", "Спасибо!").await;
        self.told(&["message.created", "conversation.updated"]).await;
        let again = json!({ "client_id": "r2", "content": { "text": "До встречи" }, "reply_to": reply["id"] });
        let again = self.post("/messages", again).await;
        self.told(&["message.created", "conversation.updated"]).await;
        let path = self.product.project(&format!("/messages/{}", again["id"].as_str().unwrap()));
        self.product.call(Method::PATCH, &path, Some(json!({ "text": "До завтра" }))).await;
        self.told(&["message.updated", "conversation.updated"]).await;
        self.product.call(Method::DELETE, &path, None).await;
        self.told(&["message.updated", "conversation.updated"]).await;
        self.post("/close", json!({})).await;
        self.told(&["message.created", "conversation.updated"]).await;
        self.post("/reopen", json!({})).await;
        self.told(&["message.created", "conversation.updated"]).await;
    }
}

/// Ids are made anew every time: each becomes the number of its first appearance.
fn numbered(value: Value, known: &mut HashMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(numbered_id(text, known)),
        Value::Array(items) => items.into_iter().map(|item| numbered(item, known)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, numbered(field, known))).collect(),
        other => other,
    }
}

fn numbered_id(text: String, known: &mut HashMap<String, String>) -> String {
    let (prefix, random) = text.split_once('_').unwrap_or(("random", &text));
    if random.len() != 32 || !random.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return text;
    }
    let number = format!("{prefix}_{}", known.len() + 1);
    known.entry(text).or_insert(number).clone()
}

#[tokio::test]
async fn the_recording_for_the_web_is_what_the_socket_tells() {
    let product = Product::start_with(TestClock::new().env(), Settings::default()).await;
    let rule = json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }]);
    product.changes(rule).await;
    let mut visitor = product.visitor().await;
    let first = visitor.say("1", "Здравствуйте").await;
    let id = first["conversation_id"].as_str().unwrap().to_owned();
    let operator = product.operator().await;
    let mut play = Play { product: &product, visitor, operator, id, steps: Vec::new() };
    let before = json!({ "conversation": play.conversation().await, "messages": play.messages().await });
    play.whole().await;
    let me = play.steps[1]["events"][0]["data"]["user_id"].clone();
    let recording = json!({ "me": me, "before": before, "steps": play.steps, "messages": play.messages().await });
    let recording = numbered(recording, &mut HashMap::new());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/packages/chat/test/recorded.json");
    if std::env::var_os("OTKLIK_WRITE_GENERATED").is_some() {
        std::fs::write(path, format!("{recording:#}\n")).unwrap();
    }
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(committed, recording, "make it anew: cargo xtask gen");
}
