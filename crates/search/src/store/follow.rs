//! SQL of following the log, and of walking through the clients that were there before.

use crate::follow::Behind;
use db::{DbError, FromRow, Row, Tx, sql};
use events::{message_columns, read_message};
use model::{AccountId, ContactId, ConversationId, Cx, Message, Result, Timestamp};

impl FromRow for Behind {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account: row.get(0)?,
            newest: row.get(1)?,
            position: row.get(2)?,
            version: row.get(3)?,
            walked_to: row.get(4)?,
            walked_conversation: row.get(5)?,
            walked_seq: row.get(6)?,
        })
    }
}

/// Accounts with something to be read, to be walked through or not begun; a version of terms that is not today's begins anew.
pub(crate) async fn behind(tx: &mut Tx, version: i64) -> Result<Vec<Behind>> {
    let query = sql!(
        "SELECT p.account_id, p.position, f.position, f.version, f.walked_to, f.walked_conversation, f.walked_seq
         FROM account_positions p LEFT JOIN search_follows f ON f.account_id = p.account_id
         WHERE f.position IS NULL OR f.position < p.position OR f.walked_to IS NOT NULL OR f.version <> $1
         ORDER BY p.account_id -- any account_id"
    );
    Ok(query.bind(version).all(tx).await?)
}

/// How far an account is; none of an account that is not there.
pub(crate) async fn standing(tx: &mut Tx, account: &AccountId) -> Result<Option<Behind>> {
    let query = sql!(
        "SELECT p.account_id, p.position, f.position, f.version, f.walked_to, f.walked_conversation, f.walked_seq
         FROM account_positions p LEFT JOIN search_follows f ON f.account_id = p.account_id WHERE p.account_id = $1"
    );
    Ok(query.bind(account).optional(tx).await?)
}

/// From a place of the log on it is followed, and everybody known then is walked through.
pub(crate) async fn begin(cx: &mut Cx<'_>, position: i64, version: i64, from: ContactId) -> Result<()> {
    let query = sql!(
        "INSERT INTO search_follows (account_id, position, version, walked_to, walked_conversation, walked_seq)
         VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (account_id) DO UPDATE SET position = excluded.position,
           version = excluded.version, walked_to = excluded.walked_to, walked_conversation = excluded.walked_conversation, walked_seq = 0"
    );
    let query = query.bind(cx.account).bind(position).bind(version).bind(from);
    query.bind(ConversationId::from_bits(0)).execute(cx.tx).await?;
    Ok(())
}

pub(crate) async fn followed(cx: &mut Cx<'_>, position: i64) -> Result<()> {
    let query = sql!("UPDATE search_follows SET position = $2 WHERE account_id = $1 AND position < $2");
    query.bind(cx.account).bind(position).execute(cx.tx).await?;
    Ok(())
}

pub(crate) async fn walked(
    cx: &mut Cx<'_>,
    to: Option<ContactId>,
    conversation: ConversationId,
    seq: i64,
) -> Result<()> {
    let query = sql!(
        "UPDATE search_follows SET walked_to = $2, walked_conversation = $3, walked_seq = $4 WHERE account_id = $1"
    );
    query.bind(cx.account).bind(to).bind(conversation).bind(seq).execute(cx.tx).await?;
    Ok(())
}

/// The first place that the log still has.
pub(crate) async fn oldest_kept(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    let query = sql!("SELECT oldest_kept FROM account_positions WHERE account_id = $1");
    let (oldest,): (i64,) = query.bind(account).one(tx).await?;
    Ok(oldest)
}

/// A message to be read.
pub(crate) struct MessageRow(pub Message);

impl FromRow for MessageRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        read_message(row, 0).map(Self)
    }
}

/// Messages that are told of between two places of the log, as they are now.
pub(crate) async fn messages(tx: &mut Tx, account: &AccountId, after: i64, to: i64) -> Result<Vec<MessageRow>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM events e JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.seq
           JOIN conversations v ON v.id = m.conversation_id
         WHERE e.account_id = $1 AND e.position > $2 AND e.position <= $3 AND e.kind IN ('message.created', 'message.updated')
           AND m.account_id = $1 AND m.kind IN ('message', 'note')"
    ));
    Ok(query.bind(account).bind(after).bind(to).all(tx).await?)
}

/// What else is told of there that search looks through: a contact, a conversation, or groups in JSON.
pub(crate) async fn clients(
    tx: &mut Tx,
    account: &AccountId,
    after: i64,
    to: i64,
) -> Result<Vec<(String, Option<ContactId>, Option<ConversationId>, Option<String>)>> {
    let query = sql!(
        "SELECT kind, contact_id, conversation_id, CASE WHEN kind IN ('multi_contact.changed', 'settings.updated') THEN data END FROM events
         WHERE account_id = $1 AND position > $2 AND position <= $3
           AND kind IN ('contact.created', 'contact.updated', 'conversation.created', 'multi_contact.changed', 'settings.updated')
         ORDER BY position"
    );
    Ok(query.bind(account).bind(after).bind(to).all(tx).await?)
}

/// Conversations of a contact with their projects and beginnings.
pub(crate) async fn conversations(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Vec<(ConversationId, Timestamp)>> {
    let query = sql!("SELECT id, created_at FROM conversations WHERE account_id = $1 AND contact_id = $2");
    let rows: Vec<(ConversationId, i64)> = query.bind(account).bind(contact).all(tx).await?;
    Ok(rows.into_iter().map(|(id, at)| (id, Timestamp(at))).collect())
}

/// Contacts below an id, the newest first.
pub(crate) async fn contacts_below(
    tx: &mut Tx,
    account: &AccountId,
    below: &ContactId,
    limit: i64,
) -> Result<Vec<ContactId>> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    let rows: Vec<(ContactId,)> = query.bind(account).bind(below).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Messages of a contact after a place in its conversations.
pub(crate) async fn messages_of(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    (conversation, seq): (ConversationId, i64),
    limit: i64,
) -> Result<Vec<MessageRow>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        " FROM conversations v JOIN messages m ON m.conversation_id = v.id
         WHERE v.account_id = $1 AND v.contact_id = $2 AND (v.id > $3 OR (v.id = $3 AND m.seq > $4))
         ORDER BY v.id, m.seq LIMIT $5"
    ));
    let query = query.bind(account).bind(contact).bind(conversation).bind(seq);
    Ok(query.bind(limit).all(tx).await?)
}
