//! Web push through the front door of the whole product, told to a push service of the test's own. Who unseals a note here is the library that
//! sealed it; the judge that is nobody of ours sits in the browser suite.

mod read_elsewhere;
mod telling;
mod whose;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::{Browser, PASSWORD, Product, join, sign_in};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::rand_core::OsRng;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
use web_push_native::{Auth, decrypt};

const PATH: &str = "/api/v1/push-subscriptions";

/// A call that the push service had.
#[derive(Clone)]
struct Heard {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone, Default)]
struct Service {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Service {
    async fn start() -> (Self, String) {
        let service = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Router::new().fallback(take).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, server).await });
        (service, url)
    }

    fn then(&self, status: u16) {
        self.answers.lock().unwrap().push_back(status);
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    async fn until(&self, calls: usize) -> Vec<Heard> {
        for _ in 0..500 {
            if self.heard().len() >= calls {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} of {calls} notes came", self.heard().len());
    }

    /// No more than these come in the time a runner looks twice.
    async fn stays_at(&self, calls: usize) {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(self.heard().len(), calls);
    }
}

async fn take(State(service): State<Service>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    service.heard.lock().unwrap().push(Heard { path: uri.path().to_owned(), headers, body });
    StatusCode::from_u16(service.answers.lock().unwrap().pop_front().unwrap_or(201)).unwrap()
}

/// A device with its keys.
struct Device {
    secret: SecretKey,
    endpoint: String,
    id: String,
}

const AUTH: [u8; 16] = *b"sixteen bytes it";

impl Device {
    fn keys(secret: &SecretKey) -> Value {
        let point = secret.public_key().to_encoded_point(false);
        json!({ "p256dh": URL_SAFE_NO_PAD.encode(point.as_bytes()), "auth": URL_SAFE_NO_PAD.encode(AUTH) })
    }

    async fn of(product: &Product, who: &Browser, endpoint: &str) -> Self {
        let secret = SecretKey::random(&mut OsRng);
        let body = json!({ "endpoint": endpoint, "keys": Self::keys(&secret) });
        let (status, made) = who.call(product, Method::POST, PATH, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        Self { secret, endpoint: endpoint.to_owned(), id: made["id"].as_str().unwrap().to_owned() }
    }

    fn reads(&self, heard: &Heard) -> Value {
        assert!(self.endpoint.ends_with(&heard.path), "{}", heard.path);
        let note = decrypt(heard.body.to_vec(), &self.secret, &Auth::clone_from_slice(&AUTH)).unwrap();
        serde_json::from_slice(&note).unwrap()
    }
}

/// A product with its owner, who has no page open.
async fn opened() -> (Product, Browser) {
    let product = Product::start().await;
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    (product, owner)
}

async fn colleague(product: &Product, email: &str) -> Browser {
    join(product, email, "operator", &[&product.account.project_id.to_string()]).await
}
