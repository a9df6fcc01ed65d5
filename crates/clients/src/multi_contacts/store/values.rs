//! SQL of values that an administrator blocked or allowed, and of keys that many hold.

use crate::multi_contacts::{Decided, State};
use db::{DbError, FromRow, Row, Tx, sql};
use messaging::multi_contacts::store::row_of;
use model::{AccountId, ProjectId, Result, Timestamp};

impl FromRow for Decided {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            field: row.get(0)?,
            value: row.get(1)?,
            norm: row.get(2)?,
            state: State::from_stored(row.text(3)?)?,
            set_by: row.get(4)?,
            set_at: Timestamp(row.get(5)?),
        })
    }
}

/// What was decided, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn decided(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Decided>> {
    let query = sql!(
        "SELECT field_key, value, norm, state, set_by, set_at FROM value_states WHERE account_id = $1 AND project_id = $2
         ORDER BY set_at, field_key, norm, state"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Forgets everything that was decided.
///
/// # Errors
/// When the storage fails.
pub async fn clear(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let clear = sql!("DELETE FROM value_states WHERE account_id = $1 AND project_id = $2");
    clear.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Writes a decision; the same decision that stands already stays as it is.
///
/// # Errors
/// When the storage fails.
pub async fn insert(tx: &mut Tx, account: &AccountId, project: &ProjectId, decided: &Decided) -> Result<()> {
    sql!(
        "INSERT INTO value_states (account_id, project_id, field_key, norm, state, value, set_by, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (account_id, project_id, field_key, norm, state) DO NOTHING"
    )
    .bind(account)
    .bind(project)
    .bind(&decided.field)
    .bind(&decided.norm)
    .bind(decided.state.as_str())
    .bind(&decided.value)
    .bind(decided.set_by.as_deref())
    .bind(decided.set_at.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets what was decided about a field's value, as it is compared; any of it when `state` is empty.
///
/// # Errors
/// When the storage fails.
pub async fn delete(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    field: &str,
    norm: &str,
    state: &str,
) -> Result<()> {
    let query = sql!(
        "DELETE FROM value_states WHERE account_id = $1 AND project_id = $2 AND field_key = $3 AND norm = $4
         AND ($5 = '' OR state = $5)"
    );
    query.bind(account).bind(project).bind(field).bind(norm).bind(state).execute(tx).await?;
    Ok(())
}

/// Forgets what was decided about the values of a field.
///
/// # Errors
/// When the storage fails.
pub async fn delete_of_field(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &str) -> Result<()> {
    let query = sql!("DELETE FROM value_states WHERE account_id = $1 AND project_id = $2 AND field_key = $3");
    query.bind(account).bind(project).bind(field).execute(tx).await?;
    Ok(())
}

/// Keys of a rule that more than `limit` contacts hold, as text, with how many do.
///
/// # Errors
/// When the storage fails.
pub async fn keys_over(tx: &mut Tx, account: &AccountId, rule: &str, limit: u32) -> Result<Vec<(String, i64)>> {
    let query = sql!(
        "SELECT MIN(key_text), COUNT(*) FROM rule_keys WHERE account_id = $1 AND rule_id = $2
         GROUP BY key_hash HAVING COUNT(*) > $3 ORDER BY COUNT(*) DESC, key_hash LIMIT 200"
    );
    Ok(query.bind(account).bind(row_of(rule)?).bind(limit).all(tx).await?)
}
