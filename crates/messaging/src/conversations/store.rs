//! SQL of conversations.

use super::append::{Counted, Standing};
use super::{Party, Place};
use crate::Result;
use db::{DbError, Dialect, FromRow, Row, Tx, Value, sql};
use events::read_message;
use model::{
    AccountId, ActorId, ChannelKind, ContactId, Conversation, ConversationContact, ConversationId, ConversationStatus,
    Cx, MessageId, ProjectId, RunId, Timestamp, UserId,
};

impl FromRow for Place {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            project_id: row.get(0)?,
            conversation_id: row.get(1)?,
            contact_id: row.get(2)?,
            connection_id: row.get(3)?,
            channel: ChannelKind::from_stored(row.text(4)?)?,
            status: ConversationStatus::from_stored(row.text(5)?)?,
            assignee_id: row.get(6)?,
            run_id: row.get(7)?,
        })
    }
}

pub(super) async fn place(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<Place>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status, assignee_id, run_id FROM conversations WHERE account_id = $1 AND id = $2"
    );
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

pub(super) async fn open_place(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<Option<Place>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status, assignee_id, run_id FROM conversations
         WHERE account_id = $1 AND contact_id = $2 AND status <> 'closed'"
    );
    Ok(query.bind(account).bind(contact).optional(tx).await?)
}

pub(super) async fn closed_since(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    since: Timestamp,
) -> Result<Option<Place>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status, assignee_id, run_id FROM conversations
         WHERE account_id = $1 AND contact_id = $2 AND status = 'closed' AND closed_at > $3 ORDER BY closed_at DESC LIMIT 1"
    );
    Ok(query.bind(account).bind(contact).bind(since.0).optional(tx).await?)
}

pub(super) async fn newest_of(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Option<(ConversationId, i64, i64)>> {
    let query = sql!(
        "SELECT id, seq, client_read_seq FROM conversations WHERE account_id = $1 AND contact_id = $2
         ORDER BY CASE WHEN status = 'closed' THEN 1 ELSE 0 END, position DESC LIMIT 1"
    );
    let row: Option<(ConversationId, i64, i64)> = query.bind(account).bind(contact).optional(tx).await?;
    Ok(row)
}

/// What a list for the client needs of a conversation.
pub(super) struct Talked {
    pub id: ConversationId,
    pub status: ConversationStatus,
    pub created_at: Timestamp,
    pub read_seq: i64,
    pub position: i64,
}

impl FromRow for Talked {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            status: ConversationStatus::from_stored(row.text(1)?)?,
            created_at: Timestamp(row.get(2)?),
            read_seq: row.get(3)?,
            position: row.get(4)?,
        })
    }
}

pub(super) async fn of_contact(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    before: i64,
    limit: i64,
) -> Result<Vec<Talked>> {
    let query = sql!(
        "SELECT id, status, created_at, client_read_seq, position FROM conversations
         WHERE account_id = $1 AND contact_id = $2 AND position < $3 ORDER BY position DESC LIMIT $4"
    );
    Ok(query.bind(account).bind(contact).bind(before).bind(limit).all(tx).await?)
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
    let query = query.bind(cx.account).bind(id).bind(party.project_id);
    let query = query.bind(party.contact_id).bind(party.connection_id).bind(party.channel.as_str());
    query.bind(born.as_str()).bind(party.demo).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

impl FromRow for Standing {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            place: Place::from_row(row)?,
            seq: row.get(8)?,
            client_count: row.get(9)?,
            position: None,
            is_answered: false,
        })
    }
}

/// The open conversations of some contacts on connections that are not switched off.
pub(super) async fn standing(tx: &mut Tx, account: &AccountId, contacts: &[ContactId]) -> Result<Vec<Standing>> {
    let query = sql!(
        "SELECT project_id, id, contact_id, connection_id, channel, status, assignee_id, run_id, seq, client_count FROM conversations v
         WHERE account_id = $1 AND contact_id = ANY($2) AND status <> 'closed'
           AND NOT EXISTS (SELECT 1 FROM connections n WHERE n.account_id = $1 AND n.id = v.connection_id AND n.status = 'off')"
    );
    Ok(query.bind(account).bind(Value::ids(contacts.iter().map(|id| id.bits()))).all(tx).await?)
}

/// Writes what messages of clients changed in their conversations.
pub(super) async fn advance_all<'s>(
    tx: &mut Tx,
    account: &AccountId,
    standing: impl Iterator<Item = &'s Standing>,
    now: Timestamp,
) -> Result<()> {
    let query = match tx.dialect() {
        Dialect::Sqlite => sql!(
            "UPDATE conversations SET seq = $3, last_seq = $3, client_count = $4, position = $5,
               waiting_since = CASE WHEN $7 THEN NULL ELSE COALESCE(waiting_since, $6) END
             WHERE account_id = $1 AND id = $2"
        ),
        // Its rows share a statement.
        Dialect::Postgres => sql!(
            "UPDATE conversations SET seq = moved.column2, last_seq = moved.column2, client_count = moved.column3,
               position = moved.column4,
               waiting_since = CASE WHEN moved.column6 THEN NULL ELSE COALESCE(waiting_since, moved.column5) END
             FROM (VALUES ($2::uuid, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::boolean)) AS moved
             WHERE conversations.account_id = $1 AND conversations.id = moved.column1"
        ),
    };
    let row = |here: &Standing| -> Vec<Value<'static>> {
        let Standing { place, seq, client_count, position, is_answered } = here;
        let (id, answered) = (place.conversation_id, *is_answered);
        vec![id.into(), (*seq).into(), (*client_count).into(), (*position).into(), now.0.into(), answered.into()]
    };
    let rows: Vec<_> = standing.map(row).collect();
    query.bind(account).execute_each(tx, &rows).await?;
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
    let query = query.bind(account).bind(place.conversation_id).bind(position).bind(now.0);
    let (seq, client_count) = query.one(tx).await?;
    Ok(Counted { seq, client_count })
}

/// A bot's message ends no wait for people.
pub(super) async fn advance_by_bot(tx: &mut Tx, account: &AccountId, place: &Place, position: i64) -> Result<Counted> {
    let query = sql!(
        "UPDATE conversations SET seq = seq + 1, last_seq = seq + 1, position = $3,
           waiting_since = CASE WHEN status = 'bot' THEN NULL ELSE waiting_since END
         WHERE account_id = $1 AND id = $2 RETURNING seq, client_count"
    );
    let query = query.bind(account).bind(place.conversation_id).bind(position);
    let (seq, client_count) = query.one(tx).await?;
    Ok(Counted { seq, client_count })
}

pub(super) async fn advance_by_us(tx: &mut Tx, account: &AccountId, place: &Place, position: i64) -> Result<Counted> {
    let query = sql!(
        "UPDATE conversations SET seq = seq + 1, last_seq = seq + 1, position = $3, waiting_since = NULL
         WHERE account_id = $1 AND id = $2 RETURNING seq, client_count"
    );
    let query = query.bind(account).bind(place.conversation_id).bind(position);
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
    let query = query.bind(account).bind(place.conversation_id).bind(position).bind(is_shown_in_list);
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
    query.bind(account).bind(id).bind(status.as_str()).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_position(tx: &mut Tx, account: &AccountId, id: &ConversationId, position: i64) -> Result<()> {
    let query = sql!("UPDATE conversations SET position = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(position).execute(tx).await?;
    Ok(())
}

pub(super) async fn reopen(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = CASE WHEN assignee_id IS NULL THEN 'new' ELSE 'open' END, closed_at = NULL
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_run(tx: &mut Tx, account: &AccountId, id: &ConversationId, run: Option<&RunId>) -> Result<()> {
    let query = sql!("UPDATE conversations SET run_id = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(run).execute(tx).await?;
    Ok(())
}

/// Who has a conversation, and its status then; the caller tells of it.
///
/// # Errors
/// When the storage fails.
pub async fn set_holder(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    assignee: Option<&UserId>,
    status: ConversationStatus,
) -> Result<()> {
    let query = sql!("UPDATE conversations SET assignee_id = $3, status = $4 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(assignee).bind(status.as_str()).execute(tx).await?;
    Ok(())
}

/// From the bot to people: new, or open with whom it was given to; the client waits from now on at the latest.
pub(super) async fn hand_over(tx: &mut Tx, account: &AccountId, id: &ConversationId, now: Timestamp) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = CASE WHEN assignee_id IS NULL THEN 'new' ELSE 'open' END,
           waiting_since = COALESCE(waiting_since, $3)
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).bind(now.0).execute(tx).await?;
    Ok(())
}

/// A user of the project's team, by id or e-mail.
pub(super) async fn colleague(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    wanted: &str,
) -> Result<Option<(UserId, String)>> {
    let id: UserId = wanted.parse().unwrap_or(UserId::from_bits(0));
    let query = sql!(
        "SELECT u.id, u.name FROM users u WHERE u.account_id = $1 AND u.active AND (u.id = $3 OR u.email = $4)
           AND (u.role = 'owner' OR EXISTS (
             SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.user_id = u.id AND p.project_id = $2))"
    );
    let query = query.bind(account).bind(project).bind(id).bind(wanted.trim().to_lowercase());
    Ok(query.optional(tx).await?)
}

pub(super) async fn has_other(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    id: &ConversationId,
) -> Result<bool> {
    let query = sql!("SELECT id FROM conversations WHERE account_id = $1 AND contact_id = $2 AND id <> $3 LIMIT 1");
    let row: Option<(ConversationId,)> = query.bind(account).bind(contact).bind(id).optional(tx).await?;
    Ok(row.is_some())
}

pub(super) async fn close(tx: &mut Tx, account: &AccountId, id: &ConversationId, now: Timestamp) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = 'closed', closed_at = $3, waiting_since = NULL WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).bind(now.0).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_client_read(tx: &mut Tx, account: &AccountId, id: &ConversationId, seq: i64) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET client_read_seq = $3 WHERE account_id = $1 AND id = $2 AND client_read_seq < $3 AND seq >= $3"
    );
    query.bind(account).bind(id).bind(seq).execute(tx).await?;
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
               v.client_count - COALESCE(r.client_count, 0), v.department_id, CASE WHEN v.status = 'snoozed' THEN v.snoozed_until END, c.tags, m.id, ",
            events::message_columns!(),
            " FROM conversations v
              JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
              LEFT JOIN messages m ON m.conversation_id = v.id AND m.seq = v.last_seq
              LEFT JOIN conversation_reads r ON r.conversation_id = v.id AND r.user_id = $2
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
        let contact_id: ContactId = row.get(2)?;
        let last_message_id: Option<MessageId> = row.get(21)?;
        let last_message = last_message_id.map(|_| read_message(row, 22)).transpose()?;
        Ok(Self(Conversation {
            id: row.get(0)?,
            project_id: row.get(1)?,
            contact_id,
            connection_id: row.get(3)?,
            channel,
            status: ConversationStatus::from_stored(row.text(5)?)?,
            assignee_id: row.get(6)?,
            department_id: row.get(18)?,
            unread: Some(row.get(17)?),
            last_message,
            seq: row.get(7)?,
            position: row.get(8)?,
            waiting_since: row.get::<Option<i64>>(9)?.map(Timestamp),
            created_at: Timestamp(row.get(10)?),
            closed_at: row.get::<Option<i64>>(11)?.map(Timestamp),
            snoozed_until: row.get::<Option<i64>>(19)?.map(Timestamp),
            contact: ConversationContact {
                id: contact_id,
                name: row.get(13)?,
                handle: row.get(14)?,
                channel,
                multi_contact_id: row.get(15)?,
                multi_contact_size: row.get(16)?,
                tags: tags_of(row.text(20)?)?,
                looks_like: None,
            },
            test: false,
            demo: row.get(12)?,
        }))
    }
}

/// Most clients have none.
fn tags_of(json: &str) -> std::result::Result<Vec<String>, DbError> {
    if json == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(json).map_err(|error| DbError::other(format!("stored tags cannot be read: {error}")))
}

pub(super) async fn get(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    reader: Option<ActorId>,
) -> Result<Option<Conversation>> {
    let query = select_conversations!("v.id = $3");
    let query = query.bind(account).bind(reader).bind(id);
    let mut found = query.optional::<ConversationRow>(tx).await?.map(|row| row.0);
    if let (Some(conversation), None) = (&mut found, reader) {
        conversation.unread = None;
    }
    Ok(found)
}

/// Whether whoever answers a conversation of nobody's in this project takes it.
pub(super) async fn answer_assigns(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!("SELECT answer_assigns FROM projects WHERE account_id = $1 AND id = $2");
    let found = query.bind(account).bind(project).optional::<(bool,)>(tx).await?;
    Ok(found.is_some_and(|(assigns,)| assigns))
}

/// Whether the client has said one thing in it and no more.
pub(super) async fn has_first_words(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<bool> {
    let query = sql!("SELECT client_count FROM conversations WHERE account_id = $1 AND id = $2");
    let found = query.bind(account).bind(id).optional::<(i64,)>(tx).await?;
    Ok(found.is_some_and(|(count,)| count <= 1))
}
