//! What a stranger can do to an installation with its limits on: how much of each flood is taken, what it leaves in the tables, and the
//! memory at its highest. Everything comes from one address, as a stranger's does.

use crate::process::Running;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::error::Error;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Fallible<T> = Result<T, Box<dyn Error>>;
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Sockets of the stranger.
const SOCKETS: usize = 20;
/// Pixels on a side of the pictures: 49 megapixels.
const SIDE: u32 = 7_000;

/// What came of a flood.
#[derive(Default)]
struct Seen {
    tried: u64,
    taken: u64,
}

pub async fn run(otklik: &Path, scratch: &Path, seconds: f64) -> Fallible<()> {
    println!(
        "{:<28} {:>9} {:>9} {:>10} {:>10} {:>9} {:>9}",
        "flood", "tried", "taken", "clients", "messages", "data MB", "peak MB"
    );
    let length = Duration::from_secs_f64(seconds);
    measured(otklik, scratch, "new clients, 20 sockets", async |at| newcomers(at, length).await).await?;
    measured(otklik, scratch, "fields of 60 KB, 1 socket", async |at| fields(at, length).await).await?;
    measured(otklik, scratch, "messages, 20 sockets", async |at| messages(at, length).await).await?;
    measured(otklik, scratch, "typing, 20 sockets", async |at| typing(at, length).await).await?;
    measured(otklik, scratch, "6 pictures of 49 MP at once", async |at| pictures(at).await).await?;
    measured(otklik, scratch, "40 uploads that trickle", async |at| trickles(at, length).await).await
}

async fn measured(
    otklik: &Path,
    scratch: &Path,
    name: &str,
    flood: impl AsyncFn(&Running) -> Fallible<Seen>,
) -> Fallible<()> {
    let data = scratch.join("flood");
    let running = Running::otklik(otklik, &data, None)?;
    let seen = flood(&running).await?;
    let peak = running.peak();
    running.stop()?;
    let file = rusqlite::Connection::open(data.join("otklik.db"))?;
    let count = |query: &str| file.query_row(query, [], |row| row.get::<_, i64>(0));
    let (clients, messages) = (count("SELECT COUNT(*) FROM contacts")?, count("SELECT COUNT(*) FROM messages")?);
    let size: u64 =
        std::fs::read_dir(&data)?.flatten().filter_map(|entry| entry.metadata().ok()).map(|facts| facts.len()).sum();
    let mb = |bytes: u64| bytes / 1_000_000;
    println!(
        "{name:<28} {:>9} {:>9} {clients:>10} {messages:>10} {:>9} {:>9}",
        seen.tried,
        seen.taken,
        mb(size),
        mb(peak)
    );
    Ok(())
}

async fn opened(at: &Running) -> Option<Socket> {
    let (mut socket, _) = connect_async(format!("ws://{}/w/v1/live", at.address)).await.ok()?;
    send(&mut socket, &json!({ "type": "auth", "site_key": at.site_key })).await?;
    heard(&mut socket, &["hello"]).await.map(|_| socket)
}

async fn send(socket: &mut Socket, frame: &Value) -> Option<()> {
    socket.send(Message::Text(frame.to_string().into())).await.ok()
}

/// The type of the next frame that is of one of these.
async fn heard(socket: &mut Socket, wanted: &[&str]) -> Option<String> {
    loop {
        let Message::Text(text) = socket.next().await?.ok()? else { continue };
        let frame: Value = serde_json::from_str(&text).ok()?;
        let kind = frame["type"].as_str()?;
        if wanted.contains(&kind) {
            return Some(kind.to_owned());
        }
    }
}

/// Does something again and again, on every socket at once, until the time is over.
async fn all_at_once(
    at: &Running,
    length: Duration,
    sockets: usize,
    one: impl AsyncFn(&Running, usize, Instant) -> Seen,
) -> Seen {
    let end = Instant::now() + length;
    let seen = futures_util::future::join_all((0..sockets).map(|n| one(at, n, end))).await;
    seen.into_iter()
        .fold(Seen::default(), |sum, seen| Seen { tried: sum.tried + seen.tried, taken: sum.taken + seen.taken })
}

async fn newcomers(at: &Running, length: Duration) -> Fallible<Seen> {
    Ok(all_at_once(at, length, SOCKETS, async |at, _, end| {
        let mut seen = Seen::default();
        while Instant::now() < end {
            seen.tried += 1;
            let Some(mut socket) = opened(at).await else { continue };
            let said = json!({ "type": "message", "client_id": "1", "content": { "text": "спам" } });
            if send(&mut socket, &said).await.is_some() {
                seen.taken += u64::from(heard(&mut socket, &["ack", "error"]).await.as_deref() == Some("ack"));
            }
        }
        seen
    })
    .await)
}

/// Says one thing after the other on a socket, opened again when it is closed.
async fn says(at: &Running, end: Instant, frame: impl Fn(u64) -> Value, answers: &[&str], good: &str) -> Seen {
    let mut seen = Seen::default();
    while Instant::now() < end {
        let Some(mut socket) = opened(at).await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        while Instant::now() < end {
            seen.tried += 1;
            if send(&mut socket, &frame(seen.tried)).await.is_none() {
                break;
            }
            let Some(answer) = heard(&mut socket, answers).await else { break };
            seen.taken += u64::from(answer == good);
        }
    }
    seen
}

async fn fields(at: &Running, length: Duration) -> Fallible<Seen> {
    Ok(all_at_once(at, length, 1, async |at, _, end| {
        let values: Vec<String> = (0..30).map(|n| format!("{n} {}", "я".repeat(490))).collect();
        let frame = |n: u64| {
            let values: Vec<String> = values.iter().map(|value| format!("{n}{value}")).collect();
            json!({ "type": "fields", "client_id": n.to_string(), "fields": { "phone": values, "email": format!("{n}@a.example") } })
        };
        says(at, end, frame, &["fields", "error"], "fields").await
    })
    .await)
}

async fn messages(at: &Running, length: Duration) -> Fallible<Seen> {
    let frame =
        |n: u64| json!({ "type": "message", "client_id": n.to_string(), "content": { "text": "спам ".repeat(400) } });
    Ok(all_at_once(at, length, SOCKETS, async |at, _, end| says(at, end, frame, &["ack", "error"], "ack").await).await)
}

/// Marks have no answer: what is taken is what an operator hears.
async fn typing(at: &Running, length: Duration) -> Fallible<Seen> {
    let (mut operator, _) = connect_async(format!("ws://{}/api/v1/live", at.address)).await?;
    send(&mut operator, &json!({ "type": "auth", "api_key": at.api_key })).await.ok_or("no operator")?;
    heard(&mut operator, &["hello"]).await.ok_or("no operator")?;
    send(&mut operator, &json!({ "type": "subscribe", "projects": [at.project_id], "from": 0 }))
        .await
        .ok_or("no operator")?;
    let listener = tokio::spawn(async move {
        let mut marks = 0;
        let deadline = Instant::now() + length;
        while Instant::now() < deadline {
            let wait = tokio::time::timeout(deadline - Instant::now(), heard(&mut operator, &["typing"])).await;
            marks += u64::from(matches!(wait, Ok(Some(_))));
        }
        marks
    });
    let seen = all_at_once(at, length, SOCKETS, async |at, _, end| {
        let mut seen = Seen::default();
        let Some(mut socket) = opened(at).await else { return seen };
        send(&mut socket, &json!({ "type": "message", "client_id": "1", "content": { "text": "x" } })).await;
        while Instant::now() < end && send(&mut socket, &json!({ "type": "typing" })).await.is_some() {
            seen.tried += 1;
            // As fast as a socket may send for ever.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        seen
    })
    .await;
    Ok(Seen { taken: listener.await?, ..seen })
}

fn visitor_token() -> String {
    "0123456789abcdef0123456789abcdef".to_owned()
}

#[allow(clippy::disallowed_methods)] // A stranger, not the product.
async fn upload(at: &Running, body: reqwest::Body, name: &'static str) -> bool {
    let part = reqwest::multipart::Part::stream(body).file_name(name);
    let request = reqwest::Client::new().post(format!("http://{}/w/v1/files", at.address));
    let request = request.header("x-otklik-site", &at.site_key).header("x-otklik-visitor", visitor_token());
    let sent = request.multipart(reqwest::multipart::Form::new().part("file", part)).send().await;
    sent.is_ok_and(|answer| answer.status().is_success())
}

async fn pictures(at: &Running) -> Fallible<Seen> {
    egress::choose_tls();
    let mut png = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(SIDE, SIDE).write_to(&mut png, image::ImageFormat::Png)?;
    let png = bytes::Bytes::from(png.into_inner());
    let taken = futures_util::future::join_all((0..6).map(|_| upload(at, png.clone().into(), "a.png"))).await;
    Ok(Seen { tried: 6, taken: taken.into_iter().map(u64::from).sum() })
}

/// Each sends nearly everything and then a byte now and then.
async fn trickles(at: &Running, length: Duration) -> Fallible<Seen> {
    egress::choose_tls();
    let uploads = (0..40).map(|_| {
        let pieces = futures_util::stream::unfold(0u32, move |n| async move {
            let piece = match n {
                0..19 => vec![b'x'; 1024 * 1024],
                _ => {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    vec![b'x']
                }
            };
            Some((Ok::<_, std::io::Error>(piece), n + 1))
        });
        tokio::time::timeout(length, upload(at, reqwest::Body::wrap_stream(pieces), "a.bin"))
    });
    let done = futures_util::future::join_all(uploads).await;
    Ok(Seen { tried: 40, taken: done.into_iter().filter(|done| matches!(done, Ok(true))).count() as u64 })
}
