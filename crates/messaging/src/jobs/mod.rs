//! Background work: a row written in the transaction that causes it, claimed with a lease, one at a time per order key.

mod inbound;
mod store;

pub(crate) use inbound::bot_of as inbound_bot;
pub use inbound::{journal, journal_all};

use crate::contacts::{erase, import};
use crate::{Messaging, Refusal, Result, fields, multi_contacts, project_jobs, service};
use db::{Scope, Tx};
use model::{AccountId, Cx, JobId, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// A worker that died holds its job this long.
const LEASE_MS: i64 = 120_000;
/// Jobs claimed at once.
const BATCH: i64 = 64;
/// Jobs under way at once on this node.
const MAX_RUNNING: usize = 128;
/// Tries before a job is set aside, with its error, for a person to see.
const MAX_ATTEMPTS: i64 = 12;
/// A look at the table even when nobody rang: another node may have written.
const POLL: Duration = Duration::from_secs(1);

/// A claimed job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub account_id: AccountId,
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub attempts: i64,
}

/// Queues a job; ids only in the payload. Jobs of one order key run one after the other, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn enqueue(cx: &mut Cx<'_>, kind: &str, order_key: &str, payload: &str) -> Result<JobId> {
    let id = JobId::new(cx.env.ids());
    store::insert(cx.tx, cx.account, &id, kind, order_key, payload, cx.env.now()).await?;
    cx.tx.announce(service::JOBS);
    Ok(id)
}

/// Takes back a job that no worker has claimed; false when one has.
pub(crate) async fn withdraw(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<bool> {
    store::delete_waiting(tx, account, id).await
}

/// Keeps a long job's lease.
pub(crate) async fn keep(cx: &mut Cx<'_>, id: &JobId) -> Result<()> {
    store::set_lease(cx.tx, cx.account, id, lease_end(cx.env.now())).await
}

/// Works until the process ends. Each job runs by itself: one that waits for a slow file holds up only its own order key.
pub async fn run(service: Arc<Messaging>) {
    let mut running = JoinSet::new();
    loop {
        while let Some(done) = running.try_join_next() {
            report(done);
        }
        let free = i64::try_from(MAX_RUNNING.saturating_sub(running.len())).unwrap_or(0);
        let claimed = match claim_due(&service, free).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(error = %error, "jobs could not be claimed, trying again");
                tokio::time::sleep(POLL).await;
                continue;
            }
        };
        let is_idle = claimed.is_empty();
        for job in claimed {
            let service = service.clone();
            running.spawn(async move { work(&service, job).await });
        }
        if is_idle {
            tokio::select! {
                () = service.jobs_due.notified() => {}
                // Its end may free the next job of the same order key.
                Some(done) = running.join_next() => report(done),
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
}

fn report(done: std::result::Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(error = %error, "a job panicked; its lease runs out and it is tried again");
    }
}

async fn claim_due(service: &Messaging, free: i64) -> Result<Vec<Job>> {
    if free == 0 {
        return Ok(Vec::new());
    }
    let now = service.env.now();
    let limit = BATCH.min(free);
    service.db.write(Scope::System, move |tx| Box::pin(async move { store::claim(tx, now, limit).await })).await
}

/// What a process that died was working on may be taken up at once. Only for a process that knows to be alone on its database.
///
/// # Errors
/// When the storage fails.
pub async fn abandon_leases(tx: &mut Tx) -> Result<()> {
    store::end_leases(tx).await
}

async fn work(service: &Arc<Messaging>, job: Job) {
    let outcome = match job.kind.as_str() {
        inbound::KIND => inbound::process(service, &job).await,
        multi_contacts::APPLY_RULES | multi_contacts::UNDO_RULES => multi_contacts::run_apply(service, &job).await,
        multi_contacts::RENORMALISE => multi_contacts::run_renormalise(service, &job).await,
        import::KIND => import::run(service, &job).await,
        erase::KIND => erase::run(service, &job).await,
        fields::REFRESH_SEARCH => fields::run_refresh_search(service, &job).await,
        other => Err(db::DbError::other(format!("no worker for jobs of kind {other}")).into()),
    };
    let Err(error) = outcome else { return };
    tracing::warn!(job.id = %job.id, job.kind = %job.kind, job.attempts = job.attempts, error = %error, "a job failed");
    let next = (job.attempts < MAX_ATTEMPTS).then(|| service.env.now().plus_ms(backoff_ms(job.attempts)));
    let (id, words) = (job.id.clone(), error.to_string());
    let put_back = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            store::put_back(cx.tx, cx.account, &id, next, &words).await?;
            if next.is_none() {
                project_jobs::give_up(cx, &id, &words).await?;
            }
            Ok::<_, Refusal>(())
        })
    });
    if let Err(error) = put_back.await {
        tracing::error!(job.id = %job.id, error = %error, "a failed job could not be put back; its lease runs out");
    }
}

/// Half a second, doubling, five minutes at most.
pub(crate) fn backoff_ms(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(0);
    (500 * 2_i64.pow(doublings)).min(300_000)
}

/// Forgets up to `limit` of the oldest raw bodies, those from before a moment (rulings 45). While a job from before it waits, all stay.
///
/// # Errors
/// When the storage fails.
pub async fn forget_journal(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    store::forget_journal(tx, account, before, limit).await
}

pub(crate) async fn finish(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<()> {
    store::delete(tx, account, id).await
}

/// The moment before which leases have run out.
pub(crate) fn lease_end(now: Timestamp) -> i64 {
    now.plus_ms(LEASE_MS).0
}
