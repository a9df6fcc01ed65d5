//! Very many runs: the report over ten million visits, and a million runs that wait with a timer each. One real run is made through the front
//! door and its rows are multiplied in the file, for a bot that talks ten million times takes a day.

use crate::http::Http;
use crate::load::Numbers;
use crate::process::{Running, cpu_seconds};
use crate::{crowd, row};
use rusqlite::{Connection, params};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Runs that have ended, each with as many visits as there are blocks.
const ENDED: i64 = 1_000_000;
const BLOCKS: i64 = 10;
/// Runs that wait.
const WAITING: i64 = 1_000_000;
/// Days over which the ended ones began.
const DAYS: i64 = 90;
const DAY_MS: i64 = 86_400_000;
/// How long an idle server is watched.
const IDLE: Duration = Duration::from_secs(10);

/// Prints both.
pub async fn run(otklik: &Path, scratch: &Path) -> Fallible<()> {
    let data = scratch.join("many");
    report(otklik, &data).await?;
    waiting(otklik, &data).await
}

async fn report(otklik: &Path, data: &Path) -> Fallible<()> {
    let server = Running::otklik(otklik, data, None)?;
    let scenario = asking(&server).await?;
    let (site_key, api_key, project) = server.keys();
    server.stop()?;
    let connection = open(data)?;
    visits(&connection)?;
    drop(connection);
    let server = Running::again(otklik, data, site_key, api_key, project)?;
    let http = Http::of(&server)?;
    let base = format!("/scenarios/{scenario}/report");
    let total = ENDED * BLOCKS;
    for (name, path) in [
        ("whole", format!("{base}?from=1970-01-01&to=2100-01-01")),
        ("one version and launch", format!("{base}?from=1970-01-01&to=2100-01-01&version=1&launch=first_message")),
        ("people of one number", format!("{base}/blocks/b5/recipients?limit=50&from=1970-01-01&to=2100-01-01")),
    ] {
        let mut took = Numbers::default();
        for _ in 0..5 {
            let started = Instant::now();
            http.get(&path).await?;
            took.add(started.elapsed().as_secs_f64() * 1000.0);
        }
        row(&format!("report over {total} visits: {name}, ms"), &took.show(1), "under 500");
    }
    Ok(())
}

async fn waiting(otklik: &Path, data: &Path) -> Fallible<()> {
    let server = Running::otklik(otklik, data, None)?;
    asking(&server).await?;
    let (site_key, api_key, project) = server.keys();
    server.stop()?;
    let connection = open(data)?;
    clients(&connection)?;
    let again = || Running::again(otklik, data, site_key.clone(), api_key.clone(), project.clone());
    let before = at_rest(again()?).await?;
    let file = || Ok::<_, std::io::Error>(std::fs::metadata(data.join("otklik.db"))?.len());
    let bytes = file()?;
    runs(&connection)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(connection);
    let after = at_rest(again()?).await?;
    let more = (after.rss as f64 - before.rss as f64) / 1_048_576.0;
    row(&format!("{WAITING} waiting runs: memory more than without, MiB"), &format!("{more:.1}"), "at most 300");
    let each = (file()? - bytes) as f64 / WAITING as f64;
    row("  bytes of the database for each, with its timer", &format!("{each:.0}"), "printed");
    let idle = 100.0 * after.cpu / IDLE.as_secs_f64();
    let without = 100.0 * before.cpu / IDLE.as_secs_f64();
    row("  idle processor, %, with and without", &format!("{idle:.1} and {without:.1}"), "the same");
    Ok(())
}

/// A scenario of ten blocks of which the first asks; one client has been asked.
async fn asking(server: &Running) -> Fallible<String> {
    let http = Http::of(server)?;
    let block = |at: i64| {
        let settings = match at {
            0 => json!({ "text": "Well?", "wait": { "expect": "text", "timeout": "P6D" } }),
            _ => json!({ "text": "Well." }),
        };
        json!({ "id": format!("b{at}"), "type": "message", "settings": settings })
    };
    let edge = |at: i64| {
        let exit = if at == 0 { "correct" } else { "next" };
        json!({ "from": [format!("b{at}"), exit], "to": format!("b{}", at + 1) })
    };
    let document = json!({
        "schema": 1, "launch": [{ "kind": "first_message", "to": "b0" }],
        "blocks": (0..BLOCKS).map(block).collect::<Vec<_>>(), "edges": (0..BLOCKS - 1).map(edge).collect::<Vec<_>>(),
    });
    let made = http.post("/scenarios", &json!({ "name": "Ten", "document": document })).await?;
    let id = made["id"].as_str().ok_or("no scenario")?.to_owned();
    http.post(&format!("/scenarios/{id}/publish"), &json!({ "revision": made["revision"] })).await?;
    drop(crowd::gather(&server.target(), 1).await?);
    Ok(id)
}

/// The database of a server that has stopped.
fn open(data: &Path) -> Fallible<Connection> {
    let connection = Connection::open(data.join("otklik.db"))?;
    connection.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY;
         CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY);",
    )?;
    let most = ENDED.max(WAITING);
    connection.execute(
        "INSERT INTO numbers WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ?1) SELECT n FROM up",
        [most],
    )?;
    Ok(connection)
}

/// Rows like the only one, `count` of them, with other values in some columns: expressions of the number `n`.
fn multiply(connection: &Connection, table: &str, count: i64, other: &[(&str, &str)]) -> Fallible<()> {
    let mut columns = connection.prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
    let columns: Vec<String> = columns.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let value = |column: &String| {
        let given = other.iter().find(|(name, _)| name == column);
        given.map_or_else(|| format!("t.\"{column}\""), |(_, expression)| (*expression).to_owned())
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let text = format!(
        "INSERT INTO \"{table}\" SELECT {} FROM (SELECT * FROM \"{table}\" LIMIT 1) t, numbers WHERE n <= {count} ORDER BY n",
        values.join(", ")
    );
    connection.execute(&text, [])?;
    Ok(())
}

/// Ids that no program makes: their beginning is no time of ours.
const RUN_ID: &str = "unhex(printf('%032x', n))";

/// Runs that have ended over the last days, their trace, and its numbers as the path would have written them.
fn visits(connection: &Connection) -> Fallible<()> {
    let now: i64 = connection.query_row("SELECT started_at FROM scenario_runs", [], |row| row.get(0))?;
    let begun = format!("{} + n * {}", now - DAYS * DAY_MS, DAYS * DAY_MS / ENDED);
    let day = format!("({begun}) / {DAY_MS}");
    let ended = [("id", RUN_ID), ("started_at", &begun), ("changed_at", &begun), ("ended_at", &begun), ("day", &day)];
    connection.execute_batch("BEGIN")?;
    multiply(connection, "scenario_runs", ENDED, &ended)?;
    let mut insert = connection.prepare(
        "INSERT INTO scenario_visits (account_id, run_id, visit, scenario_id, version, block, entered_at, left_at, exit, incorrect)
         SELECT r.account_id, r.id, b.n, r.scenario_id, r.version, 'b' || (b.n - 1), r.started_at, r.started_at, 'next', 0
         FROM numbers x JOIN scenario_runs r ON r.id = unhex(printf('%032x', x.n)), numbers b
         WHERE x.n > ?1 AND x.n <= ?2 AND b.n <= ?3",
    )?;
    for from in (0..ENDED).step_by(100_000) {
        insert.execute(params![from, from + 100_000, BLOCKS])?;
    }
    drop(insert);
    connection.execute(
        "INSERT INTO scenario_counts (account_id, scenario_id, day, version, launch, source, connection_id, block, what, n)
         SELECT r.account_id, r.scenario_id, r.day, r.version, r.launch, r.source, r.connection_id, 'b' || (b.n - 1), w.what, COUNT(*)
         FROM scenario_runs r, numbers b, (SELECT 'visits' AS what UNION SELECT 'runs' UNION SELECT 'exit:next') w
         WHERE b.n <= ?1 AND r.ended_at IS NOT NULL GROUP BY r.account_id, r.scenario_id, r.day, r.version, r.launch, r.source,
           r.connection_id, b.n, w.what
         ON CONFLICT DO UPDATE SET n = scenario_counts.n + excluded.n",
        [BLOCKS],
    )?;
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// A client with a conversation for each run.
fn clients(connection: &Connection) -> Fallible<()> {
    connection.execute_batch("BEGIN")?;
    let id = "unhex(printf('c0%030x', n))";
    multiply(connection, "contacts", WAITING, &[("id", id), ("group_id", id), ("external_id", "'bench-' || n")])?;
    let conversation = [("id", "unhex(printf('d0%030x', n))"), ("contact_id", id), ("run_id", RUN_ID)];
    multiply(connection, "conversations", WAITING, &conversation)?;
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// The runs, and their timers among the jobs.
fn runs(connection: &Connection) -> Fallible<()> {
    connection.execute_batch("BEGIN")?;
    let run = [
        ("id", RUN_ID),
        ("contact_id", "unhex(printf('c0%030x', n))"),
        ("conversation_id", "unhex(printf('d0%030x', n))"),
    ];
    multiply(connection, "scenario_runs", WAITING, &run)?;
    connection.execute("DELETE FROM jobs WHERE kind <> 'scenario_timer'", [])?;
    let name = "printf('run_%032x', n)";
    let order = format!("t.order_key || {name}");
    let timer = [
        ("id", "unhex(printf('e0%030x', n))"),
        ("order_key", order.as_str()),
        ("payload", name),
        ("timer_key", name),
        ("run_at", "t.run_at + n"),
    ];
    multiply(connection, "jobs", WAITING, &timer)?;
    connection.execute_batch("COMMIT")?;
    Ok(())
}

/// What a server at rest takes.
struct AtRest {
    rss: u64,
    /// Seconds of the processor while it was watched.
    cpu: f64,
}

async fn at_rest(server: Running) -> Fallible<AtRest> {
    server.rests().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = cpu_seconds(server.target().process);
    tokio::time::sleep(IDLE).await;
    let cpu = cpu_seconds(server.target().process) - before;
    let rss = server.rss();
    server.stop()?;
    Ok(AtRest { rss, cpu })
}
