//! The desk in a real browser with very many conversations: how soon the list is there, how many rows it has, how late frames and answers to a
//! press are.

use crate::browser::Browser;
use crate::load::Numbers;
use crate::process::Running;
use crate::row;
use rusqlite::{Connection, params};
use std::path::Path;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// The first moment that somebody speaks in.
const SINCE: i64 = 1_790_000_000_000;

/// Prints the figures for a project of so many new conversations.
pub async fn run(
    otklik: &Path,
    scratch: &Path,
    browser: &Browser<'_>,
    conversations: u64,
    rounds: usize,
) -> Fallible<()> {
    let data = scratch.join("desk");
    let first = Running::otklik(otklik, &data, None)?;
    let (site_key, api_key, project) = first.keys();
    first.stop()?;
    fill(&data, conversations)?;
    let server = Running::again(otklik, &data, site_key, api_key, project)?;
    server.rests().await;
    let mut numbers = [(); 4].map(|()| Numbers::default());
    for _ in 0..rounds {
        for (number, value) in numbers.iter_mut().zip(browser.measure::<4>(&server, &[])?) {
            number.add(value);
        }
    }
    let [opened, rows, frames, longest] = numbers;
    row(&format!("{conversations} conversations: cold start to the list, ms"), &opened.show(0), "under 1000");
    row("  rows in the page", &rows.show(0), "60 at most");
    row("  a frame while the list is scrolled, p95, ms", &frames.show(0), "33 at most");
    row("  the longest interaction until its next paint, ms", &longest.show(0), "200 at most");
    server.stop()
}

/// New conversations of visitors, each with a message, as the path would have stored them.
fn fill(data: &Path, conversations: u64) -> Fallible<()> {
    let mut db = Connection::open(data.join("otklik.db"))?;
    db.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;")?;
    let tx = db.transaction()?;
    {
        let mut contact = tx.prepare(
            "INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, name, handle, tags, search, group_id,
               created_seq, blocked, demo, created_at, last_seen_at)
             SELECT account_id, ?1, project_id, id, 'site', ?2, NULL, ?3, '[]', '', ?1, ?4, 0, 0, ?5, ?5 FROM connections WHERE kind = 'site'",
        )?;
        let mut conversation = tx.prepare(
            "INSERT INTO conversations (id, account_id, project_id, contact_id, connection_id, channel, status, seq, last_seq, client_count, position,
               waiting_since, client_read_seq, demo, created_at)
             SELECT ?1, account_id, project_id, ?1, id, 'site', 'new', 1, 1, 1, ?2, ?3, 0, 0, ?3 FROM connections WHERE kind = 'site'",
        )?;
        let mut message = tx.prepare(
            "INSERT INTO messages (id, account_id, conversation_id, seq, position, author_kind, author_id, kind, content, client_count, created_at)
             SELECT ?1, account_id, ?2, 1, ?3, 'client', ?2, 'message', ?4, 1, ?5 FROM accounts",
        )?;
        for n in 0..conversations {
            let own = ((u128::from(n) + 1) << 80 | 0x7000_8000_0000_0000_0001).to_be_bytes();
            let id = ((u128::from(n) + 1) << 80 | 0x7000_8000_0000_0000_0002).to_be_bytes();
            let (place, at) = (i64::try_from(n)? + 1, SINCE + i64::try_from(n)? * 1_000);
            contact.execute(params![own, format!("{n:032x}"), format!("Посетитель {n}"), place, at])?;
            conversation.execute(params![own, place, at])?;
            let content = format!("{{\"text\":\"Есть вопрос о заказе {n}\",\"attachments\":[],\"buttons\":[]}}");
            message.execute(params![id, own, place, content, at])?;
        }
    }
    let newest = i64::try_from(conversations)? + 1;
    tx.execute("UPDATE account_positions SET position = MAX(position, ?1), oldest_kept = ?1", [newest])?;
    tx.commit()?;
    Ok(())
}
