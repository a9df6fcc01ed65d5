//! SQL of what fields held before.

use crate::contacts::held::Held;
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, Cx, HistoryId, PastValue, Timestamp, ValueSource, What};

struct PastRow(PastValue);

impl FromRow for PastRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self(PastValue {
            what: What::from_stored(row.text(0)?)?,
            values: serde_json::from_str(&row.get::<String>(1)?)
                .map_err(|e| DbError::other(format!("value history: {e}")))?,
            source: ValueSource::from_stored(row.text(2)?)?,
            set_by: row.get(3)?,
            at: Timestamp(row.get(4)?),
            taken: row.get(5)?,
        }))
    }
}

struct StateRow {
    past: PastValue,
    held: Option<Held>,
}

impl FromRow for StateRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let entries: Option<String> = row.get(6)?;
        let held = entries.as_deref().map(serde_json::from_str).transpose();
        let held = held.map_err(|e| DbError::other(format!("value history: {e}")))?;
        Ok(Self { past: PastRow::from_row(row)?.0, held })
    }
}

fn json_of(values: &[String]) -> Result<String> {
    serde_json::to_string(values).map_err(|e| Refusal::stored(&e))
}

/// Whether this very claim is in a field's history.
///
/// # Errors
/// When the storage fails.
pub async fn has_claim(
    tx: &mut Tx,
    account: &AccountId,
    id: &ContactId,
    field: &str,
    claim: &PastValue,
) -> Result<bool> {
    let query = sql!(
        "SELECT id FROM value_history WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 AND NOT taken
         AND field_values = $4 AND source = $5 LIMIT 1"
    );
    let query = query.bind(account).bind(id).bind(field).bind(json_of(&claim.values)?);
    Ok(query.bind(claim.source.as_str()).optional::<(model::HistoryId,)>(tx).await?.is_some())
}

/// Writes a line.
///
/// # Errors
/// When the storage fails.
pub async fn insert(cx: &mut Cx<'_>, id: &ContactId, field: &str, past: &PastValue, held: Option<&Held>) -> Result<()> {
    let values = json_of(&past.values)?;
    let entries = held.map(serde_json::to_string).transpose().map_err(|e| Refusal::stored(&e))?;
    sql!(
        "INSERT INTO value_history (account_id, contact_id, field_key, id, what, field_values, source, set_by, set_at, taken, kept_at, entries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    )
    .bind(cx.account)
    .bind(id)
    .bind(field)
    .bind(HistoryId::new(cx.env.ids()))
    .bind(past.what.as_str())
    .bind(values)
    .bind(past.source.as_str())
    .bind(past.set_by.as_deref())
    .bind(past.at.0)
    .bind(past.taken)
    .bind(cx.env.now().0)
    .bind(entries)
    .execute(cx.tx)
    .await?;
    Ok(())
}

/// The lines of a field, newest first.
///
/// # Errors
/// When the storage fails.
pub async fn of_field(tx: &mut Tx, account: &AccountId, id: &ContactId, field: &str) -> Result<Vec<PastValue>> {
    let query = sql!(
        "SELECT what, field_values, source, set_by, set_at, taken FROM value_history
         WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 ORDER BY id DESC LIMIT 200"
    );
    let rows = query.bind(account).bind(id).bind(field).all::<PastRow>(tx).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// The two newest states of a field that were the value itself, newest first, with all about them where that was kept.
///
/// # Errors
/// When the storage fails.
pub async fn newest_states(
    tx: &mut Tx,
    account: &AccountId,
    id: &ContactId,
    field: &str,
) -> Result<Vec<(PastValue, Option<Held>)>> {
    let query = sql!(
        "SELECT what, field_values, source, set_by, set_at, taken, entries FROM value_history
         WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 AND taken ORDER BY id DESC LIMIT 2"
    );
    let rows = query.bind(account).bind(id).bind(field).all::<StateRow>(tx).await?;
    Ok(rows.into_iter().map(|row| (row.past, row.held)).collect())
}

/// Forgets lines that came into the history before a moment; answers how many.
///
/// # Errors
/// When the storage fails.
pub async fn forget(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM value_history WHERE account_id = $1 AND (contact_id, field_key, id) IN (
           SELECT contact_id, field_key, id FROM value_history
           WHERE account_id = $1 AND kept_at < $2 ORDER BY kept_at, id LIMIT $3)"
    );
    Ok(query.bind(account).bind(before.0).bind(limit).execute(tx).await?)
}
