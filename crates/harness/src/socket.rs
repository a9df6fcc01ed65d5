//! A socket of either side.

use crate::Product;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A WebSocket that speaks our frames.
pub struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The answer to `auth`.
    pub hello: Value,
}

impl Socket {
    /// A socket that has said nothing yet.
    pub async fn open(product: &Product, path: &str) -> Self {
        let (inner, _) = connect_async(format!("ws://{}{path}", product.address)).await.unwrap();
        Self { inner, hello: Value::Null }
    }

    /// The same by a proxy that says where it comes from.
    pub async fn open_from(product: &Product, path: &str, address: &str) -> Self {
        let mut request = format!("ws://{}{path}", product.address).into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
        let (inner, _) = connect_async(request).await.unwrap();
        Self { inner, hello: Value::Null }
    }

    /// A visitor, new or known by a token, who listens.
    pub async fn visitor(product: &Product, token: Option<&str>) -> Self {
        Self::on_page(product, token, &Value::Null, &Value::Null).await
    }

    /// A visitor whose page tells of itself and of the visit.
    pub async fn on_page(product: &Product, token: Option<&str>, page: &Value, visit: &Value) -> Self {
        let mut socket = Self::open(product, "/w/v1/live").await;
        let mut auth = json!({ "type": "auth", "site_key": product.account.site_key, "visitor_token": token });
        if !page.is_null() {
            (auth["page"], auth["visit"]) = (page.clone(), visit.clone());
        }
        socket.send(auth).await;
        socket.hello = socket.expect("hello").await;
        socket.send(json!({ "type": "subscribe", "from": 0 })).await;
        socket
    }

    /// What proves this visitor.
    pub fn token(&self) -> String {
        self.hello["visitor_token"].as_str().unwrap().to_owned()
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    /// Sends any text.
    pub async fn send_text(&mut self, frame: &str) {
        self.inner.send(Message::Text(frame.into())).await.unwrap();
    }

    /// Sends a text frame that is not UTF-8.
    pub async fn send_garbled(&mut self) {
        let kind = OpCode::Data(Data::Text);
        let frame = Frame::message(vec![b'{', 0xff, 0xfe], kind, true);
        self.inner.send(Message::Frame(frame)).await.unwrap();
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

    /// The socket of a signed-in page.
    pub(crate) async fn of_page(product: &Product, cookie: &str, csrf: &str) -> Self {
        let mut request = format!("ws://{}/api/v1/live", product.address).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("cookie", cookie.parse().unwrap());
        headers.insert("origin", format!("http://{}", product.address).parse().unwrap());
        let (inner, _) = connect_async(request).await.unwrap();
        let mut socket = Self { inner, hello: Value::Null };
        socket.send(json!({ "type": "auth", "csrf": csrf })).await;
        socket.hello = socket.expect("hello").await;
        socket
    }

    /// An operator by key, who listens to what he may of these projects from now on.
    pub async fn operator(product: &Product, key: &str, projects: &[&str]) -> Self {
        let mut socket = Self::open(product, "/api/v1/live").await;
        socket.send(json!({ "type": "auth", "api_key": key })).await;
        socket.hello = socket.expect("hello").await;
        let from = socket.hello["position"].clone();
        socket.send(json!({ "type": "subscribe", "projects": projects, "from": from })).await;
        socket
    }

    /// The next frame that is wanted; others are passed over.
    pub async fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        self.heard_until(is_wanted).await.pop().expect("the wanted one")
    }

    /// Every frame up to the one that is wanted.
    pub async fn heard_until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        let search = async {
            loop {
                match self.inner.next().await.expect("the socket is open").expect("a whole frame") {
                    Message::Text(text) => {
                        let frame: Value = serde_json::from_str(&text).unwrap();
                        let is_last = is_wanted(&frame);
                        heard.push(frame);
                        if is_last {
                            return heard;
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

    /// The code the server closes with, or none when it says hello instead.
    pub async fn close_or_hello(&mut self) -> Option<u16> {
        let search = async {
            loop {
                match self.inner.next().await {
                    Some(Ok(Message::Text(text))) if text.contains("\"hello\"") => return None,
                    Some(Ok(Message::Close(Some(close)))) => return Some(close.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Some(1006),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), search).await.expect("an answer")
    }

    /// Writes a message and waits for its ack.
    pub async fn say(&mut self, client_id: &str, text: &str) -> Value {
        self.send(json!({ "type": "message", "client_id": client_id, "content": { "text": text } })).await;
        self.until(|frame| frame["type"] == "ack" && frame["client_id"] == client_id).await
    }
}
