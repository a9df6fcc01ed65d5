//! SQL of departments, and of who works in a project.

use crate::hours::Hours;
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row as Stored, Tx, sql};
use model::{AccountId, Availability, ConversationId, Cx, DepartmentId, ProjectId, Timestamp, UserId};

/// A department as stored.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub id: DepartmentId,
    pub name: String,
    pub hours: Vec<Hours>,
    pub created_at: Timestamp,
}

impl FromRow for Row {
    fn from_row(row: &Stored<'_>) -> std::result::Result<Self, DbError> {
        let bad = |error: serde_json::Error| DbError::other(format!("stored hours cannot be read: {error}"));
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            hours: serde_json::from_str(row.text(2)?).map_err(bad)?,
            created_at: Timestamp(row.get(3)?),
        })
    }
}

/// A name as it is compared.
pub(super) fn key_of(name: &str) -> String {
    name.to_lowercase()
}

/// Those of a project in their order.
pub(crate) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Row>> {
    let query = sql!(
        "SELECT id, name, hours, created_at FROM departments WHERE account_id = $1 AND project_id = $2 ORDER BY place, id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Ids of those of a project.
///
/// # Errors
/// When the storage fails.
pub async fn ids(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<DepartmentId>> {
    let query = sql!("SELECT id FROM departments WHERE account_id = $1 AND project_id = $2");
    let rows = query.bind(account).bind(project).all::<(DepartmentId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The name of one of a project's.
///
/// # Errors
/// When the storage fails.
pub async fn name(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &DepartmentId) -> Result<Option<String>> {
    let query = sql!("SELECT name FROM departments WHERE account_id = $1 AND project_id = $2 AND id = $3");
    let found = query.bind(account).bind(project).bind(id).optional::<(String,)>(tx).await?;
    Ok(found.map(|(name,)| name))
}

/// The condition that a reader is told of a conversation `v`: one of nobody's that waits in a department, in a project that says so, is its people's
/// alone, unless nobody works there. The reader is the bind of this name.
#[macro_export]
macro_rules! is_told_of {
    ($reader:literal) => {
        concat!(
            "(v.department_id IS NULL OR v.assignee_id IS NOT NULL
              OR NOT EXISTS (
                SELECT 1 FROM projects tp WHERE tp.account_id = v.account_id AND tp.id = v.project_id AND tp.told_by_department)
              OR EXISTS (
                SELECT 1 FROM department_users tm
                WHERE tm.account_id = v.account_id AND tm.department_id = v.department_id AND tm.user_id = ",
            $reader,
            ")
              OR NOT EXISTS (
                SELECT 1 FROM department_users tm JOIN users tu ON tu.account_id = tm.account_id AND tu.id = tm.user_id AND tu.active
                WHERE tm.account_id = v.account_id AND tm.department_id = v.department_id AND (tu.role = 'owner' OR EXISTS (
                  SELECT 1 FROM project_users tw
                  WHERE tw.account_id = tu.account_id AND tw.project_id = v.project_id AND tw.user_id = tu.id))))"
        )
    };
}

/// Whether a project tells of what waits in a department its people alone.
pub(super) async fn is_told_by_department(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!("SELECT told_by_department FROM projects WHERE account_id = $1 AND id = $2");
    let found: Option<(bool,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(found.is_some_and(|(is_told,)| is_told))
}

/// Who works in which, with what they say of themselves: only people who work in the project now.
///
/// # Errors
/// When the storage fails.
pub async fn members(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
) -> Result<Vec<(DepartmentId, UserId, String)>> {
    let query = sql!(
        "SELECT m.department_id, m.user_id, u.availability FROM departments d
           JOIN department_users m ON m.account_id = d.account_id AND m.department_id = d.id
           JOIN users u ON u.account_id = m.account_id AND u.id = m.user_id
         WHERE d.account_id = $1 AND d.project_id = $2 AND u.active
           AND (u.role = 'owner' OR EXISTS (
             SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.user_id = u.id AND p.project_id = $2))
         ORDER BY m.department_id, u.created_at, u.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Somebody who works in a project.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: UserId,
    pub name: String,
    pub availability: Availability,
}

impl FromRow for Person {
    fn from_row(row: &Stored<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, availability: Availability::from_stored(row.text(2)?)? })
    }
}

/// Who works in a project now.
pub(crate) async fn people(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Person>> {
    let query = sql!(
        "SELECT u.id, u.name, u.availability FROM users u WHERE u.account_id = $1 AND u.active
           AND (u.role = 'owner' OR EXISTS (
             SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.user_id = u.id AND p.project_id = $2))
         ORDER BY u.created_at, u.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// The zone that hours of a project are of.
pub(crate) async fn zone(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<String> {
    let query = sql!("SELECT time_zone FROM projects WHERE account_id = $1 AND id = $2");
    let found = query.bind(account).bind(project).optional::<(String,)>(tx).await?;
    found.map(|(zone,)| zone).ok_or(Refusal::NotFound)
}

pub(super) async fn insert(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &DepartmentId,
    name: &str,
    hours: &[Hours],
) -> Result<()> {
    let query = sql!(
        "INSERT INTO departments (account_id, id, project_id, name, name_key, hours, place, created_at)
         VALUES ($1, $2, $3, $4, $5, $6,
           (SELECT COALESCE(MAX(place), -1) + 1 FROM departments WHERE account_id = $1 AND project_id = $3), $7)"
    );
    let query = query.bind(cx.account).bind(id).bind(project).bind(name).bind(key_of(name)).bind(text_of(hours)?);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(
    tx: &mut Tx,
    account: &AccountId,
    id: &DepartmentId,
    name: &str,
    hours: &[Hours],
) -> Result<()> {
    let query = sql!("UPDATE departments SET name = $3, name_key = $4, hours = $5 WHERE account_id = $1 AND id = $2");
    let query = query.bind(account).bind(id).bind(name).bind(key_of(name)).bind(text_of(hours)?);
    query.execute(tx).await?;
    Ok(())
}

fn text_of(hours: &[Hours]) -> Result<String> {
    serde_json::to_string(hours).map_err(|error| Refusal::stored(&error))
}

pub(super) async fn set_place(tx: &mut Tx, account: &AccountId, id: &DepartmentId, place: i64) -> Result<()> {
    let query = sql!("UPDATE departments SET place = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(place).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_members(tx: &mut Tx, account: &AccountId, id: &DepartmentId, members: &[UserId]) -> Result<()> {
    let clear = sql!("DELETE FROM department_users WHERE account_id = $1 AND department_id = $2");
    clear.bind(account).bind(id).execute(tx).await?;
    for user in members {
        let query = sql!("INSERT INTO department_users (account_id, department_id, user_id) VALUES ($1, $2, $3)");
        query.bind(account).bind(id).bind(user).execute(tx).await?;
    }
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, id: &DepartmentId) -> Result<()> {
    let query = sql!("DELETE FROM departments WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Conversations of a department that are open.
pub(super) async fn open_in(
    tx: &mut Tx,
    account: &AccountId,
    id: &DepartmentId,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let query = sql!(
        "SELECT id FROM conversations WHERE account_id = $1 AND department_id = $2 AND department_id IS NOT NULL
           AND status <> 'closed' ORDER BY position LIMIT $3"
    );
    let rows = query.bind(account).bind(id).bind(limit).all::<(ConversationId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What has ended in a department is in none any more.
pub(super) async fn free_closed(tx: &mut Tx, account: &AccountId, id: &DepartmentId) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET department_id = NULL
         WHERE account_id = $1 AND department_id = $2 AND department_id IS NOT NULL AND status = 'closed'"
    );
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Where a conversation waits; the caller tells of it.
///
/// # Errors
/// When the storage fails.
pub async fn set_department(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    department: Option<&DepartmentId>,
) -> Result<()> {
    let query = sql!("UPDATE conversations SET department_id = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(department).execute(tx).await?;
    Ok(())
}

/// Where a conversation waits.
///
/// # Errors
/// When the storage fails.
pub async fn of_conversation(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<DepartmentId>> {
    let query = sql!("SELECT department_id FROM conversations WHERE account_id = $1 AND id = $2");
    let found = query.bind(account).bind(id).optional::<(Option<DepartmentId>,)>(tx).await?;
    Ok(found.and_then(|(department,)| department))
}
