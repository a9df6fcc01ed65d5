//! SQL of the audit log: it is read, and added to.

use super::AuditLine;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Result, Timestamp};

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
    actor: &str,
    action: &str,
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
