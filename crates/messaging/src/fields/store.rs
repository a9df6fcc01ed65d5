//! SQL of fields.

use super::Field;
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, FieldKind, ProjectId};

impl FromRow for Field {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let options: String = row.get(3)?;
        Ok(Self {
            key: row.get(0)?,
            title: row.get(1)?,
            kind: FieldKind::from_stored(row.text(2)?)?,
            options: serde_json::from_str(&options).map_err(|e| DbError::other(format!("field options: {e}")))?,
            position: row.get(4)?,
            show_when_empty: row.get(5)?,
            multi: row.get(6)?,
            required: row.get(7)?,
            read_only: row.get(8)?,
            exclusive: row.get(9)?,
            built_in: row.get(10)?,
            hidden: row.get(11)?,
        })
    }
}

/// Every field of a project in the operator's order.
///
/// # Errors
/// When the storage fails.
pub async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Field>> {
    let query = sql!(
        "SELECT key, title, kind, options, place, show_when_empty, multi, required, read_only, exclusive, built_in, hidden
         FROM fields WHERE account_id = $1 AND project_id = $2 ORDER BY place, key"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Stores a new field, or the changed one of the same key.
///
/// # Errors
/// When the storage fails.
pub async fn save(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &Field) -> Result<()> {
    let options = serde_json::to_string(&field.options).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "INSERT INTO fields (account_id, project_id, key, title, kind, options, place, show_when_empty, multi, required, read_only,
           exclusive, built_in, hidden)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (account_id, project_id, key) DO UPDATE SET title = excluded.title, options = excluded.options,
           place = excluded.place, show_when_empty = excluded.show_when_empty, multi = excluded.multi, required = excluded.required,
           read_only = excluded.read_only, exclusive = excluded.exclusive, hidden = excluded.hidden"
    )
    .bind(account)
    .bind(project)
    .bind(&field.key)
    .bind(&field.title)
    .bind(field.kind.as_str())
    .bind(options)
    .bind(field.position)
    .bind(field.show_when_empty)
    .bind(field.multi)
    .bind(field.required)
    .bind(field.read_only)
    .bind(field.exclusive)
    .bind(field.built_in)
    .bind(field.hidden)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes an own field with its values: the archive has them by now.
///
/// # Errors
/// When the storage fails.
pub async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let values = sql!(
        "DELETE FROM field_values WHERE account_id = $1 AND field_key = $3
         AND contact_id IN (SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2)"
    );
    values.bind(account).bind(project).bind(key).execute(tx).await?;
    let field = sql!("DELETE FROM fields WHERE account_id = $1 AND project_id = $2 AND key = $3 AND NOT built_in");
    field.bind(account).bind(project).bind(key).execute(tx).await?;
    Ok(())
}

/// Fields that must be filled in before a conversation is closed and that no contact of the client holds a value of.
///
/// # Errors
/// When the storage fails.
pub async fn missing_required(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contact: &ContactId,
) -> Result<Vec<String>> {
    let query = sql!(
        "SELECT f.title FROM fields f WHERE f.account_id = $1 AND f.project_id = $2 AND f.required AND NOT f.hidden AND NOT f.read_only
         AND NOT EXISTS (SELECT 1 FROM contacts c CROSS JOIN field_values v
           WHERE c.account_id = $1 AND v.account_id = c.account_id AND v.contact_id = c.id AND v.field_key = f.key
           AND c.group_id = (SELECT group_id FROM contacts WHERE account_id = $1 AND id = $3))
         ORDER BY f.place, f.key"
    );
    let query = query.bind(account).bind(project).bind(contact);
    Ok(query.all::<(String,)>(tx).await?.into_iter().map(|(title,)| title).collect())
}

/// How many values a field holds, and in how many contacts.
///
/// # Errors
/// When the storage fails.
pub async fn count_values(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<(i64, i64)> {
    let query = sql!(
        "SELECT COUNT(*), COUNT(DISTINCT v.contact_id) FROM field_values v
         JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3 AND NOT v.behind"
    );
    Ok(query.bind(account).bind(project).bind(key).one(tx).await?)
}
