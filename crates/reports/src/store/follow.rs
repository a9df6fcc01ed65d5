//! SQL of following the log, and of walking through the conversations that were there before.

use crate::follow::{Behind, Step};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, ConversationId, Cx, Refusal, Result, Timestamp};

impl FromRow for Behind {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account: row.get(0)?,
            newest: row.get(1)?,
            oldest_kept: row.get(2)?,
            position: row.get(3)?,
            walked_to: row.get(4)?,
            turn: row.get::<Option<i64>>(5)?.unwrap_or_default(),
        })
    }
}

/// Accounts with something to be read, to be walked through or not begun, or with somebody whose answer is late by now.
pub(crate) async fn behind(tx: &mut Tx, now: Timestamp) -> Result<Vec<Behind>> {
    let query = sql!(
        "SELECT p.account_id, p.position, p.oldest_kept, f.position, f.walked_to, f.turn
         FROM account_positions p LEFT JOIN report_follows f ON f.account_id = p.account_id
         WHERE f.position IS NULL OR f.position < p.position OR f.walked_to IS NOT NULL OR EXISTS (
           SELECT 1 FROM report_sessions s WHERE s.account_id = p.account_id AND s.due_at <= $1
             AND s.due_at IS NOT NULL AND s.answered_at IS NULL AND s.closed_at IS NULL AND s.missed IS NULL)
         ORDER BY p.account_id -- any account_id"
    );
    Ok(query.bind(now.0).all(tx).await?)
}

/// How far an account is, whether or not something is left.
pub(crate) async fn place(tx: &mut Tx, account: &AccountId) -> Result<Option<Behind>> {
    let query = sql!(
        "SELECT p.account_id, p.position, p.oldest_kept, f.position, f.walked_to, f.turn
         FROM account_positions p JOIN report_follows f ON f.account_id = p.account_id WHERE p.account_id = $1"
    );
    Ok(query.bind(account).optional(tx).await?)
}

/// From a place of the log on it is followed, and everything known then is walked through.
pub(crate) async fn begin(cx: &mut Cx<'_>, position: i64, from: ContactId) -> Result<()> {
    let query = sql!(
        "INSERT INTO report_follows (account_id, position, walked_to, turn) VALUES ($1, $2, $3, 1)
         ON CONFLICT (account_id) DO UPDATE SET position = excluded.position, walked_to = excluded.walked_to,
           turn = report_follows.turn + 1"
    );
    query.bind(cx.account).bind(position).bind(from).execute(cx.tx).await?;
    Ok(())
}

/// Takes a step: of two who stood at the same place, the second is refused.
pub(crate) async fn step(tx: &mut Tx, account: &AccountId, turn: i64, step: Step) -> Result<()> {
    let query = sql!(
        "UPDATE report_follows SET position = $3, walked_to = $4, turn = turn + 1 WHERE account_id = $1 AND turn = $2"
    );
    let taken = query.bind(account).bind(turn).bind(step.position).bind(step.walked_to).execute(tx).await?;
    if taken == 0 {
        let detail = "another node has taken this step".to_owned();
        return Err(Refusal::Conflict { code: "step_taken", detail });
    }
    Ok(())
}

/// Conversations that something is told of between two places of the log.
pub(crate) async fn conversations(
    tx: &mut Tx,
    account: &AccountId,
    after: i64,
    to: i64,
) -> Result<Vec<(ConversationId,)>> {
    let query = sql!(
        "SELECT DISTINCT conversation_id FROM events WHERE account_id = $1 AND position > $2 AND position <= $3
           AND kind IN ('message.created', 'conversation.created', 'conversation.updated') AND conversation_id IS NOT NULL"
    );
    Ok(query.bind(account).bind(after).bind(to).all(tx).await?)
}

/// Contacts below an id, the newest first.
pub(crate) async fn contacts_below(
    tx: &mut Tx,
    account: &AccountId,
    below: &ContactId,
    limit: i64,
) -> Result<Vec<(ContactId,)>> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    Ok(query.bind(account).bind(below).bind(limit).all(tx).await?)
}

/// Conversations of a contact.
pub(crate) async fn conversations_of(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Vec<(ConversationId,)>> {
    let query = sql!("SELECT id FROM conversations WHERE account_id = $1 AND contact_id = $2 ORDER BY id");
    Ok(query.bind(account).bind(contact).all(tx).await?)
}
