//! SQL of deliveries and their attempts.

use super::{Due, Lane};
use crate::Result;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ConnectionId, ContactId, ConversationId, Cx, DeliveryId, Message, MessageId, Timestamp};

impl FromRow for Due {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account_id: row.get(0)?,
            id: row.get(1)?,
            message_id: row.get(2)?,
            connection_id: row.get(3)?,
            contact_id: row.get(4)?,
            attempts: row.get(5)?,
            lane: Lane::from_stored(row.get(6)?)?,
            part: row.get(7)?,
        })
    }
}

pub(super) async fn insert(cx: &mut Cx<'_>, message: &Message, lane: Lane, due: Timestamp, part: i64) -> Result<()> {
    let query = sql!(
        "INSERT INTO deliveries (account_id, id, message_id, connection_id, contact_id, status, attempts, next_at, lease_until,
           created_at, lane, part)
         VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, 0, $7, $8, $9)"
    );
    let id = after_waiting(cx, message).await?;
    let query = query.bind(cx.account).bind(id).bind(message.id);
    let query = query.bind(message.connection_id).bind(message.contact_id);
    query.bind(due.0).bind(cx.env.now().0).bind(lane.number()).bind(part).execute(cx.tx).await?;
    Ok(())
}

/// An id after those that wait for the contact: ids order what is sent, and another node's clock may have been a little ahead of this one's.
async fn after_waiting(cx: &mut Cx<'_>, message: &Message) -> Result<DeliveryId> {
    let query = sql!(
        "SELECT id FROM deliveries WHERE account_id = $1 AND contact_id = $2 AND status = 'queued' ORDER BY id DESC LIMIT 1"
    );
    let newest: Option<(DeliveryId,)> = query.bind(cx.account).bind(message.contact_id).optional(cx.tx).await?;
    let id = DeliveryId::new(cx.env.ids());
    Ok(match newest {
        Some((newest,)) if newest >= id => DeliveryId::from_bits(newest.bits() + 1),
        _ => id,
    })
}

/// People's deliveries that may be sent now: one per contact, the oldest first, so that messages keep their order; none of a
/// switched-off connection, and none that another node is just taking. What a bot or mailing has waiting for the contact does not hold them up, only what is being sent.
pub(super) async fn due_of_people(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<Due>> {
    let query = sql!(
        "SELECT d.account_id, d.id, d.message_id, d.connection_id, d.contact_id, d.attempts, d.lane, d.part FROM deliveries d
         JOIN connections c ON c.account_id = d.account_id AND c.id = d.connection_id
         WHERE d.status = 'queued' AND d.lane = 0 AND d.next_at <= $1 AND c.status <> 'off'
           AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.contact_id = d.contact_id
             AND ((e.status = 'queued' AND e.lane = 0 AND e.id < d.id) OR e.status = 'sending'))
         ORDER BY d.next_at, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED"
    );
    Ok(query.bind(now.0).bind(limit).all(tx).await?)
}

/// Connections with deliveries of bots or mailings waiting, after one of them in order: the index is stepped through, not read.
pub(super) async fn next_lower_connection(tx: &mut Tx, after: ConnectionId) -> Result<Option<ConnectionId>> {
    let query = sql!(
        "SELECT connection_id FROM deliveries WHERE status = 'queued' AND lane > 0 AND connection_id > $1
         ORDER BY connection_id LIMIT 1 -- any account_id"
    );
    let next: Option<(ConnectionId,)> = query.bind(after).optional(tx).await?;
    Ok(next.map(|(connection,)| connection))
}

/// As [`due_of_people`], for the bots and mailings of one connection: bots first; what a higher lane has waiting for the contact goes
/// before.
pub(super) async fn due_of_lower(
    tx: &mut Tx,
    connection: &ConnectionId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Due>> {
    let query = sql!(
        "SELECT d.account_id, d.id, d.message_id, d.connection_id, d.contact_id, d.attempts, d.lane, d.part FROM deliveries d
         JOIN connections c ON c.account_id = d.account_id AND c.id = d.connection_id
         WHERE d.status = 'queued' AND d.lane > 0 AND d.connection_id = $2 AND d.next_at <= $1 AND c.status <> 'off'
           AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.contact_id = d.contact_id
             AND ((e.status = 'queued' AND (e.lane < d.lane OR (e.lane = d.lane AND e.id < d.id))) OR e.status = 'sending'))
         ORDER BY d.lane, d.next_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED"
    );
    Ok(query.bind(now.0).bind(connection).bind(limit).all(tx).await?)
}

/// Claims a delivery; false when another node was quicker.
pub(super) async fn take(tx: &mut Tx, due: &Due, now: Timestamp, lease_until: Timestamp) -> Result<bool> {
    let take = sql!(
        "UPDATE deliveries SET status = 'sending', attempts = attempts + 1, lease_until = $3
         WHERE account_id = $1 AND id = $2 AND status = 'queued'"
    );
    let taken = take.bind(due.account_id).bind(due.id).bind(lease_until.0).execute(tx).await?;
    if taken == 0 {
        return Ok(false);
    }
    let attempt =
        sql!("INSERT INTO delivery_attempts (account_id, delivery_id, attempt, started_at) VALUES ($1, $2, $3, $4)");
    attempt.bind(due.account_id).bind(due.id).bind(due.attempts + 1).bind(now.0).execute(tx).await?;
    Ok(true)
}

/// Whether a claimed delivery is still its worker's to send.
pub(super) async fn is_held(tx: &mut Tx, due: &Due, now: Timestamp) -> Result<bool> {
    let query = sql!(
        "SELECT COUNT(*) FROM deliveries
         WHERE account_id = $1 AND id = $2 AND status = 'sending' AND attempts = $3 AND lease_until >= $4"
    );
    let query = query.bind(due.account_id).bind(due.id).bind(due.attempts).bind(now.0);
    let (count,): (i64,) = query.one(tx).await?;
    Ok(count == 1)
}

/// Deliveries whose worker died.
pub(super) async fn dead(tx: &mut Tx, now: Timestamp) -> Result<Vec<Due>> {
    let query = sql!(
        "SELECT account_id, id, message_id, connection_id, contact_id, attempts, lane, part FROM deliveries
         WHERE status = 'sending' AND lease_until < $1"
    );
    Ok(query.bind(now.0).all(tx).await?)
}

/// False, and nothing done, when another node has ended or taken this very attempt.
pub(super) async fn finish(tx: &mut Tx, due: &Due, now: Timestamp, outcome: &str, detail: &str) -> Result<bool> {
    let query = sql!(
        "UPDATE deliveries SET status = 'done' WHERE account_id = $1 AND id = $2 AND status = 'sending' AND attempts = $3"
    );
    let query = query.bind(due.account_id).bind(due.id).bind(due.attempts);
    if query.execute(tx).await? == 0 {
        return Ok(false);
    }
    end_attempt(tx, due, now, outcome, detail).await.map(|()| true)
}

/// As [`finish`].
pub(super) async fn put_back(tx: &mut Tx, due: &Due, now: Timestamp, next: Timestamp, detail: &str) -> Result<bool> {
    let query = sql!(
        "UPDATE deliveries SET status = 'queued', next_at = $3, lease_until = 0
         WHERE account_id = $1 AND id = $2 AND status = 'sending' AND attempts = $4"
    );
    let query = query.bind(due.account_id).bind(due.id).bind(next.0).bind(due.attempts);
    if query.execute(tx).await? == 0 {
        return Ok(false);
    }
    end_attempt(tx, due, now, "later", detail).await.map(|()| true)
}

/// A part is out and the next is due: the delivery keeps its place before later messages. As [`finish`].
pub(super) async fn advance(tx: &mut Tx, due: &Due, now: Timestamp) -> Result<bool> {
    let query = sql!(
        "UPDATE deliveries SET status = 'queued', next_at = $3, lease_until = 0, part = part + 1
         WHERE account_id = $1 AND id = $2 AND status = 'sending' AND attempts = $4"
    );
    let query = query.bind(due.account_id).bind(due.id).bind(now.0).bind(due.attempts);
    if query.execute(tx).await? == 0 {
        return Ok(false);
    }
    end_attempt(tx, due, now, "sent", &format!("part {}", due.part + 1)).await.map(|()| true)
}

/// What waits of some messages is due at a moment.
pub(super) async fn set_next(tx: &mut Tx, account: &AccountId, messages: &[MessageId], next: Timestamp) -> Result<()> {
    let query = sql!(
        "UPDATE deliveries SET next_at = $3 WHERE account_id = $1 AND message_id = ANY($2) AND status = 'queued' AND next_at <> $3"
    );
    let ids = Value::ids(messages.iter().map(|id| id.bits()));
    query.bind(account).bind(ids).bind(next.0).execute(tx).await?;
    Ok(())
}

/// Ends the delivery of a message that waits whole; false when there is none.
pub(super) async fn withdraw(tx: &mut Tx, account: &AccountId, message: &MessageId) -> Result<bool> {
    let query = sql!(
        "UPDATE deliveries SET status = 'done' WHERE account_id = $1 AND message_id = $2 AND status = 'queued' AND part = 0"
    );
    Ok(query.bind(account).bind(message).execute(tx).await? > 0)
}

/// Messages of a lane that wait for a contact in one conversation.
pub(super) async fn waiting_of_lane(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    conversation: &ConversationId,
    lane: Lane,
) -> Result<Vec<MessageId>> {
    let query = sql!(
        "SELECT d.message_id FROM deliveries d JOIN messages m ON m.account_id = d.account_id AND m.id = d.message_id
         WHERE d.account_id = $1 AND d.contact_id = $2 AND d.status = 'queued' AND d.lane = $3 AND d.part = 0
           AND m.conversation_id = $4 ORDER BY d.id"
    );
    let query = query.bind(account).bind(contact).bind(lane.number()).bind(conversation);
    let rows: Vec<(MessageId,)> = query.all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The part at which the last delivery of a message stopped.
pub(super) async fn stopped_at(tx: &mut Tx, account: &AccountId, message: &MessageId) -> Result<i64> {
    let query = sql!("SELECT part FROM deliveries WHERE account_id = $1 AND message_id = $2 ORDER BY id DESC LIMIT 1");
    let found: Option<(i64,)> = query.bind(account).bind(message).optional(tx).await?;
    Ok(found.map_or(0, |(part,)| part))
}

async fn end_attempt(tx: &mut Tx, due: &Due, now: Timestamp, outcome: &str, detail: &str) -> Result<()> {
    let query = sql!(
        "UPDATE delivery_attempts SET ended_at = $4, outcome = $5, detail = $6
         WHERE account_id = $1 AND delivery_id = $2 AND attempt = $3"
    );
    let query = query.bind(due.account_id).bind(due.id).bind(due.attempts);
    query.bind(now.0).bind(outcome).bind(detail).execute(tx).await?;
    Ok(())
}

/// Where a contact is written to.
pub(super) async fn address(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<String> {
    let query = sql!("SELECT COALESCE(address, external_id) FROM contacts WHERE account_id = $1 AND id = $2");
    let (address,) = query.bind(account).bind(contact).one(tx).await?;
    Ok(address)
}

/// Lets every lease run out now.
pub(super) async fn end_leases(tx: &mut Tx) -> Result<()> {
    sql!("UPDATE deliveries SET lease_until = 0 WHERE status = 'sending' -- any account_id").execute(tx).await?;
    Ok(())
}
