//! SQL of kept answers.

use super::{Answer, Key};
use db::{Tx, sql};
use model::{AccountId, Refusal, Timestamp};

/// Forgets every answer of an account that was begun before a moment.
pub(super) async fn delete_old(tx: &mut Tx, account: &AccountId, before: Timestamp) -> Result<(), Refusal> {
    let old = sql!("DELETE FROM idempotency_keys WHERE account_id = $1 AND created_at < $2");
    old.bind(account).bind(before.0).execute(tx).await?;
    Ok(())
}

/// Notes a request that has no answer yet; false when the key is there already.
pub(super) async fn insert(tx: &mut Tx, key: &Key, now: Timestamp) -> Result<bool, Refusal> {
    let insert = sql!(
        "INSERT INTO idempotency_keys (account_id, principal, key, request_hash, status, response, created_at)
         VALUES ($1, $2, $3, $4, 0, '', $5) ON CONFLICT (principal, key) DO NOTHING"
    );
    let insert = insert.bind(key.account).bind(key.principal).bind(&key.key).bind(&key.hash).bind(now.0);
    Ok(insert.execute(tx).await? == 1)
}

/// Takes a request over that has no answer and began before a moment: its server died, or it would have one. False when there is none such.
pub(super) async fn take_over(tx: &mut Tx, key: &Key, before: Timestamp, now: Timestamp) -> Result<bool, Refusal> {
    let query = sql!(
        "UPDATE idempotency_keys SET created_at = $6
         WHERE account_id = $1 AND principal = $2 AND key = $3 AND request_hash = $4 AND status = 0 AND created_at <= $5"
    );
    let query = query.bind(key.account).bind(key.principal).bind(&key.key).bind(&key.hash);
    Ok(query.bind(before.0).bind(now.0).execute(tx).await? == 1)
}

/// Forgets every request without an answer.
pub(super) async fn abandon(tx: &mut Tx) -> Result<(), Refusal> {
    sql!("DELETE FROM idempotency_keys WHERE status = 0 -- any account_id").execute(tx).await?;
    Ok(())
}

/// The request that has the key, as its hash, and its answer; status 0 while there is none.
pub(super) async fn get(tx: &mut Tx, key: &Key) -> Result<(String, i64, String), Refusal> {
    let query = sql!(
        "SELECT request_hash, status, response FROM idempotency_keys WHERE account_id = $1 AND principal = $2 AND key = $3"
    );
    Ok(query.bind(key.account).bind(key.principal).bind(&key.key).one(tx).await?)
}

/// Forgets a request, unless another one has taken it over since it was begun.
pub(super) async fn delete(tx: &mut Tx, key: &Key, begun: Timestamp) -> Result<(), Refusal> {
    let query = sql!(
        "DELETE FROM idempotency_keys WHERE account_id = $1 AND principal = $2 AND key = $3 AND status = 0 AND created_at = $4"
    );
    query.bind(key.account).bind(key.principal).bind(&key.key).bind(begun.0).execute(tx).await?;
    Ok(())
}

/// Keeps the answer of a request, unless another one has taken it over since it was begun.
pub(super) async fn set_answer(
    tx: &mut Tx,
    key: &Key,
    begun: Timestamp,
    status: i64,
    answer: &Answer,
) -> Result<(), Refusal> {
    let query = sql!(
        "UPDATE idempotency_keys SET status = $4, response = $5, mentions = $6
         WHERE account_id = $1 AND principal = $2 AND key = $3 AND status = 0 AND created_at = $7"
    );
    let query = query.bind(key.account).bind(key.principal).bind(&key.key);
    query.bind(status).bind(answer.sealed.as_str()).bind(&answer.mentions).bind(begun.0).execute(tx).await?;
    Ok(())
}

/// Forgets up to `limit` answers that were begun before a moment.
pub(super) async fn forget(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64, Refusal> {
    let query = sql!(
        "DELETE FROM idempotency_keys WHERE account_id = $1 AND (principal, key) IN (
           SELECT principal, key FROM idempotency_keys WHERE account_id = $1 AND created_at < $2 ORDER BY principal, key LIMIT $3)"
    );
    Ok(query.bind(account).bind(before.0).bind(limit).execute(tx).await?)
}
