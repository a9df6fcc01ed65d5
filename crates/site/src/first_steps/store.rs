//! SQL of the first steps: of each whether there is one, never how many.

use db::{Tx, sql};
use model::{AccountId, ProjectId, Result};

pub(super) async fn has_message_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    author: &str,
) -> Result<bool> {
    let query = sql!(
        "SELECT m.seq FROM conversations v JOIN messages m ON m.conversation_id = v.id
         WHERE v.account_id = $1 AND v.project_id = $2 AND m.author_kind = $3 AND m.kind = 'message' LIMIT 1"
    );
    let found: Option<(i64,)> = query.bind(account).bind(project).bind(author).optional(tx).await?;
    Ok(found.is_some())
}

pub(super) async fn is_installed(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query =
        sql!("SELECT installed_at FROM projects WHERE account_id = $1 AND id = $2 AND installed_at IS NOT NULL");
    let found: Option<(i64,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(found.is_some())
}

pub(super) async fn has_channel(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!(
        "SELECT created_at FROM connections WHERE account_id = $1 AND project_id = $2 AND kind NOT IN ('site', 'api') LIMIT 1"
    );
    let found: Option<(i64,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(found.is_some())
}

pub(super) async fn has_colleague(tx: &mut Tx, account: &AccountId) -> Result<bool> {
    let query = sql!("SELECT COUNT(*) FROM users WHERE account_id = $1");
    let (count,): (i64,) = query.bind(account).one(tx).await?;
    Ok(count > 1)
}

pub(super) async fn has_scenario(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!(
        "SELECT v.version FROM scenarios s JOIN scenario_versions v ON v.scenario_id = s.id
         WHERE s.account_id = $1 AND s.project_id = $2 LIMIT 1"
    );
    let found: Option<(i64,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(found.is_some())
}
