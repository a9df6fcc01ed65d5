//! SQLite: one writer thread with group commit, a few reader threads.

use crate::checkpoint::Checkpoints;
use crate::queue::{Receiver, Sender, queue};
use crate::tx::{Announced, Connection, Tx};
use crate::{BoxFuture, DbError, OnCommit};
use rusqlite::config::DbConfig;
use rusqlite::{Connection as Sqlite3, ErrorCode, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Use cases committed together at most; more would only make the first wait longer.
const MAX_GROUP: usize = 1000;
const READERS: usize = 2;
/// Prepared statements kept per connection.
const STATEMENT_CACHE: usize = 256;

#[derive(Clone)]
pub(crate) struct Sqlite {
    writes: Sender<Box<dyn Job>>,
    reads: Sender<Box<dyn Job>>,
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

    pub(crate) async fn write<T, E, F>(&self, use_case: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        // As often as it has to be run.
        let body = move |tx: &mut Tx| poll_through(use_case.clone()(tx));
        submit(&self.writes, body, Company::Any).await
    }

    pub(crate) async fn write_alone<T, E, F>(&self, use_case: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        submit(&self.writes, once(use_case), Company::None).await
    }

    pub(crate) async fn read<T, E, F>(&self, use_case: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        submit(&self.reads, once(use_case), Company::Any).await
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

/// With whom a use case may be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Company {
    Any,
    None,
}

/// Work for a database thread: run, then be told whether it was committed.
trait Job: Send {
    fn company(&self) -> Company;
    /// Runs the use case, or runs it again after it was undone; false when it failed.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Answers the caller, after the commit.
    fn finish(self: Box<Self>, commit: Result<(), DbError>);
}

struct UseCase<T, E, F> {
    company: Company,
    body: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for UseCase<T, E, F>
where
    F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    fn company(&self) -> Company {
        self.company
    }

    fn run(&mut self, tx: &mut Tx) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.body)(tx)));
        self.outcome = Some(outcome.unwrap_or_else(|_| Err(DbError::other("a use case panicked").into())));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn finish(self: Box<Self>, commit: Result<(), DbError>) {
        let result = match (self.outcome, commit) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Ok(_)), Err(error)) => Err(error.into()),
            (Some(Err(error)), _) => Err(error),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(DbError::other("the use case was never run").into()),
        };
        // The caller may have gone away; the work is done all the same.
        let _ = self.reply.send(result);
    }
}

/// A use case that is run once: nobody else's failure undoes it.
fn once<T, E, F>(use_case: F) -> impl FnMut(&mut Tx) -> Result<T, E> + Send + 'static
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let mut left = Some(use_case);
    move |tx| match left.take() {
        Some(use_case) => poll_through(use_case(tx)),
        None => Err(DbError::other("a use case that runs alone was to be run again").into()),
    }
}

/// Every database call is ready at once on these threads, so one poll runs a use case to its end.
fn poll_through<T, E: From<DbError>>(mut future: BoxFuture<'_, Result<T, E>>) -> Result<T, E> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(DbError::other("a use case waited for something other than its transaction").into()),
    }
}

async fn submit<T, E, F>(queue: &Sender<Box<dyn Job>>, body: F, company: Company) -> Result<T, E>
where
    F: FnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let job: Box<dyn Job> = Box::new(UseCase { company, body, outcome: None, reply });
    if !queue.try_send(job) {
        return Err(DbError::Unavailable("too many writes are waiting".into()).into());
    }
    answer.await.unwrap_or_else(|_| Err(DbError::Unavailable("the database thread has stopped".into()).into()))
}

/// Tells the callers of a group how it ended, and the listener what it announced.
struct Finisher {
    runtime: Option<Handle>,
    on_commit: Arc<OnceLock<OnCommit>>,
}

impl Finisher {
    /// In the runtime where there is one: waking each caller from the writer's thread would cost it a switch for every one of them.
    fn finish(&self, group: Vec<Box<dyn Job>>, commit: Result<(), DbError>, announced: Announced) {
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

fn run_writer(connection: Sqlite3, queue: &Receiver<Box<dyn Job>>, checkpoints: &Checkpoints, finisher: &Finisher) {
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
fn fill_group(
    group: &mut Vec<Box<dyn Job>>,
    first: Box<dyn Job>,
    queue: &Receiver<Box<dyn Job>>,
) -> Option<Box<dyn Job>> {
    let is_alone = first.company() == Company::None;
    group.push(first);
    if is_alone {
        return None;
    }
    while group.len() < MAX_GROUP
        && let Some(job) = queue.try_recv()
    {
        if job.company() == Company::None {
            return Some(job);
        }
        group.push(job);
    }
    None
}

fn run_group(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> Result<(), DbError> {
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
fn run_together(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> bool {
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
fn run_apart(tx: &mut Tx, group: &mut [Box<dyn Job>]) -> Result<(), DbError> {
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

fn run_reader(connection: Sqlite3, queue: &Receiver<Box<dyn Job>>) {
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
