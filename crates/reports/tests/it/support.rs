//! A company with an operator and a clock that stands until it is moved.

use harness::{Browser, Product, Socket, TestClock, join};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Shop {
    pub product: Product,
    pub clock: Arc<TestClock>,
    pub anna: Browser,
    pub anna_id: String,
}

pub async fn shop() -> Shop {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "operator", &[&project]).await;
    let anna_id = anna.get(&product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    let shop = Shop { product, clock, anna, anna_id };
    // What is said before the log is followed is the past, of which no page is known.
    shop.until("", |_| true).await;
    shop
}

/// A visitor's conversation.
pub struct Talk {
    pub visitor: Socket,
    pub id: String,
}

impl Shop {
    pub fn path(&self, path: &str) -> String {
        self.product.project(path)
    }

    /// A new client writes from a page.
    pub async fn asks(&self, page: &str) -> Talk {
        let page = json!({ "url": page, "title": "x" });
        let mut visitor = Socket::on_page(&self.product, None, &page, &json!({})).await;
        let ack = visitor.say("1", "Где заказ?").await;
        let id = ack["conversation_id"].as_str().unwrap().to_owned();
        Talk { visitor, id }
    }

    pub async fn act(&self, talk: &Talk, verb: &str, body: Value) {
        let path = self.path(&format!("/conversations/{}/{verb}", talk.id));
        let (status, answer) = self.anna.call(&self.product, Method::POST, &path, body).await;
        assert!(status.is_success(), "{verb}: {status} {answer}");
    }

    pub async fn answers(&self, talk: &Talk) {
        let seq = self.product.get(&self.path(&format!("/conversations/{}", talk.id))).await["seq"].clone();
        let client_id = format!("{}-{seq}", talk.id);
        self.act(talk, "messages", json!({ "client_id": client_id, "content": { "text": "Едет" } })).await;
    }

    pub async fn report(&self, query: &str) -> Value {
        self.product.get(&self.path(&format!("/reports/conversations?{query}"))).await
    }

    /// The report, once it is so.
    pub async fn until(&self, query: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            let report = self.report(query).await;
            if is_so(&report) && report["is_counting"] == false {
                return report;
            }
            assert!(Instant::now() < patience, "it never came to that: {report:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until so many are counted, each with its page: that may be told a moment after the words.
    async fn until_pages(&self, wanted: i64) {
        let known = |report: &Value| report["rows"].as_array().unwrap().iter().all(|row| row["key"] != "");
        self.until("by=page", |report| report["total"]["conversations"] == wanted && known(report)).await;
    }

    /// All conversations of a number, page by page.
    pub async fn listed(&self, query: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = self.path(&format!("/reports/sessions?limit=2&{query}{cursor}"));
            let page = self.product.get(&path).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next_cursor"].as_str() else { return items };
            cursor = format!("&cursor={next}");
        }
    }

    pub async fn csv(&self, query: &str) -> Vec<Vec<String>> {
        let url = self.product.url(&self.path(&format!("/reports/conversations/export?{query}")));
        let response = self.product.http.get(url).bearer_auth(&self.product.account.api_key).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let text = response.text().await.unwrap();
        let text = text.strip_prefix('\u{feff}').unwrap();
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    /// Five clients: one answered and rated, one answered late, one closed without an answer, one whose limit passed, one who waits.
    pub async fn a_day(&self) -> Vec<Talk> {
        let mut answered = self.asks("https://shop.example/lamps?utm=1").await;
        let late = self.asks("https://shop.example/lamps").await;
        let ignored = self.asks("https://shop.example/sofas").await;
        let forgotten = self.asks("https://shop.example/=1+1").await;
        self.until_pages(4).await;
        self.clock.plus_minutes(2);
        self.answers(&answered).await;
        self.act(&ignored, "close", json!({})).await;
        self.clock.plus_minutes(9);
        self.answers(&late).await;
        self.act(&answered, "close", json!({})).await;
        answered.visitor.send(json!({ "type": "rate", "client_id": "9", "score": 4, "comment": "быстро" })).await;
        let waits = self.asks("https://shop.example/lamps").await;
        self.until("", |report| {
            let total = &report["total"];
            total["conversations"] == 5 && total["missed"] == 3 && total["rated"] == 1 && total["closed"] == 2
        })
        .await;
        self.until_pages(5).await;
        vec![answered, late, ignored, forgotten, waits]
    }
}
