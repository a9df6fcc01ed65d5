//! SQL of the audit log: it is read, and added to.

use super::AuditLine;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Result, Timestamp};
use vault::Sealed;

macro_rules! columns {
    () => {
        "number, at, actor, actor_name, action, target, address, status, chain"
    };
}

impl FromRow for AuditLine {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            number: row.get(0)?,
            at: Timestamp(row.get(1)?),
            actor: row.get(2)?,
            actor_name: row.get(3)?,
            action: row.get(4)?,
            target: row.get(5)?,
            address: row.get(6)?,
            status: row.get(7)?,
            chain: row.get(8)?,
        })
    }
}

/// Number and hash of the last row.
pub(super) async fn last(tx: &mut Tx, account: &AccountId) -> Result<Option<(i64, String)>> {
    let query = sql!("SELECT number, chain FROM audit_log WHERE account_id = $1 ORDER BY number DESC LIMIT 1");
    Ok(query.bind(account).optional(tx).await?)
}

pub(super) async fn insert(tx: &mut Tx, account: &AccountId, line: &AuditLine) -> Result<()> {
    let query = sql!(
        "INSERT INTO audit_log (account_id, number, at, actor, actor_name, action, target, address, status, chain)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    let query = query.bind(account).bind(line.number).bind(line.at.0).bind(&line.actor).bind(&line.actor_name);
    let query = query.bind(&line.action).bind(&line.target).bind(&line.address).bind(line.status).bind(&line.chain);
    query.execute(tx).await?;
    Ok(())
}

/// When somebody did something that was not refused, after a moment, the newest first. The log grows with the day, and one actor's acts of
/// one kind are few: its newest rows are read.
pub(super) async fn done_since(
    tx: &mut Tx,
    account: &AccountId,
    (actor, action): (&str, &str),
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Timestamp>> {
    let query = sql!(
        "SELECT at FROM audit_log WHERE account_id = $1 AND actor = $2 AND action = $3 AND at > $4 AND status < 400
         ORDER BY number DESC LIMIT $5"
    );
    let rows: Vec<(i64,)> = query.bind(account).bind(actor).bind(action).bind(since.0).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(at,)| Timestamp(at)).collect())
}

/// Rows after a number, in order.
pub(super) async fn after(tx: &mut Tx, account: &AccountId, number: i64, limit: i64) -> Result<Vec<AuditLine>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM audit_log WHERE account_id = $1 AND number > $2 ORDER BY number LIMIT $3"
    ));
    Ok(query.bind(account).bind(number).bind(limit).all(tx).await?)
}

/// Rows before a number, the newest first.
pub(crate) async fn page(tx: &mut Tx, account: &AccountId, before: i64, limit: i64) -> Result<Vec<AuditLine>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM audit_log WHERE account_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
    ));
    Ok(query.bind(account).bind(before).bind(limit).all(tx).await?)
}

/// The sealed end.
pub(super) async fn head(tx: &mut Tx, account: &AccountId) -> Result<Option<Sealed>> {
    let query = sql!("SELECT sealed FROM audit_heads WHERE account_id = $1");
    Ok(query.bind(account).optional::<(String,)>(tx).await?.map(|(text,)| Sealed::from_stored(text)))
}

pub(super) async fn set_head(tx: &mut Tx, account: &AccountId, sealed: &Sealed) -> Result<()> {
    let query = sql!(
        "INSERT INTO audit_heads (account_id, sealed) VALUES ($1, $2)
         ON CONFLICT (account_id) DO UPDATE SET sealed = excluded.sealed"
    );
    query.bind(account).bind(sealed.as_str()).execute(tx).await?;
    Ok(())
}

/// Every account, with the sealed end of its log.
pub(super) async fn all_heads(tx: &mut Tx) -> Result<Vec<(AccountId, Option<Sealed>)>> {
    let query = sql!(
        "SELECT a.account_id, h.sealed FROM accounts a LEFT JOIN audit_heads h ON h.account_id = a.account_id
         ORDER BY a.account_id"
    );
    let rows: Vec<(AccountId, Option<String>)> = query.all(tx).await?;
    Ok(rows.into_iter().map(|(account, sealed)| (account, sealed.map(Sealed::from_stored))).collect())
}

/// The hash of one row.
pub(super) async fn chain_of(tx: &mut Tx, account: &AccountId, number: i64) -> Result<Option<String>> {
    let query = sql!("SELECT chain FROM audit_log WHERE account_id = $1 AND number = $2");
    Ok(query.bind(account).bind(number).optional::<(String,)>(tx).await?.map(|(chain,)| chain))
}

/// When somebody began something that is not in the log yet.
pub(super) async fn begun(tx: &mut Tx, account: &AccountId, actor: &str, action: &str) -> Result<Vec<Timestamp>> {
    let query = sql!("SELECT at FROM grave_turns WHERE account_id = $1 AND actor = $2 AND action = $3");
    let rows: Vec<(i64,)> = query.bind(account).bind(actor).bind(action).all(tx).await?;
    Ok(rows.into_iter().map(|(at,)| Timestamp(at)).collect())
}

pub(super) async fn insert_turn(
    tx: &mut Tx,
    account: &AccountId,
    turn: &str,
    (actor, action): (&str, &str),
    at: Timestamp,
) -> Result<()> {
    let query = sql!("INSERT INTO grave_turns (account_id, turn, actor, action, at) VALUES ($1, $2, $3, $4, $5)");
    query.bind(account).bind(turn).bind(actor).bind(action).bind(at.0).execute(tx).await?;
    Ok(())
}

pub(super) async fn end_turn(tx: &mut Tx, account: &AccountId, turn: &str) -> Result<()> {
    let query = sql!("DELETE FROM grave_turns WHERE account_id = $1 AND turn = $2");
    query.bind(account).bind(turn).execute(tx).await?;
    Ok(())
}

/// Turns whose act never came to its end, because the server was killed, count for their day.
pub(super) async fn forget_turns(tx: &mut Tx, account: &AccountId, until: Timestamp) -> Result<()> {
    let query = sql!("DELETE FROM grave_turns WHERE account_id = $1 AND at <= $2");
    query.bind(account).bind(until.0).execute(tx).await?;
    Ok(())
}
