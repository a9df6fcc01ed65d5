//! A running product, and clients for it.

use crate::Socket;
use accounts::{Created, NewAccount, create_account};
use edge::VisitorLimits;
use egress::{Allowed, Egress};
use http_kit::TrustedProxies;
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
use tokio::net::TcpListener;
use vault::Vault;

/// Password of every owner.
pub const PASSWORD: &str = "correct horse battery";

/// A clock that stands until it is moved.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// One that stands in September 2026.
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_790_000_000_000)))
    }

    /// Moves it on.
    pub fn plus_days(&self, days: i64) {
        self.0.fetch_add(days * 24 * 60 * 60 * 1000, Ordering::Relaxed);
    }

    /// Moves it on.
    pub fn plus_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60 * 1000, Ordering::Relaxed);
    }

    /// Moves it on, or back.
    pub fn plus_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }

    /// An environment with this clock.
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
    /// Its parts.
    pub app: App,
    /// Where it listens.
    pub address: SocketAddr,
    /// The first account.
    pub account: Created,
    /// A client.
    pub http: reqwest::Client,
    /// Dropped last: its folder goes with it.
    pub test_db: TestDb,
}

impl Product {
    /// As installed.
    pub async fn start() -> Self {
        Self::start_with(Env::system(Vault::throwaway()), Settings::default()).await
    }

    /// With another environment and settings.
    pub async fn start_with(env: Env, settings: Settings) -> Self {
        Self::start_patient(env, settings, Patience::default()).await
    }

    /// With other patience for slow peers, too.
    pub async fn start_patient(env: Env, settings: Settings, patience: Patience) -> Self {
        Self::start_as(env, settings, |app| App { patience, ..app }).await
    }

    /// With the limits that strangers have on an installation, behind a proxy on this machine.
    pub async fn start_limited() -> Self {
        let proxies = TrustedProxies::new(vec!["127.0.0.1/32".parse().unwrap()]);
        let change = |app| App { visitor_limits: VisitorLimits::times(1), proxies, ..app };
        Self::start_as(Env::system(Vault::throwaway()), Settings::default(), change).await
    }

    /// Where addresses of documentation are in invented countries, behind a proxy on this machine.
    pub async fn start_with_countries() -> Self {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../edge/tests/data/countries.mmdb");
        let countries = edge::Countries::open(&file).unwrap();
        let proxies = TrustedProxies::new(vec!["127.0.0.1/32".parse().unwrap()]);
        let change = |app| App { countries, proxies, ..app };
        Self::start_as(Env::system(Vault::throwaway()), Settings::default(), change).await
    }

    /// With anything else about it.
    pub async fn start_as(env: Env, settings: Settings, change: impl FnOnce(App) -> App) -> Self {
        let test_db = TestDb::new().await;
        let files = FileStore::folder(&test_db.folder.join("files")).unwrap();
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let messaging = Messaging::new(test_db.db.clone(), env, files, egress, settings);
        let app = change(App::new(messaging));
        let patience = app.patience;
        app.start_workers();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(&app).unwrap();
        tokio::spawn(listen::serve(listener, router, patience, std::future::pending()));
        let account = new_account(&app, "owner@a.example", "A").await;
        Self { app, address, account, http: client(), test_db }
    }

    /// An address of it.
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

    /// A call with this key.
    pub async fn call_as(&self, key: &str, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// What is there; it is there.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    /// The answer to something that is taken.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// Applies a change set.
    pub async fn changes(&self, changes: Value) -> Value {
        self.post(&self.project("/changes"), json!({ "changes": changes })).await
    }

    /// A new visitor who listens.
    pub async fn visitor(&self) -> Socket {
        Socket::visitor(self, None).await
    }

    /// An operator who listens to the first project from now on.
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

/// A client that follows nobody.
pub fn client() -> reqwest::Client {
    egress::choose_tls();
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// One more account.
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

/// Status and body, which is text when it is no JSON.
pub async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
