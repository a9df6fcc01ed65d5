//! A receiver that answers as it is told to, and remembers what it heard.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use harness::{Product, TestClock};
use messaging::Settings;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One call as it came.
#[derive(Clone)]
pub struct Heard {
    pub id: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// Whether this secret signed it, for the time that it says. The judge that is nobody of ours sits in the browser suite.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let header = |name: &str| self.headers[name].to_str().unwrap();
        let signer = standardwebhooks::Webhook::new(secret).unwrap();
        let wanted = signer.sign(&self.id, header("webhook-timestamp").parse().unwrap(), &self.body).unwrap();
        header("webhook-signature").split(' ').any(|signature| signature == wanted)
    }
}

/// How a call is answered.
#[derive(Clone, Copy)]
pub enum Answer {
    Status(u16),
    RetryAfter(u16, u32),
    Redirect,
    /// Never within the test.
    Silence,
}

#[derive(Clone, Default)]
pub struct Receiver {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    usual: Arc<Mutex<Option<Answer>>>,
}

impl Receiver {
    /// One that takes everything, and its address.
    pub async fn start() -> (Self, String) {
        let receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, server).await });
        (receiver, url)
    }

    /// The next calls are answered so, one after the other.
    pub fn then(&self, answers: &[Answer]) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// Whatever is not told otherwise is answered so.
    pub fn always(&self, answer: Answer) {
        *self.usual.lock().unwrap() = Some(answer);
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits for so many calls at least.
    pub async fn until(&self, calls: usize) -> Vec<Heard> {
        for _ in 0..500 {
            let heard = self.heard();
            if heard.len() >= calls {
                return heard;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {calls} calls came", self.heard().len());
    }

    /// No more than these come in the time a runner looks twice.
    pub async fn stays_at(&self, calls: usize) {
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(self.heard().len(), calls);
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    receiver.heard.lock().unwrap().push(Heard { id, headers, body });
    let next = receiver.answers.lock().unwrap().pop_front();
    let answer = next.or(*receiver.usual.lock().unwrap()).unwrap_or(Answer::Status(204));
    let status = |code: u16| StatusCode::from_u16(code).unwrap();
    match answer {
        Answer::Status(code) => status(code).into_response(),
        Answer::RetryAfter(code, seconds) => {
            (status(code), [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Answer::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Answer::Silence => {
            std::future::pending::<()>().await;
            StatusCode::OK.into_response()
        }
    }
}

/// A product whose clock stands still until it is moved.
pub async fn product() -> (Product, Arc<TestClock>) {
    let clock = TestClock::new();
    let settings = Settings { public_url: "https://chat.example".into() };
    (Product::start_with(clock.env(), settings).await, clock)
}

/// A webhook as its maker gets it.
pub async fn made(product: &Product, url: &str, kinds: &[&str]) -> Value {
    product.post(&product.project("/webhooks"), json!({ "title": "CRM", "url": url, "kinds": kinds })).await
}

pub fn path_of(product: &Product, webhook: &Value, rest: &str) -> String {
    product.project(&format!("/webhooks/{}{rest}", webhook["id"].as_str().unwrap()))
}

/// Its log, once so many messages have come to an end or to their next try.
pub async fn log_until(product: &Product, webhook: &Value, is_there: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut items = Vec::new();
    for _ in 0..500 {
        let list = product.get(&path_of(product, webhook, "/messages")).await;
        items = list["items"].as_array().unwrap().clone();
        if is_there(&items) {
            return items;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to that: {items:#?}");
}

/// The webhook as it stands, once it is so.
pub async fn until(product: &Product, webhook: &Value, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    for _ in 0..500 {
        let list = product.get(&product.project("/webhooks")).await;
        let items = list["items"].as_array().unwrap();
        found = items.iter().find(|item| item["id"] == webhook["id"]).cloned().unwrap_or_default();
        if is_so(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to that: {found:#?}");
}
