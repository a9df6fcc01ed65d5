//! SQL of the first steps: of each the moment of the first one. Each is looked for until it is kept, and not after.

use db::{Tx, sql};
use model::{AccountId, ProjectId, Result, Timestamp};

pub(super) async fn kept(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<(String, i64)>> {
    let query = sql!("SELECT step, at FROM first_steps WHERE account_id = $1 AND project_id = $2 ORDER BY step");
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(super) async fn keep(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    step: &str,
    at: Timestamp,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO first_steps (account_id, project_id, step, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, project_id, step) DO NOTHING"
    );
    query.bind(account).bind(project).bind(step).bind(at.0).execute(tx).await?;
    Ok(())
}

pub(super) async fn forget(tx: &mut Tx, account: &AccountId, project: &ProjectId, step: &str) -> Result<()> {
    let query = sql!("DELETE FROM first_steps WHERE account_id = $1 AND project_id = $2 AND step = $3");
    query.bind(account).bind(project).bind(step).execute(tx).await?;
    Ok(())
}

/// The first words of somebody: in the conversation that began first among those that have any.
pub(super) async fn message_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    author: &str,
) -> Result<Option<Timestamp>> {
    let query = sql!(
        "SELECT m.created_at FROM conversations v JOIN messages m ON m.conversation_id = v.id
         WHERE v.account_id = $1 AND v.project_id = $2 AND m.author_kind = $3 AND m.kind = 'message'
         ORDER BY v.created_at, v.id, m.seq LIMIT 1"
    );
    moment(query.bind(account).bind(project).bind(author).optional(tx).await?)
}

pub(super) async fn installed(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Timestamp>> {
    let query =
        sql!("SELECT installed_at FROM projects WHERE account_id = $1 AND id = $2 AND installed_at IS NOT NULL");
    moment(query.bind(account).bind(project).optional(tx).await?)
}

pub(super) async fn channel(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Timestamp>> {
    let query = sql!(
        "SELECT created_at FROM connections WHERE account_id = $1 AND project_id = $2 AND kind NOT IN ('site', 'api')
         ORDER BY created_at LIMIT 1"
    );
    moment(query.bind(account).bind(project).optional(tx).await?)
}

/// The second person of the account.
pub(super) async fn colleague(tx: &mut Tx, account: &AccountId) -> Result<Option<Timestamp>> {
    let query = sql!(
        "SELECT created_at FROM users WHERE account_id = $1 AND NOT (demo AND password_hash IS NULL)
         ORDER BY created_at, id LIMIT 1 OFFSET 1"
    );
    moment(query.bind(account).optional(tx).await?)
}

pub(super) async fn scenario(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Timestamp>> {
    let query = sql!(
        "SELECT v.made_at FROM scenarios s JOIN scenario_versions v ON v.scenario_id = s.id
         WHERE s.account_id = $1 AND s.project_id = $2 ORDER BY v.made_at LIMIT 1"
    );
    moment(query.bind(account).bind(project).optional(tx).await?)
}

fn moment(found: Option<(i64,)>) -> Result<Option<Timestamp>> {
    Ok(found.map(|(at,)| Timestamp(at)))
}
