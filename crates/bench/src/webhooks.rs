//! L8: two hundred webhooks a second over twenty receivers; then one of them never answers and one takes seconds. How late the others are told
//! is measured from the moment a message was sent until its call is there, and in both halves every one of them hears everything.

use crate::http::Http;
use crate::load::{self, Dialect, Numbers};
use crate::process::Running;
use crate::row;
use futures_util::SinkExt;
use serde_json::json;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const RECEIVERS: usize = 20;
/// Webhooks a second, all receivers together.
const RATE: usize = 200;
const DEAD: usize = 0;
const SLOW: usize = 1;
/// How long the slow one thinks.
const THINKS: Duration = Duration::from_secs(3);
/// How long calls may still come after the last message.
const PATIENCE: Duration = Duration::from_secs(20);
/// Stands before the number of a message in its words.
const MARK: &str = "L8-";
const DIGITS: usize = 6;

/// Takes calls late, or never; at once with anything else.
const LATE: u8 = 1;
const NEVER: u8 = 2;

/// A program of somebody else.
#[derive(Clone, Default)]
struct Receiver {
    answers: Arc<AtomicU8>,
    /// Numbers of messages, and when each was first heard.
    heard: Arc<Mutex<Vec<(usize, Instant)>>>,
}

impl Receiver {
    async fn start() -> Fallible<(Self, String)> {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let own = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                // A caller that goes away is no fault of the receiver's.
                tokio::spawn(async move { drop(own.serve(stream).await) });
            }
        });
        Ok((receiver, url))
    }

    /// Calls over one connection, one after the other.
    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await? == 0 {
                    return Ok(());
                }
                let line = line.trim_end().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await?;
            if let Some(number) = number_in(&String::from_utf8_lossy(&body)) {
                self.heard.lock().unwrap_or_else(PoisonError::into_inner).push((number, Instant::now()));
            }
            match self.answers.load(Ordering::Relaxed) {
                NEVER => std::future::pending().await,
                LATE => tokio::time::sleep(THINKS).await,
                _ => {}
            }
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        }
    }

    /// How late each message of a stretch was first heard, in milliseconds.
    fn lags(&self, sent: &[(usize, Instant)]) -> Vec<f64> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let first = |number: usize| heard.iter().find(|(of, _)| *of == number).map(|(_, at)| *at);
        sent.iter()
            .filter_map(|(number, at)| first(*number).map(|heard| (heard - *at).as_secs_f64() * 1000.0))
            .collect()
    }

    fn count(&self) -> usize {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn number_in(body: &str) -> Option<usize> {
    let at = body.find(MARK)? + MARK.len();
    body.get(at..at + DIGITS)?.parse().ok()
}

/// Measures on one node.
pub async fn run(otklik: &Path, scratch: &Path, seconds: f64) -> Fallible<()> {
    let server = Running::otklik(otklik, &scratch.join("webhooks"), None)?;
    let http = Http::of(&server)?;
    let mut receivers = Vec::new();
    for n in 0..RECEIVERS {
        let (receiver, url) = Receiver::start().await?;
        http.post("/webhooks", &json!({ "title": format!("L8 {n}"), "url": url, "kinds": ["message.created"] }))
            .await?;
        receivers.push(receiver);
    }
    let mut numbers = 0..10_usize.pow(DIGITS as u32);
    let all: Vec<&Receiver> = receivers.iter().collect();
    let healthy = stretch(&server, &mut numbers, &all, seconds).await?;
    row("webhooks a second, twenty receivers that answer", &format!("{:.0}", healthy.per_second), &RATE.to_string());
    row("  told after, ms", &healthy.lags.show(0), "");
    row("  p99, ms", &format!("{:.0}", healthy.lags.percentile(0.99)), "2,000 at most");

    receivers[DEAD].answers.store(NEVER, Ordering::Relaxed);
    receivers[SLOW].answers.store(LATE, Ordering::Relaxed);
    let before = [DEAD, SLOW].map(|at| receivers[at].count());
    let others: Vec<&Receiver> = receivers.iter().skip(2).collect();
    let beside = stretch(&server, &mut numbers, &others, seconds).await?;
    row(
        "  one dead and one slow: the others' p99, ms",
        &format!("{:.0}", beside.lags.percentile(0.99)),
        "2,000 at most",
    );
    let worst = beside.worst_p99;
    row("    the latest of them, p99, ms", &format!("{worst:.0}"), "2,000 at most");
    let heard = [DEAD, SLOW].map(|at| receivers[at].count());
    row(
        "    calls to the dead one, and to the slow one",
        &format!("{} and {}", heard[0] - before[0], heard[1] - before[1]),
        "",
    );
    let most = healthy.lags.percentile(0.99).max(beside.lags.percentile(0.99)).max(worst);
    if most > 2_000.0 {
        return Err(format!("receivers were held up: told after {most:.0} ms").into());
    }
    Ok(())
}

struct Stretch {
    lags: Numbers,
    /// Of each receiver alone, the highest.
    worst_p99: f64,
    per_second: f64,
}

/// Messages at the rate for some time, each told to all of these receivers.
async fn stretch(
    server: &Running,
    numbers: &mut std::ops::Range<usize>,
    receivers: &[&Receiver],
    seconds: f64,
) -> Fallible<Stretch> {
    let mut socket = load::visitor(Dialect::Otklik, &server.address, &server.site_key).await?;
    let pause = Duration::from_secs_f64(RECEIVERS as f64 / RATE as f64);
    let (started, mut sent) = (Instant::now(), Vec::new());
    while started.elapsed().as_secs_f64() < seconds {
        let number = numbers.next().ok_or("numbers are used up")?;
        sent.push((number, Instant::now()));
        socket.send(load::message(Dialect::Otklik, &format!("{MARK}{number:0DIGITS$}"))).await?;
        load::until(&mut socket, "\"type\":\"ack\"").await?;
        tokio::time::sleep((started + pause * sent.len() as u32).saturating_duration_since(Instant::now())).await;
    }
    let wanted = sent.len() * receivers.len();
    let patience = Instant::now();
    loop {
        let lags: Vec<Vec<f64>> = receivers.iter().map(|receiver| receiver.lags(&sent)).collect();
        let found: usize = lags.iter().map(Vec::len).sum();
        if found == wanted {
            let took = started.elapsed().as_secs_f64();
            let worst = lags.iter().map(|own| Numbers::from(own.clone()).percentile(0.99)).fold(0.0, f64::max);
            let all: Vec<f64> = lags.into_iter().flatten().collect();
            return Ok(Stretch { per_second: all.len() as f64 / took, lags: all.into(), worst_p99: worst });
        }
        if patience.elapsed() > PATIENCE {
            return Err(format!("{found} of {wanted} calls came").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
