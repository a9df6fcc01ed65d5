//! Reports over a million sessions: how long the report of a month and of a year takes by each split, how long the conversations behind a number,
//! and what following the log costs the path of a message. On SQLite.

use crate::http::Http;
use crate::load::Numbers;
use crate::process::Running;
use crate::{hot, row};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const ROUNDS: usize = 10;
const SPLITS: [&str; 5] = ["operator", "department", "channel", "page", "scenario"];
const OPERATORS: u64 = 40;
const PAGES: u64 = 190;
const DAYS: u64 = 365;
const DAY_MS: i64 = 86_400_000;
/// 2025-01-01.
const FIRST_DAY: i64 = 20_089;
/// A place that no log reaches: nothing is followed meanwhile.
const NOWHERE: i64 = 1 << 60;
const ASKED: &str = "under 500";

/// Measures on one node.
pub async fn run(otklik: &Path, scratch: &Path, sessions: u64, seconds: f64) -> Fallible<()> {
    let data = scratch.join("reports");
    let first = Running::otklik(otklik, &data, None)?;
    let (site_key, api_key, project) = first.keys();
    first.stop()?;
    let started = Instant::now();
    fill(&data, sessions)?;
    row(&format!("{sessions} sessions and their sums written, s"), &since(started), "");
    let db = Connection::open(data.join("otklik.db"))?;
    let sums: i64 = db.query_row("SELECT COUNT(*) FROM report_sums", [], |row| row.get(0))?;
    row("  rows of sums", &sums.to_string(), "");
    drop(db);
    let server = Running::again(otklik, &data, site_key.clone(), api_key.clone(), project.clone())?;
    server.rests().await;
    reports(&server, sessions).await?;
    server.stop()?;

    let patience = Duration::from_secs_f64(seconds);
    let (mut with, mut without, mut left) = (Numbers::default(), Numbers::default(), Numbers::default());
    for _ in 0..3 {
        for is_followed in [false, true] {
            let position = if is_followed {
                "(SELECT position FROM account_positions p WHERE p.account_id = report_follows.account_id)"
            } else {
                "?1"
            };
            let db = Connection::open(data.join("otklik.db"))?;
            db.execute(&format!("UPDATE report_follows SET position = {position} WHERE ?1 > 0"), [NOWHERE])?;
            drop(db);
            let server = Running::again(otklik, &data, site_key.clone(), api_key.clone(), project.clone())?;
            server.rests().await;
            let done = hot::fresh(&server.target(), patience).await?;
            let numbers = if is_followed { &mut with } else { &mut without };
            numbers.add(done.per_second());
            if is_followed {
                left.add(caught_up(&data).await?);
            }
            server.stop()?;
        }
    }
    row("path without reports, messages a second", &without.show(0), "");
    row("  with them", &with.show(0), "");
    let share = 100.0 * (1.0 - with.median() / without.median());
    row("  reports cost, %", &format!("{share:.1}"), "printed");
    row("  after the flood they are up to date in, s", &left.show(1), "printed");
    Ok(())
}

fn since(started: Instant) -> String {
    format!("{:.1}", started.elapsed().as_secs_f64())
}

async fn caught_up(data: &Path) -> Fallible<f64> {
    let started = Instant::now();
    let db = Connection::open(data.join("otklik.db"))?;
    loop {
        let behind: i64 = db.query_row(
            "SELECT COUNT(*) FROM account_positions p JOIN report_follows f ON f.account_id = p.account_id WHERE f.position < p.position",
            [],
            |row| row.get(0),
        )?;
        if behind == 0 {
            return Ok(started.elapsed().as_secs_f64());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn reports(server: &Running, sessions: u64) -> Fallible<()> {
    let http = Http::of(server)?;
    let mut worst: f64 = 0.0;
    for (name, from) in [("30 days", "2025-12-02"), ("365 days", "2025-01-01")] {
        for by in SPLITS {
            let mut took = Numbers::default();
            for _ in 0..ROUNDS {
                let started = Instant::now();
                let path = format!("/reports/conversations?from={from}&to=2025-12-31&by={by}");
                let report = http.get(&path).await?;
                let ms = started.elapsed().as_secs_f64() * 1000.0;
                let counted = report["total"]["conversations"].as_u64().unwrap_or_default();
                if from == "2025-01-01" && counted != sessions {
                    return Err(format!("{counted} of {sessions} sessions are counted").into());
                }
                worst = worst.max(ms);
                took.add(ms);
            }
            row(&format!("report of {name} by {by}, ms"), &took.show(0), ASKED);
        }
    }
    for (name, query) in [("all", ""), ("missed of one page", "&which=missed&by=page&key=shop.example%2Fpage-7")] {
        let mut took = Numbers::default();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let path = format!("/reports/sessions?from=2025-01-01&to=2025-12-31{query}");
            let list = http.get(&path).await?;
            if list["items"].as_array().is_none_or(Vec::is_empty) {
                return Err(format!("{name}: there is nothing behind the number").into());
            }
            let ms = started.elapsed().as_secs_f64() * 1000.0;
            worst = worst.max(ms);
            took.add(ms);
        }
        row(&format!("conversations behind a number, {name}, ms"), &took.show(0), ASKED);
    }
    row("the slowest of all, ms", &format!("{worst:.0}"), ASKED);
    Ok(())
}

/// Sessions of a year as the follower would have kept them, and their sums by the database's own means.
fn fill(data: &Path, sessions: u64) -> Fallible<()> {
    let mut db = Connection::open(data.join("otklik.db"))?;
    db.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;")?;
    let tx = db.transaction()?;
    {
        let mut insert = tx.prepare(
            "INSERT INTO report_sessions (id, account_id, project_id, first_seq, seen_seq, began_at, day, hour, channel, connection_id, operator_id,
               page, with_bot, asked_at, due_at, answered_at, answered_by, client_messages, people_messages, bot_messages, closed_at, score, missed)
             SELECT ?1, account_id, project_id, 1, 9, ?2, ?3, ?4, 'site', id, ?5, ?6, FALSE, ?2, ?2 + 600000, ?7, ?5, 3, 2, 0, ?8, ?9, ?10
             FROM connections WHERE kind = 'site'",
        )?;
        for n in 0..sessions {
            // Spread without a pattern that an index could be lucky with.
            let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let day = FIRST_DAY + i64::try_from(n * DAYS / sessions)?;
            let hour = i64::try_from(8 + (mixed >> 20) % 14)?;
            let began = day * DAY_MS + hour * 3_600_000 + i64::try_from(mixed % 3_600_000)?;
            let wait = i64::try_from(1000 + (mixed >> 33) % 900_000)?;
            let (answered, missed) = match (mixed >> 11) % 10 {
                0 => (None, Some("closed")),
                _ => (Some(began + wait), (wait > 600_000).then_some("late")),
            };
            let id = ((u128::from(n) + 1) << 80 | 0x7000_8000_0000_0000_0003).to_be_bytes();
            let operator = answered.map(|_| (u128::from((mixed >> 7) % OPERATORS) + 1).to_be_bytes());
            let score = ((mixed >> 17) % 5 == 0).then_some(4);
            let page = format!("shop.example/page-{}", (mixed >> 40) % PAGES);
            insert.execute(params![id, began, day, hour, operator, page, answered, began + wait * 2, score, missed])?;
        }
    }
    for (split, hour, key) in [
        ("all", "hour", "''"),
        ("operator", "-1", "CASE WHEN operator_id IS NULL THEN '' ELSE 'usr_' || lower(hex(operator_id)) END"),
        ("department", "-1", "''"),
        ("channel", "-1", "'con_' || lower(hex(connection_id))"),
        ("page", "-1", "page"),
        ("scenario", "-1", "''"),
    ] {
        tx.execute(&sums(split, "day", hour, key), [])?;
        if split != "all" {
            let month = "CAST(julianday(date(day * 86400, 'unixepoch', 'start of month')) - 2440587.5 AS INTEGER)";
            tx.execute(&sums(&format!("{split}.month"), month, hour, key), [])?;
        }
    }
    tx.execute("UPDATE report_follows SET walked_to = NULL", [])?;
    tx.commit()?;
    Ok(())
}

fn sums(split: &str, day: &str, hour: &str, key: &str) -> String {
    let (answer, lasted) = ("(answered_at - asked_at) / 1000", "(closed_at - began_at) / 1000");
    let buckets = |seconds: &str| {
        let bucket = |n: u32| match n {
            0 => format!("SUM(COALESCE({seconds} < 8, 0))"),
            15 => format!("SUM(COALESCE({seconds} >= 131072, 0))"),
            _ => format!("SUM(COALESCE({seconds} >= {} AND {seconds} < {}, 0))", 1 << (n + 2), 1 << (n + 3)),
        };
        (0..16).map(bucket).collect::<Vec<_>>().join(", ")
    };
    format!(
        "INSERT INTO report_sums SELECT account_id, project_id, '{split}', {day}, {hour}, {key}, COUNT(*), COUNT(asked_at), COUNT(answered_at),
           COUNT(missed), COALESCE(SUM({answer}), 0), COUNT(closed_at), COALESCE(SUM({lasted}), 0), SUM(client_messages), SUM(people_messages),
           SUM(bot_messages), COUNT(score), COALESCE(SUM(score), 0), {}, {} FROM report_sessions GROUP BY 1, 2, 4, 5, 6",
        buckets(answer),
        buckets(lasted)
    )
}
