//! A shop with a bot, a mailbox, and clients in both.

use harness::{MailServer, Product, Shop, until};
use messaging::contacts::{self, NewContact};
use model::{ChannelKind, ConnectionId, ContactId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A shop whose bot is known to some clients.
pub struct Clients {
    /// The shop.
    pub shop: Shop,
    /// Its bot.
    pub telegram: ConnectionId,
}

impl Clients {
    /// In a product of its own.
    pub async fn new() -> Self {
        Self::of(Shop::open().await).await
    }

    /// Of this shop.
    pub async fn of(shop: Shop) -> Self {
        let telegram = shop.connection.rsplit('/').next().unwrap().parse().unwrap();
        Self { shop, telegram }
    }

    /// The product.
    pub fn product(&self) -> &Product {
        &self.shop.product
    }

    /// A client of the bot, by their number there.
    pub async fn telegram(&self, number: u32) -> ContactId {
        self.on(self.telegram, ChannelKind::Telegram, &number.to_string()).await
    }

    /// A client of a connection.
    pub async fn on(&self, connection_id: ConnectionId, channel: ChannelKind, external_id: &str) -> ContactId {
        let project_id = self.product().account.project_id;
        let external_id = external_id.to_owned();
        let made = self.product().app.messaging.write(&self.product().account.account_id, move |cx| {
            Box::pin(async move {
                let handle = (channel == ChannelKind::Email).then(|| external_id.clone());
                let new = NewContact {
                    project_id,
                    connection_id,
                    channel,
                    external_id,
                    address: None,
                    name: None,
                    handle,
                    demo: false,
                };
                contacts::upsert(cx, &new).await.map(|known| known.id)
            })
        });
        made.await.unwrap()
    }

    /// A mailbox of the shop, and its connection.
    pub async fn mailbox(&self) -> (MailServer, ConnectionId) {
        let server = MailServer::start().await;
        let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
        let made = self.product().post(&self.product().project("/connections"), body).await;
        (server, made["id"].as_str().unwrap().parse().unwrap())
    }

    /// Sets a client's fields.
    pub async fn set(&self, contact: ContactId, fields: Value) {
        let path = self.product().project(&format!("/contacts/{contact}"));
        let (status, answer) = self.product().call(Method::PATCH, &path, Some(json!({ "fields": fields }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// A field of the project.
    pub async fn field(&self, key: &str, title: &str) {
        let field = json!({ "key": key, "title": title, "kind": "text" });
        self.product().post(&self.product().project("/fields"), field).await;
    }

    /// Gives a client a tag.
    pub async fn tag(&self, contact: ContactId, tag: &str) {
        let path = self.product().project(&format!("/contacts/{contact}"));
        let (status, answer) = self.product().call(Method::PATCH, &path, Some(json!({ "tags": [tag] }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// A draft; answers its path.
    pub async fn mailing(&self, document: Value) -> String {
        let mut whole = json!({ "title": "Зимний свет", "channels": ["telegram", "email"], "body": { "text": "Лампы в подарок" },
            "schedule": { "quiet": null }, "opt_out_line": false });
        whole.as_object_mut().unwrap().extend(document.as_object().unwrap().clone());
        let made = self.product().post(&self.product().project("/mailings"), whole).await;
        self.product().project(&format!("/mailings/{}", made["id"].as_str().unwrap()))
    }

    /// Does something with a mailing.
    pub async fn act(&self, mailing: &str, verb: &str) -> Value {
        self.product().post(&format!("{mailing}/{verb}"), json!({})).await
    }

    /// What refuses it.
    pub async fn refused(&self, mailing: &str, verb: &str) -> Value {
        let path = format!("{mailing}/{verb}");
        let (status, answer) = self.product().call(Method::POST, &path, Some(json!({}))).await;
        assert_eq!(status, StatusCode::CONFLICT, "{answer}");
        answer["code"].clone()
    }

    /// Waits until a mailing is in a state; answers it.
    pub async fn settled(&self, mailing: &str, state: &str) -> Value {
        until(state, async || self.product().get(mailing).await["state"] == state).await;
        self.product().get(mailing).await
    }

    /// Starts a mailing and waits for its end; answers its numbers.
    pub async fn sent(&self, mailing: &str) -> Value {
        self.act(mailing, "start").await;
        let counts = self.settled(mailing, "done").await["counts"].clone();
        assert_equation(&counts);
        counts
    }

    /// People of a mailing.
    pub async fn people(&self, mailing: &str, asked: &str) -> Vec<Value> {
        let page = self.product().get(&format!("{mailing}/recipients?{asked}")).await;
        page["items"].as_array().unwrap().clone()
    }
}

/// people = skipped + queued + sending + sent + failed + unknown.
pub fn assert_equation(counts: &Value) {
    let n = |key: &str| counts[key].as_i64().unwrap();
    let sum: i64 = ["skipped", "queued", "sending", "sent", "failed", "unknown"].map(n).iter().sum();
    assert_eq!(n("people"), sum, "{counts}");
}

/// Telegram says that the client has blocked the bot.
pub fn blocked() -> (StatusCode, Value) {
    let words = "Forbidden: bot was blocked by the user";
    (StatusCode::FORBIDDEN, json!({ "ok": false, "error_code": 403, "description": words }))
}
