//! SQL of the event log.

mod messages;

pub use messages::{read_message, stored_side};

use crate::message_columns;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, ConversationId, Message, ProjectId, Result};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An event as it is told.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Place in the account's log.
    pub position: i64,
    /// Project.
    pub project_id: ProjectId,
    /// Kind.
    pub kind: Cow<'static, str>,
    /// Conversation.
    pub conversation_id: Option<ConversationId>,
    /// Contact.
    pub contact_id: Option<ContactId>,
    /// Message number.
    pub seq: Option<i64>,
    /// Whether the client may see it.
    pub for_client: bool,
    /// What it tells.
    pub data: EventData,
}

/// What an event tells: text as it was stored, or a message, which the log only names.
#[derive(Debug, Clone)]
pub enum EventData {
    /// JSON.
    Text(String),
    /// The message as it is now.
    Message(Arc<Message>),
    /// The message is gone.
    Gone,
}

impl EventRow {
    /// Whether links to files are shown in it: those of a message, or of a conversation's last one.
    pub(crate) fn has_files(&self) -> bool {
        match &self.data {
            EventData::Message(message) => !message.content.attachments.is_empty(),
            EventData::Text(text) => self.kind.starts_with("conversation.") && text.contains(r#""url":"/f/"#),
            EventData::Gone => false,
        }
    }
}

impl FromRow for EventRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let (conversation_id, contact_id) = (row.get(3)?, row.get(4)?);
        let mut event = Self {
            position: row.get(0)?,
            project_id: row.get(1)?,
            kind: Cow::Owned(row.get(2)?),
            conversation_id,
            contact_id,
            seq: row.get(5)?,
            for_client: row.get(6)?,
            data: EventData::Gone,
        };
        if let Some(text) = row.get(7)? {
            event.data = EventData::Text(text);
        } else if row.get::<Option<i64>>(8)?.is_some() {
            let message = read_message(row, 9)?;
            event.contact_id = Some(message.contact_id);
            event.data = EventData::Message(Arc::new(message));
        } else {
            // It was deleted with its client; its place in the log stays.
            event.kind = Cow::Borrowed("erased");
            event.for_client = false;
        }
        Ok(event)
    }
}

pub(crate) async fn lock(tx: &mut Tx, account: &AccountId) -> Result<()> {
    let query = sql!("SELECT position FROM account_positions WHERE account_id = $1 FOR UPDATE");
    query.bind(account).one::<(i64,)>(tx).await?;
    Ok(())
}

/// Takes so many positions at once: the first of them.
pub(crate) async fn next_positions(tx: &mut Tx, account: &AccountId, count: i64) -> Result<i64> {
    let query = sql!("UPDATE account_positions SET position = position + $2 WHERE account_id = $1 RETURNING position");
    let (last,) = query.bind(account).bind(count).one::<(i64,)>(tx).await?;
    Ok(last - count + 1)
}

pub(crate) async fn insert(tx: &mut Tx, account: &AccountId, events: &[EventRow], now: i64) -> Result<()> {
    let query = sql!(
        "INSERT INTO events (account_id, created_at, position, project_id, kind, conversation_id, contact_id, seq, for_client, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        // A message is named by its conversation and seq: the rest is the message's own.
        let (data, contact) = match &event.data {
            EventData::Text(text) => (Some(text.as_str()), event.contact_id),
            EventData::Message(_) | EventData::Gone => (None, None),
        };
        rows.push(vec![
            event.position.into(),
            event.project_id.into(),
            event.kind.as_ref().into(),
            event.conversation_id.into(),
            contact.into(),
            event.seq.into(),
            event.for_client.into(),
            data.into(),
        ]);
    }
    query.bind(account).bind(now).execute_each(tx, &rows).await?;
    Ok(())
}

pub(crate) async fn after(tx: &mut Tx, account: &AccountId, position: i64, limit: i64) -> Result<Vec<EventRow>> {
    let query = sql!(concat!(
        "SELECT e.position, e.project_id, e.kind, e.conversation_id, e.contact_id, e.seq, e.for_client, e.data, m.seq, ",
        message_columns!(),
        " FROM events e
          LEFT JOIN messages m ON e.data IS NULL AND m.conversation_id = e.conversation_id AND m.seq = e.seq
          LEFT JOIN conversations v ON v.id = m.conversation_id
          WHERE e.account_id = $1 AND e.position > $2 ORDER BY e.position LIMIT $3"
    ));
    Ok(query.bind(account).bind(position).bind(limit).all(tx).await?)
}

pub(crate) async fn bounds(tx: &mut Tx, account: &AccountId) -> Result<(i64, i64)> {
    let query = sql!("SELECT position, oldest_kept FROM account_positions WHERE account_id = $1");
    Ok(query.bind(account).one(tx).await?)
}

/// What the people of an account are called.
pub(crate) async fn names_of_team(tx: &mut Tx, account: &AccountId) -> Result<Vec<String>> {
    let query = sql!("SELECT name FROM users WHERE account_id = $1 AND active");
    Ok(query.bind(account).all::<(String,)>(tx).await?.into_iter().map(|(name,)| name).collect())
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
    let query = query.bind(account).bind(position).bind(project);
    Ok(query.all::<(ContactId,)>(tx).await?.into_iter().map(|(id,)| id).collect())
}

/// Positions of the oldest events, with when each was written.
pub(crate) async fn oldest(tx: &mut Tx, account: &AccountId, limit: i64) -> Result<Vec<(i64, i64)>> {
    let query = sql!("SELECT position, created_at FROM events WHERE account_id = $1 ORDER BY position LIMIT $2");
    Ok(query.bind(account).bind(limit).all(tx).await?)
}

pub(crate) async fn forget_up_to(tx: &mut Tx, account: &AccountId, position: i64) -> Result<u64> {
    // Never back: another node may have forgotten more meanwhile.
    let note = sql!("UPDATE account_positions SET oldest_kept = $2 WHERE account_id = $1 AND oldest_kept < $2");
    note.bind(account).bind(position + 1).execute(tx).await?;
    let gone = sql!("DELETE FROM events WHERE account_id = $1 AND position <= $2");
    Ok(gone.bind(account).bind(position).execute(tx).await?)
}

/// What was told of a conversation within positions, as it was stored.
///
/// # Errors
/// When the storage fails.
pub async fn told_of(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    (from, upto): (i64, i64),
) -> Result<Vec<(i64, String)>> {
    let query = sql!(
        "SELECT position, data FROM events WHERE account_id = $1 AND position >= $2 AND position < $3 AND conversation_id = $4
           AND kind LIKE 'conversation.%' AND data IS NOT NULL ORDER BY position"
    );
    Ok(query.bind(account).bind(from).bind(upto).bind(conversation).all(tx).await?)
}

/// Puts other data in place of what was told at a position.
///
/// # Errors
/// When the storage fails.
pub async fn retell(tx: &mut Tx, account: &AccountId, position: i64, data: &str) -> Result<()> {
    let query = sql!("UPDATE events SET data = $3 WHERE account_id = $1 AND position = $2");
    query.bind(account).bind(position).bind(data).execute(tx).await?;
    Ok(())
}
