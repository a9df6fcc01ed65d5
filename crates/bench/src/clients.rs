//! Clients in large numbers through the product's own front door: import, preview, rules applied beside live messages, rebuild.

use crate::http::Http;
use crate::load::{self, Numbers};
use crate::process::{Running, peak_bytes};
use crate::row;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const RULES: [&str; 3] = ["phone", "email", "customer_id"];
/// Live messages a second while rules are applied.
const LIVE_RATE: f64 = 200.0;
/// Clients whose value is changed: the hundredth part of 200 would be two of them, which tell nothing.
const CHANGES: usize = 2_000;

/// Prints the figures for so many contacts.
pub async fn run(otklik: &Path, scratch: &Path, contacts: u64) -> Fallible<()> {
    let data = scratch.join("clients");
    let server = Running::otklik(otklik, &data, None)?;
    let http = Http::of(&server)?;
    let persons = (contacts * 6 / 10).max(1);
    let speed = imported(&http, table(0..contacts, persons)?).await?;
    row(&format!("import of {contacts} clients, rows a second"), &format!("{speed:.0}"), "at least 8000");
    let mut previews = Numbers::default();
    for _ in 0..3 {
        let started = Instant::now();
        http.post("/multi-contact-rules/preview", &rules()).await?;
        previews.add(started.elapsed().as_secs_f64());
    }
    row("preview of three rules, seconds", &previews.show(1), "under 5");
    apply_beside_messages(&http, &server, 2, "printed").await?;
    apply_beside_messages(&http, &server, 3, "under 30").await?;
    let more = contacts..contacts + contacts / 10;
    let words = format!("import of {} more that the rules join, rows a second", contacts / 10);
    row(&words, &format!("{:.0}", imported(&http, table(more, persons)?).await?), "at least 8000");
    value_changes(&http, &server, persons).await?;
    row("  memory at its highest, MiB", &mib(server.peak()), "at most 400");
    drop(server);
    rebuild(otklik, &data).await
}

/// Applies the first `count` rules: those that stand already keep their ids.
async fn apply_beside_messages(http: &Http, server: &Running, count: usize, asked: &str) -> Fallible<()> {
    let standing = http.get("/multi-contact-rules").await?;
    let standing = standing["items"].as_array().map_or(&[][..], Vec::as_slice);
    let wanted = (0..count).map(|at| match standing.get(at) {
        Some(rule) => json!({ "id": rule["id"], "fields": [RULES[at]] }),
        None => json!({ "fields": [RULES[at]] }),
    });
    let job = http.post("/multi-contact-rules/apply", &json!({ "rules": wanted.collect::<Vec<_>>() })).await?;
    let target = server.target();
    let live = load::open(&target, 64, LIVE_RATE, Duration::from_secs(15));
    let (ended, live) = tokio::join!(http.ended(job), live);
    let ((job, took), live) = (ended?, live?);
    let moved = job["result"]["moved"].as_u64().unwrap_or(0);
    let words = format!("{} more applied beside messages, {moved} moved, s", count - standing.len());
    row(&words, &format!("{took:.1}"), asked);
    let name = format!("  latency to the operator meanwhile at {LIVE_RATE:.0}/s, p99, ms");
    row(&name, &format!("{:.0}", live.percentile(0.99)), "under 250");
    Ok(())
}

/// Gives clients the phones of others, one after the other, and waits for each to be seen by an operator.
async fn value_changes(http: &Http, server: &Running, persons: u64) -> Fallible<()> {
    let mut operator = load::Operator::connect(&server.address, &server.api_key, &server.project_id).await?;
    let contacts = ids(http, CHANGES).await?;
    let mut times = Numbers::default();
    for (at, id) in contacts.iter().enumerate() {
        let phone = format!("+7{}", 9_000_000_000 + (at as u64 * 7919 + 1) % persons);
        let (path, body) = (format!("/contacts/{id}"), json!({ "fields": { "phone": phone } }));
        let started = Instant::now();
        let (changed, told) = tokio::join!(http.patch(&path, &body), operator.hears("contact.updated", id));
        changed?;
        told?;
        times.add(started.elapsed().as_secs_f64() * 1000.0);
    }
    let words = format!("a changed value at the operator, p99 of {}, ms", contacts.len());
    row(&words, &format!("{:.1}", times.percentile(0.99)), "under 200");
    Ok(())
}

/// The ids of the first contacts of the list.
async fn ids(http: &Http, wanted: usize) -> Fallible<Vec<String>> {
    let mut ids = Vec::with_capacity(wanted);
    let mut cursor = String::new();
    while ids.len() < wanted {
        let page = http.get(&format!("/contacts?limit=200{cursor}")).await?;
        let items = page["items"].as_array().ok_or("no contacts")?;
        ids.extend(items.iter().filter_map(|contact| contact["id"].as_str().map(str::to_owned)));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    Ok(ids)
}

async fn rebuild(otklik: &Path, data: &Path) -> Fallible<()> {
    let started = Instant::now();
    let mut command = Command::new(otklik);
    let mut child = command.arg("rebuild").arg("--data").arg(data).stdout(Stdio::null()).spawn()?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(peak_bytes(child.id()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    row("full rebuild, seconds", &format!("{:.1}", started.elapsed().as_secs_f64()), "at most 30");
    row("  memory at its highest, MiB", &mib(peak), "at most 400");
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / 1_048_576.0)
}

fn rules() -> Value {
    json!({ "rules": RULES.map(|field| json!({ "fields": [field] })) })
}

/// Six persons for ten clients, as in `performance.md` section 4: a phone for 70 in 100, an e-mail for 60, an id for 30; one person in
/// ten shares a family's phone, two clients in a thousand have one of five hot lines.
fn table(contacts: std::ops::Range<u64>, persons: u64) -> Fallible<String> {
    let mut text = String::from("external_id,phone,email,customer_id\n");
    let mut state = 42 + contacts.start;
    let mut roll = |sides: u64| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed ^ (mixed >> 27)) % sides
    };
    for number in contacts {
        let person = roll(persons);
        write!(text, "c{number},")?;
        match roll(1000) {
            0..2 => write!(text, "+7 800 000-00-0{}", roll(5))?,
            2..700 if person.is_multiple_of(10) => write!(text, "8{}", 9_500_000_000 + person / 20)?,
            2..700 => write!(text, "+7{}", 9_000_000_000 + person)?,
            _ => {}
        }
        text.push(',');
        if roll(100) < 60 {
            write!(text, "user{person}@mail{}.example", person % 7)?;
        }
        text.push(',');
        if roll(100) < 30 {
            write!(text, "C{person}")?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// Rows a second of an import.
async fn imported(http: &Http, table: String) -> Fallible<f64> {
    let (job, took) = http.ended(http.post_table("/contacts/import", table).await?).await?;
    Ok(job["result"]["created"].as_f64().unwrap_or(0.0) / took)
}
