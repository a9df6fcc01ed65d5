//! SQL of rules.

use crate::Result;
use crate::multi_contacts::{Rule, RuleMode};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ProjectId};

impl FromRow for Rule {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let fields: String = row.get(2)?;
        let hub_limit: Option<i64> = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            row: Some(row.get(8)?),
            key: row.get(1)?,
            fields: serde_json::from_str(&fields).map_err(|e| DbError::other(format!("rule fields: {e}")))?,
            mode: RuleMode::from_stored(row.text(3)?)?,
            enabled: row.get(4)?,
            verified_only: row.get(5)?,
            hub_limit: hub_limit.and_then(|v| u32::try_from(v).ok()),
            position: row.get(7)?,
        })
    }
}

/// The project's rules in order.
///
/// # Errors
/// When the storage fails.
pub async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Rule>> {
    let query = sql!(
        "SELECT COALESCE(public_id, id), key, fields, mode, enabled, verified_only, hub_limit, place, id FROM rules
         WHERE account_id = $1 AND project_id = $2 AND staged IS NULL ORDER BY place, key"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Rules that a job prepares: switched off, but their keys follow the values as those of any rule.
pub async fn preparing(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Rule>> {
    let query = sql!(
        "SELECT id, key, fields, mode, enabled, verified_only, hub_limit, place, id FROM rules
         WHERE account_id = $1 AND project_id = $2 AND staged = 'preparing' ORDER BY id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}
