//! SQL of the ledger.

use crate::plan::Reason;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{
    AccountId, ChannelKind, ConnectionId, ContactId, ConversationId, Cx, GroupId, MailingId, MessageId, Result, RunId,
    Timestamp,
};

/// Somebody who waits.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub person_id: GroupId,
    pub contact_id: ContactId,
    pub others: Vec<ContactId>,
    pub zone: String,
}

impl FromRow for Waiting {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let others = serde_json::from_str(row.text(2)?).map_err(|e| DbError::other(format!("stored contacts: {e}")))?;
        Ok(Self { person_id: row.get(0)?, contact_id: row.get(1)?, others, zone: row.get(3)? })
    }
}

/// Writes some rows of the freeze; those of persons or addresses that have one already are left out.
pub(crate) async fn freeze(cx: &mut Cx<'_>, rows: &[Vec<Value<'_>>]) -> Result<u64> {
    let query = sql!(
        "INSERT INTO mailing_recipients (account_id, mailing_id, person_id, contact_id, connection_id, channel, address, others, state, reason,
           zone, due_at, created_at, state_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING"
    );
    Ok(query.execute_each(cx.tx, rows).await?)
}

/// Addresses that a run has.
pub(crate) async fn addresses(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Vec<(GroupId,)>> {
    let query = sql!(
        "SELECT address FROM mailing_recipients WHERE account_id = $1 AND mailing_id = $2 AND address IS NOT NULL"
    );
    Ok(query.bind(account).bind(id).all(tx).await?)
}

/// Connections that somebody waits on now, with how many of theirs are being sent.
pub(crate) async fn connections(
    tx: &mut Tx,
    account: &AccountId,
    id: &MailingId,
    now: Timestamp,
) -> Result<Vec<(ConnectionId, String, i64)>> {
    let query = sql!(
        "SELECT k.id, k.kind, (SELECT COUNT(*) FROM mailing_recipients s WHERE s.account_id = $1 AND s.mailing_id = $2
             AND s.state = 'sending' AND s.connection_id = k.id)
         FROM mailings m JOIN connections k ON k.account_id = m.account_id AND k.project_id = m.project_id
         WHERE m.account_id = $1 AND m.id = $2 AND EXISTS (SELECT 1 FROM mailing_recipients q WHERE q.account_id = $1
             AND q.mailing_id = $2 AND q.connection_id = k.id AND q.state = 'queued' AND q.due_at <= $3)"
    );
    Ok(query.bind(account).bind(id).bind(now.0).all(tx).await?)
}

/// Who is due on a connection.
pub(crate) async fn due(
    tx: &mut Tx,
    account: &AccountId,
    id: &MailingId,
    connection: &ConnectionId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let query = sql!(
        "SELECT person_id, contact_id, others, zone FROM mailing_recipients
         WHERE account_id = $1 AND mailing_id = $2 AND connection_id = $3 AND state = 'queued' AND due_at <= $4
         ORDER BY due_at LIMIT $5"
    );
    Ok(query.bind(account).bind(id).bind(connection).bind(now.0).bind(limit).all(tx).await?)
}

/// Whether anybody of these contacts has had this mailing, or may have, under another row.
pub(crate) async fn has_had(
    tx: &mut Tx,
    account: &AccountId,
    id: &MailingId,
    person: &GroupId,
    contacts: &[ContactId],
) -> Result<bool> {
    let query = sql!(
        "SELECT COUNT(*) FROM mailing_recipients WHERE account_id = $1 AND mailing_id = $2 AND person_id <> $3 AND contact_id = ANY($4)
           AND state IN ('sending', 'sent', 'delivered', 'read', 'unknown')"
    );
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let (count,): (i64,) = query.bind(account).bind(id).bind(person).bind(ids).one(tx).await?;
    Ok(count > 0)
}

/// Ends somebody who waits, without a message.
pub(crate) async fn end(cx: &mut Cx<'_>, id: &MailingId, person: &GroupId, state: &str, reason: &str) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET state = $4, reason = $5, state_at = $6
         WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3 AND state = 'queued'"
    );
    let query = query.bind(cx.account).bind(id).bind(person).bind(state).bind(reason);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// Waits until a moment.
pub(crate) async fn wait(cx: &mut Cx<'_>, id: &MailingId, person: &GroupId, until: Timestamp) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET due_at = $4 WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3 AND state = 'queued'"
    );
    query.bind(cx.account).bind(id).bind(person).bind(until.0).execute(cx.tx).await?;
    Ok(())
}

/// Another contact of the same person, of whom those before are not tried again.
pub(crate) struct Turn<'t> {
    pub person_id: &'t GroupId,
    pub contact_id: ContactId,
    pub connection_id: ConnectionId,
    pub channel: ChannelKind,
    pub address: u128,
    pub others: &'t [ContactId],
    /// From which state: `queued` before anything was sent, `failed` after a channel refused.
    pub from: &'t str,
}

/// Turns to another contact; false when that address is another person's of this run, or the row is in another state.
pub(crate) async fn turn_to(cx: &mut Cx<'_>, id: &MailingId, turn: &Turn<'_>) -> Result<bool> {
    let query = sql!(
        "UPDATE mailing_recipients SET contact_id = $4, connection_id = $5, channel = $6, address = $7, others = $8, state = 'queued',
           reason = '', due_at = $9, state_at = $9, message_id = NULL, conversation_id = NULL, sent_at = NULL, claimed_at = NULL
         WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3 AND state = $10
           AND NOT EXISTS (SELECT 1 FROM mailing_recipients o WHERE o.account_id = $1 AND o.mailing_id = $2 AND o.address = $7
             AND o.person_id <> $3)"
    );
    let others = serde_json::to_string(turn.others).map_err(|e| DbError::other(e.to_string()))?;
    let query = query.bind(cx.account).bind(id).bind(turn.person_id).bind(turn.contact_id).bind(turn.connection_id);
    let query = query.bind(turn.channel.as_str()).bind(Value::id(turn.address)).bind(&others);
    Ok(query.bind(cx.env.now().0).bind(turn.from).execute(cx.tx).await? == 1)
}

/// What was said to somebody.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub message_id: Option<MessageId>,
    pub conversation_id: ConversationId,
    pub run_id: Option<RunId>,
    /// It is where it goes: our own log, or nothing to be sent.
    pub is_there: bool,
}

/// Somebody is being written to: the same transaction says it.
pub(crate) async fn claim(cx: &mut Cx<'_>, id: &MailingId, person: &GroupId, said: &Said) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET state = CASE WHEN $7 THEN 'sent' ELSE 'sending' END, reason = '', claimed_at = CAST($8 AS BIGINT), state_at = CAST($8 AS BIGINT),
           sent_at = CASE WHEN $7 THEN CAST($8 AS BIGINT) ELSE NULL END, message_id = $4, conversation_id = $5, run_id = $6
         WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3 AND state = 'queued'"
    );
    let query = query.bind(cx.account).bind(id).bind(person).bind(said.message_id).bind(said.conversation_id);
    query.bind(said.run_id).bind(said.is_there).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// The message that a run said first.
pub(crate) async fn first_message(tx: &mut Tx, account: &AccountId, run: &RunId) -> Result<Option<MessageId>> {
    let query = sql!(
        "SELECT message_id FROM scenario_visits WHERE account_id = $1 AND run_id = $2 AND message_id IS NOT NULL ORDER BY visit LIMIT 1"
    );
    let found: Option<(MessageId,)> = query.bind(account).bind(run).optional(tx).await?;
    Ok(found.map(|(id,)| id))
}

/// Messages that are being sent.
pub(crate) async fn sending(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Vec<MessageId>> {
    let query = sql!(
        "SELECT message_id FROM mailing_recipients
         WHERE account_id = $1 AND mailing_id = $2 AND state = 'sending' AND message_id IS NOT NULL"
    );
    let rows: Vec<(MessageId,)> = query.bind(account).bind(id).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Those whose message was taken back before it was sent.
pub(crate) async fn taken_back(cx: &mut Cx<'_>, id: &MailingId, messages: &[MessageId]) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET state = 'skipped', reason = $4, state_at = $5, claimed_at = NULL
         WHERE account_id = $1 AND mailing_id = $2 AND message_id = ANY($3) AND state = 'sending'"
    );
    let ids = Value::ids(messages.iter().map(|id| id.bits()));
    let query = query.bind(cx.account).bind(id).bind(ids).bind(Reason::Stopped.as_str());
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// Ends some who wait, for the mailing is stopped; answers how many.
pub(crate) async fn stop_some(cx: &mut Cx<'_>, id: &MailingId, limit: i64) -> Result<u64> {
    let query = sql!(
        "UPDATE mailing_recipients SET state = 'skipped', reason = $3, state_at = $4
         WHERE account_id = $1 AND mailing_id = $2 AND state = 'queued' AND person_id IN (
           SELECT person_id FROM mailing_recipients WHERE account_id = $1 AND mailing_id = $2 AND state = 'queued' LIMIT $5)"
    );
    let query = query.bind(cx.account).bind(id).bind(Reason::Stopped.as_str()).bind(cx.env.now().0);
    Ok(query.bind(limit).execute(cx.tx).await?)
}

/// How many wait, and how many are being sent.
pub(crate) async fn left(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<(i64, i64)> {
    let query = sql!(
        "SELECT (SELECT COUNT(*) FROM (SELECT 1 AS one FROM mailing_recipients WHERE account_id = $1 AND mailing_id = $2 AND state = 'queued' LIMIT 1) q),
           (SELECT COUNT(*) FROM (SELECT 1 AS one FROM mailing_recipients WHERE account_id = $1 AND mailing_id = $2 AND state = 'sending' LIMIT 1) s)"
    );
    Ok(query.bind(account).bind(id).one(tx).await?)
}
