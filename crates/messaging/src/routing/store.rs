//! SQL of distribution.

use super::Settings;
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ConnectionId, ContactId, ConversationId, DepartmentId, ProjectId, Timestamp, UserId};
use std::collections::HashMap;

fn read(document: &str) -> std::result::Result<Settings, DbError> {
    serde_json::from_str(document).map_err(|error| DbError::other(format!("stored routing cannot be read: {error}")))
}

/// A project that gives out conversations.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub account: AccountId,
    pub project: ProjectId,
    pub settings: Settings,
}

impl FromRow for Active {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { account: row.get(0)?, project: row.get(1)?, settings: read(row.text(2)?)? })
    }
}

/// Every project of the installation that has something to give out.
pub(super) async fn active(tx: &mut Tx) -> Result<Vec<Active>> {
    let query = sql!(
        "SELECT account_id, project_id, document FROM routing WHERE active ORDER BY account_id, project_id -- any account_id"
    );
    Ok(query.all(tx).await?)
}

pub(super) async fn settings(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Settings>> {
    let query = sql!("SELECT document FROM routing WHERE account_id = $1 AND project_id = $2");
    let found = query.bind(account).bind(project).optional::<(String,)>(tx).await?;
    Ok(found.map(|(document,)| read(&document)).transpose()?)
}

pub(super) async fn save(tx: &mut Tx, account: &AccountId, project: &ProjectId, settings: &Settings) -> Result<()> {
    let document = serde_json::to_string(settings).map_err(|error| Refusal::stored(&error))?;
    let query = sql!(
        "INSERT INTO routing (account_id, project_id, document, active) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, project_id) DO UPDATE SET document = excluded.document, active = excluded.active"
    );
    let query = query.bind(account).bind(project).bind(document).bind(settings.is_active());
    query.execute(tx).await?;
    Ok(())
}

pub(super) async fn set_limit(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    user: &UserId,
    max_open: Option<i64>,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO routing_users (account_id, project_id, user_id, max_open) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, project_id, user_id) DO UPDATE SET max_open = excluded.max_open"
    );
    query.bind(account).bind(project).bind(user).bind(max_open).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_given(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    user: &UserId,
    now: Timestamp,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO routing_users (account_id, project_id, user_id, last_given_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, project_id, user_id) DO UPDATE SET last_given_at = excluded.last_given_at"
    );
    query.bind(account).bind(project).bind(user).bind(now.0).execute(tx).await?;
    Ok(())
}

/// How much somebody of a project has, and may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Conversations that are open or wait for the client.
    pub open: i64,
    /// How many are given at most.
    pub max_open: Option<i64>,
    /// When the last one was given.
    pub last_given_at: Option<i64>,
}

/// How much each of a project's people has; who has nothing and no limit is not in it.
///
/// # Errors
/// When the storage fails.
pub async fn loads(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<HashMap<UserId, Load>> {
    let set =
        sql!("SELECT user_id, max_open, last_given_at FROM routing_users WHERE account_id = $1 AND project_id = $2");
    let set = set.bind(account).bind(project).all::<(UserId, Option<i64>, Option<i64>)>(tx).await?;
    let mut loads: HashMap<UserId, Load> = set
        .into_iter()
        .map(|(user, max_open, last_given_at)| (user, Load { open: 0, max_open, last_given_at }))
        .collect();
    let open = sql!(
        "SELECT assignee_id, COUNT(*) FROM conversations WHERE account_id = $1 AND project_id = $2 AND status <> 'closed'
           AND status IN ('open', 'waiting') AND assignee_id IS NOT NULL GROUP BY assignee_id"
    );
    for (user, count) in open.bind(account).bind(project).all::<(UserId, i64)>(tx).await? {
        loads.entry(user).or_default().open = count;
    }
    Ok(loads)
}

/// A conversation that waits for somebody.
#[derive(Debug, Clone)]
pub(super) struct Queued {
    pub id: ConversationId,
    pub contact: ContactId,
    pub connection: ConnectionId,
    pub department: Option<DepartmentId>,
    pub asked: Vec<UserId>,
}

fn ids_of(json: &str) -> std::result::Result<Vec<UserId>, DbError> {
    serde_json::from_str(json).map_err(|error| DbError::other(format!("stored ids cannot be read: {error}")))
}

impl FromRow for Queued {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            contact: row.get(1)?,
            connection: row.get(2)?,
            department: row.get(3)?,
            asked: ids_of(row.text(4)?)?,
        })
    }
}

/// Those whom the rules by department have not seen, oldest first.
pub(super) async fn unsorted(tx: &mut Tx, account: &AccountId, project: &ProjectId, limit: i64) -> Result<Vec<Queued>> {
    let query = sql!(
        "SELECT v.id, v.contact_id, v.connection_id, v.department_id, COALESCE(r.asked, '[]') FROM conversations v
           LEFT JOIN routed_conversations r ON r.conversation_id = v.id AND r.account_id = v.account_id
         WHERE v.account_id = $1 AND v.project_id = $2 AND v.status <> 'closed' AND v.status = 'new' AND v.assignee_id IS NULL
           AND v.department_id IS NULL AND (r.conversation_id IS NULL OR NOT r.sorted)
         ORDER BY COALESCE(v.waiting_since, v.created_at), v.id LIMIT $3"
    );
    Ok(query.bind(account).bind(project).bind(limit).all(tx).await?)
}

/// Visitors of the site who wait for somebody, in the order in which they are given out.
pub(super) async fn waiting(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    limit: i64,
) -> Result<Vec<(ConversationId, ContactId, Option<DepartmentId>)>> {
    let query = sql!(
        "SELECT v.id, v.contact_id, v.department_id FROM conversations v
           LEFT JOIN routed_conversations r ON r.conversation_id = v.id AND r.account_id = v.account_id
         WHERE v.account_id = $1 AND v.project_id = $2 AND v.status <> 'closed' AND v.status = 'new' AND v.assignee_id IS NULL
         ORDER BY CASE WHEN r.exhausted THEN 1 ELSE 0 END, COALESCE(v.waiting_since, v.created_at), v.id LIMIT $3"
    );
    Ok(query.bind(account).bind(project).bind(limit).all(tx).await?)
}

/// Those of the common queue, where `is_common`, and of these departments: whose client waits longest first, and those for whom everybody was
/// asked last.
pub(super) async fn queue(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    is_common: bool,
    departments: &[DepartmentId],
    limit: i64,
) -> Result<Vec<Queued>> {
    let query = sql!(
        "SELECT v.id, v.contact_id, v.connection_id, v.department_id, COALESCE(r.asked, '[]') FROM conversations v
           LEFT JOIN routed_conversations r ON r.conversation_id = v.id AND r.account_id = v.account_id
         WHERE v.account_id = $1 AND v.project_id = $2 AND v.status <> 'closed' AND v.status = 'new' AND v.assignee_id IS NULL
           AND (v.department_id = ANY($3) OR (v.department_id IS NULL AND $4))
         ORDER BY CASE WHEN r.exhausted THEN 1 ELSE 0 END, COALESCE(v.waiting_since, v.created_at), v.id LIMIT $5"
    );
    let departments = Value::ids(departments.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(project).bind(departments).bind(is_common).bind(limit).all(tx).await?)
}

/// Those that were given to somebody who has not answered since this moment or longer.
pub(super) async fn overdue(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let query = sql!(
        "SELECT v.id FROM routed_conversations r JOIN conversations v ON v.id = r.conversation_id AND v.account_id = r.account_id
         WHERE r.account_id = $1 AND v.project_id = $2 AND r.given_to IS NOT NULL AND r.given_at <= $3
           AND v.status = 'open' AND v.assignee_id = r.given_to AND v.waiting_since <= r.given_at
         ORDER BY r.given_at, v.id LIMIT $4"
    );
    let rows = query.bind(account).bind(project).bind(since.0).bind(limit).all::<(ConversationId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What distribution knows of a conversation.
#[derive(Debug, Clone, Default)]
pub(super) struct Routed {
    pub asked: Vec<UserId>,
    pub given_to: Option<UserId>,
    pub given_at: Option<i64>,
    pub sorted: bool,
    pub exhausted: bool,
}

impl FromRow for Routed {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            asked: ids_of(row.text(0)?)?,
            given_to: row.get(1)?,
            given_at: row.get(2)?,
            sorted: row.get(3)?,
            exhausted: row.get(4)?,
        })
    }
}

pub(super) async fn routed(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<Routed>> {
    let query = sql!(
        "SELECT asked, given_to, given_at, sorted, exhausted FROM routed_conversations
         WHERE account_id = $1 AND conversation_id = $2"
    );
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

pub(super) async fn save_routed(tx: &mut Tx, account: &AccountId, id: &ConversationId, routed: &Routed) -> Result<()> {
    let asked = serde_json::to_string(&routed.asked).map_err(|error| Refusal::stored(&error))?;
    let query = sql!(
        "INSERT INTO routed_conversations (account_id, conversation_id, asked, given_to, given_at, sorted, exhausted)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (conversation_id) DO UPDATE SET asked = excluded.asked, given_to = excluded.given_to,
           given_at = excluded.given_at, sorted = excluded.sorted, exhausted = excluded.exhausted"
    );
    let query = query.bind(account).bind(id).bind(asked).bind(routed.given_to).bind(routed.given_at);
    query.bind(routed.sorted).bind(routed.exhausted).execute(tx).await?;
    Ok(())
}

/// What waits in a conversation: who has it, and since when its client waits.
pub(super) async fn waiting_since(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<i64>> {
    let query = sql!("SELECT waiting_since FROM conversations WHERE account_id = $1 AND id = $2");
    let found = query.bind(account).bind(id).optional::<(Option<i64>,)>(tx).await?;
    Ok(found.and_then(|(since,)| since))
}

/// Who had the client last, in another conversation, by whatever contact of the same multi-contact.
pub(super) async fn last_operator(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    id: &ConversationId,
) -> Result<Option<UserId>> {
    let query = sql!(
        "SELECT assignee_id FROM conversations WHERE account_id = $1 AND id <> $3 AND assignee_id IS NOT NULL
           AND contact_id IN (SELECT c.id FROM contacts c WHERE c.account_id = $1
             AND c.group_id = (SELECT o.group_id FROM contacts o WHERE o.account_id = $1 AND o.id = $2))
         ORDER BY position DESC LIMIT 1"
    );
    let found = query.bind(account).bind(contact).bind(id).optional::<(UserId,)>(tx).await?;
    Ok(found.map(|(user,)| user))
}

/// Forgets what has ended.
pub(super) async fn forget_ended(tx: &mut Tx, account: &AccountId) -> Result<()> {
    let query = sql!(
        "DELETE FROM routed_conversations WHERE account_id = $1 AND EXISTS (
           SELECT 1 FROM conversations v WHERE v.account_id = $1 AND v.id = routed_conversations.conversation_id AND v.status = 'closed')"
    );
    query.bind(account).execute(tx).await?;
    Ok(())
}
