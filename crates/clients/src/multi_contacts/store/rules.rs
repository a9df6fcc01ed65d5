//! SQL of rules, changed.

use db::{Tx, sql};
use messaging::multi_contacts::Rule;
use model::{AccountId, ProjectId, Refusal, Result, RuleId};

/// Rules put away, whose keys are still there.
///
/// # Errors
/// When the storage fails.
pub async fn leaving(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<RuleId>> {
    let query =
        sql!("SELECT id FROM rules WHERE account_id = $1 AND project_id = $2 AND staged = 'leaving' ORDER BY id");
    let rows = query.bind(account).bind(project).all::<(RuleId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Frees a row's names and switches it off.
///
/// # Errors
/// When the storage fails.
pub async fn take_out(tx: &mut Tx, account: &AccountId, row: &RuleId) -> Result<()> {
    let query = sql!("UPDATE rules SET key = $3, public_id = NULL, enabled = FALSE WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(row).bind(format!("leaving {row}")).execute(tx).await?;
    Ok(())
}

/// Notes what a row is that is not in the list: `preparing` or `leaving`.
///
/// # Errors
/// When the storage fails.
pub async fn stage(tx: &mut Tx, account: &AccountId, id: &RuleId, staged: &str) -> Result<()> {
    let query = sql!("UPDATE rules SET staged = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(staged).execute(tx).await?;
    Ok(())
}

/// Writes a rule into a row, and the row into the list.
///
/// # Errors
/// When the storage fails.
pub async fn write(tx: &mut Tx, account: &AccountId, project: &ProjectId, row: &RuleId, rule: &Rule) -> Result<()> {
    let fields = serde_json::to_string(&rule.fields).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "INSERT INTO rules (account_id, id, project_id, key, fields, mode, enabled, verified_only, hub_limit, place, public_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (account_id, id) DO UPDATE SET key = excluded.key, fields = excluded.fields, mode = excluded.mode,
           enabled = excluded.enabled, verified_only = excluded.verified_only, hub_limit = excluded.hub_limit, place = excluded.place,
           public_id = excluded.public_id, staged = NULL"
    )
    .bind(account)
    .bind(row)
    .bind(project)
    .bind(&rule.key)
    .bind(fields)
    .bind(rule.mode.as_str())
    .bind(rule.enabled)
    .bind(rule.verified_only)
    .bind(rule.hub_limit)
    .bind(rule.position)
    .bind((*row != rule.id).then_some(rule.id))
    .execute(tx)
    .await?;
    Ok(())
}

/// The row that the keys of a rule in the list stand under.
///
/// # Errors
/// When the storage fails.
pub async fn row_of(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &RuleId) -> Result<Option<RuleId>> {
    let query = sql!(
        "SELECT id FROM rules WHERE account_id = $1 AND project_id = $2 AND staged IS NULL AND COALESCE(public_id, id) = $3"
    );
    let row = query.bind(account).bind(project).bind(id).optional::<(RuleId,)>(tx).await?;
    Ok(row.map(|(row,)| row))
}

/// Removes a row with its keys, whether its rule is in the list or not.
///
/// # Errors
/// When the storage fails.
pub async fn delete_row(tx: &mut Tx, account: &AccountId, row: &RuleId) -> Result<()> {
    let query = sql!("DELETE FROM rules WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(row).execute(tx).await?;
    Ok(())
}
