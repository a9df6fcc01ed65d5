//! SQL of letters to the team.

use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ConversationId, ProjectId, Result, Timestamp, UserId};

/// Whoever waits beyond that is counted, not named.
const MOST: i64 = 100;

/// Somebody who wants letters.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: UserId,
    pub after_minutes: i64,
    /// When the last letter went out.
    pub sent_at: Timestamp,
    /// Says to be away: hears of own conversations only.
    pub is_away: bool,
}

impl FromRow for Person {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            after_minutes: row.get(1)?,
            sent_at: Timestamp(row.get(2)?),
            is_away: row.text(3)? == "away",
        })
    }
}

/// Projects that have a mailbox.
pub(crate) async fn projects_with_mail(tx: &mut Tx) -> Result<Vec<(AccountId, ProjectId)>> {
    let query = sql!(
        "SELECT DISTINCT account_id, project_id FROM connections WHERE kind = 'email' AND status <> 'off' -- any account_id"
    );
    Ok(query.all(tx).await?)
}

/// People who work in a project and want letters.
pub(crate) async fn people(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Person>> {
    let query = sql!(
        "SELECT u.id, u.email_after_minutes, COALESCE(n.sent_at, 0), u.availability FROM users u
         LEFT JOIN unread_notices n ON n.account_id = u.account_id AND n.project_id = $2 AND n.user_id = u.id
         WHERE u.account_id = $1 AND u.active AND u.email_after_minutes > 0 AND NOT (u.demo AND u.password_hash IS NULL)
           AND (u.role = 'owner' OR EXISTS (
             SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.project_id = $2 AND p.user_id = u.id))"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Conversations that are unread for a person and whose clients have waited since a moment of this stretch, its end included; the longest
/// first.
pub(crate) async fn waiting(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    person: &Person,
    (since, until): (Timestamp, Timestamp),
) -> Result<Vec<ConversationId>> {
    let query = sql!(concat!(
        "SELECT v.id FROM conversations v
         LEFT JOIN conversation_reads r ON r.conversation_id = v.id AND r.user_id = $3
         WHERE v.account_id = $1 AND v.project_id = $2 AND v.status <> 'closed' AND v.status IN ('new', 'open')
           AND v.waiting_since > $4 AND v.waiting_since <= $5 AND NOT v.demo
           AND (v.assignee_id = $3 OR (v.assignee_id IS NULL AND $6 = 0))
           AND v.client_count > COALESCE(r.client_count, 0) AND ",
        messaging::is_told_of!("$3"),
        " ORDER BY v.waiting_since, v.id LIMIT $7"
    ));
    let query = query.bind(account).bind(project).bind(person.id).bind(since.0).bind(until.0);
    let rows: Vec<(ConversationId,)> = query.bind(i64::from(person.is_away)).bind(MOST).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What of these still waits for a person.
pub(crate) async fn still_unread(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    conversation: &ConversationId,
) -> Result<bool> {
    let query = sql!(concat!(
        "SELECT v.id FROM conversations v
         LEFT JOIN conversation_reads r ON r.conversation_id = v.id AND r.user_id = $2
         WHERE v.account_id = $1 AND v.id = $3 AND v.status IN ('new', 'open') AND v.waiting_since IS NOT NULL
           AND (v.assignee_id = $2 OR v.assignee_id IS NULL) AND v.client_count > COALESCE(r.client_count, 0) AND ",
        messaging::is_told_of!("$2")
    ));
    let row: Option<(ConversationId,)> = query.bind(account).bind(user).bind(conversation).optional(tx).await?;
    Ok(row.is_some())
}

/// Notes that a letter goes out.
pub(crate) async fn set_sent(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    user: &UserId,
    now: Timestamp,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO unread_notices (account_id, project_id, user_id, sent_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, project_id, user_id) DO UPDATE SET sent_at = excluded.sent_at"
    );
    query.bind(account).bind(project).bind(user).bind(now.0).execute(tx).await?;
    Ok(())
}

/// A person who may be written to: address, name and language; none who was switched off or has left.
pub(crate) async fn reader(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    user: &UserId,
) -> Result<Option<(String, String, String)>> {
    let query = sql!(
        "SELECT u.email, u.name, u.locale FROM users u
         WHERE u.account_id = $1 AND u.id = $3 AND u.active AND u.email_after_minutes > 0 AND (u.role = 'owner' OR EXISTS (
           SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.project_id = $2 AND p.user_id = u.id))"
    );
    Ok(query.bind(account).bind(project).bind(user).optional(tx).await?)
}

/// A project's name, and the language of the account's oldest owner.
pub(crate) async fn names(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<(String, String)>> {
    let query = sql!(
        "SELECT p.name, u.locale FROM projects p JOIN users u ON u.account_id = p.account_id AND u.role = 'owner'
         WHERE p.account_id = $1 AND p.id = $2 ORDER BY u.created_at, u.id LIMIT 1"
    );
    Ok(query.bind(account).bind(project).optional(tx).await?)
}
