//! SQL of asking the index. Rows come newest first, from below a place.

use crate::hits::Kind;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use events::{message_columns, read_message};
use model::{AccountId, ChannelKind, ContactId, ConversationId, Message, MessageId, ProjectId, Result, Timestamp};

/// A row of the index that has what was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub doc: i64,
    pub kind: Kind,
    pub id: u128,
    pub contact: Option<ContactId>,
}

impl FromRow for Found {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let id: MessageId = row.get(2)?;
        Ok(Self { doc: row.get(0)?, kind: Kind::from_stored(row.text(1)?)?, id: id.bits(), contact: row.get(3)? })
    }
}

/// As [`Found`], with the terms of the row, which only SQLite reads back.
pub(crate) struct Candidate {
    pub found: Found,
    pub terms: String,
}

impl FromRow for Candidate {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { found: Found::from_row(row)?, terms: row.get(4)? })
    }
}

/// Where an engine looks: in which table, from which place on and below which, for at most so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub is_messages: bool,
    pub from: i64,
    pub below: i64,
    pub limit: i64,
}

macro_rules! message_row {
    () => {
        "d.doc, 'message' AS kind, d.message_id, CAST(NULL AS UUID)"
    };
}
macro_rules! client_row {
    () => {
        "d.doc, d.kind, d.id, d.contact_id"
    };
}
macro_rules! by_fts {
    ($columns:expr, $table:literal, $index:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", d.terms FROM ",
            $index,
            " t CROSS JOIN ",
            $table,
            " d ON d.doc = t.rowid WHERE t.",
            $index,
            " MATCH $1 AND t.rowid >= $2 AND t.rowid < $3 AND d.account_id = $4 ORDER BY t.rowid DESC LIMIT $5"
        )
    };
}
macro_rules! by_gin {
    ($columns:expr, $table:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", '' FROM ",
            $table,
            " d WHERE d.terms @@ CAST(CAST($1 AS TEXT) AS tsquery) AND d.doc + 0 >= $2 AND d.doc + 0 < $3 AND d.account_id = $4
             ORDER BY d.doc + 0 DESC LIMIT $5"
        )
    };
}

/// Rows that the engine's own index of words finds: SQLite reads its lists backwards and stops; PostgreSQL gathers all and puts them in order.
/// Numbers of rows are compared as sums there: it would take their index for the better one, and read all of a project.
pub(crate) async fn by_words(
    tx: &mut Tx,
    account: &AccountId,
    words: &str,
    stretch: Stretch,
) -> Result<Vec<Candidate>> {
    let query = match stretch.is_messages {
        true => sql!(
            sqlite: by_fts!("d.doc, 'message', d.message_id, NULL", "search_messages", "search_messages_terms"),
            postgres: by_gin!(message_row!(), "search_messages")
        ),
        false => sql!(
            sqlite: by_fts!(client_row!(), "search_clients", "search_clients_terms"),
            postgres: by_gin!(client_row!(), "search_clients")
        ),
    };
    let query = query.bind(words).bind(stretch.from).bind(stretch.below).bind(account).bind(stretch.limit);
    Ok(query.all(tx).await?)
}

macro_rules! newest {
    ($columns:expr, $terms:literal, $table:literal, $account:literal) => {
        concat!(
            "SELECT ",
            $columns,
            $terms,
            " FROM ",
            $table,
            " d WHERE ",
            $account,
            " = $1 AND d.doc >= $2 AND d.doc < $3 ORDER BY d.doc DESC LIMIT $4"
        )
    };
}

/// The newest rows, whatever they say: for SQLite, which is asked by somebody who reads their terms.
pub(crate) async fn newest(tx: &mut Tx, account: &AccountId, stretch: Stretch) -> Result<Vec<Candidate>> {
    let query = match stretch.is_messages {
        true => sql!(
            sqlite: newest!("d.doc, 'message', d.message_id, NULL", ", d.terms", "search_messages", "d.account_id"),
            postgres: newest!(message_row!(), ", ''", "search_messages", "d.account_id")
        ),
        false => sql!(
            sqlite: newest!(client_row!(), ", d.terms", "search_clients", "+d.account_id"),
            postgres: newest!(client_row!(), ", ''", "search_clients", "d.account_id")
        ),
    };
    Ok(query.bind(account).bind(stretch.from).bind(stretch.below).bind(stretch.limit).all(tx).await?)
}

macro_rules! among_newest {
    ($columns:expr, $table:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", '' FROM (SELECT * FROM ",
            $table,
            " WHERE account_id = $4 AND doc >= $2 AND doc < $3 ORDER BY doc DESC LIMIT $6) d
             WHERE d.terms @@ CAST(CAST($1 AS TEXT) AS tsquery) ORDER BY d.doc DESC LIMIT $5"
        )
    };
}

/// Those of the newest `window` rows that have the words: for PostgreSQL, whose index does not know what is new. On SQLite nothing.
pub(crate) async fn among_newest(
    tx: &mut Tx,
    account: &AccountId,
    words: &str,
    window: i64,
    stretch: Stretch,
) -> Result<Vec<Candidate>> {
    const NOTHING: &str = "SELECT 0, 'message', account_id, NULL, '' FROM accounts WHERE account_id = $4 AND $1 = $2 AND $3 = $5 AND $6 = 0 AND FALSE";
    let query = match stretch.is_messages {
        true => sql!(sqlite: NOTHING, postgres: among_newest!(message_row!(), "search_messages")),
        false => sql!(sqlite: NOTHING, postgres: among_newest!(client_row!(), "search_clients")),
    };
    let query = query.bind(words).bind(stretch.from).bind(stretch.below).bind(account).bind(stretch.limit);
    Ok(query.bind(window).all(tx).await?)
}

/// A message with what a hit shows of its client.
pub(crate) struct Said {
    pub message: Message,
    pub client: String,
    pub tags: String,
    pub is_demo: bool,
}

impl FromRow for Said {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { message: read_message(row, 0)?, client: row.get(21)?, tags: row.get(22)?, is_demo: row.get(23)? })
    }
}

/// Messages by their ids. Which project they are of is for the reader to ask: asked here, SQLite begins with all conversations of the project.
pub(crate) async fn messages(tx: &mut Tx, account: &AccountId, ids: impl Iterator<Item = u128>) -> Result<Vec<Said>> {
    let query = sql!(concat!(
        "SELECT ",
        message_columns!(),
        ", COALESCE(c.name, c.handle), c.tags, c.demo FROM messages m JOIN conversations v ON v.id = m.conversation_id
           JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE m.account_id = $1 AND m.id = ANY($2)"
    ));
    Ok(query.bind(account).bind(Value::ids(ids)).all(tx).await?)
}

/// A conversation: its contact, channel and beginning; none that is gone.
pub(crate) async fn conversation(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ConversationId,
) -> Result<Option<(ContactId, ChannelKind, Timestamp)>> {
    let query = sql!(
        "SELECT contact_id, channel, created_at FROM conversations WHERE account_id = $1 AND project_id = $2 AND id = $3"
    );
    let found: Option<(ContactId, String, i64)> = query.bind(account).bind(project).bind(id).optional(tx).await?;
    let Some((contact, channel, at)) = found else { return Ok(None) };
    Ok(Some((contact, ChannelKind::from_stored(&channel)?, Timestamp(at))))
}

/// The newest conversation of a contact: where its hit leads.
pub(crate) async fn newest_of(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<Option<ConversationId>> {
    let query =
        sql!("SELECT id FROM conversations WHERE account_id = $1 AND contact_id = $2 ORDER BY position DESC LIMIT 1");
    let found: Option<(ConversationId,)> = query.bind(account).bind(contact).optional(tx).await?;
    Ok(found.map(|(id,)| id))
}
