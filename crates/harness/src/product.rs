//! A running product, and clients for it.

use ::accounts::{Created, NewAccount, create_account};
use egress::{Allowed, Egress};
use futures_util::{SinkExt, StreamExt};
use messaging::files::FileStore;
use messaging::{Messaging, Settings};
use model::{Clock, Env, RandomIds, Timestamp};
use reqwest::{Method, StatusCode};
use schema::TestDb;
use serde_json::{Value, json};
use server::listen::{self, Patience};
use server::{App, router};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use vault::Vault;

pub const PASSWORD: &str = "correct horse battery";

/// A clock that stands until it is moved.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_790_000_000_000)))
    }

    pub fn plus_days(&self, days: i64) {
        self.0.fetch_add(days * 24 * 60 * 60 * 1000, Ordering::Relaxed);
    }

    pub fn env(self: &Arc<Self>) -> Env {
        Env::new(self.clone(), Arc::new(RandomIds), Vault::throwaway())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// A running product with one account.
pub struct Product {
    pub app: App,
    pub address: SocketAddr,
    pub account: Created,
    pub http: reqwest::Client,
    /// Dropped last: its folder goes with it.
    pub test_db: TestDb,
}

impl Product {
    pub async fn start() -> Self {
        Self::start_with(Env::system(Vault::throwaway()), Settings::default()).await
    }

    pub async fn start_with(env: Env, settings: Settings) -> Self {
        Self::start_patient(env, settings, Patience::default()).await
    }

    pub async fn start_patient(env: Env, settings: Settings, patience: Patience) -> Self {
        let test_db = TestDb::new().await;
        let files = FileStore::folder(&test_db.folder.join("files")).unwrap();
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let messaging = Messaging::new(test_db.db.clone(), env, files, egress, settings);
        let app = App { patience, ..App::new(messaging) };
        app.start_workers();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(&app).unwrap();
        tokio::spawn(listen::serve(listener, router, patience, std::future::pending()));
        let account = new_account(&app, "owner@a.example", "A").await;
        Self { app, address, account, http: client(), test_db }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A path of the first project.
    pub fn project(&self, path: &str) -> String {
        format!("/api/v1/projects/{}{path}", self.account.project_id)
    }

    /// A call with the API key of the first account.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.call_as(&self.account.api_key, method, path, body).await
    }

    pub async fn call_as(&self, key: &str, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// Applies a change set.
    pub async fn changes(&self, changes: Value) -> Value {
        self.post(&self.project("/changes"), json!({ "changes": changes })).await
    }

    pub async fn visitor(&self) -> Socket {
        Socket::visitor(self, None).await
    }

    pub async fn operator(&self) -> Socket {
        let mut socket = Socket::open(self, "/api/v1/live").await;
        socket.send(json!({ "type": "auth", "api_key": self.account.api_key })).await;
        let hello = socket.expect("hello").await;
        socket
            .send(json!({ "type": "subscribe", "projects": [self.account.project_id], "from": hello["position"] }))
            .await;
        socket
    }
}

pub fn client() -> reqwest::Client {
    egress::choose_tls();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub async fn new_account(app: &App, email: &str, name: &str) -> Created {
    let new = NewAccount {
        name: name.into(),
        email: email.into(),
        owner_name: "Owner".into(),
        password: PASSWORD.into(),
        project: "Shop".into(),
        demo: false,
    };
    create_account(&app.messaging.db, &app.messaging.env, new).await.unwrap()
}

pub async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A WebSocket that speaks our frames.
pub struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub hello: Value,
}

impl Socket {
    pub async fn open(product: &Product, path: &str) -> Self {
        let (inner, _) = connect_async(format!("ws://{}{path}", product.address)).await.unwrap();
        Self { inner, hello: Value::Null }
    }

    pub async fn visitor(product: &Product, token: Option<&str>) -> Self {
        let mut socket = Self::open(product, "/w/v1/live").await;
        socket.send(json!({ "type": "auth", "site_key": product.account.site_key, "visitor_token": token })).await;
        socket.hello = socket.expect("hello").await;
        socket.send(json!({ "type": "subscribe", "from": 0 })).await;
        socket
    }

    pub fn token(&self) -> String {
        self.hello["visitor_token"].as_str().unwrap().to_owned()
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, frame: &str) {
        self.inner.send(Message::Text(frame.into())).await.unwrap();
    }

    /// Sends the same frame many times, as fast as the server takes it or until it closes.
    pub async fn flood(&mut self, frame: &str, count: usize) {
        for _ in 0..count {
            if self.inner.feed(Message::Text(frame.into())).await.is_err() {
                return;
            }
        }
        let _ = self.inner.flush().await;
    }

    /// The next frame of a type; others are passed over.
    pub async fn expect(&mut self, kind: &str) -> Value {
        self.until(|frame| frame["type"] == kind).await
    }

    /// The data of the next event of a kind.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.until(|frame| frame["type"] == "event" && frame["kind"] == kind).await["data"].clone()
    }

    pub async fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let search = async {
            loop {
                match self.inner.next().await.expect("the socket is open").expect("a whole frame") {
                    Message::Text(text) => {
                        let frame: Value = serde_json::from_str(&text).unwrap();
                        if is_wanted(&frame) {
                            return frame;
                        }
                    }
                    Message::Close(close) => panic!("closed: {close:?}"),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), search).await.expect("the frame comes")
    }

    /// The code the server closes with.
    pub async fn close_code(&mut self) -> u16 {
        let search = async {
            while let Some(frame) = self.inner.next().await {
                match frame {
                    Ok(Message::Close(Some(close))) => return close.code.into(),
                    Ok(_) => {}
                    Err(_) => return 1006,
                }
            }
            1006
        };
        tokio::time::timeout(Duration::from_secs(20), search).await.expect("the socket closes")
    }

    /// Writes a message and waits for its ack.
    pub async fn say(&mut self, client_id: &str, text: &str) -> Value {
        self.send(json!({ "type": "message", "client_id": client_id, "content": { "text": text } })).await;
        self.until(|frame| frame["type"] == "ack" && frame["client_id"] == client_id).await
    }
}
