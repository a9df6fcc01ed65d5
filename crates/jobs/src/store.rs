//! SQL of jobs.

use crate::Job;
use crate::queue::Timer;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, Env, JobId, Result, Timestamp};

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account_id: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            payload: row.get(3)?,
            attempts: row.get(4)?,
        })
    }
}

pub(crate) async fn insert(cx: &mut Cx<'_>, id: &JobId, kind: &str, order_key: &str, payload: &str) -> Result<()> {
    let query = sql!(
        "INSERT INTO jobs (account_id, id, kind, order_key, payload, state, attempts, run_at, lease_until, created_at)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, 0, $6)"
    );
    let query = query.bind(cx.account).bind(id).bind(kind).bind(order_key).bind(payload);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// A new timer, or the standing one under a new id: whoever works on the old id finds it gone.
pub(crate) async fn upsert_timer(cx: &mut Cx<'_>, id: &JobId, timer: &Timer<'_>) -> Result<()> {
    let query = sql!(
        "INSERT INTO jobs (account_id, id, kind, order_key, payload, state, attempts, run_at, lease_until, created_at, timer_key)
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, 0, $7, $8)
         ON CONFLICT (account_id, kind, timer_key) WHERE timer_key IS NOT NULL
         DO UPDATE SET id = excluded.id, payload = excluded.payload, state = 'waiting', attempts = 0, run_at = excluded.run_at,
           lease_until = 0, holder = NULL, error = NULL, created_at = excluded.created_at"
    );
    // An order of its own: a timer that waits for days must hold up nobody.
    let order_key = format!("timer/{}/{}/{}", cx.account, timer.kind, timer.key);
    let query = query.bind(cx.account).bind(id).bind(timer.kind).bind(order_key).bind(timer.payload);
    query.bind(timer.due.0).bind(cx.env.now().0).bind(timer.key).execute(cx.tx).await?;
    Ok(())
}

/// False when there is none.
pub(crate) async fn delete_timer(tx: &mut Tx, account: &AccountId, kind: &str, key: &str) -> Result<bool> {
    let query = sql!("DELETE FROM jobs WHERE account_id = $1 AND kind = $2 AND timer_key = $3");
    Ok(query.bind(account).bind(kind).bind(key).execute(tx).await? == 1)
}

/// Takes what is due: waiting jobs, and running ones whose worker died. Never two of one order key, also when an earlier one is seen only
/// after a later one was begun. What another node is just taking is passed over.
pub(crate) async fn claim(tx: &mut Tx, env: &Env, limit: i64) -> Result<Vec<Job>> {
    let due = sql!(
        "SELECT j.account_id, j.id, j.kind, j.payload, j.attempts FROM jobs j
         WHERE ((j.state = 'waiting' AND j.run_at <= $1) OR (j.state = 'running' AND j.lease_until < $1))
           AND NOT EXISTS (SELECT 1 FROM jobs e WHERE e.order_key = j.order_key AND e.id < j.id AND e.state <> 'failed')
           AND j.order_key NOT IN (SELECT e.order_key FROM jobs e WHERE e.state = 'running' AND e.lease_until >= $1)
         ORDER BY j.id LIMIT $2 FOR UPDATE OF j SKIP LOCKED -- any account_id"
    );
    let (now, holder) = (env.now(), env.node().to_string());
    let mut claimed = Vec::new();
    for mut job in due.bind(now.0).bind(limit).all::<Job>(tx).await? {
        let take = sql!(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $3, holder = $5
             WHERE account_id = $1 AND id = $2 AND (state = 'waiting' OR (state = 'running' AND lease_until < $4))"
        );
        let take = take.bind(job.account_id).bind(job.id).bind(env.lease_end().0).bind(now.0);
        let take = take.bind(holder.as_str());
        if take.execute(tx).await? == 1 {
            job.attempts += 1;
            claimed.push(job);
        }
    }
    Ok(claimed)
}

/// False when it is gone already, or another node holds it.
pub(crate) async fn put_back(cx: &mut Cx<'_>, job: &Job, next: Option<Timestamp>, error: &str) -> Result<bool> {
    let query = sql!(
        "UPDATE jobs SET state = $3, run_at = $4, lease_until = 0, error = $5, holder = NULL
         WHERE account_id = $1 AND id = $2 AND state = 'running' AND holder = $6"
    );
    let state = if next.is_some() { "waiting" } else { "failed" };
    let query = query.bind(job.account_id).bind(job.id).bind(state);
    let query = query.bind(next.unwrap_or_default().0).bind(error).bind(cx.env.node().to_string());
    Ok(query.execute(cx.tx).await? == 1)
}

/// False when it is gone already, or another node holds it.
pub(crate) async fn delete_held(cx: &mut Cx<'_>, id: &JobId) -> Result<bool> {
    let query = sql!(
        "DELETE FROM jobs WHERE account_id = $1 AND id = $2 AND (holder = $3 OR (holder IS NULL AND attempts = 0))"
    );
    let query = query.bind(cx.account).bind(id).bind(cx.env.node().to_string());
    Ok(query.execute(cx.tx).await? == 1)
}

pub(crate) async fn delete_order(tx: &mut Tx, account: &AccountId, kind: &str, order_key: &str) -> Result<()> {
    let query = sql!("DELETE FROM jobs WHERE account_id = $1 AND kind = $2 AND order_key = $3");
    query.bind(account).bind(kind).bind(order_key).execute(tx).await?;
    Ok(())
}

/// False when it is not waiting.
pub(crate) async fn delete_waiting(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<bool> {
    let query = sql!("DELETE FROM jobs WHERE account_id = $1 AND id = $2 AND state = 'waiting' AND attempts = 0");
    Ok(query.bind(account).bind(id).execute(tx).await? == 1)
}

/// False when it is gone already, or another node holds it.
pub(crate) async fn set_lease(cx: &mut Cx<'_>, id: &JobId) -> Result<bool> {
    let query = sql!("UPDATE jobs SET lease_until = $3 WHERE account_id = $1 AND id = $2 AND holder = $4");
    let query = query.bind(cx.account).bind(id).bind(cx.env.lease_end().0);
    Ok(query.bind(cx.env.node().to_string()).execute(cx.tx).await? == 1)
}

/// Lets every lease run out now.
pub(crate) async fn end_leases(tx: &mut Tx) -> Result<()> {
    sql!("UPDATE jobs SET lease_until = 0 WHERE state = 'running' -- any account_id").execute(tx).await?;
    Ok(())
}
