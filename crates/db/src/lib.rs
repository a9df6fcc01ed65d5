//! One portable SQL text per query, run on SQLite or PostgreSQL (`architecture.md` section 4, ADR 2). No product words here.
//!
//! A use case is a closure given to [`Db::write`]. On SQLite one writer thread runs the waiting use cases in one
//! transaction and commits them together (group commit); one that fails is undone alone; nobody hears of success before that commit is on the disk. On
//! PostgreSQL each use case is a transaction of its own.

mod checkpoint;
mod cursor;
mod error;
mod postgres;
mod pulse;
mod query;
mod queue;
mod row;
mod sqlite;
mod statement;
mod tx;
mod value;
mod work;

pub use cursor::{BadCursor, Cursor, Page};
pub use error::DbError;
pub use postgres::PostgresOptions;
pub use query::{Query, like};
pub use row::{Column, FromRow, Row};
pub use statement::{Registered, Statement, registered};
pub use tx::{Announced, Dialect, Tx};
pub use value::Value;

#[doc(hidden)]
pub use {inventory, rusqlite, tokio_postgres, uuid};

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use work::{UseCase, Work};

/// A boxed future that may borrow the transaction.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Whose rows a transaction may touch. PostgreSQL enforces it by row-level security, as a second net (rulings 43).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Rows of the account with this id.
    Account(u128),
    /// Rows of every account: sign-in, migrations, claims of due work.
    System,
}

/// Called after a commit with what the use cases asked to announce.
pub type OnCommit = Box<dyn Fn(Announced) + Send + Sync>;

/// A database: cheap to clone, the same for both engines.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    on_commit: Arc<OnceLock<OnCommit>>,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// How a use case is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Read,
    /// Committed together with others on SQLite, run anew when one of them failed.
    Write,
    WriteAlone,
}

impl Db {
    /// Opens (or makes) a SQLite file with WAL and `synchronous=FULL` (D1). A second process on the same file is refused (D18).
    ///
    /// # Errors
    /// When the file cannot be opened or is held by another process.
    pub fn open_sqlite(file: &Path) -> Result<Self, DbError> {
        let on_commit = Arc::new(OnceLock::new());
        let engine = Engine::Sqlite(sqlite::Sqlite::open(file, on_commit.clone())?);
        Ok(Self { engine, on_commit })
    }

    /// Connects to PostgreSQL as the application's role.
    ///
    /// # Errors
    /// When the server cannot be reached, or the role could go round row-level security (rulings 43).
    pub async fn open_postgres(options: &PostgresOptions) -> Result<Self, DbError> {
        let on_commit = Arc::new(OnceLock::new());
        let engine = Engine::Postgres(postgres::Postgres::open(options, on_commit.clone()).await?);
        Ok(Self { engine, on_commit })
    }

    /// Sets the one listener for what use cases announce with [`Tx::announce`]. Later calls change nothing.
    pub fn on_commit(&self, listener: OnCommit) {
        let _ = self.on_commit.set(listener);
    }

    /// Which dialect the statements run in.
    pub fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a use case and commits it. `Err` from the use case undoes it alone. Returns after the commit is durable.
    ///
    /// The use case must await nothing but the transaction: on SQLite it runs on the writer thread. It may be run more than once, each time but the
    /// last for nothing: on SQLite when another of its group failed, on PostgreSQL when it and another waited for each other's rows. So it must be
    /// one that can be cloned, and change nothing but the database.
    ///
    /// # Errors
    /// What the use case returns, or a [`DbError`] when the commit itself failed.
    pub fn write<T, E, F>(&self, scope: impl Into<Scope>, use_case: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.run(Way::Write, scope.into(), UseCase::repeatable(use_case))
    }

    /// As [`write`](Self::write), for a piece of long work with many statements: nobody else's use case waits in its group, and
    /// SQLite need not be able to undo it alone, which costs more with every page it touches.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_alone<T, E, F>(
        &self,
        scope: impl Into<Scope>,
        use_case: F,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        // Long work may hold much, which is not to be there twice for nothing: on SQLite nobody else's failure undoes it.
        let use_case = match self.engine {
            Engine::Sqlite(_) => UseCase::once(use_case),
            Engine::Postgres(_) => UseCase::repeatable(use_case),
        };
        self.run(Way::WriteAlone, scope.into(), use_case)
    }

    /// Runs a use case that only reads, on one consistent snapshot, beside the writer.
    ///
    /// # Errors
    /// What the use case returns, or a [`DbError`].
    pub fn read<T, E, F>(&self, scope: impl Into<Scope>, use_case: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.run(Way::Read, scope.into(), UseCase::once(use_case))
    }

    async fn run<T, E>(&self, way: Way, scope: Scope, use_case: UseCase<T, E>) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        UseCase::outcome(self.work(way, scope, Box::new(use_case)).await)
    }

    async fn work(&self, way: Way, scope: Scope, work: Box<dyn Work>) -> Result<Box<dyn Work>, DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.run(way, work).await,
            Engine::Postgres(engine) => engine.run(way, scope, work).await,
        }
    }

    /// What PostgreSQL's own clock says, in epoch milliseconds: one time for every process of a database. None on SQLite, which has one
    /// process and no clock.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn server_time_ms(&self) -> Result<Option<i64>, DbError> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(engine) => engine.time_ms().await.map(Some),
        }
    }

    /// Whether the database answered when it was asked last (SQLite always does), and how many connections were given up because they stood
    /// still while the server answered others.
    pub fn health(&self) -> (bool, u64) {
        match &self.engine {
            Engine::Sqlite(_) => (true, 0),
            Engine::Postgres(engine) => engine.health(),
        }
    }

    /// For tests: half seconds until a statement of which nothing is heard is given up on PostgreSQL.
    #[doc(hidden)]
    pub fn set_patience(&self, half_seconds: u32) {
        if let Engine::Postgres(engine) = &self.engine {
            engine.set_patience(half_seconds);
        }
    }

    /// Tells the planner how large tables have become, for a job that fills them. PostgreSQL keeps the plan of an empty table until it
    /// learns better, within a minute by itself; SQLite's plans follow from the indexes alone.
    ///
    /// # Errors
    /// When a table cannot be looked at.
    pub async fn refresh_statistics(&self, tables: &'static [&'static str]) -> Result<(), DbError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let text = format!("ANALYZE (SKIP_LOCKED) {}", tables.join(", "));
        self.write_alone(Scope::System, move |tx| Box::pin(async move { tx.run_script(&text).await })).await
    }

    /// Writes a consistent copy of a SQLite database to a new file while it is in use (D16).
    ///
    /// # Errors
    /// When the target cannot be written, or on PostgreSQL (use `pg_dump`).
    pub async fn backup_to(&self, target: &Path) -> Result<(), DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.backup_to(target).await,
            Engine::Postgres(_) => Err(DbError::other("a PostgreSQL database is backed up with pg_dump")),
        }
    }

    /// At the end of an orderly stop: SQLite's file then holds everything by itself, whoever copies it. Nothing to do on PostgreSQL.
    ///
    /// # Errors
    /// When the log stays; it is read at the next start.
    pub async fn merge_log(&self) -> Result<(), DbError> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.merge_log().await,
            Engine::Postgres(_) => Ok(()),
        }
    }
}
