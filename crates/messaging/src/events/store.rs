//! SQL of the event log.

use super::NewEvent;
use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::AccountId;

/// A stored event.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Place in the account's log.
    pub position: i64,
    /// Project.
    pub project_id: String,
    /// Kind.
    pub kind: String,
    /// Conversation.
    pub conversation_id: Option<String>,
    /// Contact.
    pub contact_id: Option<String>,
    /// Message number.
    pub seq: Option<i64>,
    /// Whether the client may see it.
    pub for_client: bool,
    /// JSON.
    pub data: String,
}

impl FromRow for EventRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            position: row.get(0)?,
            project_id: row.get(1)?,
            kind: row.get(2)?,
            conversation_id: row.get(3)?,
            contact_id: row.get(4)?,
            seq: row.get(5)?,
            for_client: row.get(6)?,
            data: row.get(7)?,
        })
    }
}

pub(super) async fn lock(tx: &mut Tx, account: &AccountId) -> Result<()> {
    let query = sql!("UPDATE account_positions SET position = position WHERE account_id = $1 RETURNING position");
    query.bind(account.as_str()).one::<(i64,)>(tx).await?;
    Ok(())
}

pub(super) async fn next_position(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    let query = sql!("UPDATE account_positions SET position = position + 1 WHERE account_id = $1 RETURNING position");
    let (position,) = query.bind(account.as_str()).one(tx).await?;
    Ok(position)
}

pub(super) async fn insert(
    tx: &mut Tx,
    account: &AccountId,
    position: i64,
    event: &NewEvent<'_>,
    data: &str,
    now: i64,
) -> Result<()> {
    sql!(
        "INSERT INTO events (account_id, position, project_id, kind, conversation_id, contact_id, seq, for_client, data, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(account.as_str())
    .bind(position)
    .bind(event.project_id)
    .bind(event.kind)
    .bind(event.conversation_id)
    .bind(event.contact_id)
    .bind(event.seq)
    .bind(event.for_client)
    .bind(data)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn after(tx: &mut Tx, account: &AccountId, position: i64, limit: i64) -> Result<Vec<EventRow>> {
    let query = sql!(
        "SELECT position, project_id, kind, conversation_id, contact_id, seq, for_client, data FROM events
         WHERE account_id = $1 AND position > $2 ORDER BY position LIMIT $3"
    );
    Ok(query.bind(account.as_str()).bind(position).bind(limit).all(tx).await?)
}

pub(super) async fn bounds(tx: &mut Tx, account: &AccountId) -> Result<(i64, i64)> {
    let query = sql!("SELECT position, oldest_kept FROM account_positions WHERE account_id = $1");
    Ok(query.bind(account.as_str()).one(tx).await?)
}

/// Positions of the oldest events, with when each was written.
pub(super) async fn oldest(tx: &mut Tx, account: &AccountId, limit: i64) -> Result<Vec<(i64, i64)>> {
    let query = sql!("SELECT position, created_at FROM events WHERE account_id = $1 ORDER BY position LIMIT $2");
    Ok(query.bind(account.as_str()).bind(limit).all(tx).await?)
}

pub(super) async fn forget_up_to(tx: &mut Tx, account: &AccountId, position: i64) -> Result<u64> {
    // Never back: another node may have forgotten more meanwhile.
    let note = sql!("UPDATE account_positions SET oldest_kept = $2 WHERE account_id = $1 AND oldest_kept < $2");
    note.bind(account.as_str()).bind(position + 1).execute(tx).await?;
    let gone = sql!("DELETE FROM events WHERE account_id = $1 AND position <= $2");
    Ok(gone.bind(account.as_str()).bind(position).execute(tx).await?)
}
