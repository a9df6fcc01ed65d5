//! The queue as use cases see it: each call is part of the transaction that causes the work or ends it.

use crate::store;
use db::{DbError, Tx};
use model::{AccountId, Cx, JobId, Refusal, Result, Timestamp, Topic};

/// Queues a job; ids only in the payload. Jobs of one order key run one after the other, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn enqueue(cx: &mut Cx<'_>, kind: &str, order_key: &str, payload: &str) -> Result<JobId> {
    let id = JobId::new(cx.env.ids());
    store::insert(cx, &id, kind, order_key, payload).await?;
    cx.tx.announce(Topic::Jobs);
    Ok(id)
}

/// Work that is due at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Timer<'a> {
    /// The word its handler is registered under.
    pub kind: &'static str,
    /// What it is for: there is one timer of a kind and key in an account, the newest.
    pub key: &'a str,
    /// When.
    pub due: Timestamp,
    /// What to work on.
    pub payload: &'a str,
}

/// Sets a timer, in the place of the one of the same kind and key. One that is just being worked on can no longer end as done:
/// [`finish`] tells its worker so, whose transaction must then be undone.
///
/// # Errors
/// When the storage fails.
pub async fn set_timer(cx: &mut Cx<'_>, timer: Timer<'_>) -> Result<JobId> {
    let id = JobId::new(cx.env.ids());
    store::upsert_timer(cx, &id, &timer).await?;
    cx.tx.announce(Topic::Jobs);
    Ok(id)
}

/// Takes a timer back; false when there is none.
///
/// # Errors
/// When the storage fails.
pub async fn cancel_timer(tx: &mut Tx, account: &AccountId, kind: &str, key: &str) -> Result<bool> {
    store::delete_timer(tx, account, kind, key).await
}

/// Takes back a job that no worker has claimed; false when one has.
///
/// # Errors
/// When the storage fails.
pub async fn withdraw(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<bool> {
    store::delete_waiting(tx, account, id).await
}

/// Takes back every job of a kind and order key, whether claimed or not: what it was about is gone.
///
/// # Errors
/// When the storage fails.
pub async fn forget_order(tx: &mut Tx, account: &AccountId, kind: &str, order_key: &str) -> Result<()> {
    store::delete_order(tx, account, kind, order_key).await
}

/// Keeps a long job's lease.
///
/// # Errors
/// When another node holds the job now, or nobody does: the work of this transaction is not this node's to do.
pub async fn keep(cx: &mut Cx<'_>, id: &JobId) -> Result<()> {
    if store::set_lease(cx, id).await? { Ok(()) } else { Err(not_ours(id)) }
}

/// Ends a job in the transaction of its last effect; false when it was taken back or replaced meanwhile, or another node holds it: then
/// the transaction must be undone.
///
/// # Errors
/// When the storage fails.
pub async fn finish(cx: &mut Cx<'_>, id: &JobId) -> Result<bool> {
    store::delete_held(cx, id).await
}

/// As [`finish`], for work that has no other use for the news.
///
/// # Errors
/// When the job was taken back or replaced meanwhile, or another node holds it.
pub async fn must_finish(cx: &mut Cx<'_>, id: &JobId) -> Result<()> {
    if finish(cx, id).await? { Ok(()) } else { Err(not_ours(id)) }
}

/// A fault, not a refusal: nothing that a person did, and nothing to be told to one.
fn not_ours(id: &JobId) -> Refusal {
    DbError::other(format!("job {id} is no longer held by this node: what was done of it is undone")).into()
}

/// What a process that died was working on may be taken up at once. Only for a process that knows to be alone on its database.
///
/// # Errors
/// When the storage fails.
pub async fn abandon_leases(tx: &mut Tx) -> Result<()> {
    store::end_leases(tx).await
}

/// Half a second, doubling, five minutes at most.
pub fn backoff_ms(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(0);
    (500 * 2_i64.pow(doublings)).min(300_000)
}
