//! SQL of messages.

use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{
    AccountId, Author, AuthorKind, ChannelKind, ConnectionId, ContactId, ConversationId, Delivery, DeliveryReason,
    DeliveryStatus, Message, MessageId, MessageKind, ProjectId, Timestamp,
};

/// Every column of a message, in the order [`MessageRow`] reads them.
#[macro_export]
macro_rules! message_columns {
    () => {
        "m.id, m.project_id, m.conversation_id, m.contact_id, m.connection_id, m.channel, m.seq, m.position, m.author_kind,
         m.author_id, m.author_name, m.kind, m.content, m.client_id, m.delivery_status, m.delivery_code, m.delivery_detail,
         m.delivery_at, m.reply_to, m.created_at, m.edited_at"
    };
}

/// A message as stored.
pub(crate) struct MessageRow(pub Message);

impl FromRow for MessageRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        read_message(row, 0).map(Self)
    }
}

/// Reads [`message_columns`] starting at column `first`.
pub(crate) fn read_message(row: &Row<'_>, first: usize) -> std::result::Result<Message, DbError> {
    let content: String = row.get(first + 12)?;
    let content = serde_json::from_str(&content).map_err(|e| DbError::other(format!("message content: {e}")))?;
    let status: Option<String> = row.get(first + 14)?;
    let delivery = match status {
        None => None,
        Some(status) => {
            let code: Option<String> = row.get(first + 15)?;
            let detail: Option<String> = row.get(first + 16)?;
            let at: Option<i64> = row.get(first + 17)?;
            Some(Delivery {
                status: DeliveryStatus::from_stored(&status)?,
                reason: code.map(|code| DeliveryReason { code, detail: detail.unwrap_or_default() }),
                at: Timestamp(at.unwrap_or_default()),
            })
        }
    };
    let reply_to: Option<String> = row.get(first + 18)?;
    let edited_at: Option<i64> = row.get(first + 20)?;
    Ok(Message {
        id: MessageId::from_stored(row.get(first)?),
        project_id: ProjectId::from_stored(row.get(first + 1)?),
        conversation_id: ConversationId::from_stored(row.get(first + 2)?),
        contact_id: ContactId::from_stored(row.get(first + 3)?),
        connection_id: ConnectionId::from_stored(row.get(first + 4)?),
        channel: ChannelKind::from_stored(row.text(first + 5)?)?,
        seq: row.get(first + 6)?,
        position: row.get(first + 7)?,
        author: Author {
            kind: AuthorKind::from_stored(row.text(first + 8)?)?,
            id: row.get(first + 9)?,
            name: row.get(first + 10)?,
        },
        kind: MessageKind::from_stored(row.text(first + 11)?)?,
        content,
        client_id: row.get(first + 13)?,
        delivery,
        reply_to: reply_to.map(MessageId::from_stored),
        created_at: Timestamp(row.get(first + 19)?),
        edited_at: edited_at.map(Timestamp),
    })
}

/// Stores a message. False when this author has already sent this `client_id`.
pub(crate) async fn insert(
    tx: &mut Tx,
    account: &AccountId,
    message: &Message,
    client_count: i64,
    external_id: Option<&str>,
) -> Result<bool> {
    let content = serde_json::to_string(&message.content).map_err(|e| Refusal::stored(&e))?;
    let inserted = sql!(
        "INSERT INTO messages (account_id, id, project_id, conversation_id, contact_id, connection_id, channel, seq, position,
           author_kind, author_id, author_name, kind, content, client_id, external_id, client_count, delivery_status, delivery_at,
           reply_to, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
         ON CONFLICT (account_id, client_id, author_id) WHERE client_id IS NOT NULL DO NOTHING"
    )
    .bind(account.as_str())
    .bind(message.id.as_str())
    .bind(message.project_id.as_str())
    .bind(message.conversation_id.as_str())
    .bind(message.contact_id.as_str())
    .bind(message.connection_id.as_str())
    .bind(message.channel.as_str())
    .bind(message.seq)
    .bind(message.position)
    .bind(message.author.kind.as_str())
    .bind(message.author.id.as_deref())
    .bind(message.author.name.as_deref())
    .bind(message.kind.as_str())
    .bind(content)
    .bind(message.client_id.as_deref())
    .bind(external_id)
    .bind(client_count)
    .bind(message.delivery.as_ref().map(|d| d.status.as_str()))
    .bind(message.delivery.as_ref().map(|d| d.at.0))
    .bind(message.reply_to.as_ref().map(MessageId::as_str))
    .bind(message.created_at.0)
    .execute(tx)
    .await?;
    Ok(inserted == 1)
}

pub(super) async fn by_client_id(
    tx: &mut Tx,
    account: &AccountId,
    author_id: &str,
    client_id: &str,
) -> Result<Option<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m WHERE m.account_id = $1 AND m.author_id = $2 AND m.client_id = $3"
    ));
    let row = query.bind(account.as_str()).bind(author_id).bind(client_id).optional::<MessageRow>(tx).await?;
    Ok(row.map(|row| row.0))
}

pub(super) async fn by_id(tx: &mut Tx, account: &AccountId, id: &MessageId) -> Result<Option<Message>> {
    let query = sql!(concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.account_id = $1 AND m.id = $2"));
    Ok(query.bind(account.as_str()).bind(id.as_str()).optional::<MessageRow>(tx).await?.map(|row| row.0))
}

pub(super) async fn by_external_id(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    contact: &ContactId,
    external_id: &str,
) -> Result<Option<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m WHERE m.account_id = $1 AND m.connection_id = $2 AND m.external_id = $3 AND m.contact_id = $4"
    ));
    let query = query.bind(account.as_str()).bind(connection.as_str()).bind(external_id).bind(contact.as_str());
    Ok(query.optional::<MessageRow>(tx).await?.map(|row| row.0))
}

/// The message of ours that a channel took for this person under an id of its own.
pub(super) async fn said_to(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    person: &str,
    external_id: &str,
) -> Result<Option<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m WHERE m.account_id = $1 AND m.connection_id = $2 AND m.external_id = $3
         AND m.delivery_status IS NOT NULL AND m.contact_id IN (
           SELECT id FROM contacts WHERE account_id = $1 AND connection_id = $2 AND external_id = $4)"
    ));
    let query = query.bind(account.as_str()).bind(connection.as_str()).bind(external_id).bind(person);
    Ok(query.optional::<MessageRow>(tx).await?.map(|row| row.0))
}

pub(super) async fn page(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    before: i64,
    for_client: bool,
    limit: i64,
) -> Result<Vec<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.seq < $3 AND (m.kind = 'message' OR NOT $4)
          ORDER BY m.seq DESC LIMIT $5"
    ));
    let query = query.bind(account.as_str()).bind(conversation.as_str()).bind(before).bind(for_client).bind(limit);
    Ok(query.all::<MessageRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// What the client may see after a `seq`, oldest first.
pub(super) async fn for_client_after(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.seq > $3 AND m.kind = 'message'
          ORDER BY m.seq LIMIT $4"
    ));
    let query = query.bind(account.as_str()).bind(conversation.as_str()).bind(after).bind(limit);
    Ok(query.all::<MessageRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// Conversations of a contact's multi-contact with their last position, last changed first.
pub(super) async fn conversations_of_group(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Vec<(String, i64)>> {
    let query = sql!(
        "SELECT v.id, v.position FROM contacts me JOIN contacts c ON c.account_id = me.account_id AND c.group_id = me.group_id
          JOIN conversations v ON v.account_id = c.account_id AND v.contact_id = c.id
          WHERE me.account_id = $1 AND me.id = $2 ORDER BY v.position DESC"
    );
    Ok(query.bind(account.as_str()).bind(contact.as_str()).all(tx).await?)
}

/// Messages of a conversation before an event position, newest first.
pub(super) async fn before_position(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.position < $3 ORDER BY m.seq DESC LIMIT $4"
    ));
    let query = query.bind(account.as_str()).bind(conversation).bind(before).bind(limit);
    Ok(query.all::<MessageRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// `seq` of the newest team answer (message or note) not written by `reader`.
pub(super) async fn newest_team_seq(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    reader: &str,
) -> Result<i64> {
    let query = sql!(
        "SELECT COALESCE(MAX(seq), 0) FROM messages
         WHERE account_id = $1 AND conversation_id = $2 AND author_kind = 'operator' AND kind <> 'event' AND author_id <> $3"
    );
    let (seq,) = query.bind(account.as_str()).bind(conversation.as_str()).bind(reader).one(tx).await?;
    Ok(seq)
}

pub(super) async fn set_text(
    tx: &mut Tx,
    account: &AccountId,
    id: &MessageId,
    content: &str,
    edited_at: Timestamp,
) -> Result<()> {
    let query = sql!("UPDATE messages SET content = $3, edited_at = $4 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(id.as_str()).bind(content).bind(edited_at.0).execute(tx).await?;
    Ok(())
}

/// Moves a delivery state forward; false when it already stood there or further.
pub(super) async fn set_delivery(
    tx: &mut Tx,
    account: &AccountId,
    id: &MessageId,
    delivery: &Delivery,
    external_id: Option<&str>,
) -> Result<bool> {
    // Read is the end; what was delivered can only be read; after a failure a repeat or the channel's later proof counts, a late `sent`
    // does not (rulings 71).
    let query = sql!(
        "UPDATE messages SET delivery_status = $3, delivery_code = $4, delivery_detail = $5, delivery_at = $6,
           external_id = COALESCE($7, external_id)
         WHERE account_id = $1 AND id = $2 AND delivery_status <> $3 AND delivery_status <> 'read'
           AND NOT (delivery_status = 'delivered' AND $3 <> 'read') AND NOT (delivery_status = 'failed' AND $3 = 'sent')"
    );
    let changed = query
        .bind(account.as_str())
        .bind(id.as_str())
        .bind(delivery.status.as_str())
        .bind(delivery.reason.as_ref().map(|r| r.code.as_str()))
        .bind(delivery.reason.as_ref().map(|r| r.detail.as_str()))
        .bind(delivery.at.0)
        .bind(external_id)
        .execute(tx)
        .await?;
    if changed == 0 && external_id.is_some() {
        let query = sql!("UPDATE messages SET external_id = $3 WHERE account_id = $1 AND id = $2");
        query.bind(account.as_str()).bind(id.as_str()).bind(external_id).execute(tx).await?;
    }
    Ok(changed == 1)
}

/// Our messages up to `seq` that the client's device has not confirmed as far as `status`.
pub(super) async fn unconfirmed(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    up_to: i64,
    status: DeliveryStatus,
) -> Result<Vec<(String, i64)>> {
    let query = sql!(
        "SELECT id, seq FROM messages WHERE account_id = $1 AND conversation_id = $2 AND seq <= $3 AND seq > $3 - 500
           AND kind = 'message' AND author_kind <> 'client'
           AND (delivery_status = 'sent' OR (delivery_status = 'delivered' AND $4 = 'read')) ORDER BY seq"
    );
    let query = query.bind(account.as_str()).bind(conversation.as_str()).bind(up_to).bind(status.as_str());
    Ok(query.all(tx).await?)
}

/// When a contact wrote last.
pub(super) async fn last_from_client(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Option<Timestamp>> {
    let query = sql!(
        "SELECT m.created_at FROM conversations v
          JOIN messages m ON m.account_id = v.account_id AND m.conversation_id = v.id AND m.author_kind = 'client'
          WHERE v.account_id = $1 AND v.contact_id = $2 AND v.client_count > 0 ORDER BY v.created_at DESC, m.seq DESC LIMIT 1"
    );
    let row: Option<(i64,)> = query.bind(account.as_str()).bind(contact.as_str()).optional(tx).await?;
    Ok(row.map(|r| Timestamp(r.0)))
}

pub(super) async fn unread_by_client(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    read_seq: i64,
) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(*) FROM messages WHERE account_id = $1 AND conversation_id = $2 AND seq > $3 AND kind = 'message'
         AND author_kind <> 'client'"
    );
    let (count,) = query.bind(account.as_str()).bind(conversation.as_str()).bind(read_seq).one(tx).await?;
    Ok(count)
}
