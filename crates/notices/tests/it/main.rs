//! Letters to the team through the front door of the whole product, posted to a scripted mail server.

mod scenario;
mod unread;

use harness::{MailServer, Posted, Product, TestClock, until};
use messaging::Settings;
use serde_json::{Value, json};
use std::sync::Arc;

/// A product whose clock stands, with a mailbox that reads nothing of its own.
struct Post {
    product: Product,
    server: MailServer,
    clock: Arc<TestClock>,
}

impl Post {
    async fn without_mailbox() -> Self {
        let clock = TestClock::new();
        let settings = Settings { public_url: "https://desk.example".into() };
        let product = Product::start_with(clock.env(), settings).await;
        Self { product, server: MailServer::start().await, clock }
    }

    async fn open() -> Self {
        let post = Self::without_mailbox().await;
        post.connect().await;
        post
    }

    async fn connect(&self) -> Value {
        let body = json!({ "kind": "email", "title": "Почта", "settings": self.server.settings() });
        self.product.post(&self.product.project("/connections"), body).await
    }

    /// Letters that went out, once there are so many.
    async fn letters(&self, count: usize) -> Vec<Posted> {
        until("the letters", async || self.server.posted().len() >= count).await;
        let posted = self.server.posted();
        assert_eq!(posted.len(), count, "{posted:?}");
        posted
    }

    /// No more letters than these come while the runner looks again.
    async fn stays_at(&self, count: usize) {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(self.server.posted().len(), count, "{:?}", self.server.posted());
    }
}

/// The text of a letter as a reader sees it.
fn body(posted: &Posted) -> String {
    mail_parser::MessageParser::default().parse(posted.text.as_bytes()).unwrap().body_text(0).unwrap().into_owned()
}

fn subject(posted: &Posted) -> String {
    let parsed = mail_parser::MessageParser::default().parse(posted.text.as_bytes()).unwrap();
    parsed.subject().unwrap().to_owned()
}
