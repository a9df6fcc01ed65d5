//! SQL of jobs.

use super::Job;
use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, JobId, Timestamp};

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account_id: AccountId::from_stored(row.get(0)?),
            id: JobId::from_stored(row.get(1)?),
            kind: row.get(2)?,
            payload: row.get(3)?,
            attempts: row.get(4)?,
        })
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    account: &AccountId,
    id: &JobId,
    kind: &str,
    order_key: &str,
    payload: &str,
    now: Timestamp,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO jobs (account_id, id, kind, order_key, payload, state, attempts, run_at, lease_until, created_at)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, 0, $6)"
    );
    let query = query.bind(account.as_str()).bind(id.as_str()).bind(kind).bind(order_key).bind(payload).bind(now.0);
    query.execute(tx).await?;
    Ok(())
}

/// Takes what is due: waiting jobs, and running ones whose worker died. Never two of one order key.
pub(super) async fn claim(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Job>> {
    let due = sql!(
        "SELECT j.account_id, j.id, j.kind, j.payload, j.attempts FROM jobs j
         WHERE ((j.state = 'waiting' AND j.run_at <= $1) OR (j.state = 'running' AND j.lease_until < $1))
           AND NOT EXISTS (SELECT 1 FROM jobs e WHERE e.order_key = j.order_key AND e.id < j.id AND e.state <> 'failed')
         ORDER BY j.id LIMIT $2 -- any account_id"
    );
    let mut claimed = Vec::new();
    for mut job in due.bind(now.0).bind(limit).all::<Job>(tx).await? {
        let take = sql!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $3
             WHERE account_id = $1 AND id = $2 AND (state = 'waiting' OR lease_until < $4)"
        );
        let take = take.bind(job.account_id.as_str()).bind(job.id.as_str()).bind(super::lease_end(now)).bind(now.0);
        if take.execute(tx).await? == 1 {
            job.attempts += 1;
            claimed.push(job);
        }
    }
    Ok(claimed)
}

pub(super) async fn put_back(
    tx: &mut Tx,
    account: &AccountId,
    id: &JobId,
    next: Option<Timestamp>,
    error: &str,
) -> Result<()> {
    let query =
        sql!("UPDATE jobs SET state = $3, run_at = $4, lease_until = 0, error = $5 WHERE account_id = $1 AND id = $2");
    let state = if next.is_some() { "waiting" } else { "failed" };
    let run_at = next.unwrap_or_default().0;
    query.bind(account.as_str()).bind(id.as_str()).bind(state).bind(run_at).bind(error).execute(tx).await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<()> {
    let query = sql!("DELETE FROM jobs WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(id.as_str()).execute(tx).await?;
    Ok(())
}

/// False when it is not waiting.
pub(super) async fn delete_waiting(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<bool> {
    let query = sql!("DELETE FROM jobs WHERE account_id = $1 AND id = $2 AND state = 'waiting' AND attempts = 0");
    Ok(query.bind(account.as_str()).bind(id.as_str()).execute(tx).await? == 1)
}

pub(super) async fn set_lease(tx: &mut Tx, account: &AccountId, id: &JobId, until: i64) -> Result<()> {
    let query = sql!("UPDATE jobs SET lease_until = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(id.as_str()).bind(until).execute(tx).await?;
    Ok(())
}

/// Lets every lease run out now.
pub(super) async fn end_leases(tx: &mut Tx) -> Result<()> {
    sql!("UPDATE jobs SET lease_until = 0 WHERE state = 'running' -- any account_id").execute(tx).await?;
    Ok(())
}

/// Deletes the oldest bodies that came before a moment, unless a job from before it still needs one.
pub(super) async fn forget_journal(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM inbound_journal WHERE account_id = $1 AND (connection_id, dedupe_key) IN (
           SELECT connection_id, dedupe_key FROM inbound_journal
           WHERE account_id = $1 AND received_at < $2 ORDER BY received_at, connection_id, dedupe_key LIMIT $3)
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE account_id = $1 AND kind = $4 AND state <> 'failed' AND created_at < $2)"
    );
    let query = query.bind(account.as_str()).bind(before.0).bind(limit).bind(super::inbound::KIND);
    Ok(query.execute(tx).await?)
}
