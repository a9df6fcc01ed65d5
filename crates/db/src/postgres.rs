//! PostgreSQL: a pool, one transaction per use case, the account set for row-level security.

use crate::pulse::{Heard, Lost, Pulse};
use crate::tx::{Connection, Tx};
use crate::work::Work;
use crate::{DbError, OnCommit, Scope, Way};
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime, Timeouts,
};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;

/// A process that stands still, or a machine that is cut off, in the middle of a transaction must not hold its locks against the other
/// nodes for good: the server undoes it. No use case of ours computes for so long between two statements.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '30s'; \
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4";

/// For the answer to a BEGIN, which waits for nothing: a backend that does not give it while the server answers others stands still. Longer than
/// it takes to find out that the server does not.
const BEGUN_WITHIN: Duration = Duration::from_secs(3);
/// Connections that one transaction tries.
const TRIES: usize = 4;
/// Runs of a use case that the server undoes because it and another waited for each other's rows. The other goes on at once, so a second is nearly
/// always the last.
const RUNS: u32 = 5;
/// Half seconds in which nothing comes of a statement, on a server that answers others, until it is given up. Longer than any statement of ours
/// takes; long work by itself (migrations, rebuilds) is waited for.
const PATIENCE: u32 = 60;
/// For work that may have long statements.
const EVERY_PATIENCE: u32 = u32::MAX;

/// How to reach PostgreSQL.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// `postgresql://user:password@host/database`.
    pub url: String,
    /// Connections kept at most.
    pub pool_size: usize,
    /// Lets a role through that row-level security does not bind: migrations and tests only.
    pub allow_superuser: bool,
}

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    workers: Arc<Workers>,
    pulse: Pulse,
    patience: Arc<AtomicU32>,
    given_up: Arc<AtomicU64>,
    on_commit: Arc<OnceLock<OnCommit>>,
}

/// Threads on which transactions run. A transaction holds locks that others wait for, so its next step must not stand in a queue behind
/// thousands of sockets that have something to write.
struct Workers(Option<tokio::runtime::Runtime>);

impl Workers {
    fn start() -> std::io::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("db-transaction")
            .worker_threads(threads)
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    /// Runs something for as long as the database is open.
    fn start_beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(work);
        }
    }

    /// Runs it to its end, whatever becomes of the caller: one that goes away must not leave a transaction half done.
    fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<JoinHandle<T>, DbError> {
        let runtime = self.0.as_ref().ok_or_else(|| DbError::other("the database is closed"))?;
        Ok(runtime.spawn(work))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Not waited for: the last handle may go away on a thread that must not block.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Postgres {
    pub(crate) async fn open(options: &PostgresOptions, on_commit: Arc<OnceLock<OnCommit>>) -> Result<Self, DbError> {
        let mut config: tokio_postgres::Config = options.url.parse()?;
        hear_of_dead_peers(&mut config);
        let manager =
            Manager::from_config(config.clone(), NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        // Two seconds, then an honest 503 (D12).
        let patience = Some(Duration::from_secs(2));
        let pool = Pool::builder(manager)
            .max_size(options.pool_size)
            // The connection used last knows most: its statements are prepared and planned.
            .queue_mode(QueueMode::Lifo)
            .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(|client: &mut ClientWrapper, _| {
                Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|e| DbError::other(e.to_string()))?;
        let workers = Workers::start().map_err(|e| DbError::other(e.to_string()))?;
        let (pulse, feeling) = Pulse::feel(config);
        workers.start_beside(feeling);
        let (patience, given_up) = (Arc::new(AtomicU32::new(PATIENCE)), Arc::default());
        let engine = Self { pool, workers: Arc::new(workers), pulse, patience, given_up, on_commit };
        if !options.allow_superuser {
            engine.refuse_unbound_role().await?;
        }
        Ok(engine)
    }

    async fn refuse_unbound_role(&self) -> Result<(), DbError> {
        let text = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
        if self.ask::<bool>(text).await? {
            return Err(DbError::other(
                "the database role is a superuser or has BYPASSRLS: accounts would not be kept apart. Use an ordinary role",
            ));
        }
        Ok(())
    }

    pub(crate) async fn time_ms(&self) -> Result<i64, DbError> {
        self.ask("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)").await
    }

    /// One value that the server knows.
    async fn ask<T>(&self, text: &'static str) -> Result<T, DbError>
    where
        T: for<'r> tokio_postgres::types::FromSql<'r> + Send + 'static,
    {
        let pool = self.pool.clone();
        let work = async move { Ok(pool.get().await?.query_one(text, &[]).await?.get(0)) };
        self.while_it_answers(work, self.patience(), || {}).await?
    }

    /// A slow server is waited for, one that does not answer is not, nor one connection that does not while the server answers others: it is
    /// closed, and another one takes its place.
    async fn while_it_answers<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        patience: u32,
        give_up: impl FnOnce(),
    ) -> Result<T, DbError> {
        if !self.pulse.is_there() {
            return Err(unavailable());
        }
        let heard = Heard::default();
        let mut running = self.workers.run(heard.clone().of(work))?;
        tokio::select! {
            biased;
            outcome = &mut running => outcome.map_err(|e| DbError::other(e.to_string())),
            lost = self.pulse.lost(&heard, patience) => {
                give_up();
                if lost == Lost::Backend {
                    running.abort();
                    self.note_given_up("a statement");
                }
                Err(unavailable())
            }
        }
    }

    fn note_given_up(&self, what: &str) {
        self.given_up.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            waited_for = what,
            "a connection of PostgreSQL stands still while the server answers others: it is given up"
        );
    }

    /// Whether the server answered when it was asked last, and how many connections were given up.
    pub(crate) fn health(&self) -> (bool, u64) {
        (self.pulse.is_there(), self.given_up.load(Ordering::Relaxed))
    }

    fn patience(&self) -> u32 {
        self.patience.load(Ordering::Relaxed)
    }

    pub(crate) fn set_patience(&self, half_seconds: u32) {
        self.patience.store(half_seconds, Ordering::Relaxed);
    }

    /// A transaction that was begun, on the first connection that answers.
    async fn begun(&self, scope: Scope, read_only: bool) -> Result<InTransaction, DbError> {
        let script = begin(scope, read_only);
        for _ in 0..TRIES {
            let client = self.pool.get().await?;
            let mut guard = InTransaction(Some(Tx::new(Connection::Postgres(client))));
            let Some(tx) = guard.0.as_mut() else { break };
            if let Ok(begun) = tokio::time::timeout(BEGUN_WITHIN, tx.run_script(&script)).await {
                begun?;
                return Ok(guard);
            }
            if self.pulse.is_there() {
                self.note_given_up("the beginning of a transaction");
            }
        }
        Err(unavailable())
    }

    /// A use case in a transaction of its own; given back with what came of it.
    pub(crate) async fn run(&self, way: Way, scope: Scope, mut work: Box<dyn Work>) -> Result<Box<dyn Work>, DbError> {
        let patience = if way == Way::WriteAlone { EVERY_PATIENCE } else { self.patience() };
        let engine = self.clone();
        let is_given_up = Arc::new(AtomicBool::new(false));
        let seen = is_given_up.clone();
        let runs = if way == Way::Read { 1 } else { RUNS };
        let transaction = async move {
            for _ in 1..runs {
                match engine.run_once(way, scope, work.as_mut(), &seen).await {
                    Err(DbError::Deadlock(_)) if !seen.load(Ordering::Acquire) => {}
                    ran => return ran.map(|()| work),
                }
            }
            engine.run_once(way, scope, work.as_mut(), &seen).await.map(|()| work)
        };
        let give_up = || is_given_up.store(true, Ordering::Release);
        self.while_it_answers(transaction, patience, give_up).await?
    }

    /// One transaction: kept when the use case and the server say so, told to the listener then.
    async fn run_once(
        &self,
        way: Way,
        scope: Scope,
        work: &mut dyn Work,
        is_given_up: &AtomicBool,
    ) -> Result<(), DbError> {
        let mut guard = self.begun(scope, way == Way::Read).await?;
        let Some(tx) = guard.0.as_mut() else { return Err(DbError::other("no transaction")) };
        // Whoever was told that it failed must not find it done later.
        let is_wanted = work.run(tx).await && !is_given_up.load(Ordering::Acquire);
        let failed = tx.failed.take();
        let is_kept = is_wanted && failed.is_none();
        tx.run_script(if is_kept { "COMMIT" } else { "ROLLBACK" }).await?;
        let announced = guard.0.take().map(|tx| tx.announced).unwrap_or_default();
        if is_kept
            && !announced.is_empty()
            && let Some(listener) = self.on_commit.get()
        {
            listener(announced);
        }
        match failed {
            Some(error @ DbError::Deadlock(_)) => Err(error),
            // A use case that said nothing of it would be told that all was kept.
            Some(error) if is_wanted => Err(error),
            _ => Ok(()),
        }
    }
}

fn unavailable() -> DbError {
    DbError::Unavailable("PostgreSQL does not answer".into())
}

/// A server whose machine has gone says nothing any more, and by itself the system waits for it for a quarter of an hour.
fn hear_of_dead_peers(config: &mut tokio_postgres::Config) {
    let (quarter, minute) = (Duration::from_secs(15), Duration::from_secs(60));
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(2));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(quarter);
    }
    if config.get_keepalives_idle() > minute {
        config.keepalives_idle(quarter);
    }
}

/// A connection whose transaction was not ended (panic, failed COMMIT) is thrown away instead of going back to the pool.
struct InTransaction(Option<Tx>);

impl Drop for InTransaction {
    fn drop(&mut self) {
        if let Some(Tx { connection: Connection::Postgres(client), .. }) = self.0.take() {
            drop(Object::take(client));
        }
    }
}

fn begin(scope: Scope, read_only: bool) -> String {
    let account = match scope {
        Scope::Account(bits) => format!("{bits:032x}"),
        Scope::System => "*".to_owned(),
    };
    let mode = if read_only { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" };
    format!("{mode}; SELECT set_config('otklik.account', '{account}', true)")
}
