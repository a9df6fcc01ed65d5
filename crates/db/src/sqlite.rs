//! SQLite: one writer thread with group commit, a few reader threads.

use crate::checkpoint::Checkpoints;
use crate::queue::{Receiver, Sender, queue};
use crate::tx::{Announced, Connection, Tx};
use crate::work::Work;
use crate::{DbError, OnCommit, Way};
use rusqlite::config::DbConfig;
use rusqlite::{Connection as Sqlite3, ErrorCode, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Use cases committed together at most; more would only make the first wait longer.
const MAX_GROUP: usize = 1000;
const READERS: usize = 2;
/// Prepared statements kept per connection.
const STATEMENT_CACHE: usize = 256;

#[derive(Clone)]
pub(crate) struct Sqlite {
    writes: Sender<Job>,
    reads: Sender<Job>,
    file: PathBuf,
}

impl Sqlite {
    pub(crate) fn open(file: &Path, on_commit: Arc<OnceLock<OnCommit>>) -> Result<Self, DbError> {
        let mut writer = open_writer(file)?;
        let checkpoints = Checkpoints::new();
        let woken = checkpoints.follow(&mut writer)?;
        let (writes, write_queue) = queue(16 * MAX_GROUP);
        let copier = open_copier(file)?;
        let turns = checkpoints.clone();
        let finisher = Finisher { runtime: Handle::try_current().ok(), on_commit };
        spawn("db-checkpoint", move || checkpoints.run(&copier, &woken))?;
        spawn("db-writer", move || run_writer(writer, &write_queue, &turns, &finisher))?;
        let (reads, read_queue) = queue(usize::MAX);
        for _ in 0..READERS {
            let reader = open_reader(file)?;
            let waiting = read_queue.clone();
            spawn("db-reader", move || run_reader(reader, &waiting))?;
        }
        Ok(Self { writes, reads, file: file.to_owned() })
    }

    /// A use case on the thread that it is for; given back with what came of it.
    pub(crate) async fn run(&self, way: Way, work: Box<dyn Work>) -> Result<Box<dyn Work>, DbError> {
        let queue = if way == Way::Read { &self.reads } else { &self.writes };
        let (reply, answer) = oneshot::channel();
        if !queue.try_send(Job { is_alone: way == Way::WriteAlone, work, ran: Ran::Never, reply }) {
            return Err(DbError::Unavailable("too many writes are waiting".into()));
        }
        answer.await.unwrap_or_else(|_| Err(DbError::Unavailable("the database thread has stopped".into())))
    }

    /// A copy that has its name has everything, and is on the disk.
    pub(crate) async fn backup_to(&self, target: &Path) -> Result<(), DbError> {
        let (source, target) = (self.file.clone(), target.to_owned());
        let half = target.with_extension("half");
        let copied = tokio::task::spawn_blocking(move || {
            let outcome = copy_whole(&source, &half, &target);
            if outcome.is_err() {
                let _ = std::fs::remove_file(&half);
            }
            outcome
        });
        copied.await.map_err(|e| DbError::other(e.to_string()))?
    }

    /// Puts all that stands in the log into the file and empties the log.
    pub(crate) async fn merge_log(&self) -> Result<(), DbError> {
        let file = self.file.clone();
        let merged = tokio::task::spawn_blocking(move || -> Result<bool, DbError> {
            let connection = Sqlite3::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            connection.execute_batch("PRAGMA busy_timeout=2000; PRAGMA synchronous=FULL;")?;
            let is_busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))?;
            Ok(!is_busy)
        });
        match merged.await.map_err(|e| DbError::other(e.to_string()))?? {
            true => Ok(()),
            false => Err(DbError::Unavailable("somebody still reads or writes".into())),
        }
    }
}

fn copy_whole(source: &Path, half: &Path, target: &Path) -> Result<(), DbError> {
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::StorageFull => DbError::Full,
        _ => DbError::other(format!("{}: {e}", target.display())),
    };
    // What a copy that was killed left behind.
    match std::fs::remove_file(half) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    // A reader of its own: `query_only` would forbid writing the copy, too.
    let source = Sqlite3::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    source.execute("VACUUM INTO ?1", [half.to_string_lossy()])?;
    let written = std::fs::File::open(half).map_err(failed)?;
    #[cfg(unix)]
    written.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(failed)?;
    written.sync_all().map_err(failed)?;
    std::fs::rename(half, target).map_err(failed)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn open_writer(file: &Path) -> Result<Sqlite3, DbError> {
    let connection = Sqlite3::open(file)?;
    keep_statements(&connection)?;
    // FULL: what was acknowledged survives a power cut (D1). The cache grows to this only when there is so much to read.
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=1000;
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; PRAGMA journal_size_limit=67108864;",
    )?;
    Ok(connection)
}

fn open_copier(file: &Path) -> Result<Sqlite3, DbError> {
    let connection =
        Sqlite3::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.execute_batch("PRAGMA busy_timeout=1000; PRAGMA synchronous=FULL; PRAGMA cache_size=-64;")?;
    Ok(connection)
}

fn open_reader(file: &Path) -> Result<Sqlite3, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Sqlite3::open_with_flags(file, flags)?;
    keep_statements(&connection)?;
    connection.execute_batch(
        "PRAGMA busy_timeout=1000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4096; PRAGMA query_only=ON;",
    )?;
    Ok(connection)
}

/// Statements may read lists (`Value::Ids`). A prepared statement stays as it is. Without a stable plan SQLite prepares one with a bound LIMIT again at every run.
fn keep_statements(connection: &Sqlite3) -> Result<(), DbError> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    rusqlite::vtab::array::load_module(connection)?;
    Ok(())
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), DbError> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    started.map(drop).map_err(|e| DbError::other(e.to_string()))
}

/// Work for a database thread: run, then its caller is told whether it was committed.
struct Job {
    /// Committed without others.
    is_alone: bool,
    work: Box<dyn Work>,
    ran: Ran,
    reply: oneshot::Sender<Result<Box<dyn Work>, DbError>>,
}

/// How a use case went when it was run last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Never,
    Well,
    Failed,
    Panicked,
}

impl Job {
    /// Runs the use case, or runs it again after it was undone; false when it failed.
    fn run(&mut self, tx: &mut Tx) -> bool {
        self.ran = match catch_unwind(AssertUnwindSafe(|| self.work.run_through(tx))) {
            Ok(true) => Ran::Well,
            Ok(false) => Ran::Failed,
            Err(_) => Ran::Panicked,
        };
        self.ran == Ran::Well
    }

    /// Answers the caller, after the commit.
    fn finish(self, commit: Result<(), DbError>) {
        let result = match (self.ran, commit) {
            (Ran::Panicked, _) => Err(DbError::other("a use case panicked")),
            (Ran::Well | Ran::Never, Err(error)) => Err(error),
            // With an error of its own, one that failed.
            (_, _) => Ok(self.work),
        };
        // The caller may have gone away; the work is done all the same.
        let _ = self.reply.send(result);
    }
}

/// Tells the callers of a group how it ended, and the listener what it announced.
struct Finisher {
    runtime: Option<Handle>,
    on_commit: Arc<OnceLock<OnCommit>>,
}

impl Finisher {
    /// In the runtime where there is one: waking each caller from the writer's thread would cost it a switch for every one of them.
    fn finish(&self, group: Vec<Job>, commit: Result<(), DbError>, announced: Announced) {
        let on_commit = self.on_commit.clone();
        let work = move || {
            let is_committed = commit.is_ok();
            for job in group {
                job.finish(commit.clone());
            }
            if is_committed
                && !announced.is_empty()
                && let Some(listener) = on_commit.get()
            {
                listener(announced);
            }
        };
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn(async move { work() })),
            None => work(),
        }
    }
}

fn run_writer(connection: Sqlite3, queue: &Receiver<Job>, checkpoints: &Checkpoints, finisher: &Finisher) {
    let mut tx = Tx::new(Connection::Sqlite(connection));
    let mut held_back = None;
    while let Some(first) = held_back.take().or_else(|| queue.recv()) {
        let mut group = Vec::new();
        held_back = fill_group(&mut group, first, queue);
        let commit = run_group(&mut tx, &mut group);
        finisher.finish(group, commit, std::mem::take(&mut tx.announced));
        if let Connection::Sqlite(connection) = &tx.connection {
            checkpoints.take_turn(connection);
        }
    }
}

/// What waits, up to the first that wants no company: that one is handed back.
fn fill_group(group: &mut Vec<Job>, first: Job, queue: &Receiver<Job>) -> Option<Job> {
    let is_alone = first.is_alone;
    group.push(first);
    if is_alone {
        return None;
    }
    while group.len() < MAX_GROUP
        && let Some(job) = queue.try_recv()
    {
        if job.is_alone {
            return Some(job);
        }
        group.push(job);
    }
    None
}

fn run_group(tx: &mut Tx, group: &mut [Job]) -> Result<(), DbError> {
    execute(tx, "BEGIN IMMEDIATE")?;
    if !run_together(tx, group) {
        execute(tx, "ROLLBACK")?;
        tx.announced = Announced::default();
        execute(tx, "BEGIN IMMEDIATE")?;
        if group.len() > 1 {
            run_apart(tx, group)?;
        }
    }
    commit_or_undo(tx)
}

/// Runs a group as if nothing could fail, which it seldom does; false when one failed after it had written, so that all is to be undone. One
/// that failed before has nothing to undo.
fn run_together(tx: &mut Tx, group: &mut [Job]) -> bool {
    for job in group {
        let (announced, written) = (tx.announced.mark(), written(tx));
        if job.run(tx) {
            continue;
        }
        tx.announced.undo_to(announced);
        if self::written(tx) != written {
            return false;
        }
    }
    true
}

/// Runs a group so that each can be undone alone. Only after a failure: a savepoint costs more than most of what is done in it.
fn run_apart(tx: &mut Tx, group: &mut [Job]) -> Result<(), DbError> {
    for job in group {
        let announced_before = tx.announced.mark();
        execute(tx, "SAVEPOINT use_case")?;
        if !job.run(tx) {
            execute(tx, "ROLLBACK TO use_case")?;
            tx.announced.undo_to(announced_before);
        }
        execute(tx, "RELEASE use_case")?;
    }
    Ok(())
}

/// Rows written so far, by any statement.
fn written(tx: &Tx) -> u64 {
    match &tx.connection {
        Connection::Sqlite(connection) => connection.total_changes(),
        Connection::Postgres(_) => 0,
    }
}

fn commit_or_undo(tx: &mut Tx) -> Result<(), DbError> {
    let Err(error) = commit(tx) else { return Ok(()) };
    let _ = execute(tx, "ROLLBACK");
    Err(error)
}

/// A failed sync may look successful the second time, so the first failure ends the process (D1 d): the WAL is read again at start.
fn commit(tx: &mut Tx) -> Result<(), DbError> {
    let Connection::Sqlite(connection) = &tx.connection else { return Err(DbError::other("not SQLite")) };
    let outcome = connection.prepare_cached("COMMIT").and_then(|mut s| s.execute([]));
    match outcome {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(failure, words)) if failure.code == ErrorCode::SystemIoFailure => {
            tracing::error!(sqlite.code = failure.extended_code, sqlite.words = ?words, "the disk failed during a commit, stopping");
            std::process::exit(74);
        }
        Err(error) => Err(error.into()),
    }
}

fn execute(tx: &mut Tx, text: &str) -> Result<(), DbError> {
    let Connection::Sqlite(connection) = &tx.connection else { return Err(DbError::other("not SQLite")) };
    connection.prepare_cached(text)?.execute([])?;
    Ok(())
}

fn run_reader(connection: Sqlite3, queue: &Receiver<Job>) {
    let mut tx = Tx::new(Connection::Sqlite(connection));
    while let Some(mut job) = queue.recv() {
        let begun = execute(&mut tx, "BEGIN");
        if begun.is_ok() {
            job.run(&mut tx);
        }
        let ended = execute(&mut tx, "COMMIT");
        job.finish(begun.and(ended));
    }
}
