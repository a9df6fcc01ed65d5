//! SQL of contacts.

pub(super) mod history;
pub(super) mod values;
pub(super) mod written;

use crate::Result;
use crate::connections::ConnectionStatus;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ChannelKind, ConnectionId, Contact, ContactId, Cx, GroupId, ProjectId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What an upsert needs to know of a stored contact.
pub(super) struct Brief {
    pub id: ContactId,
    pub name: Option<String>,
    pub shown_name: Option<String>,
    pub handle: String,
    pub address: Option<String>,
    pub is_blocked: bool,
    /// Its place in the log, which numbers it.
    pub created_seq: i64,
}

impl FromRow for Brief {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            shown_name: row.get(5)?,
            handle: row.get(2)?,
            address: row.get(3)?,
            is_blocked: row.get(4)?,
            created_seq: row.get(6)?,
        })
    }
}

/// A contact without its values.
struct ContactRow(Contact);

impl FromRow for ContactRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let tags: String = row.get(7)?;
        Ok(Self(Contact {
            id: row.get(0)?,
            project_id: row.get(1)?,
            connection_id: row.get(2)?,
            channel: ChannelKind::from_stored(row.text(3)?)?,
            external_id: row.get(4)?,
            name: row.get(5)?,
            handle: row.get(6)?,
            tags: serde_json::from_str(&tags).map_err(|e| DbError::other(format!("contact tags: {e}")))?,
            multi_contact_id: row.get(8)?,
            demo: row.get(9)?,
            created_at: Timestamp(row.get(10)?),
            last_seen_at: Timestamp(row.get(11)?),
            fields: BTreeMap::new(),
            looks_like: None,
        }))
    }
}

macro_rules! contact_columns {
    () => {
        "c.id, c.project_id, c.connection_id, c.channel, c.external_id, c.name, c.handle, c.tags, c.group_id, c.demo, c.created_at,
         c.last_seen_at"
    };
}

pub(super) async fn by_external_id(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    external_id: &str,
) -> Result<Option<Brief>> {
    let query = sql!(
        "SELECT id, name, handle, address, blocked, name, created_seq FROM contacts
         WHERE account_id = $1 AND connection_id = $2 AND external_id = $3"
    );
    Ok(query.bind(account).bind(connection).bind(external_id).optional(tx).await?)
}

/// The contacts of a connection that have one of these ids there, by that id.
pub async fn by_external_ids<'a>(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    external_ids: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, ContactId>> {
    let query = sql!(
        "SELECT external_id, id FROM contacts WHERE account_id = $1 AND connection_id = $2 AND external_id = ANY($3)"
    );
    let query = query.bind(account).bind(connection).bind(Value::texts(external_ids));
    let rows = query.all::<(String, ContactId)>(tx).await?;
    Ok(rows.into_iter().collect())
}

/// Which of these ids are contacts of the project.
pub async fn of_project(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    ids: &[ContactId],
) -> Result<BTreeSet<ContactId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2 AND id = ANY($3)");
    let query = query.bind(account).bind(project).bind(Value::ids(ids.iter().map(|id| id.bits())));
    let rows = query.all::<(ContactId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A contact to be written: itself, what a search for it looks through, and its address when that is not its external id.
pub(super) struct ToInsert<'a> {
    pub contact: &'a Contact,
    pub created_seq: i64,
    pub search: &'a str,
    pub address: Option<&'a str>,
}

pub(super) async fn insert_all<'a>(tx: &mut Tx, account: &AccountId, contacts: &[ToInsert<'a>]) -> Result<()> {
    let query = sql!(
        "INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, address, name, handle, tags, search,
           group_id, created_seq, blocked, demo, created_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '[]', $10, $11, $12, FALSE, $13, $14, $15)"
    );
    let row_of = |new: &ToInsert<'a>| -> Vec<Value<'a>> {
        let contact = new.contact;
        vec![
            contact.id.into(),
            contact.project_id.into(),
            contact.connection_id.into(),
            contact.channel.as_str().into(),
            contact.external_id.as_str().into(),
            new.address.into(),
            contact.name.as_deref().into(),
            contact.handle.as_str().into(),
            new.search.into(),
            contact.multi_contact_id.into(),
            new.created_seq.into(),
            contact.demo.into(),
            contact.created_at.0.into(),
            contact.last_seen_at.0.into(),
        ]
    };
    let rows: Vec<_> = contacts.iter().map(row_of).collect();
    query.bind(account).execute_each(tx, &rows).await?;
    Ok(())
}

pub(super) async fn touch(
    cx: &mut Cx<'_>,
    id: &ContactId,
    name: Option<&str>,
    handle: &str,
    address: Option<&str>,
) -> Result<()> {
    let query = sql!(
        "UPDATE contacts SET name = $3, handle = $4, address = $5, last_seen_at = $6, blocked = FALSE
         WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(id).bind(name).bind(handle).bind(address);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn get(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Option<Contact>> {
    let query = sql!(concat!("SELECT ", contact_columns!(), " FROM contacts c WHERE c.account_id = $1 AND c.id = $2"));
    Ok(query.bind(account).bind(id).optional::<ContactRow>(tx).await?.map(|row| row.0))
}

/// Tags of some contacts.
pub(super) async fn tags(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, Vec<String>)>> {
    let query = sql!("SELECT id, tags FROM contacts WHERE account_id = $1 AND id = ANY($2)");
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let rows: Vec<(ContactId, String)> = query.bind(account).bind(ids).all(tx).await?;
    let tags = |json: String| serde_json::from_str(&json).map_err(|error| crate::Refusal::stored(&error));
    rows.into_iter().map(|(id, json)| Ok((id, tags(json)?))).collect()
}

/// What a list of contacts shows.
#[derive(Debug, Clone)]
pub struct ContactFilter {
    /// Words to find.
    pub words: String,
    /// Kind of the channel; empty for all.
    pub channel: String,
    /// Tag; empty for all.
    pub tag: String,
    /// Field that holds `value`, or anything when that is empty; empty for all.
    pub field: String,
    /// See `field`; compared as rules compare, or as given when it can match nothing.
    pub value: String,
    /// Seen before this moment, and with a smaller id in the same millisecond: the cursor.
    pub before: (i64, ContactId),
    /// Rows at most.
    pub limit: i64,
}

pub(super) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    filter: &ContactFilter,
    words: &str,
    compared: &str,
) -> Result<Vec<Contact>> {
    let tag = super::tag_pattern(&filter.tag);
    let query = sql!(concat!(
        "SELECT ",
        contact_columns!(),
        " FROM contacts c WHERE c.account_id = $1 AND c.project_id = $2
           AND (c.last_seen_at < $3 OR (c.last_seen_at = $3 AND c.id < $4)) AND ($5 = '' OR c.search LIKE $5 ESCAPE '\\')
           AND ($6 = '' OR c.channel = $6) AND ($7 = '' OR c.tags LIKE $7 ESCAPE '\\')
           AND ($8 = '' OR EXISTS (SELECT 1 FROM field_values v WHERE v.account_id = c.account_id AND v.contact_id = c.id
             AND v.field_key = $8 AND ($9 = '' OR v.norm = $9 OR v.value = $10)))
         ORDER BY c.last_seen_at DESC, c.id DESC LIMIT $11"
    ));
    let rows = query
        .bind(account)
        .bind(project)
        .bind(filter.before.0)
        .bind(filter.before.1)
        .bind(db::like(words))
        .bind(&filter.channel)
        .bind(tag)
        .bind(&filter.field)
        .bind(compared)
        .bind(&filter.value)
        .bind(filter.limit)
        .all::<ContactRow>(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

pub(super) async fn group_of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<Contact>> {
    let query = sql!(concat!(
        "SELECT ",
        contact_columns!(),
        " FROM contacts c WHERE c.account_id = $1
          AND c.group_id = (SELECT group_id FROM contacts WHERE account_id = $1 AND id = $2) ORDER BY c.created_seq"
    ));
    let rows = query.bind(account).bind(id).all::<ContactRow>(tx).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

pub(super) async fn set_blocked(tx: &mut Tx, account: &AccountId, id: &ContactId, is_blocked: bool) -> Result<bool> {
    let query = sql!("UPDATE contacts SET blocked = $3 WHERE account_id = $1 AND id = $2 AND blocked <> $3");
    Ok(query.bind(account).bind(id).bind(is_blocked).execute(tx).await? == 1)
}

/// Takes a contact out with all that is its own. What search finds its group by has its values among the others': that goes, too, and is made anew
/// of those who stay.
pub(super) async fn delete(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<()> {
    let query = sql!(
        "DELETE FROM search_clients WHERE account_id = $1 AND kind = 'group'
           AND id = (SELECT group_id FROM contacts WHERE account_id = $1 AND id = $2)"
    );
    query.bind(account).bind(id).execute(tx).await?;
    let query = sql!("DELETE FROM contacts WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}
pub(super) async fn set_tags(tx: &mut Tx, account: &AccountId, id: &ContactId, tags: &[String]) -> Result<()> {
    let json = serde_json::to_string(tags).map_err(|e| crate::Refusal::stored(&e))?;
    let query = sql!("UPDATE contacts SET tags = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(json).execute(tx).await?;
    Ok(())
}

/// The contact has no name until its values or its channel give one.
pub(super) async fn clear_name(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<()> {
    let query = sql!("UPDATE contacts SET name = NULL WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Name and search words follow the values.
pub(super) async fn set_name_and_search(
    tx: &mut Tx,
    account: &AccountId,
    id: &ContactId,
    name: Option<&str>,
    search: &str,
) -> Result<()> {
    let query = sql!("UPDATE contacts SET name = $3, search = $4 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(name).bind(search).execute(tx).await?;
    Ok(())
}

/// A sign of life; an older one changes nothing.
pub(super) async fn note_seen(tx: &mut Tx, account: &AccountId, id: &ContactId, at: Timestamp) -> Result<()> {
    let query = sql!("UPDATE contacts SET last_seen_at = $3 WHERE account_id = $1 AND id = $2 AND last_seen_at < $3");
    query.bind(account).bind(id).bind(at.0).execute(tx).await?;
    Ok(())
}

/// Blocked mark, status and kind of the connection.
pub(super) async fn reachability(
    tx: &mut Tx,
    account: &AccountId,
    id: &ContactId,
) -> Result<Option<(bool, ConnectionStatus, ChannelKind)>> {
    let query = sql!(
        "SELECT c.blocked, n.status, n.kind FROM contacts c
         JOIN connections n ON n.account_id = c.account_id AND n.id = c.connection_id WHERE c.account_id = $1 AND c.id = $2"
    );
    let found = query.bind(account).bind(id).optional::<(bool, String, String)>(tx).await?;
    let Some((is_blocked, status, kind)) = found else { return Ok(None) };
    Ok(Some((is_blocked, ConnectionStatus::from_stored(&status)?, ChannelKind::from_stored(&kind)?)))
}

pub(super) async fn of_group(tx: &mut Tx, account: &AccountId, group: &GroupId) -> Result<Vec<Contact>> {
    let query = sql!(concat!(
        "SELECT ",
        contact_columns!(),
        " FROM contacts c WHERE c.account_id = $1 AND c.group_id = $2 ORDER BY c.created_seq"
    ));
    let rows = query.bind(account).bind(group).all::<ContactRow>(tx).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
