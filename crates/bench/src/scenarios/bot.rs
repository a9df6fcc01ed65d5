//! A bot that answers every message, through the whole path with storage: its rate beside the path without one, and how late its answer is.

use crate::http::Http;
use crate::load::{Dialect, Done, Numbers, TEXT, Target, message};
use crate::process::Running;
use crate::{crowd, hot, row};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Messages a second while the answers are timed.
const RATE: f64 = 200.0;
/// A round has four messages beyond its 99th percentile, so there are some more of them.
const LATENCY_ROUNDS: usize = 5;

/// Prints the rate beside the path's own of the same run, and the latency.
pub async fn run(otklik: &Path, scratch: &Path, patience: Duration, rounds: usize) -> Fallible<()> {
    let data = scratch.join("bot");
    let [mut alone, mut answered, mut both, mut cpu] = <[Numbers; 4]>::default();
    for _ in 0..rounds {
        let server = Running::otklik(otklik, &data, Some(0))?;
        alone.add(hot::fresh(&server.target(), patience).await?.per_second());
        drop(server);
        let server = answering(otklik, &data).await?;
        let done = hot::fresh(&server.target(), patience).await?;
        // The operator reads the client's message and the bot's.
        let Done { delivered, took, server_cpu, .. } = done;
        both.add(delivered as f64 / took.as_secs_f64());
        answered.add(delivered as f64 / 2.0 / took.as_secs_f64());
        cpu.add(server_cpu * 2e6 / delivered.max(1) as f64);
    }
    row("path without a scenario, 64 x 32, messages/s", &alone.show(0), "");
    row("a bot answers each, messages answered a second", &answered.show(0), "");
    row("  ratio to the path", &format!("{:.2}", answered.median() / alone.median()), "at least 0.50");
    row("  messages of both a second", &both.show(0), "printed");
    row("  server CPU microseconds a message and its answer", &cpu.show(1), "printed");
    latency(otklik, &data, patience.max(Duration::from_secs(2)), rounds.max(LATENCY_ROUNDS)).await
}

async fn latency(otklik: &Path, data: &Path, patience: Duration, rounds: usize) -> Fallible<()> {
    let (mut acks, mut answers) = (Numbers::default(), Numbers::default());
    for _ in 0..rounds {
        let server = answering(otklik, data).await?;
        let Times { acks: some, answers: others } = open(&server.target(), 64, patience).await?;
        acks.add(some.percentile(0.99));
        answers.add(others.percentile(0.99));
    }
    row(&format!("ack of a message at {RATE:.0}/s, p99, ms"), &acks.show(2), "");
    let allowed = 2.0 * acks.median() + 5.0;
    row("the bot's answer to it, p99, ms", &answers.show(2), &format!("at most {allowed:.1} = 2 x p99 of the ack + 5"));
    Ok(())
}

/// A fresh product whose bot speaks to whoever writes, and after each answer asks again with the answer's words.
async fn answering(otklik: &Path, data: &Path) -> Fallible<Running> {
    let server = Running::otklik(otklik, data, Some(0))?;
    let http = Http::of(&server)?;
    let document = json!({
        "schema": 1, "launch": [{ "kind": "first_message", "to": "ask" }],
        "blocks": [{ "id": "ask", "type": "message",
            "settings": { "text": "You said: {{var.said}}. What else?", "wait": { "expect": "text", "save_to": "var.said" } } }],
        "edges": [{ "from": ["ask", "correct"], "to": "ask" }],
    });
    let made = http.post("/scenarios", &json!({ "name": "Echo", "document": document })).await?;
    let id = made["id"].as_str().ok_or("no scenario")?;
    http.post(&format!("/scenarios/{id}/publish"), &json!({ "revision": made["revision"] })).await?;
    Ok(server)
}

/// Milliseconds from the moment a message was due.
struct Times {
    acks: Numbers,
    answers: Numbers,
}

/// Messages at a steady rate; each visitor reads what comes back.
async fn open(target: &Target<'_>, visitors: usize, patience: Duration) -> Fallible<Times> {
    let base = Instant::now();
    let heard: Arc<Mutex<(Vec<f64>, Vec<f64>)>> = Arc::default();
    let mut sinks = Vec::new();
    for mut socket in crowd::gather(target, visitors).await? {
        let subscribe = json!({ "type": "subscribe", "from": 0 }).to_string();
        socket.send(tokio_tungstenite::tungstenite::Message::Text(subscribe.into())).await?;
        let (sink, mut stream) = socket.split();
        let heard = heard.clone();
        // Written by one, read by the other: the acks of a visitor come in the order of what was sent.
        let sent: Arc<Mutex<std::collections::VecDeque<f64>>> = Arc::default();
        let due = sent.clone();
        tokio::spawn(async move {
            while let Some(Ok(frame)) = stream.next().await {
                let Ok(text) = frame.into_text() else { continue };
                let now = base.elapsed().as_secs_f64() * 1e6;
                if text.contains("\"type\":\"ack\"") {
                    let micros = due.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let late = micros.map(|micros| (now - micros) / 1000.0);
                    heard.lock().unwrap_or_else(PoisonError::into_inner).0.extend(late);
                } else if let Some(micros) = echoed(&text) {
                    heard.lock().unwrap_or_else(PoisonError::into_inner).1.push((now - micros) / 1000.0);
                }
            }
        });
        sinks.push((sink, sent));
    }
    let (started, mut sent) = (Instant::now(), 0_usize);
    while started.elapsed() < patience {
        let due = (started.elapsed().as_secs_f64() * RATE) as usize + 1;
        while sent < due {
            let scheduled = started + Duration::from_secs_f64(sent as f64 / RATE);
            let micros = (scheduled - base).as_secs_f64() * 1e6;
            let (sink, written) = &mut sinks[sent % visitors];
            written.lock().unwrap_or_else(PoisonError::into_inner).push_back(micros);
            sink.send(message(Dialect::Otklik, &format!("@@{micros:.0}@{TEXT}"))).await?;
            sent += 1;
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (acks, answers) = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
    if acks.len() < sent || answers.len() < sent {
        return Err(format!("{} acks and {} answers to {sent} messages", acks.len(), answers.len()).into());
    }
    Ok(Times { acks: acks.into(), answers: answers.into() })
}

/// When the message that the bot repeats was due; none in frames of anything else.
fn echoed(frame: &str) -> Option<f64> {
    let said: Value = serde_json::from_str(frame).ok()?;
    let message = &said["data"];
    if said["kind"] != "message.created" || message["author"]["kind"] != "bot" {
        return None;
    }
    let text = message["content"]["text"].as_str()?;
    text.split_once("@@")?.1.split('@').next()?.parse().ok()
}
