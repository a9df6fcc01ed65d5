//! A mailbox that is imported: letters a second, and whether each is there exactly once when the program was killed over and over meanwhile.

mod chance;
mod letters;
mod server;

use crate::http::Http;
use crate::process::Running;
use crate::row;
use chance::Chance;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use server::Dovecot;
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Longest without one letter more.
const PATIENCE: Duration = Duration::from_secs(120);

/// Imports a mailbox of so many letters undisturbed, then once more with so many kills.
pub async fn run(otklik: &Path, scratch: &Path, count: u32, kills: usize) -> Fallible<()> {
    let (letters, different) = letters::mailbox(count);
    let bytes: usize = letters.iter().map(|letter| letter.bytes.len()).sum();
    let said = format!("{count} ({different} different, {:.0} MB)", bytes as f64 / 1e6);
    row("letters in the mailbox, as Dovecot serves them", &said, "");
    let mail = Dovecot::start(&scratch.join("dovecot"), &letters)?;

    let data = scratch.join("undisturbed");
    let server = Running::otklik(otklik, &data, None)?;
    connect(&server, &mail).await?;
    let started = Instant::now();
    wait_for(&data, different).await?;
    let rate = f64::from(different) / started.elapsed().as_secs_f64();
    row("letters imported a second", &format!("{rate:.0}"), "500 at least");
    row(
        "  seconds of the processor a thousand letters",
        &format!("{:.2}", server.cpu() * 1000.0 / f64::from(different)),
        "printed",
    );
    row("  memory at its highest, MiB", &format!("{:.0}", server.peak() as f64 / 1_048_576.0), "printed");
    tell("  undisturbed", &once_each(server, &data, different)?);

    let data = scratch.join("killed");
    let mut server = Running::otklik(otklik, &data, None)?;
    connect(&server, &mail).await?;
    let started = Instant::now();
    let mut chance = Chance::new(u64::from(count));
    let mut places: Vec<u32> =
        (0..kills).map(|_| u32::try_from(chance.below(different as usize)).unwrap_or(0)).collect();
    places.sort_unstable();
    for place in &places {
        // Half of them while letters are stored as they came, half while they become messages.
        let of: fn(&Path) -> Fallible<u32> = if chance.below(2) == 0 { journaled } else { imported };
        let since = Instant::now();
        while of(&data)? < *place {
            if since.elapsed() > PATIENCE {
                return Err(format!("{} letters after {PATIENCE:?}, waited for {place}", of(&data)?).into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_micros(u64::try_from(chance.below(300_000))?)).await;
        let (site_key, api_key, project) = server.keys();
        drop(server);
        server = Running::again(otklik, &data, site_key, api_key, project)?;
    }
    wait_for(&data, different).await?;
    row(
        "killed so many times (SIGKILL), s",
        &format!("{} in {:.0}", places.len(), started.elapsed().as_secs_f64()),
        &kills.to_string(),
    );
    let counted = once_each(server, &data, different)?;
    tell("  killed", &counted);
    if counted.lost + counted.doubled + counted.strange > 0 {
        return Err("a letter is lost, doubled, or not what it was".into());
    }
    Ok(())
}

async fn connect(server: &Running, mail: &Dovecot) -> Fallible<()> {
    let at = |port: u16| json!({ "host": "127.0.0.1", "port": port, "security": "plain" });
    let settings = json!({ "address": "sales@shop.example", "password": server::PASSWORD, "smtp": at(mail.smtp), "imap": at(mail.imap),
        "import_days": 30 });
    let made: Value = Http::of(server)?
        .post("/connections", &json!({ "kind": "email", "title": "Почта", "settings": settings }))
        .await?;
    if made["status"] == "active" { Ok(()) } else { Err(made.to_string().into()) }
}

fn ask(data: &Path, query: &str) -> Fallible<u32> {
    let db = Connection::open_with_flags(data.join("otklik.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.busy_timeout(Duration::from_secs(5))?;
    Ok(db.query_row(query, [], |row| row.get(0))?)
}

fn imported(data: &Path) -> Fallible<u32> {
    ask(data, "SELECT COUNT(*) FROM messages WHERE author_kind = 'client'")
}

fn journaled(data: &Path) -> Fallible<u32> {
    ask(data, "SELECT COUNT(*) FROM inbound_journal")
}

async fn wait_for(data: &Path, different: u32) -> Fallible<()> {
    let (mut before, mut since) = (0, Instant::now());
    loop {
        let now = imported(data)?;
        if now >= different {
            return Ok(());
        }
        if now > before {
            (before, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            return Err(format!("{now} letters of {different}, and no more for {PATIENCE:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Counted {
    letters: u32,
    lost: u32,
    doubled: u32,
    /// Messages that are no letter of the mailbox.
    strange: u32,
    /// Files of letters that are not there whole.
    files: u32,
}

fn tell(name: &str, counted: &Counted) {
    let Counted { letters, lost, doubled, strange, files } = counted;
    row(&format!("{name}: letters, each exactly once"), &letters.to_string(), "all of them");
    row(&format!("{name}: lost, doubled, strange"), &format!("{lost}, {doubled}, {strange}"), "0, 0, 0");
    row(&format!("{name}: files that came with them"), &files.to_string(), "printed");
}

/// Looks when nothing more comes: what is doubled may be late.
fn once_each(server: Running, data: &Path, different: u32) -> Fallible<Counted> {
    std::thread::sleep(Duration::from_secs(3));
    server.stop()?;
    let db = Connection::open(data.join("otklik.db"))?;
    let mut read = db.prepare("SELECT content FROM messages WHERE author_kind = 'client'")?;
    let mut seen: HashMap<u32, u32> = HashMap::new();
    let (mut strange, mut files) = (0, 0);
    let contents = read.query_map([], |row| row.get::<_, String>(0))?;
    for content in contents {
        let content: Value = serde_json::from_str(&content?)?;
        files += u32::try_from(content["attachments"].as_array().map_or(0, Vec::len))?;
        match letters::number_in(content["text"].as_str().unwrap_or_default()).filter(|number| *number < different) {
            Some(number) => *seen.entry(number).or_default() += 1,
            None => strange += 1,
        }
    }
    let letters = u32::try_from(seen.values().filter(|times| **times == 1).count())?;
    let lost = different - u32::try_from(seen.len())?;
    let doubled = u32::try_from(seen.values().filter(|times| **times > 1).count())?;
    Ok(Counted { letters, lost, doubled, strange, files })
}
