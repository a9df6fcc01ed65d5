//! Copies committed pages from SQLite's write-ahead log into the database file beside the writer: a commit never waits for it,
//! unless the log has grown so long that the writer gives it a turn. However fast somebody writes, the log stays under 64 MiB.

use crate::DbError;
use crate::queue::{Receiver, queue};
use rusqlite::{Connection, ErrorCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Pages in the log (4 KiB each) that are worth a copy: 16 MiB.
const WORTH: u32 = 4_000;
/// Pages in the log at which the writer ends a copy itself, so that the log begins anew: 32 MiB. A log that only grows costs every commit
/// more, because the file system has to find room for it; but whoever writes meanwhile waits.
const LONG: u32 = 8_000;
/// Pages in the log at which the writer writes no more before everything is copied: 44 MiB, which leaves room under 64 MiB for the largest
/// group. A flood gets here, when it writes faster than the copy.
const FULL: u32 = 11_000;
/// Pages that a copy may have found for the writer to end it: what came meanwhile is less still, and the writer does not stand still for
/// long.
const LITTLE: u32 = 500;
/// Copies in a row: each has less to do than the one before, until the writer pauses long enough for one to end.
const PASSES: usize = 4;

/// Where the writer says how long the log is and learns that a copy cannot end while it writes.
#[derive(Clone)]
pub(crate) struct Checkpoints(Arc<Shared>);

struct Shared {
    /// The length of the log that is worth the next copy.
    next_at: AtomicU32,
    needs_turn: AtomicBool,
    length: AtomicU32,
    /// The length at which the writer waits for a copy.
    full_at: AtomicU32,
}

impl Checkpoints {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            next_at: AtomicU32::new(WORTH),
            needs_turn: AtomicBool::new(false),
            length: AtomicU32::new(0),
            full_at: AtomicU32::new(FULL),
        }))
    }

    /// Rings after commits that left a long log, in place of SQLite's own checkpoints inside a commit. Closed with the writer.
    pub(crate) fn follow(&self, writer: &mut Connection) -> Result<Receiver<()>, DbError> {
        let (wake, woken) = queue(1);
        let shared = self.0.clone();
        writer.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            let pages = u32::try_from(pages).unwrap_or(0);
            shared.length.store(pages, Ordering::Relaxed);
            if pages < WORTH {
                shared.next_at.store(WORTH, Ordering::Relaxed);
                shared.full_at.store(FULL, Ordering::Relaxed);
            } else if pages >= shared.next_at.load(Ordering::Relaxed) {
                wake.try_send(());
            }
            Ok(())
        }))?;
        Ok(woken)
    }

    /// On the writer's thread, between commits: ends a copy that could not end beside it.
    pub(crate) fn take_turn(&self, writer: &Connection) {
        if self.0.length.load(Ordering::Relaxed) >= self.0.full_at.load(Ordering::Relaxed) {
            self.begin_anew(writer);
        } else if self.0.needs_turn.swap(false, Ordering::Relaxed) {
            copy(writer);
        }
    }

    /// Waits for readers and for the copy beside, and copies the rest. A reader that does not end in time lets the log grow on for a while.
    fn begin_anew(&self, writer: &Connection) {
        self.0.needs_turn.store(false, Ordering::Relaxed);
        let is_anew =
            copy_by(writer, "PRAGMA wal_checkpoint(RESTART)").is_some_and(|(length, copied)| length == copied);
        let full_at = if is_anew { FULL } else { self.0.length.load(Ordering::Relaxed) + WORTH };
        self.0.full_at.store(full_at, Ordering::Relaxed);
        if is_anew {
            self.0.length.store(0, Ordering::Relaxed);
        }
    }

    /// The thread that copies, until the writer has gone.
    pub(crate) fn run(self, connection: &Connection, woken: &Receiver<()>) {
        yield_to_commits();
        while let Some(()) = woken.recv() {
            // The writer ends it: another copy here would only stand in its way.
            if !self.0.needs_turn.load(Ordering::Relaxed) {
                self.follow_writer(connection);
            }
        }
    }

    fn follow_writer(&self, connection: &Connection) {
        let mut before = 0;
        for pass in 1..=PASSES {
            let Some((length, copied)) = copy(connection) else { return };
            self.0.next_at.store(length + WORTH, Ordering::Relaxed);
            let has_little_left = pass == PASSES || length.saturating_sub(before) < LITTLE;
            if length >= LONG && has_little_left {
                // However much was copied, a busy writer has added to it since. The log begins anew only when a transaction begins
                // and finds all of it copied, and that only the writer can see to.
                return self.0.needs_turn.store(true, Ordering::Relaxed);
            }
            if length < LONG && copied == length {
                return;
            }
            before = length;
        }
    }
}

/// The copy has time, a commit has not: on a busy machine this thread runs in what the others leave over (ADR 6).
fn yield_to_commits() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 15) {
        tracing::warn!(error = %error, "the copy of the write-ahead log competes with commits for the processor");
    }
}

/// Copies what no reader still needs; the log's length and how much of it is copied, in pages.
fn copy(connection: &Connection) -> Option<(u32, u32)> {
    copy_by(connection, "PRAGMA wal_checkpoint(PASSIVE)")
}

/// None when somebody stood in the way.
fn copy_by(connection: &Connection, text: &str) -> Option<(u32, u32)> {
    let outcome = connection
        .query_row(text, [], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
    match outcome {
        Ok((true, _, _)) => None,
        Ok((false, length, copied)) => Some((u32::try_from(length).ok()?, u32::try_from(copied).ok()?)),
        // As with a commit: a failed sync may look successful the second time, so the process ends and reads its log again (D1 d).
        Err(rusqlite::Error::SqliteFailure(failure, words)) if failure.code == ErrorCode::SystemIoFailure => {
            tracing::error!(sqlite.code = failure.extended_code, sqlite.words = ?words, "the disk failed during a checkpoint, stopping");
            std::process::exit(74);
        }
        Err(error) => {
            tracing::warn!(error = %error, "the write-ahead log could not be copied now, trying again later");
            None
        }
    }
}
