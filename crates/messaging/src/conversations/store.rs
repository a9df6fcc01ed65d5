//! SQL of conversations.

use super::append::Counted;
use super::{Party, Place};
use crate::Result;
use crate::messages::store::read_message;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{
    AccountId, ChannelKind, ConnectionId, ContactId, Conversation, ConversationContact, ConversationId,
    ConversationStatus, Cx, GroupId, ProjectId, Timestamp, UserId,
};

impl FromRow for Place {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            project_id: ProjectId::from_stored(row.get(0)?),
            conversation_id: ConversationId::from_stored(row.get(1)?),
            contact_id: ContactId::from_stored(row.get(2)?),
            connection_id: ConnectionId::from_stored(row.get(3)?),
            channel: ChannelKind::from_stored(row.text(4)?)?,
            status: ConversationStatus::from_stored(row.text(5)?)?,
        })
    }
}

pub(super) async fn place(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<Place>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status FROM conversations WHERE account_id = $1 AND id = $2"
    );
    Ok(query.bind(account.as_str()).bind(id.as_str()).optional(tx).await?)
}

pub(super) async fn open_place(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<Option<Place>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status FROM conversations
         WHERE account_id = $1 AND contact_id = $2 AND status <> 'closed'"
    );
    Ok(query.bind(account.as_str()).bind(contact.as_str()).optional(tx).await?)
}

pub(super) async fn closed_since(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    since: Timestamp,
) -> Result<Option<Place>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status FROM conversations
         WHERE account_id = $1 AND contact_id = $2 AND status = 'closed' AND closed_at > $3 ORDER BY closed_at DESC LIMIT 1"
    );
    Ok(query.bind(account.as_str()).bind(contact.as_str()).bind(since.0).optional(tx).await?)
}

pub(super) async fn newest_of(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Option<(ConversationId, i64, i64)>> {
    let query = sql!(
        "SELECT id, seq, client_read_seq FROM conversations WHERE account_id = $1 AND contact_id = $2
         ORDER BY CASE WHEN status = 'closed' THEN 1 ELSE 0 END, created_at DESC LIMIT 1"
    );
    let row: Option<(String, i64, i64)> = query.bind(account.as_str()).bind(contact.as_str()).optional(tx).await?;
    Ok(row.map(|(id, seq, read)| (ConversationId::from_stored(id), seq, read)))
}

pub(super) async fn insert(
    cx: &mut Cx<'_>,
    id: &ConversationId,
    party: &Party,
    born: ConversationStatus,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO conversations (account_id, id, project_id, contact_id, connection_id, channel, status, seq, last_seq,
           client_count, position, client_read_seq, demo, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, $8, $9)"
    );
    let query = query.bind(cx.account.as_str()).bind(id.as_str()).bind(party.project_id.as_str());
    let query = query.bind(party.contact_id.as_str()).bind(party.connection_id.as_str()).bind(party.channel.as_str());
    query.bind(born.as_str()).bind(party.demo).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn advance_by_client(
    tx: &mut Tx,
    account: &AccountId,
    place: &Place,
    position: i64,
    now: Timestamp,
) -> Result<Counted> {
    let query = sql!(
        "UPDATE conversations SET seq = seq + 1, last_seq = seq + 1, client_count = client_count + 1, position = $3,
           waiting_since = COALESCE(waiting_since, $4)
         WHERE account_id = $1 AND id = $2 RETURNING seq, client_count"
    );
    let query = query.bind(account.as_str()).bind(place.conversation_id.as_str()).bind(position).bind(now.0);
    let (seq, client_count) = query.one(tx).await?;
    Ok(Counted { seq, client_count })
}

pub(super) async fn advance_by_us(tx: &mut Tx, account: &AccountId, place: &Place, position: i64) -> Result<Counted> {
    let query = sql!(
        "UPDATE conversations SET seq = seq + 1, last_seq = seq + 1, position = $3, waiting_since = NULL
         WHERE account_id = $1 AND id = $2 RETURNING seq, client_count"
    );
    let query = query.bind(account.as_str()).bind(place.conversation_id.as_str()).bind(position);
    let (seq, client_count) = query.one(tx).await?;
    Ok(Counted { seq, client_count })
}

pub(super) async fn advance_quietly(
    tx: &mut Tx,
    account: &AccountId,
    place: &Place,
    position: i64,
    is_shown_in_list: bool,
) -> Result<Counted> {
    let query = sql!(
        "UPDATE conversations SET seq = seq + 1, last_seq = CASE WHEN $4 THEN seq + 1 ELSE last_seq END, position = $3
         WHERE account_id = $1 AND id = $2 RETURNING seq, client_count"
    );
    let query = query.bind(account.as_str()).bind(place.conversation_id.as_str()).bind(position).bind(is_shown_in_list);
    let (seq, client_count) = query.one(tx).await?;
    Ok(Counted { seq, client_count })
}

pub(super) async fn set_status(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    status: ConversationStatus,
) -> Result<()> {
    let query = sql!("UPDATE conversations SET status = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(id.as_str()).bind(status.as_str()).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_position(tx: &mut Tx, account: &AccountId, id: &ConversationId, position: i64) -> Result<()> {
    let query = sql!("UPDATE conversations SET position = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(id.as_str()).bind(position).execute(tx).await?;
    Ok(())
}

pub(super) async fn reopen(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = CASE WHEN assignee_id IS NULL THEN 'new' ELSE 'open' END, closed_at = NULL
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account.as_str()).bind(id.as_str()).execute(tx).await?;
    Ok(())
}

pub(super) async fn close(tx: &mut Tx, account: &AccountId, id: &ConversationId, now: Timestamp) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = 'closed', closed_at = $3, waiting_since = NULL WHERE account_id = $1 AND id = $2"
    );
    query.bind(account.as_str()).bind(id.as_str()).bind(now.0).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_client_read(tx: &mut Tx, account: &AccountId, id: &ConversationId, seq: i64) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET client_read_seq = $3 WHERE account_id = $1 AND id = $2 AND client_read_seq < $3 AND seq >= $3"
    );
    query.bind(account.as_str()).bind(id.as_str()).bind(seq).execute(tx).await?;
    Ok(())
}

/// A statement over conversations as one reader, `$2`, sees them, each row a [`ConversationRow`]: conditions and order follow. The
/// account is `$1`.
#[macro_export]
macro_rules! select_conversations {
    ($rest:literal) => {
        db::sql!(concat!(
            "SELECT v.id, v.project_id, v.contact_id, v.connection_id, v.channel, v.status, v.assignee_id, v.seq, v.position,
               v.waiting_since, v.created_at, v.closed_at, v.demo, c.name, c.handle, c.group_id,
               (SELECT COUNT(*) FROM contacts g WHERE g.account_id = c.account_id AND g.group_id = c.group_id),
               v.client_count - COALESCE(r.client_count, 0), m.id, ",
            $crate::message_columns!(),
            " FROM conversations v
              JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
              LEFT JOIN messages m ON m.account_id = v.account_id AND m.conversation_id = v.id AND m.seq = v.last_seq
              LEFT JOIN conversation_reads r ON r.account_id = v.account_id AND r.conversation_id = v.id AND r.user_id = $2
              WHERE v.account_id = $1 AND ",
            $rest
        ))
    };
}

/// A row of [`select_conversations`].
#[derive(Debug)]
pub struct ConversationRow(pub Conversation);

impl FromRow for ConversationRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let channel = ChannelKind::from_stored(row.text(4)?)?;
        let contact_id = ContactId::from_stored(row.get(2)?);
        let assignee: Option<String> = row.get(6)?;
        let last_message_id: Option<String> = row.get(18)?;
        let last_message = last_message_id.map(|_| read_message(row, 19)).transpose()?;
        Ok(Self(Conversation {
            id: ConversationId::from_stored(row.get(0)?),
            project_id: ProjectId::from_stored(row.get(1)?),
            contact_id: contact_id.clone(),
            connection_id: ConnectionId::from_stored(row.get(3)?),
            channel,
            status: ConversationStatus::from_stored(row.text(5)?)?,
            assignee_id: assignee.map(UserId::from_stored),
            department_id: None,
            unread: Some(row.get(17)?),
            last_message,
            seq: row.get(7)?,
            position: row.get(8)?,
            waiting_since: row.get::<Option<i64>>(9)?.map(Timestamp),
            created_at: Timestamp(row.get(10)?),
            closed_at: row.get::<Option<i64>>(11)?.map(Timestamp),
            contact: ConversationContact {
                id: contact_id,
                name: row.get(13)?,
                handle: row.get(14)?,
                channel,
                multi_contact_id: GroupId::from_stored(row.get(15)?),
                multi_contact_size: row.get(16)?,
            },
            test: false,
            demo: row.get(12)?,
        }))
    }
}

pub(super) async fn get(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    reader: Option<&UserId>,
) -> Result<Option<Conversation>> {
    let query = select_conversations!("v.id = $3");
    let query = query.bind(account.as_str()).bind(reader.map_or("", UserId::as_str)).bind(id.as_str());
    let mut found = query.optional::<ConversationRow>(tx).await?.map(|row| row.0);
    if let (Some(conversation), None) = (&mut found, reader) {
        conversation.unread = None;
    }
    Ok(found)
}
