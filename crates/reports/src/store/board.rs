//! SQL of the board, and of names that reports show.

use crate::board::{Department, Person, Waiting};
use crate::sums::Split;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{
    AccountId, Availability, ChannelKind, ConnectionId, DepartmentId, ProjectId, Refusal, Result, ScenarioId,
    Timestamp, UserId,
};
use std::collections::HashMap;

/// Conversations of a project by what they wait for.
pub(crate) struct Counts {
    pub waiting: i64,
    pub queued: i64,
    pub waiting_since: Option<i64>,
    pub in_work: i64,
    pub with_bot: i64,
}

impl FromRow for Counts {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            waiting: row.get(0)?,
            queued: row.get(1)?,
            waiting_since: row.get(2)?,
            in_work: row.get(3)?,
            with_bot: row.get(4)?,
        })
    }
}

pub(crate) async fn counts(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Counts> {
    let query = sql!(
        "SELECT CAST(COALESCE(SUM(CASE WHEN status IN ('new', 'open') AND waiting_since IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
           CAST(COALESCE(SUM(CASE WHEN status = 'new' AND waiting_since IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
           MIN(CASE WHEN status IN ('new', 'open') THEN waiting_since END),
           CAST(COALESCE(SUM(CASE WHEN status IN ('open', 'waiting') AND assignee_id IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
           CAST(COALESCE(SUM(CASE WHEN status = 'bot' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM conversations WHERE account_id = $1 AND project_id = $2 AND status <> 'closed'"
    );
    Ok(query.bind(account).bind(project).one(tx).await?)
}

impl FromRow for Waiting {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            conversation_id: row.get(0)?,
            contact_id: row.get(1)?,
            client: row.get(2)?,
            channel: ChannelKind::from_stored(row.text(3)?)?,
            waiting_since: Timestamp(row.get(4)?),
            operator_id: row.get(5)?,
            department_id: row.get(6)?,
        })
    }
}

/// Who waits for people, the longest first.
pub(crate) async fn waiting(tx: &mut Tx, account: &AccountId, project: &ProjectId, limit: i64) -> Result<Vec<Waiting>> {
    let query = sql!(
        "SELECT v.id, v.contact_id, COALESCE(c.name, c.handle), v.channel, v.waiting_since, v.assignee_id, v.department_id
         FROM conversations v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND v.project_id = $2 AND v.status <> 'closed' AND v.status IN ('new', 'open')
           AND v.waiting_since IS NOT NULL ORDER BY v.waiting_since, v.id LIMIT $3"
    );
    Ok(query.bind(account).bind(project).bind(limit).all(tx).await?)
}

impl FromRow for Person {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            user_id: row.get(0)?,
            name: row.get(1)?,
            availability: Availability::from_stored(row.text(2)?)?,
            connected: false,
            open: row.get(3)?,
            max_open: row.get(4)?,
            last_given_at: row.get::<Option<i64>>(5)?.map(Timestamp),
            department_ids: Vec::new(),
        })
    }
}

/// Who works in a project, with what each has.
pub(crate) async fn people(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Person>> {
    let query = sql!(
        "SELECT u.id, u.name, u.availability, COALESCE(w.held, 0), r.max_open, r.last_given_at FROM users u
           LEFT JOIN routing_users r ON r.account_id = u.account_id AND r.user_id = u.id AND r.project_id = $2
           LEFT JOIN (SELECT assignee_id, COUNT(*) AS held FROM conversations WHERE account_id = $1 AND project_id = $2
             AND status <> 'closed' AND status IN ('open', 'waiting') AND assignee_id IS NOT NULL GROUP BY assignee_id) w
             ON w.assignee_id = u.id
         WHERE u.account_id = $1 AND u.active AND (u.role = 'owner' OR EXISTS (
           SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.user_id = u.id AND p.project_id = $2))
         ORDER BY u.name, u.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Who works in which department of a project.
pub(crate) async fn members(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
) -> Result<Vec<(DepartmentId, UserId)>> {
    let query = sql!(
        "SELECT m.department_id, m.user_id FROM departments d
           JOIN department_users m ON m.account_id = d.account_id AND m.department_id = d.id
         WHERE d.account_id = $1 AND d.project_id = $2 ORDER BY d.place, d.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

impl FromRow for Department {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            waiting: row.get(2)?,
            waiting_since: row.get::<Option<i64>>(3)?.map(Timestamp),
            in_work: row.get(4)?,
            people: 0,
        })
    }
}

/// Departments of a project in their order, with what is in each.
pub(crate) async fn departments(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Department>> {
    let query = sql!(
        "SELECT d.id, d.name,
           CAST(COALESCE(SUM(CASE WHEN v.status IN ('new', 'open') AND v.waiting_since IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
           MIN(CASE WHEN v.status IN ('new', 'open') THEN v.waiting_since END),
           CAST(COALESCE(SUM(CASE WHEN v.status IN ('open', 'waiting') AND v.assignee_id IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM departments d LEFT JOIN conversations v
           ON v.department_id = d.id AND v.account_id = d.account_id AND v.project_id = d.project_id AND v.status <> 'closed'
         WHERE d.account_id = $1 AND d.project_id = $2 GROUP BY d.id, d.name, d.place ORDER BY d.place, d.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(crate) async fn watches_visitors(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!("SELECT watch_visitors FROM projects WHERE account_id = $1 AND id = $2");
    let row: Option<(bool,)> = query.bind(account).bind(project).optional(tx).await?;
    row.map(|(watches,)| watches).ok_or(Refusal::NotFound)
}

/// Whether conversations of before are still being walked through.
pub(crate) async fn is_counting(tx: &mut Tx, account: &AccountId) -> Result<bool> {
    let query = sql!("SELECT walked_to IS NOT NULL FROM report_follows WHERE account_id = $1");
    let row: Option<(bool,)> = query.bind(account).optional(tx).await?;
    Ok(row.is_none_or(|(is_walking,)| is_walking))
}

/// Names of what a report is split by, under the keys of its rows.
pub(crate) async fn names(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    by: Split,
) -> Result<HashMap<String, String>> {
    Ok(match by {
        Split::Operator => {
            let query = sql!("SELECT id, name FROM users WHERE account_id = $1");
            named(query.bind(account).all::<(UserId, String)>(tx).await?)
        }
        Split::Department => {
            let query = sql!("SELECT id, name FROM departments WHERE account_id = $1 AND project_id = $2");
            named(query.bind(account).bind(project).all::<(DepartmentId, String)>(tx).await?)
        }
        Split::Channel => {
            let query = sql!("SELECT id, title FROM connections WHERE account_id = $1 AND project_id = $2");
            named(query.bind(account).bind(project).all::<(ConnectionId, String)>(tx).await?)
        }
        Split::Scenario => {
            let query = sql!("SELECT id, name FROM scenarios WHERE account_id = $1 AND project_id = $2");
            named(query.bind(account).bind(project).all::<(ScenarioId, String)>(tx).await?)
        }
        Split::Page | Split::All => HashMap::new(),
    })
}

fn named<I: ToString>(rows: Vec<(I, String)>) -> HashMap<String, String> {
    rows.into_iter().map(|(id, name)| (id.to_string(), name)).collect()
}
