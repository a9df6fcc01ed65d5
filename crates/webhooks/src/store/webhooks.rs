//! SQL of the webhooks themselves.

use crate::webhook::{OffReason, State, Webhook};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, ProjectId, Refusal, Result, Timestamp, WebhookId};
use vault::Sealed;

macro_rules! columns {
    () => {
        "id, project_id, title, url, kinds, secret, old_secret, old_secret_until, state, off_reason, failing_since, quiet_until, created_at, created_by"
    };
}

impl FromRow for Webhook {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let kinds: String = row.get(4)?;
        let off_reason: Option<String> = row.get(9)?;
        Ok(Self {
            id: row.get(0)?,
            project_id: row.get(1)?,
            title: row.get(2)?,
            url: row.get(3)?,
            kinds: serde_json::from_str(&kinds).map_err(|e| DbError::other(format!("kinds of a webhook: {e}")))?,
            secret: Sealed::from_stored(row.get(5)?),
            old_secret: row.get::<Option<String>>(6)?.map(Sealed::from_stored),
            old_secret_until: Timestamp(row.get(7)?),
            state: State::from_stored(row.text(8)?)?,
            off_reason: off_reason.as_deref().map(OffReason::from_stored).transpose()?,
            failing_since: row.get::<Option<i64>>(10)?.map(Timestamp),
            quiet_until: Timestamp(row.get(11)?),
            created_at: Timestamp(row.get(12)?),
            created_by: row.get(13)?,
        })
    }
}

pub(crate) async fn count(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<i64> {
    let query = sql!("SELECT COUNT(*) FROM webhooks WHERE account_id = $1 AND project_id = $2");
    let (count,): (i64,) = query.bind(account).bind(project).one(tx).await?;
    Ok(count)
}

pub(crate) async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Webhook>> {
    let query =
        sql!(concat!("SELECT ", columns!(), " FROM webhooks WHERE account_id = $1 AND project_id = $2 ORDER BY id"));
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(crate) async fn get(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &WebhookId) -> Result<Webhook> {
    let query =
        sql!(concat!("SELECT ", columns!(), " FROM webhooks WHERE account_id = $1 AND project_id = $2 AND id = $3"));
    query.bind(account).bind(project).bind(id).optional(tx).await?.ok_or(Refusal::NotFound)
}

pub(crate) async fn insert(tx: &mut Tx, account: &AccountId, webhook: &Webhook, position: i64) -> Result<()> {
    let query = sql!(
        "INSERT INTO webhooks (account_id, id, project_id, title, url, kinds, secret, state, position, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    );
    let kinds = serde_json::to_string(&webhook.kinds).map_err(|e| Refusal::stored(&e))?;
    let query = query.bind(account).bind(webhook.id).bind(webhook.project_id).bind(&webhook.title).bind(&webhook.url);
    let query = query.bind(kinds).bind(webhook.secret.as_str()).bind(webhook.state.as_str()).bind(position);
    query.bind(webhook.created_at.0).bind(&webhook.created_by).execute(tx).await?;
    Ok(())
}

pub(crate) async fn update(tx: &mut Tx, account: &AccountId, webhook: &Webhook) -> Result<()> {
    let query = sql!(
        "UPDATE webhooks SET title = $3, url = $4, kinds = $5, secret = $6, old_secret = $7, old_secret_until = $8, state = $9,
           off_reason = $10, failing_since = $11, quiet_until = $12 WHERE account_id = $1 AND id = $2"
    );
    let kinds = serde_json::to_string(&webhook.kinds).map_err(|e| Refusal::stored(&e))?;
    let query = query.bind(account).bind(webhook.id).bind(&webhook.title).bind(&webhook.url).bind(kinds);
    let query = query.bind(webhook.secret.as_str()).bind(webhook.old_secret.as_ref().map(Sealed::as_str));
    let query = query.bind(webhook.old_secret_until.0).bind(webhook.state.as_str());
    let query = query.bind(webhook.off_reason.map(OffReason::as_str)).bind(webhook.failing_since.map(|at| at.0));
    query.bind(webhook.quiet_until.0).execute(tx).await?;
    Ok(())
}

pub(crate) async fn follow_from(tx: &mut Tx, account: &AccountId, id: &WebhookId, position: i64) -> Result<()> {
    let query = sql!("UPDATE webhooks SET position = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(position).execute(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &WebhookId) -> Result<()> {
    let query = sql!("DELETE FROM webhooks WHERE account_id = $1 AND project_id = $2 AND id = $3");
    let gone = query.bind(account).bind(project).bind(id).execute(tx).await?;
    if gone == 0 { Err(Refusal::NotFound) } else { Ok(()) }
}

/// A webhook that is on with its account, for the runner.
pub(crate) struct AtWork {
    pub account: AccountId,
    pub id: WebhookId,
    /// How far the log was followed for it.
    pub position: i64,
    /// The log's end.
    pub newest: i64,
    /// Whether something waits that is due, and it may be called.
    pub is_due: bool,
}

impl FromRow for AtWork {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account: row.get(0)?,
            id: row.get(1)?,
            position: row.get(2)?,
            newest: row.get(3)?,
            is_due: row.get(4)?,
        })
    }
}

/// Every webhook that has something to do.
pub(crate) async fn at_work(tx: &mut Tx, now: Timestamp) -> Result<Vec<AtWork>> {
    let query = sql!(
        "SELECT w.account_id, w.id, w.position, p.position,
           w.quiet_until <= $1 AND EXISTS (SELECT 1 FROM webhook_messages m WHERE m.webhook_id = w.id AND m.state = 'waiting' AND m.due_at <= $1)
         FROM webhooks w JOIN account_positions p ON p.account_id = w.account_id
         WHERE w.state = 'on' ORDER BY w.id -- any account_id"
    );
    Ok(query.bind(now.0).all(tx).await?)
}

/// One that is still on, by its id alone.
pub(crate) async fn on(tx: &mut Tx, account: &AccountId, id: &WebhookId) -> Result<Option<Webhook>> {
    let query =
        sql!(concat!("SELECT ", columns!(), " FROM webhooks WHERE account_id = $1 AND id = $2 AND state = 'on'"));
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

/// It took something: whatever failed before is over.
pub(crate) async fn works(cx: &mut Cx<'_>, id: &WebhookId) -> Result<()> {
    let query = sql!(
        "UPDATE webhooks SET failing_since = NULL WHERE account_id = $1 AND id = $2 AND failing_since IS NOT NULL"
    );
    query.bind(cx.account).bind(id).execute(cx.tx).await?;
    Ok(())
}

/// It took nothing; since when.
pub(crate) async fn fails(cx: &mut Cx<'_>, id: &WebhookId, quiet_until: Option<Timestamp>) -> Result<Timestamp> {
    let query = sql!(
        "UPDATE webhooks SET failing_since = COALESCE(failing_since, $3),
           quiet_until = CASE WHEN quiet_until < $4 THEN CAST($4 AS BIGINT) ELSE quiet_until END
         WHERE account_id = $1 AND id = $2 RETURNING failing_since"
    );
    let query = query.bind(cx.account).bind(id).bind(cx.env.now().0).bind(quiet_until.map_or(0, |at| at.0));
    let since: Option<(i64,)> = query.optional(cx.tx).await?;
    Ok(since.map_or_else(|| cx.env.now(), |(at,)| Timestamp(at)))
}

/// Switches it off for a reason of its own; the project it is in.
pub(crate) async fn switch_off(cx: &mut Cx<'_>, id: &WebhookId, why: OffReason) -> Result<Option<ProjectId>> {
    let query = sql!(
        "UPDATE webhooks SET state = 'off', off_reason = $3 WHERE account_id = $1 AND id = $2 AND state = 'on' RETURNING project_id"
    );
    let project: Option<(ProjectId,)> = query.bind(cx.account).bind(id).bind(why.as_str()).optional(cx.tx).await?;
    Ok(project.map(|(project,)| project))
}
