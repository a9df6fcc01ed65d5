//! The workers of this node: they claim due jobs and hand each to the handler of its kind.

use crate::{Job, queue, store};
use db::{BoxFuture, Db, DbError, Scope};
use model::{Cx, Env, JobId, Refusal, Result};
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};

/// Jobs claimed at once.
const BATCH: i64 = 64;
/// Jobs under way at once on this node.
const MAX_RUNNING: usize = 128;
/// Tries before a job is set aside, with its error, for a person to see.
const MAX_ATTEMPTS: i64 = 12;
/// A look at the table even when nobody rang: another node may have written.
const POLL: Duration = Duration::from_secs(1);

type Work = Box<dyn Fn(Job) -> BoxFuture<'static, Result<()>> + Send + Sync>;
type GiveUp = Box<dyn for<'t> Fn(&'t mut Cx<'t>, &'t Job, &'t Refusal) -> BoxFuture<'t, Result<()>> + Send + Sync>;

/// How jobs of one kind are worked on.
pub struct Handler {
    work: Work,
    give_up: Option<GiveUp>,
    ends_on_refusal: bool,
    sets_aside: fn(&Refusal) -> bool,
}

impl Handler {
    /// Work that ends its job itself, in the transaction of its last effect ([`queue::finish`]). An error puts the job back.
    pub fn new<F, Fut>(work: F) -> Self
    where
        F: Fn(Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        Self {
            work: Box::new(move |job| Box::pin(work(job))),
            give_up: None,
            ends_on_refusal: false,
            sets_aside: |_| false,
        }
    }

    /// What is done in the transaction that sets a job aside after its last try.
    #[must_use]
    pub fn give_up<F>(self, give_up: F) -> Self
    where
        F: for<'t> Fn(&'t mut Cx<'t>, &'t Job, &'t Refusal) -> BoxFuture<'t, Result<()>> + Send + Sync + 'static,
    {
        Self { give_up: Some(Box::new(give_up)), ..self }
    }

    /// Errors after which a job is set aside at once, with its error, for a person to see.
    #[must_use]
    pub fn sets_aside(self, is_final: fn(&Refusal) -> bool) -> Self {
        Self { sets_aside: is_final, ..self }
    }

    /// A refusal ends the job at once: trying again would not change it. Faults are tried again as ever.
    #[must_use]
    pub fn ends_on_refusal(self) -> Self {
        Self { ends_on_refusal: true, ..self }
    }
}

/// The workers, with a handler for each kind of job.
pub struct Workers {
    db: Db,
    env: Env,
    due: Arc<Notify>,
    handlers: HashMap<&'static str, Handler>,
}

impl Workers {
    /// Workers that know no kind yet; `due` is rung when a job was queued.
    pub fn new(db: Db, env: Env, due: Arc<Notify>) -> Self {
        Self { db, env, due, handlers: HashMap::new() }
    }

    /// Registers the handler of a kind. The last one counts.
    #[must_use]
    pub fn on(mut self, kind: &'static str, handler: Handler) -> Self {
        self.handlers.insert(kind, handler);
        self
    }

    /// Works until the process ends. Each job runs by itself: one that waits for a slow file holds up only its own order key.
    pub async fn run(self: Arc<Self>) {
        let mut running = JoinSet::new();
        let under_way = UnderWay::default();
        loop {
            while let Some(done) = running.try_join_next() {
                report(done);
            }
            let free = i64::try_from(MAX_RUNNING.saturating_sub(running.len())).unwrap_or(0);
            let claimed = match self.claim_due(free).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::error!(error = %error, "jobs could not be claimed, trying again");
                    tokio::time::sleep(POLL).await;
                    continue;
                }
            };
            let is_idle = claimed.is_empty();
            for job in claimed {
                // Its lease ran out while this very node works on it: now it has a new one.
                let Some(place) = under_way.begin(&job.id) else { continue };
                let workers = self.clone();
                running.spawn(async move {
                    workers.work(job).await;
                    drop(place);
                });
            }
            if is_idle {
                tokio::select! {
                    () = self.due.notified() => {}
                    // Its end may free the next job of the same order key.
                    Some(done) = running.join_next() => report(done),
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        }
    }

    async fn claim_due(&self, free: i64) -> Result<Vec<Job>> {
        if free == 0 {
            return Ok(Vec::new());
        }
        let env = self.env.clone();
        let limit = BATCH.min(free);
        self.db.write(Scope::System, move |tx| Box::pin(async move { store::claim(tx, &env, limit).await })).await
    }

    async fn work(self: &Arc<Self>, job: Job) {
        let outcome = match self.handlers.get(job.kind.as_str()) {
            Some(handler) => (handler.work)(job.clone()).await,
            None => Err(DbError::other(format!("no worker for jobs of kind {}", job.kind)).into()),
        };
        let Err(error) = outcome else { return };
        if let Err(fault) = self.put_back(&job, error).await {
            tracing::error!(job.id = %job.id, error = %fault, "a failed job could not be put back; its lease runs out");
        }
    }

    /// Puts a failed job back to be tried again, or ends it.
    async fn put_back(self: &Arc<Self>, job: &Job, error: Refusal) -> Result<()> {
        let handler = self.handlers.get(job.kind.as_str());
        let is_refused = handler.is_some_and(|handler| handler.ends_on_refusal) && error.words().is_some();
        let is_final = is_refused || handler.is_some_and(|handler| (handler.sets_aside)(&error));
        let may_try_again = !is_final && job.attempts < MAX_ATTEMPTS;
        if !is_refused {
            tracing::warn!(job.id = %job.id, job.kind = %job.kind, job.attempts = job.attempts, error = %error, "a job failed");
        }
        let next = may_try_again.then(|| self.env.now().plus_ms(queue::backoff_ms(job.attempts)));
        // What is set aside says why.
        let reason = error.words().map_or_else(|| error.to_string(), |(_, words)| words);
        let (workers, own) = (self.clone(), job.clone());
        let done = self.db.write(job.account_id, move |tx| {
            Box::pin(async move {
                let cx = &mut Cx::new(tx, &workers.env, &own.account_id);
                let is_there = if is_refused {
                    store::delete_held(cx, &own.id).await?
                } else {
                    store::put_back(cx, &own, next, &reason).await?
                };
                let give_up = workers.handlers.get(own.kind.as_str()).and_then(|handler| handler.give_up.as_ref());
                // One that was taken back or replaced meanwhile is nobody's to give up.
                match give_up.filter(|_| is_there && next.is_none()) {
                    Some(give_up) => give_up(cx, &own, &error).await,
                    None => Ok(()),
                }
            })
        });
        done.await
    }
}

/// What this node works on now.
#[derive(Clone, Default)]
struct UnderWay(Arc<Mutex<HashSet<JobId>>>);

/// A job under way, until it is let go; also by a panic.
struct Place {
    all: UnderWay,
    id: JobId,
}

impl UnderWay {
    /// None when it is under way already.
    fn begin(&self, id: &JobId) -> Option<Place> {
        self.ids().insert(*id).then(|| Place { all: self.clone(), id: *id })
    }

    /// A poisoned lock only means that another thread panicked between two set operations; the set is whole.
    fn ids(&self) -> MutexGuard<'_, HashSet<JobId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.ids().remove(&self.id);
    }
}

fn report(done: std::result::Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(error = %error, "a job panicked; its lease runs out and it is tried again");
    }
}
