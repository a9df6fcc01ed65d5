//! Visitors who write and an operator who reads, over real sockets.

use crate::crowd;
use crate::order::client_id;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;
/// A visitor's or an operator's connection.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What every message says.
pub const TEXT: &str = "Hello, my order 48213 has not arrived yet and the tracking page shows nothing since Monday. Can you help me please? Thanks!";

/// Whose frames to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Otklik,
    SocketIo,
}

/// Figures of several rounds, in order.
#[derive(Default)]
pub struct Numbers(Vec<f64>);

impl From<Vec<f64>> for Numbers {
    fn from(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

impl Numbers {
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    pub fn median(&self) -> f64 {
        self.percentile(0.5)
    }

    pub fn percentile(&self, share: f64) -> f64 {
        let at = (self.0.len() as f64 * share) as usize;
        self.0.get(at.min(self.0.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }

    pub fn show(&self, digits: usize) -> String {
        let (min, max) = (self.0.first().copied().unwrap_or(f64::NAN), self.0.last().copied().unwrap_or(f64::NAN));
        format!("{min:.digits$} / {:.digits$} / {max:.digits$}", self.median())
    }
}

/// What a load did while it was measured.
pub struct Done {
    /// Messages that the operator read.
    pub delivered: u64,
    /// Meanwhile.
    pub took: Duration,
    /// Seconds of the server's processor.
    pub server_cpu: f64,
    /// Seconds of ours.
    pub own_cpu: f64,
}

impl Done {
    pub fn per_second(&self) -> f64 {
        self.delivered as f64 / self.took.as_secs_f64()
    }

    /// Microseconds of the server's processor for each message.
    pub fn cpu_micros(&self) -> f64 {
        self.server_cpu * 1e6 / self.delivered.max(1) as f64
    }

    /// How busy the load's own core was: near 100 the load is the limit, not the server.
    pub fn own_percent(&self) -> f64 {
        self.own_cpu * 100.0 / self.took.as_secs_f64()
    }
}

async fn connect(url: &str) -> Fallible<Socket> {
    let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
    let (socket, _) = connect_async_with_config(url, Some(config), true).await?;
    Ok(socket)
}

async fn send(socket: &mut Socket, frame: String) -> Fallible<()> {
    socket.send(Message::Text(frame.into())).await?;
    Ok(())
}

pub async fn visitor(dialect: Dialect, address: &str, site_key: &str) -> Fallible<Socket> {
    match dialect {
        Dialect::Otklik => {
            let mut socket = connect(&format!("ws://{address}/w/v1/live")).await?;
            send(&mut socket, json!({ "type": "auth", "site_key": site_key }).to_string()).await?;
            until(&mut socket, "\"hello\"").await?;
            Ok(socket)
        }
        Dialect::SocketIo => {
            let mut socket = connect(&format!("ws://{address}/socket.io/?EIO=4&transport=websocket")).await?;
            until(&mut socket, "0").await?;
            send(&mut socket, "40".into()).await?;
            until(&mut socket, "40").await?;
            Ok(socket)
        }
    }
}

pub async fn operator(dialect: Dialect, address: &str, api_key: &str, project: &str) -> Fallible<Socket> {
    if dialect == Dialect::SocketIo {
        let mut socket = visitor(dialect, address, "").await?;
        send(&mut socket, r#"42["operator"]"#.into()).await?;
        return Ok(socket);
    }
    let mut socket = connect(&format!("ws://{address}/api/v1/live")).await?;
    send(&mut socket, json!({ "type": "auth", "api_key": api_key }).to_string()).await?;
    let hello: Value = serde_json::from_str(&until(&mut socket, "\"hello\"").await?)?;
    send(&mut socket, json!({ "type": "subscribe", "projects": [project], "from": hello["position"] }).to_string())
        .await?;
    Ok(socket)
}

/// An operator who waits for one thing after the other.
pub struct Operator(Socket);

impl Operator {
    pub async fn connect(address: &str, api_key: &str, project: &str) -> Fallible<Self> {
        Ok(Self(operator(Dialect::Otklik, address, api_key, project).await?))
    }

    /// Reads until an event of this kind is about this id.
    pub async fn hears(&mut self, kind: &str, id: &str) -> Fallible<()> {
        let kind = format!("\"kind\":\"{kind}\"");
        loop {
            if until(&mut self.0, &kind).await?.contains(id) {
                return Ok(());
            }
        }
    }
}

/// Reads until a frame holds these words.
pub async fn until(socket: &mut Socket, wanted: &str) -> Fallible<String> {
    while let Some(frame) = socket.next().await {
        if let Message::Text(text) = frame?
            && text.contains(wanted)
        {
            return Ok(text.to_string());
        }
    }
    Err("the socket closed".into())
}

/// Messages written so far: their ids differ in every run of this program.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// The frame of a new message.
pub fn message(dialect: Dialect, text: &str) -> Message {
    let frame = match dialect {
        Dialect::Otklik => {
            let id = client_id(WRITTEN.fetch_add(1, Ordering::Relaxed));
            format!(r#"{{"type":"message","client_id":"{id}","content":{{"text":"{text}"}}}}"#)
        }
        Dialect::SocketIo => format!(r#"42["m","{text}"]"#),
    };
    Message::Text(frame.into())
}

/// What a frame means to a visitor who writes.
pub enum Heard {
    /// A message was stored.
    Ack,
    /// The peer asks whether we are here.
    Ping,
    /// Nothing for us.
    Other,
}

/// Reads a frame; a refusal is an error, because a message fewer is in flight from then on.
pub fn heard(dialect: Dialect, text: &str) -> Result<Heard, String> {
    let (ack, error) = match dialect {
        Dialect::Otklik => (text.contains("\"type\":\"ack\""), text.contains("\"type\":\"error\"")),
        Dialect::SocketIo => (text.starts_with(r#"42["ack""#), false),
    };
    match (ack, error, text) {
        (_, true, _) => Err(format!("a message was refused: {text}")),
        (true, ..) => Ok(Heard::Ack),
        (.., "2") if dialect == Dialect::SocketIo => Ok(Heard::Ping),
        _ => Ok(Heard::Other),
    }
}

/// What is put under load.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Whose words it speaks.
    pub dialect: Dialect,
    /// Host and port.
    pub address: &'a str,
    /// Host and port of the operator.
    pub reader: &'a str,
    /// Site key of the visitors.
    pub site_key: &'a str,
    /// Key of the operator.
    pub api_key: &'a str,
    /// Project.
    pub project: &'a str,
    /// The server's process.
    pub process: u32,
}

/// Messages at a steady rate; latency from the scheduled moment to the operator's socket.
pub async fn open(target: &Target<'_>, visitors: usize, rate: f64, patience: Duration) -> Fallible<Numbers> {
    let Target { reader, api_key, project, .. } = *target;
    let base = Instant::now();
    let latencies: Arc<Mutex<Vec<f64>>> = Arc::default();
    let mut reader = operator(Dialect::Otklik, reader, api_key, project).await?;
    let kept = latencies.clone();
    let reading = tokio::spawn(async move {
        while let Some(Ok(frame)) = reader.next().await {
            let Message::Text(text) = frame else { continue };
            let Some((_, rest)) = text.split_once("@@") else { continue };
            let Some(sent) = rest.split('@').next().and_then(|micros| micros.parse::<f64>().ok()) else { continue };
            let late = base.elapsed().as_secs_f64() * 1e6 - sent;
            kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(late / 1000.0);
        }
    });
    let mut sinks = Vec::new();
    for socket in crowd::gather(target, visitors).await? {
        let (sink, mut stream) = socket.split();
        tokio::spawn(async move { while stream.next().await.is_some() {} });
        sinks.push(sink);
    }
    let started = Instant::now();
    let mut sent = 0usize;
    while started.elapsed() < patience {
        // The first is due at once, the next after one interval.
        let due = (started.elapsed().as_secs_f64() * rate) as usize + 1;
        while sent < due {
            let scheduled = started + Duration::from_secs_f64(sent as f64 / rate);
            let micros = (scheduled - base).as_secs_f64() * 1e6;
            let frame = message(Dialect::Otklik, &format!("@@{micros:.0}@{TEXT}"));
            let at = sent % visitors;
            sinks[at].send(frame).await?;
            sent += 1;
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    reading.abort();
    let latencies_ms = std::mem::take(&mut *latencies.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    if latencies_ms.len() < sent {
        return Err(format!("{} of {sent} messages reached the operator", latencies_ms.len()).into());
    }
    Ok(latencies_ms.into())
}

/// Visitors who have said hello and then stay silent.
pub async fn idle(address: &str, site_key: &str, wanted: usize) -> Fallible<Vec<Socket>> {
    let mut held = Vec::with_capacity(wanted);
    for _ in 0..wanted {
        held.push(visitor(Dialect::Otklik, address, site_key).await?);
    }
    Ok(held)
}

/// Visitors who look at pages of a site and say nothing.
pub async fn on_pages(address: &str, site_key: &str, wanted: usize) -> Fallible<Vec<Socket>> {
    let mut held = Vec::with_capacity(wanted);
    for n in 0..wanted {
        let mut socket = connect(&format!("ws://{address}/w/v1/live")).await?;
        let page = json!({ "url": format!("https://shop.example/catalog/lamps/{n}?utm_source=yandex&utm_medium=cpc"),
            "title": format!("Lamps, page {n}: the whole catalogue of the shop"), "referrer": "https://yandex.ru/search/?text=lamps" });
        let visit = json!({ "pages": 1, "visits": 2, "device": "desktop", "language": "ru-RU" });
        let auth = json!({ "type": "auth", "site_key": site_key, "page": page, "visit": visit });
        send(&mut socket, auth.to_string()).await?;
        until(&mut socket, "\"hello\"").await?;
        held.push(socket);
    }
    Ok(held)
}

/// The visitor goes on to another page.
pub async fn turn_page(socket: &mut Socket, n: usize) -> Fallible<()> {
    let url = format!("https://shop.example/product/{n}");
    send(socket, json!({ "type": "page", "url": url, "title": "A lamp" }).to_string()).await
}
