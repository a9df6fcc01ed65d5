//! What the messages leave in the database file.

use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// A database file with everything in it, nothing left in its log.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    bytes: u64,
    messages: i64,
}

/// Looks at the database of a server, which may run but must not write now.
pub fn stored(data: &Path) -> Fallible<Stored> {
    let file = data.join("otklik.db");
    let connection = Connection::open(&file)?;
    for _ in 0..50 {
        let is_busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if is_busy == 0 {
            let messages = connection.query_row("SELECT COUNT(*) FROM messages", [], |row| row.get(0))?;
            return Ok(Stored { bytes: std::fs::metadata(&file)?.len(), messages });
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err("the log could not be copied into the database".into())
}

impl Stored {
    /// Bytes of each message stored since.
    pub fn each_since(&self, before: &Self) -> f64 {
        (self.bytes as f64 - before.bytes as f64) / (self.messages - before.messages).max(1) as f64
    }
}
