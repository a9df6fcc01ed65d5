//! The bound: the statements of one visitor's message, over and over, in one connection, with nothing around them.

use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const CONVERSATIONS: usize = 64;
const TEXT: &str = "Hello, my order 48213 has not arrived yet and the tracking page shows nothing since Monday. Can you help me please? Thanks!";

/// A migrated database with some conversations, as a visitor's message finds it.
async fn prepare(scratch: &Path) -> Fallible<Connection> {
    let file: PathBuf = scratch.join("bare.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
    schema::migrate(&db::Db::open_sqlite(&file)?).await?;
    let connection = Connection::open(&file)?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;
         PRAGMA wal_autocheckpoint=4000;
         INSERT INTO accounts VALUES ('acc_00000000000000000000000000000001', 'A', 1);
         INSERT INTO account_positions VALUES ('acc_00000000000000000000000000000001', 0, 1);
         INSERT INTO projects (account_id, id, name, site_key, identity_secret, allowed_origins, appearance, config_version, default_region, demo, created_at)
           VALUES ('acc_00000000000000000000000000000001', 'prj_00000000000000000000000000000001', 'P', 'k', 's', '[]', '{}', 1, 'RU', 0, 1);
         INSERT INTO connections (account_id, id, project_id, kind, title, status, settings, secrets, health, poll_offset, created_at)
           VALUES ('acc_00000000000000000000000000000001', 'con_00000000000000000000000000000001', 'prj_00000000000000000000000000000001', 'site', 'S', 'active', '{}', NULL, '{}', 0, 1);",
    )?;
    for n in 0..CONVERSATIONS {
        connection.execute(
            "INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, handle, tags, search, group_id, created_seq, blocked, demo, created_at, last_seen_at)
             VALUES ('acc_00000000000000000000000000000001', ?1, 'prj_00000000000000000000000000000001', 'con_00000000000000000000000000000001', 'site', ?1, 'h', '[]', '', ?1, ?2, 0, 0, 1, 1)",
            params![contact(n), i64::try_from(n)?],
        )?;
        connection.execute(
            "INSERT INTO conversations (account_id, id, project_id, contact_id, connection_id, channel, status, seq, last_seq, client_count, position, client_read_seq, demo, created_at)
             VALUES ('acc_00000000000000000000000000000001', ?1, 'prj_00000000000000000000000000000001', ?2, 'con_00000000000000000000000000000001', 'site', 'new', 0, 0, 0, 0, 0, 0, 1)",
            params![conversation(n), contact(n)],
        )?;
    }
    Ok(connection)
}

fn contact(n: usize) -> String {
    format!("cnt_{n:032x}")
}

fn conversation(n: usize) -> String {
    format!("cnv_{n:032x}")
}

/// Messages a second in groups of `group`.
pub async fn run(scratch: &Path, group: usize, patience: Duration) -> Fallible<f64> {
    let connection = prepare(scratch).await?;
    let started = Instant::now();
    let mut written = 0usize;
    while started.elapsed() < patience {
        write_group(&connection, group, &mut written)?;
    }
    Ok(written as f64 / started.elapsed().as_secs_f64())
}

/// The 99th percentile of one message committed alone, in milliseconds, at the pace of `rate` a second or as near as one by one can:
/// a disk and a processor that rest between two commits are slower than busy ones, for the server as for this loop.
pub async fn commit_p99_ms(scratch: &Path, rate: f64, patience: Duration) -> Fallible<f64> {
    let connection = prepare(scratch).await?;
    let pause = Duration::from_secs_f64(1.0 / rate);
    let started = Instant::now();
    let (mut written, mut times) = (0usize, Vec::new());
    while started.elapsed() < patience {
        let before = Instant::now();
        write_group(&connection, 1, &mut written)?;
        times.push(before.elapsed().as_secs_f64() * 1000.0);
        std::thread::sleep(pause.saturating_sub(before.elapsed()));
    }
    times.sort_by(f64::total_cmp);
    Ok(times[(times.len() * 99 / 100).min(times.len() - 1)])
}

fn write_group(connection: &Connection, group: usize, written: &mut usize) -> Fallible<()> {
    let account = "acc_00000000000000000000000000000001";
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for _ in 0..group {
        let n = *written % CONVERSATIONS;
        let (contact, conversation, message) = (contact(n), conversation(n), format!("msg_{:032x}", *written));
        connection.prepare_cached("SAVEPOINT use_case")?.execute([])?;
        connection
            .prepare_cached("SELECT project_id, id, contact_id, connection_id, channel, status FROM conversations WHERE account_id = ?1 AND contact_id = ?2 AND status <> 'closed'")?
            .query_row(params![account, contact], |row| row.get::<_, String>(1))?;
        let position: i64 = connection
            .prepare_cached(
                "UPDATE account_positions SET position = position + 1 WHERE account_id = ?1 RETURNING position",
            )?
            .query_row([account], |row| row.get(0))?;
        let (seq, count): (i64, i64) = connection
            .prepare_cached(
                "UPDATE conversations SET seq = seq + 1, last_seq = seq + 1, client_count = client_count + 1, position = ?3, waiting_since = COALESCE(waiting_since, ?4)
                 WHERE account_id = ?1 AND id = ?2 RETURNING seq, client_count",
            )?
            .query_row(params![account, conversation, position, 1], |row| Ok((row.get(0)?, row.get(1)?)))?;
        connection
            .prepare_cached(
                "INSERT INTO messages (account_id, id, project_id, conversation_id, contact_id, connection_id, channel, seq, position, author_kind, author_id, author_name, kind, content, client_id, client_count, created_at)
                 VALUES (?1, ?2, 'prj_00000000000000000000000000000001', ?3, ?4, 'con_00000000000000000000000000000001', 'site', ?5, ?6, 'client', ?4, 'h', 'message', ?7, ?8, ?9, 1)
                 ON CONFLICT (account_id, client_id, author_id) WHERE client_id IS NOT NULL DO NOTHING",
            )?
            .execute(params![account, message, conversation, contact, seq, position, format!("{{\"text\":\"{TEXT}\",\"attachments\":[],\"buttons\":[]}}"), format!("c-{written}"), count])?;
        let data = format!(
            "{{\"id\":\"{message}\",\"project_id\":\"prj_00000000000000000000000000000001\",\"conversation_id\":\"{conversation}\",\"contact_id\":\"{contact}\",\"connection_id\":\"con_00000000000000000000000000000001\",\"channel\":\"site\",\"seq\":{seq},\"position\":{position},\"author\":{{\"kind\":\"client\",\"id\":\"{contact}\",\"name\":\"h\"}},\"kind\":\"message\",\"content\":{{\"text\":\"{TEXT}\",\"attachments\":[],\"buttons\":[]}},\"delivery\":null,\"client_id\":\"c-{written}\",\"reply_to\":null,\"created_at\":\"2026-11-22T00:00:00.000Z\",\"edited_at\":null}}"
        );
        connection
            .prepare_cached(
                "INSERT INTO events (account_id, position, project_id, kind, conversation_id, contact_id, seq, for_client, data, created_at)
                 VALUES (?1, ?2, 'prj_00000000000000000000000000000001', 'message.created', ?3, ?4, ?5, 1, ?6, 1)",
            )?
            .execute(params![account, position, conversation, contact, seq, data])?;
        connection.prepare_cached("RELEASE use_case")?.execute([])?;
        *written += 1;
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}
