//! A mailing to a hundred thousand on SQLite: how long writing them down takes and weighs, whether the pace is kept, what live messages feel of it, and
//! how long the report of a million takes.

use crate::http::Http;
use crate::load::{self, Dialect, Numbers};
use crate::process::Running;
use crate::row;
use futures_util::SinkExt;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Messages a minute that the mailing is given.
const PACE: u32 = 1_500;
/// How long the pace is watched, and live messages are written.
const WATCHED: Duration = Duration::from_secs(30);
/// Live messages a second.
const LIVE: u64 = 100;
/// Recipients of the report.
const REPORTED: u32 = 1_000_000;

/// Measures on one node.
pub async fn run(otklik: &Path, scratch: &Path, people: u32) -> Fallible<()> {
    let data = scratch.join("mailings");
    let first = Running::otklik(otklik, &data, None)?;
    let (site_key, api_key, project) = first.keys();
    first.stop()?;
    fill(&data, people)?;
    let server = Running::again(otklik, &data, site_key, api_key, project)?;
    let http = Http::of(&server)?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let alone = acks(&server).await?;

    let document = json!({ "title": "Зимний свет", "channels": ["site"], "body": { "text": "Лампы в подарок" },
        "schedule": { "quiet": null }, "pace_per_minute": PACE });
    let mailing = http.post("/mailings", &document).await?;
    let path = format!("/mailings/{}", mailing["id"].as_str().unwrap_or_default());
    let started = Instant::now();
    let counted = http.post(&format!("{path}/preflight"), &json!({})).await?;
    row(&format!("pre-flight of {}, s", counted["people"]), &seconds(started), "printed");
    let before = server.rss();
    let started = Instant::now();
    http.post(&format!("{path}/start"), &json!({})).await?;
    while http.get(&path).await?["state"] == "preparing" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    row(&format!("queue of {people} built, s"), &seconds(started), "under 60");
    let more = server.peak().saturating_sub(before) as f64 / 1_048_576.0;
    row("  memory at its highest above before, MiB", &format!("{more:.1}"), "under 50");

    let sent = async || -> Fallible<f64> {
        Ok(http.get(&format!("{path}/report")).await?["counts"]["sent"].as_f64().unwrap_or(0.0))
    };
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (at, since) = (sent().await?, Instant::now());
    let beside = acks(&server).await?;
    let rate = (sent().await? - at) / since.elapsed().as_secs_f64() * 60.0;
    row("pace a minute", &format!("{rate:.0}"), &format!("{PACE} within 4 %"));
    row("live messages' ack p99 alone, ms", &format!("{:.1}", alone.percentile(0.99)), "");
    let ratio = beside.percentile(0.99) / alone.percentile(0.99);
    row("  beside the mailing, ms", &format!("{:.1} ({ratio:.2} x)", beside.percentile(0.99)), "1.2 x at most");

    http.post(&format!("{path}/stop"), &json!({})).await?;
    let stopped = Instant::now();
    while http.get(&path).await?["state"] != "stopped" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    row("stopped with everybody told, s", &seconds(stopped), "printed");
    let (site_key, api_key, project) = server.keys();
    server.stop()?;
    let id = big(&data)?;
    let server = Running::again(otklik, &data, site_key, api_key, project)?;
    let http = Http::of(&server)?;
    let mut took = Numbers::default();
    for _ in 0..10 {
        let started = Instant::now();
        let report: Value = http.get(&format!("/mailings/{id}/report")).await?;
        took.add(started.elapsed().as_secs_f64() * 1000.0);
        if report["counts"]["people"] != REPORTED {
            return Err(format!("not the report that was asked for: {report}").into());
        }
    }
    row(&format!("report of {REPORTED}, ms"), &took.show(0), "under 500");
    Ok(())
}

fn seconds(since: Instant) -> String {
    format!("{:.1}", since.elapsed().as_secs_f64())
}

/// How long live messages wait for their acknowledgement, in milliseconds.
async fn acks(server: &Running) -> Fallible<Numbers> {
    let mut socket = load::visitor(Dialect::Otklik, &server.address, &server.site_key).await?;
    let mut took = Vec::new();
    let (since, pause) = (Instant::now(), Duration::from_micros(1_000_000 / LIVE));
    while since.elapsed() < WATCHED {
        let started = Instant::now();
        socket.send(load::message(Dialect::Otklik, load::TEXT)).await?;
        load::until(&mut socket, "\"type\":\"ack\"").await?;
        took.push(started.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(pause.saturating_sub(started.elapsed())).await;
    }
    Ok(took.into())
}

/// Clients of the site, each a person of their own.
fn fill(data: &Path, people: u32) -> Fallible<()> {
    let mut db = Connection::open(data.join("otklik.db"))?;
    let tx = db.transaction()?;
    {
        let mut add = tx.prepare(
            "INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, name, handle, tags, search, group_id,
               created_seq, blocked, demo, created_at, last_seen_at)
             SELECT account_id, ?1, project_id, id, 'site', ?2, NULL, ?3, '[]', '', ?4, ?5, 0, 0, 1, 1 FROM connections WHERE kind = 'site'",
        )?;
        for n in 0..people {
            let id = (u128::from(n) + 1) << 80 | 0x7000_8000_0000_0000_0001;
            let group = (u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)).to_be_bytes();
            add.execute(params![
                id.to_be_bytes(),
                format!("{n:032x}"),
                format!("Посетитель {n}"),
                group,
                i64::from(n) + 1_000_000
            ])?;
        }
    }
    tx.commit()?;
    Ok(())
}

/// A mailing that a million got, out of nothing.
fn big(data: &Path) -> Fallible<String> {
    let mut db = Connection::open(data.join("otklik.db"))?;
    let tx = db.transaction()?;
    let id = (u128::MAX >> 1).to_be_bytes();
    tx.execute(
        "INSERT INTO mailings (account_id, id, project_id, document, revision, state, contacts, created_at, changed_at, started_at, ended_at, demo)
         SELECT account_id, ?1, project_id, document, 1, 'done', 0, 1, 1, 1, 1, 0 FROM mailings LIMIT 1",
        params![id],
    )?;
    {
        let mut add = tx.prepare(
            "INSERT INTO mailing_recipients (account_id, mailing_id, person_id, contact_id, connection_id, channel, others, state, reason, zone,
               due_at, created_at, state_at, answered_at)
             SELECT account_id, ?1, ?2, ?2, id, ?3, '[]', ?4, ?5, 'Europe/Moscow', 1, 1, 1, ?6 FROM connections WHERE kind = 'site'",
        )?;
        for n in 0..REPORTED {
            let (state, reason) = match n % 10 {
                0 => ("skipped", "opted_out"),
                1 => ("failed", "blocked_by_client"),
                2..=4 => ("sent", ""),
                5..=7 => ("delivered", ""),
                _ => ("read", ""),
            };
            let person = (u128::from(n) + 1).to_be_bytes();
            let channel = if n % 3 == 0 { "email" } else { "telegram" };
            add.execute(params![id, person, channel, state, reason, (n % 20 == 9).then_some(2)])?;
        }
    }
    tx.commit()?;
    Ok(format!("mlg_{:032x}", u128::from_be_bytes(id)))
}
