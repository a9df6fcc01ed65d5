//! SQL of what a site may name.

use db::{Tx, sql};
use model::{AccountId, ProjectId, Result, ScenarioId};

/// Sites see that something of theirs has changed.
pub(super) async fn raise_version(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!("UPDATE projects SET config_version = config_version + 1 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Scenarios that are there, each with its newest version.
pub(super) async fn scenarios(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<(ScenarioId, i64)>> {
    let query =
        sql!("SELECT id, version FROM scenarios WHERE account_id = $1 AND project_id = $2 AND deleted_at IS NULL");
    Ok(query.bind(account).bind(project).all(tx).await?)
}
