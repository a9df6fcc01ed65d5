//! What stands in the database before the bare loop begins.

use crate::order::mixed;
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

pub const ACCOUNT: [u8; 16] = 1u128.to_be_bytes();
pub const PROJECT: [u8; 16] = 2u128.to_be_bytes();
const CONNECTION: [u8; 16] = 3u128.to_be_bytes();
/// As the product names visitors without a name.
pub const HANDLE: &str = "Посетитель 10001";

/// A migrated database with so many open conversations, as visitors' messages find it.
pub async fn prepare(scratch: &Path, conversations: usize) -> Fallible<Connection> {
    let file: PathBuf = scratch.join("bare.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
    }
    schema::migrate(&db::Db::open_sqlite(&file)?).await?;
    let connection = Connection::open(&file)?;
    rusqlite::vtab::array::load_module(&connection)?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;
         PRAGMA wal_autocheckpoint=4000;",
    )?;
    connection.execute_batch("BEGIN")?;
    insert_account(&connection)?;
    for n in 0..conversations {
        insert_conversation(&connection, n)?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(connection)
}

fn insert_account(connection: &Connection) -> Fallible<()> {
    connection.execute("INSERT INTO accounts (account_id, name, created_at) VALUES (?1, 'A', 1)", [ACCOUNT])?;
    connection
        .execute("INSERT INTO account_positions (account_id, position, oldest_kept) VALUES (?1, 0, 1)", [ACCOUNT])?;
    connection.execute(
        "INSERT INTO projects (account_id, id, name, site_key, identity_secret, allowed_origins, appearance, config_version, default_region, demo, created_at)
         VALUES (?1, ?2, 'P', 'k', 's', '[]', '{}', 1, 'RU', FALSE, 1)",
        [ACCOUNT, PROJECT],
    )?;
    connection.execute(
        "INSERT INTO connections (account_id, id, project_id, kind, title, status, settings, health, poll_offset, created_at)
         VALUES (?1, ?2, ?3, 'site', 'S', 'active', '{}', '{}', 0, 1)",
        [ACCOUNT, CONNECTION, PROJECT],
    )?;
    Ok(())
}

fn insert_conversation(connection: &Connection, n: usize) -> Fallible<()> {
    let (contact, conversation) = (contact(n), ordered(1 << 24, n as u64));
    connection
        .prepare_cached(
            "INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, handle, tags, search, group_id, created_seq, blocked, demo, created_at, last_seen_at)
             VALUES (?1, ?2, ?3, ?4, 'site', ?5, ?6, '[]', '', ?2, ?7, FALSE, FALSE, 1, 1)",
        )?
        .execute(params![ACCOUNT, contact, PROJECT, CONNECTION, format!("visitor-{n}"), HANDLE, i64::try_from(n)?])?;
    connection
        .prepare_cached(
            "INSERT INTO conversations (account_id, id, project_id, contact_id, connection_id, channel, status, seq, last_seq, client_count, position, client_read_seq, demo, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'site', 'new', 0, 0, 0, 0, 0, FALSE, 1)",
        )?
        .execute(params![ACCOUNT, conversation, PROJECT, contact, CONNECTION])?;
    Ok(())
}

/// The id of a contact.
pub fn contact(n: usize) -> [u8; 16] {
    ordered(1 << 20, n as u64)
}

/// The id of the message at a position.
pub fn message(position: i64) -> [u8; 16] {
    ordered(1 << 28, position as u64)
}

/// An id as UUIDv7 orders them: time first, then chance.
fn ordered(time: u64, number: u64) -> [u8; 16] {
    (u128::from(time + number) << 64 | u128::from(mixed(number))).to_be_bytes()
}
