//! SQL of messages.

use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, Value, sql};
use events::{message_columns, read_message};
use model::{
    AccountId, ActorId, AuthorKind, ConnectionId, ContactId, Content, ConversationId, Delivery, DeliveryId,
    DeliveryStatus, Message, MessageId, Timestamp,
};
use std::collections::HashSet;
use std::sync::Arc;

/// A message as stored.
pub(crate) struct MessageRow(pub Message);

impl FromRow for MessageRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        read_message(row, 0).map(Self)
    }
}

/// A message to be stored, with what only its row has.
pub(crate) struct ToInsert<'a> {
    pub message: &'a Message,
    /// Messages of the client up to it.
    pub client_count: i64,
    /// The channel's id of it.
    pub external_id: Option<&'a str>,
}

/// Stores messages; how many. An author's `client_id` that is here already is left out.
pub(crate) async fn insert(tx: &mut Tx, account: &AccountId, new: &[ToInsert<'_>]) -> Result<usize> {
    let query = sql!(
        "INSERT INTO messages (account_id, id, conversation_id, seq, position, author_kind, author_id, author_name, kind, content,
           client_id, external_id, client_count, delivery_status, delivery_at, reply_to, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (client_id, author_id) WHERE client_id IS NOT NULL DO NOTHING"
    );
    let mut rows = Vec::with_capacity(new.len());
    for ToInsert { message, client_count, external_id } in new {
        let content = serde_json::to_string(&message.content).map_err(|e| Refusal::stored(&e))?;
        rows.push(vec![
            message.id.into(),
            message.conversation_id.into(),
            message.seq.into(),
            message.position.into(),
            events::stored_side(&message.author).into(),
            message.author.id.into(),
            message.author.name.as_deref().into(),
            message.kind.as_str().into(),
            content.into(),
            message.client_id.as_deref().into(),
            (*external_id).into(),
            (*client_count).into(),
            message.delivery.as_ref().map(|d| d.status.as_str()).into(),
            message.delivery.as_ref().map(|d| d.at.0).into(),
            message.reply_to.into(),
            message.created_at.0.into(),
        ]);
    }
    let inserted = query.bind(account).execute_each(tx, &rows).await?;
    Ok(usize::try_from(inserted).unwrap_or(0))
}

/// Undoes [`insert`] in the same transaction; those that were left out by it are not there.
pub(crate) async fn take_out(tx: &mut Tx, account: &AccountId, new: &[Arc<Message>]) -> Result<()> {
    let query = sql!("DELETE FROM messages WHERE account_id = $1 AND id = ANY($2)");
    query.bind(account).bind(Value::ids(new.iter().map(|message| message.id.bits()))).execute(tx).await?;
    Ok(())
}

/// Those of some client ids that are used, each with its author.
pub(super) async fn used_client_ids(
    tx: &mut Tx,
    account: &AccountId,
    client_ids: impl Iterator<Item = &str>,
) -> Result<HashSet<(ContactId, String)>> {
    let query = sql!(
        "SELECT author_id, client_id FROM messages WHERE account_id = $1 AND client_id = ANY($2) AND author_kind = 'client'"
    );
    let rows: Vec<(ContactId, String)> = query.bind(account).bind(Value::texts(client_ids)).all(tx).await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn by_client_id(
    tx: &mut Tx,
    account: &AccountId,
    author: ActorId,
    client_id: &str,
) -> Result<Option<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m JOIN conversations v ON v.id = m.conversation_id
          WHERE m.account_id = $1 AND m.author_id = $2 AND m.client_id = $3"
    ));
    let row = query.bind(account).bind(author).bind(client_id).optional::<MessageRow>(tx).await?;
    Ok(row.map(|row| row.0))
}

pub(super) async fn by_id(tx: &mut Tx, account: &AccountId, id: &MessageId) -> Result<Option<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m JOIN conversations v ON v.id = m.conversation_id WHERE m.account_id = $1 AND m.id = $2"
    ));
    Ok(query.bind(account).bind(id).optional::<MessageRow>(tx).await?.map(|row| row.0))
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
        " FROM conversations v JOIN messages m ON m.conversation_id = v.id AND m.external_id = $3
          WHERE v.account_id = $1 AND v.connection_id = $2 AND v.contact_id = $4"
    ));
    let query = query.bind(account).bind(connection).bind(external_id).bind(contact);
    Ok(query.optional::<MessageRow>(tx).await?.map(|row| row.0))
}

/// A message that the channel has an id for.
pub(super) struct OnChannel {
    pub id: MessageId,
    pub external_id: String,
    pub is_client: bool,
    pub content: Content,
}

/// The messages before one in its conversation that the channel has ids for, newest first.
pub(super) async fn known_to_channel(
    tx: &mut Tx,
    account: &AccountId,
    before: &Message,
    limit: i64,
) -> Result<Vec<OnChannel>> {
    let query = sql!(
        "SELECT id, external_id, author_kind, content FROM messages
         WHERE account_id = $1 AND conversation_id = $2 AND seq < $3 AND external_id IS NOT NULL ORDER BY seq DESC LIMIT $4"
    );
    let query = query.bind(account).bind(before.conversation_id).bind(before.seq).bind(limit);
    let rows: Vec<(MessageId, String, String, String)> = query.all(tx).await?;
    let read = |(id, external_id, author, content): (MessageId, String, String, String)| {
        let content = serde_json::from_str(&content).map_err(|e| Refusal::stored(&e))?;
        Ok(OnChannel { id, external_id, is_client: author == AuthorKind::Client.as_str(), content })
    };
    rows.into_iter().map(read).collect()
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
        " FROM contacts c JOIN conversations v ON v.contact_id = c.id
          JOIN messages m ON m.conversation_id = v.id AND m.external_id = $3 AND m.delivery_status IS NOT NULL
          WHERE c.account_id = $1 AND c.connection_id = $2 AND c.external_id = $4"
    ));
    let query = query.bind(account).bind(connection).bind(external_id).bind(person);
    Ok(query.optional::<MessageRow>(tx).await?.map(|row| row.0))
}

/// Whether something is being sent to this person just now, of which a channel's own id is not known yet.
pub(super) async fn is_sending_to(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    person: &str,
) -> Result<bool> {
    let query = sql!(
        "SELECT d.id FROM contacts c JOIN deliveries d ON d.contact_id = c.id AND d.status = 'sending'
         WHERE c.account_id = $1 AND c.connection_id = $2 AND c.external_id = $3 LIMIT 1"
    );
    let found: Option<(DeliveryId,)> = query.bind(account).bind(connection).bind(person).optional(tx).await?;
    Ok(found.is_some())
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
        " FROM messages m JOIN conversations v ON v.id = m.conversation_id
          WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.seq < $3 AND (m.kind = 'message' OR NOT $4)
          ORDER BY m.seq DESC LIMIT $5"
    ));
    let query = query.bind(account).bind(conversation).bind(before).bind(for_client).bind(limit);
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
        " FROM messages m JOIN conversations v ON v.id = m.conversation_id
          WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.seq > $3 AND m.kind = 'message'
          ORDER BY m.seq LIMIT $4"
    ));
    let query = query.bind(account).bind(conversation).bind(after).bind(limit);
    Ok(query.all::<MessageRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// Conversations of a contact's multi-contact with their last position, last changed first.
pub(super) async fn conversations_of_group(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Vec<(ConversationId, i64)>> {
    let query = sql!(
        "SELECT v.id, v.position FROM contacts me JOIN contacts c ON c.account_id = me.account_id AND c.group_id = me.group_id
          JOIN conversations v ON v.contact_id = c.id
          WHERE me.account_id = $1 AND me.id = $2 ORDER BY v.position DESC"
    );
    Ok(query.bind(account).bind(contact).all(tx).await?)
}

/// Messages of a conversation before an event position, newest first.
pub(super) async fn before_position(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    before: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages m JOIN conversations v ON v.id = m.conversation_id
          WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.position < $3 ORDER BY m.seq DESC LIMIT $4"
    ));
    let query = query.bind(account).bind(conversation).bind(before).bind(limit);
    Ok(query.all::<MessageRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// Messages with files of a multi-contact, newest first, up to an event position.
pub(super) async fn with_files(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    up_to: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    // Within a text of JSON a quote is escaped: only the list of files itself looks like this.
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM contacts me JOIN contacts c ON c.account_id = me.account_id AND c.group_id = me.group_id
          JOIN conversations v ON v.contact_id = c.id JOIN messages m ON m.conversation_id = v.id
          WHERE me.account_id = $1 AND me.id = $2 AND m.position <= $3 AND m.content LIKE '%\"attachments\":[{%'
          ORDER BY m.position DESC LIMIT $4"
    ));
    let query = query.bind(account).bind(contact).bind(up_to).bind(limit);
    Ok(query.all::<MessageRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// `seq` of the newest team answer (message or note) not written by `reader`.
pub(super) async fn newest_team_seq(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    reader: ActorId,
) -> Result<i64> {
    let query = sql!(
        "SELECT COALESCE(MAX(seq), 0) FROM messages
         WHERE account_id = $1 AND conversation_id = $2 AND author_kind IN ('operator', 'key') AND kind <> 'event'
           AND author_id <> $3"
    );
    let (seq,) = query.bind(account).bind(conversation).bind(reader).one(tx).await?;
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
    query.bind(account).bind(id).bind(content).bind(edited_at.0).execute(tx).await?;
    Ok(())
}

/// The channel's id of a message.
pub(super) async fn channel_id(tx: &mut Tx, account: &AccountId, id: &MessageId) -> Result<Option<String>> {
    let query = sql!("SELECT external_id FROM messages WHERE account_id = $1 AND id = $2");
    let found: Option<(Option<String>,)> = query.bind(account).bind(id).optional(tx).await?;
    Ok(found.and_then(|(id,)| id))
}

/// Puts other content in place, without a word about when.
pub(super) async fn set_content(tx: &mut Tx, account: &AccountId, id: &MessageId, content: &str) -> Result<()> {
    let query = sql!("UPDATE messages SET content = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(content).execute(tx).await?;
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
        .bind(account)
        .bind(id)
        .bind(delivery.status.as_str())
        .bind(delivery.reason.as_ref().map(|r| r.code.as_str()))
        .bind(delivery.reason.as_ref().map(|r| r.detail.as_str()))
        .bind(delivery.at.0)
        .bind(external_id)
        .execute(tx)
        .await?;
    if changed == 0 && external_id.is_some() {
        let query = sql!("UPDATE messages SET external_id = $3 WHERE account_id = $1 AND id = $2");
        query.bind(account).bind(id).bind(external_id).execute(tx).await?;
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
) -> Result<Vec<(MessageId, i64)>> {
    let query = sql!(
        "SELECT id, seq FROM messages WHERE account_id = $1 AND conversation_id = $2 AND seq <= $3 AND seq > $3 - 500
           AND kind = 'message' AND author_kind <> 'client'
           AND (delivery_status = 'sent' OR (delivery_status = 'delivered' AND $4 = 'read')) ORDER BY seq"
    );
    let query = query.bind(account).bind(conversation).bind(up_to).bind(status.as_str());
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
          JOIN messages m ON m.conversation_id = v.id AND m.author_kind = 'client'
          WHERE v.account_id = $1 AND v.contact_id = $2 AND v.client_count > 0 ORDER BY v.created_at DESC, m.seq DESC LIMIT 1"
    );
    let row: Option<(i64,)> = query.bind(account).bind(contact).optional(tx).await?;
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
    let (count,) = query.bind(account).bind(conversation).bind(read_seq).one(tx).await?;
    Ok(count)
}

/// Whether a client or an operator has said something since a moment.
pub(super) async fn is_dialog_since(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    since: Timestamp,
) -> Result<bool> {
    let query = sql!(
        "SELECT seq FROM messages WHERE account_id = $1 AND conversation_id = $2 AND created_at >= $3 AND kind = 'message'
         AND author_kind IN ('client', 'operator') LIMIT 1"
    );
    let found: Option<(i64,)> = query.bind(account).bind(conversation).bind(since.0).optional(tx).await?;
    Ok(found.is_some())
}
