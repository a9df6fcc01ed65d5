//! SQL of the rows that an index of words is made of.

use crate::hits::Kind;
use crate::place::Gap;
use crate::terms::Stored;
use db::{Dialect, Tx, Value, sql};
use model::{AccountId, ContactId, Cx, MessageId, ProjectId, Result};
use std::collections::HashMap;

/// The number that a project has in the index; none yet when nothing of it is there.
pub(crate) async fn project_number(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<i64>> {
    let query = sql!("SELECT number FROM search_projects WHERE account_id = $1 AND project_id = $2");
    let found: Option<(i64,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(found.map(|(number,)| number))
}

/// Projects of an account.
pub(crate) async fn projects(tx: &mut Tx, account: &AccountId) -> Result<Vec<ProjectId>> {
    let query = sql!("SELECT id FROM projects WHERE account_id = $1");
    let rows: Vec<(ProjectId,)> = query.bind(account).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Gives a project the next number, which is one over all accounts.
pub(crate) async fn number_project(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!(
        "INSERT INTO search_projects (account_id, project_id, number)
         SELECT p.account_id, p.id, (SELECT COALESCE(MAX(number), 0) + 1 FROM search_projects)
         FROM projects p WHERE p.account_id = $1 AND p.id = $2 ON CONFLICT DO NOTHING"
    );
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// A row to be written.
pub(crate) struct Row {
    /// Where it would best stand.
    pub place: i64,
    pub kind: Kind,
    pub id: u128,
    /// Whose client it is.
    pub contact: ContactId,
    /// Contacts it was made of.
    pub size: i64,
    pub terms: Stored,
}

impl Row {
    /// What it is a row of.
    pub fn key(&self) -> (u128, Kind) {
        (self.id, self.kind)
    }
}

/// Where rows stand: messages by themselves, clients with their groups and conversations.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Table {
    Messages,
    Clients,
}

/// Places of those rows that are there.
pub(crate) async fn places<'r>(
    cx: &mut Cx<'_>,
    table: Table,
    rows: impl Iterator<Item = &'r Row>,
) -> Result<HashMap<(u128, Kind), i64>> {
    let ids: Vec<u128> = rows.map(|row| row.id).collect();
    match table {
        Table::Messages => messages(cx, &ids).await,
        Table::Clients => clients(cx, &ids).await,
    }
}

/// Writes rows of what is there still, where nothing stands yet.
pub(crate) async fn insert(cx: &mut Cx<'_>, table: Table, rows: &[(i64, &Row)]) -> Result<()> {
    match table {
        Table::Messages => insert_messages(cx, rows).await,
        Table::Clients => insert_clients(cx, rows).await,
    }
}

/// Writes other terms of rows that are there.
pub(crate) async fn update(cx: &mut Cx<'_>, table: Table, rows: &[(i64, &Row)]) -> Result<()> {
    match table {
        Table::Messages => update_messages(cx, rows).await,
        Table::Clients => update_clients(cx, rows).await,
    }
}

fn terms_of(row: &Row, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => row.terms.text(),
        Dialect::Postgres => row.terms.vector(),
    }
}

async fn messages(cx: &mut Cx<'_>, ids: &[u128]) -> Result<HashMap<(u128, Kind), i64>> {
    let query = sql!("SELECT message_id, doc FROM search_messages WHERE account_id = $1 AND message_id = ANY($2)");
    let rows: Vec<(MessageId, i64)> = query.bind(cx.account).bind(Value::ids(ids.iter().copied())).all(cx.tx).await?;
    Ok(rows.into_iter().map(|(id, doc)| ((id.bits(), Kind::Message), doc)).collect())
}

async fn insert_messages(cx: &mut Cx<'_>, rows: &[(i64, &Row)]) -> Result<()> {
    let query = sql!(
        sqlite: "INSERT INTO search_messages (account_id, doc, message_id, terms) SELECT $1, $2, $3, $4
         WHERE EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $3) ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO search_messages (account_id, doc, message_id, terms)
         SELECT $1::uuid, $2::bigint, $3::uuid, CAST(CAST($4 AS TEXT) AS tsvector)
         WHERE EXISTS (SELECT 1 FROM messages WHERE account_id = $1 AND id = $3) ON CONFLICT DO NOTHING"
    );
    let dialect = cx.tx.dialect();
    let row = |(place, row): &(i64, &Row)| -> Vec<Value<'_>> {
        vec![(*place).into(), Value::id(row.id), terms_of(row, dialect).into()]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    Ok(())
}

/// A place from one on where nothing stands: many messages may have come at one moment.
pub(crate) async fn free_place(cx: &mut Cx<'_>, table: Table, from: i64) -> Result<i64> {
    let mut gap = Gap::from(from);
    loop {
        let place = match gap.next() {
            Ok(place) => place,
            Err(free) => return Ok(free),
        };
        let query = match table {
            Table::Messages => sql!("SELECT doc FROM search_messages WHERE doc = $1 -- any account_id"),
            Table::Clients => sql!("SELECT doc FROM search_clients WHERE doc = $1 -- any account_id"),
        };
        let there: Option<(i64,)> = query.bind(place).optional(cx.tx).await?;
        gap.told(place, there.is_some());
    }
}

async fn update_messages(cx: &mut Cx<'_>, rows: &[(i64, &Row)]) -> Result<()> {
    let query = sql!(
        sqlite: "UPDATE search_messages SET terms = $3 WHERE account_id = $1 AND doc = $2 AND terms <> $3",
        postgres: "UPDATE search_messages SET terms = CAST(CAST($3 AS TEXT) AS tsvector)
         WHERE account_id = $1 AND doc = $2 AND terms <> CAST(CAST($3 AS TEXT) AS tsvector)"
    );
    let dialect = cx.tx.dialect();
    let rows: Vec<Vec<Value<'_>>> =
        rows.iter().map(|(doc, row)| vec![(*doc).into(), terms_of(row, dialect).into()]).collect();
    query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    Ok(())
}

async fn clients(cx: &mut Cx<'_>, ids: &[u128]) -> Result<HashMap<(u128, Kind), i64>> {
    let query = sql!(
        sqlite: "SELECT id, kind, doc FROM search_clients WHERE +account_id = $1 AND id = ANY($2)",
        postgres: "SELECT id, kind, doc FROM search_clients WHERE account_id = $1 AND id = ANY($2)"
    );
    let rows: Vec<(MessageId, String, i64)> =
        query.bind(cx.account).bind(Value::ids(ids.iter().copied())).all(cx.tx).await?;
    rows.into_iter().map(|(id, kind, doc)| Ok(((id.bits(), Kind::from_stored(&kind)?), doc))).collect()
}

/// A group is written only when it has as many contacts as it was made of: one that is gone meanwhile stays gone.
async fn insert_clients(cx: &mut Cx<'_>, rows: &[(i64, &Row)]) -> Result<()> {
    let query = sql!(
        sqlite: "INSERT INTO search_clients (account_id, doc, kind, id, contact_id, terms) SELECT $1, $2, $3, $4, $5, $7
         WHERE EXISTS (SELECT 1 FROM contacts WHERE account_id = $1 AND id = $5) AND CASE $3
           WHEN 'group' THEN (SELECT COUNT(*) FROM contacts WHERE account_id = $1 AND group_id = $4) = $6
           WHEN 'conversation' THEN EXISTS (SELECT 1 FROM conversations WHERE account_id = $1 AND id = $4) ELSE TRUE END
         ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO search_clients (account_id, doc, kind, id, contact_id, terms)
         SELECT $1::uuid, $2::bigint, $3::text, $4::uuid, $5::uuid, CAST(CAST($7 AS TEXT) AS tsvector)
         WHERE EXISTS (SELECT 1 FROM contacts WHERE account_id = $1 AND id = $5) AND CASE $3::text
           WHEN 'group' THEN (SELECT COUNT(*) FROM contacts WHERE account_id = $1 AND group_id = $4) = $6::bigint
           WHEN 'conversation' THEN EXISTS (SELECT 1 FROM conversations WHERE account_id = $1 AND id = $4) ELSE TRUE END
         ON CONFLICT DO NOTHING"
    );
    let dialect = cx.tx.dialect();
    let row = |(place, row): &(i64, &Row)| -> Vec<Value<'_>> {
        let terms = terms_of(row, dialect);
        vec![
            (*place).into(),
            row.kind.as_str().into(),
            Value::id(row.id),
            row.contact.into(),
            row.size.into(),
            terms.into(),
        ]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    Ok(())
}

async fn update_clients(cx: &mut Cx<'_>, rows: &[(i64, &Row)]) -> Result<()> {
    let query = sql!(
        sqlite: "UPDATE search_clients SET contact_id = $3, terms = $4
         WHERE account_id = $1 AND doc = $2 AND (terms <> $4 OR contact_id <> $3)",
        postgres: "UPDATE search_clients SET contact_id = $3, terms = CAST(CAST($4 AS TEXT) AS tsvector)
         WHERE account_id = $1 AND doc = $2 AND (terms <> CAST(CAST($4 AS TEXT) AS tsvector) OR contact_id <> $3)"
    );
    let dialect = cx.tx.dialect();
    let row = |(doc, row): &(i64, &Row)| -> Vec<Value<'_>> {
        vec![(*doc).into(), row.contact.into(), terms_of(row, dialect).into()]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    Ok(())
}

/// Takes groups out that are none any more.
pub(crate) async fn delete_groups(cx: &mut Cx<'_>, ids: &[u128]) -> Result<()> {
    let query = sql!(
        sqlite: "DELETE FROM search_clients WHERE +account_id = $1 AND kind = 'group' AND id = ANY($2)",
        postgres: "DELETE FROM search_clients WHERE account_id = $1 AND kind = 'group' AND id = ANY($2)"
    );
    query.bind(cx.account).bind(Value::ids(ids.iter().copied())).execute(cx.tx).await?;
    Ok(())
}
