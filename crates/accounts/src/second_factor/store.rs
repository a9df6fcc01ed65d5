//! SQL of second factors and their recovery codes.

use db::Tx;
use db::sql;
use model::{AccountId, Cx, Result, Timestamp, UserId};
use vault::Sealed;

/// A key as stored.
pub(super) struct Row {
    pub secret: Sealed,
    /// Since when it is asked for; none while it was only begun.
    pub confirmed_at: Option<Timestamp>,
    pub last_step: u64,
}

pub(super) async fn get(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<Option<Row>> {
    let query =
        sql!("SELECT secret, confirmed_at, last_step FROM second_factors WHERE account_id = $1 AND user_id = $2");
    let row: Option<(String, Option<i64>, i64)> = query.bind(account).bind(user).optional(tx).await?;
    Ok(row.map(|(secret, confirmed_at, last_step)| Row {
        secret: Sealed::from_stored(secret),
        confirmed_at: confirmed_at.map(Timestamp),
        last_step: u64::try_from(last_step).unwrap_or(0),
    }))
}

/// Begins anew: a key that was begun and never confirmed gives way. False when one is asked for already.
pub(super) async fn begin(cx: &mut Cx<'_>, user: &UserId, secret: &Sealed) -> Result<bool> {
    let query = sql!(
        "INSERT INTO second_factors (account_id, user_id, secret) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, user_id) DO UPDATE SET secret = excluded.secret, last_step = 0
         WHERE second_factors.confirmed_at IS NULL"
    );
    Ok(query.bind(cx.account).bind(user).bind(secret.as_str()).execute(cx.tx).await? == 1)
}

/// From now on it is asked for. False when it is already.
pub(super) async fn confirm(cx: &mut Cx<'_>, user: &UserId, step: u64) -> Result<bool> {
    let query = sql!(
        "UPDATE second_factors SET confirmed_at = $3, last_step = $4
         WHERE account_id = $1 AND user_id = $2 AND confirmed_at IS NULL"
    );
    let query = query.bind(cx.account).bind(user).bind(cx.env.now().0).bind(i64::try_from(step).unwrap_or(i64::MAX));
    Ok(query.execute(cx.tx).await? == 1)
}

/// Uses a step up. False when somebody was faster with it.
pub(super) async fn take_step(tx: &mut Tx, account: &AccountId, user: &UserId, step: u64) -> Result<bool> {
    let query =
        sql!("UPDATE second_factors SET last_step = $3 WHERE account_id = $1 AND user_id = $2 AND last_step < $3");
    let query = query.bind(account).bind(user).bind(i64::try_from(step).unwrap_or(i64::MAX));
    Ok(query.execute(tx).await? == 1)
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<bool> {
    let query = sql!("DELETE FROM recovery_codes WHERE account_id = $1 AND user_id = $2");
    query.bind(account).bind(user).execute(tx).await?;
    let query = sql!("DELETE FROM second_factors WHERE account_id = $1 AND user_id = $2");
    Ok(query.bind(account).bind(user).execute(tx).await? == 1)
}

pub(super) async fn set_recovery_codes(cx: &mut Cx<'_>, user: &UserId, hashes: &[String]) -> Result<()> {
    let query = sql!("DELETE FROM recovery_codes WHERE account_id = $1 AND user_id = $2");
    query.bind(cx.account).bind(user).execute(cx.tx).await?;
    for hash in hashes {
        let query = sql!("INSERT INTO recovery_codes (account_id, user_id, code_hash) VALUES ($1, $2, $3)");
        query.bind(cx.account).bind(user).bind(hash).execute(cx.tx).await?;
    }
    Ok(())
}

pub(super) async fn recovery_codes_left(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<i64> {
    let query = sql!("SELECT COUNT(*) FROM recovery_codes WHERE account_id = $1 AND user_id = $2");
    let row: (i64,) = query.bind(account).bind(user).one(tx).await?;
    Ok(row.0)
}

/// Uses a recovery code up. False when there is none such.
pub(super) async fn take_recovery_code(tx: &mut Tx, account: &AccountId, user: &UserId, hash: &str) -> Result<bool> {
    let query = sql!("DELETE FROM recovery_codes WHERE account_id = $1 AND user_id = $2 AND code_hash = $3");
    Ok(query.bind(account).bind(user).bind(hash).execute(tx).await? == 1)
}

/// From when on everybody of an account needs one.
pub(super) async fn needed_from(tx: &mut Tx, account: &AccountId) -> Result<Option<Timestamp>> {
    let query = sql!("SELECT code_needed_from FROM accounts WHERE account_id = $1");
    let row: Option<(Option<i64>,)> = query.bind(account).optional(tx).await?;
    Ok(row.and_then(|(at,)| at).map(Timestamp))
}

pub(super) async fn set_needed_from(tx: &mut Tx, account: &AccountId, from: Option<Timestamp>) -> Result<()> {
    let query = sql!("UPDATE accounts SET code_needed_from = $2 WHERE account_id = $1");
    query.bind(account).bind(from.map(|from| from.0)).execute(tx).await?;
    Ok(())
}

/// Whether somebody needs one by now and has none.
pub(super) async fn owes(tx: &mut Tx, account: &AccountId, user: &UserId, now: Timestamp) -> Result<bool> {
    let query = sql!(
        "SELECT a.code_needed_from FROM accounts a WHERE a.account_id = $1 AND a.code_needed_from <= $3
           AND NOT EXISTS (SELECT 1 FROM second_factors f WHERE f.account_id = a.account_id AND f.user_id = $2 AND f.confirmed_at IS NOT NULL)"
    );
    let row: Option<(i64,)> = query.bind(account).bind(user).bind(now.0).optional(tx).await?;
    Ok(row.is_some())
}
