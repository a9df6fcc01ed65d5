//! Work that one node at a time does for as long as it lives: it holds a lease of that name in the database and renews it. A node that dies
//! or stands still is followed by another when its lease runs out.

mod store;

use db::{Db, Dialect, Scope};
use model::{Env, Result};
use std::future::Future;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// A lease lasts so long at most. Work that is held by a lease bears being done twice for a moment.
const LEASE: Duration = Duration::from_secs(15);

/// Does the work whenever no other node does it. Ends when the work ends. A SQLite database has one node.
pub async fn run_alone<F, Fut>(db: &Db, env: &Env, name: &'static str, work: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    if db.dialect() == Dialect::Sqlite {
        return work().await;
    }
    let lease = Lease { db, env, name };
    loop {
        let asked = Instant::now();
        if !lease.may_begin().await {
            sleep(lease.third()).await;
            continue;
        }
        tracing::info!(work = name, "this node does it now");
        let mut working = Working(tokio::spawn(work()));
        tokio::select! {
            ended = &mut working.0 => {
                if let Err(error) = ended {
                    tracing::error!(work = name, error = %error, "work that one node does has panicked");
                }
                return;
            }
            () = lease.keep(asked + lease.length()) => {}
        }
        tracing::warn!(work = name, "this node stops doing it: its lease is not its own any more");
    }
}

/// Gives back everything that this node holds, so that others need not wait: for a node that stops.
///
/// # Errors
/// When the storage fails; then the leases run out.
pub async fn give_back(db: &Db, env: &Env) -> Result<()> {
    let node = env.node();
    db.write(Scope::System, move |tx| Box::pin(async move { store::give_back(tx, node).await })).await
}

struct Lease<'a> {
    db: &'a Db,
    env: &'a Env,
    name: &'static str,
}

impl Lease<'_> {
    fn length(&self) -> Duration {
        LEASE.min(Duration::from_millis(self.env.lease_ms().unsigned_abs()))
    }

    fn third(&self) -> Duration {
        self.length() / 3
    }

    async fn may_begin(&self) -> bool {
        match self.take().await {
            Ok(is_ours) => is_ours,
            Err(error) => {
                tracing::warn!(work = self.name, error = %error, "a lease could not be asked for, trying again");
                false
            }
        }
    }

    /// Takes or renews it; false when another node holds it.
    async fn take(&self) -> Result<bool> {
        let (node, name, now) = (self.env.node(), self.name, self.env.now());
        let until = now.plus_ms(i64::try_from(self.length().as_millis()).unwrap_or(i64::MAX));
        let taken = self
            .db
            .write(Scope::System, move |tx| Box::pin(async move { store::take(tx, name, node, now, until).await }));
        taken.await
    }

    /// Renews it until it is lost: to another node, or to a database that does not answer while it runs out.
    async fn keep(&self, mut until: Instant) {
        loop {
            sleep(self.third()).await;
            let asked = Instant::now();
            match timeout(self.third(), self.take()).await {
                Ok(Ok(true)) => until = asked + self.length(),
                Ok(Ok(false)) => return,
                Ok(Err(_)) | Err(_) if Instant::now() >= until => return,
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }
}

/// Work that stops when it is let go.
struct Working(JoinHandle<()>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.abort();
    }
}
