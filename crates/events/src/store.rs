//! SQL of the event log.

use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, ProjectId, Result};
use std::collections::BTreeSet;

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

pub(crate) async fn lock(tx: &mut Tx, account: &AccountId) -> Result<()> {
    let query = sql!("UPDATE account_positions SET position = position WHERE account_id = $1 RETURNING position");
    query.bind(account.as_str()).one::<(i64,)>(tx).await?;
    Ok(())
}

/// Takes so many positions at once: the first of them.
pub(crate) async fn next_positions(tx: &mut Tx, account: &AccountId, count: i64) -> Result<i64> {
    let query = sql!("UPDATE account_positions SET position = position + $2 WHERE account_id = $1 RETURNING position");
    let (last,) = query.bind(account.as_str()).bind(count).one::<(i64,)>(tx).await?;
    Ok(last - count + 1)
}

pub(crate) async fn insert(tx: &mut Tx, account: &AccountId, events: &[EventRow], now: i64) -> Result<()> {
    let query = sql!(
        "INSERT INTO events (account_id, created_at, position, project_id, kind, conversation_id, contact_id, seq, for_client, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        rows.push(vec![
            event.position.into(),
            event.project_id.as_str().into(),
            event.kind.as_str().into(),
            event.conversation_id.as_deref().into(),
            event.contact_id.as_deref().into(),
            event.seq.into(),
            event.for_client.into(),
            event.data.as_str().into(),
        ]);
    }
    Ok(query.bind(account.as_str()).bind(now).execute_each(tx, &rows).await?)
}

pub(crate) async fn after(tx: &mut Tx, account: &AccountId, position: i64, limit: i64) -> Result<Vec<EventRow>> {
    let query = sql!(
        "SELECT position, project_id, kind, conversation_id, contact_id, seq, for_client, data FROM events
         WHERE account_id = $1 AND position > $2 ORDER BY position LIMIT $3"
    );
    Ok(query.bind(account.as_str()).bind(position).bind(limit).all(tx).await?)
}

pub(crate) async fn bounds(tx: &mut Tx, account: &AccountId) -> Result<(i64, i64)> {
    let query = sql!("SELECT position, oldest_kept FROM account_positions WHERE account_id = $1");
    Ok(query.bind(account.as_str()).one(tx).await?)
}

pub(crate) async fn changed_contacts(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    position: i64,
) -> Result<BTreeSet<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM events WHERE account_id = $1 AND position > $2 AND project_id = $3
         AND kind IN ('contact.created', 'contact.updated', 'contact.deleted') AND contact_id IS NOT NULL"
    );
    let query = query.bind(account.as_str()).bind(position).bind(project.as_str());
    Ok(query.all::<(String,)>(tx).await?.into_iter().map(|(id,)| ContactId::from_stored(id)).collect())
}

/// Positions of the oldest events, with when each was written.
pub(crate) async fn oldest(tx: &mut Tx, account: &AccountId, limit: i64) -> Result<Vec<(i64, i64)>> {
    let query = sql!("SELECT position, created_at FROM events WHERE account_id = $1 ORDER BY position LIMIT $2");
    Ok(query.bind(account.as_str()).bind(limit).all(tx).await?)
}

pub(crate) async fn forget_up_to(tx: &mut Tx, account: &AccountId, position: i64) -> Result<u64> {
    // Never back: another node may have forgotten more meanwhile.
    let note = sql!("UPDATE account_positions SET oldest_kept = $2 WHERE account_id = $1 AND oldest_kept < $2");
    note.bind(account.as_str()).bind(position + 1).execute(tx).await?;
    let gone = sql!("DELETE FROM events WHERE account_id = $1 AND position <= $2");
    Ok(gone.bind(account.as_str()).bind(position).execute(tx).await?)
}
