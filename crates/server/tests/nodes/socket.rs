//! A socket that may die under its user at any moment.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The answer to `auth`.
    pub hello: Value,
}

impl Socket {
    /// None while the node is away.
    pub async fn open(address: &str, path: &str, auth: Value) -> Option<Self> {
        let connected = timeout(Duration::from_secs(5), connect_async(format!("ws://{address}{path}"))).await;
        let (inner, _) = connected.ok()?.ok()?;
        let mut socket = Self { inner, hello: Value::Null };
        socket.send(auth).await?;
        socket.hello = socket.within(Duration::from_secs(5), |frame| frame["type"] == "hello").await?;
        Some(socket)
    }

    /// An operator who has everything up to a position.
    pub async fn operator(address: &str, api_key: &str, project: &str, from: i64) -> Option<Self> {
        let mut socket = Self::open(address, "/api/v1/live", super::cluster::auth_of(api_key)).await?;
        socket.send(json!({ "type": "subscribe", "projects": [project], "from": from })).await?;
        Some(socket)
    }

    /// A visitor, new or known by a token, who listens.
    pub async fn visitor(address: &str, site_key: &str, token: Option<&str>) -> Option<Self> {
        let auth = json!({ "type": "auth", "site_key": site_key, "visitor_token": token });
        let mut socket = Self::open(address, "/w/v1/live", auth).await?;
        socket.send(json!({ "type": "subscribe", "from": 0 })).await?;
        Some(socket)
    }

    pub fn token(&self) -> String {
        self.hello["visitor_token"].as_str().expect("a token").to_owned()
    }

    /// None when the socket is dead.
    pub async fn send(&mut self, frame: Value) -> Option<()> {
        self.inner.send(Message::Text(frame.to_string().into())).await.ok()
    }

    /// The next frame; none when the socket is dead.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match self.inner.next().await?.ok()? {
                Message::Text(text) => return serde_json::from_str(&text).ok(),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    /// The next frame that is wanted; none when it does not come in time.
    pub async fn within(&mut self, patience: Duration, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let search = async {
            loop {
                let frame = self.next().await?;
                if is_wanted(&frame) {
                    return Some(frame);
                }
            }
        };
        timeout(patience, search).await.ok().flatten()
    }

    /// The next frame that is wanted; it comes.
    pub async fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        self.within(Duration::from_secs(20), is_wanted).await.expect("the frame comes")
    }

    /// Writes a message; its ack, unless the socket dies first.
    pub async fn say(&mut self, client_id: &str, text: &str) -> Option<Value> {
        self.send(json!({ "type": "message", "client_id": client_id, "content": { "text": text } })).await?;
        let is_ack = |frame: &Value| frame["type"] == "ack" && frame["client_id"] == client_id;
        self.within(Duration::from_secs(5), is_ack).await
    }
}

impl Socket {
    /// A person with a session, at a desk.
    pub async fn signed_in(address: &str, cookie: &str, csrf: &Value, project: &str) -> Self {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let mut request = format!("ws://{address}/api/v1/live").into_client_request().expect("an address");
        request.headers_mut().insert("cookie", cookie.parse().expect("a header"));
        request.headers_mut().insert("origin", format!("http://{address}").parse().expect("a header"));
        let (inner, _) = connect_async(request).await.expect("it connects");
        let mut socket = Self { inner, hello: Value::Null };
        socket.send(json!({ "type": "auth", "csrf": csrf })).await.expect("it is open");
        socket.hello = socket.until(|frame| frame["type"] == "hello").await;
        let position = socket.hello["position"].clone();
        let subscribe = json!({ "type": "subscribe", "projects": [project], "from": position });
        socket.send(subscribe).await.expect("it is open");
        socket
    }
}
