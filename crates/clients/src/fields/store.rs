//! SQL of deleted fields and their values.

use super::ArchivedField;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use messaging::fields::Field;
use model::{AccountId, ContactId, Cx, ProjectId, Refusal, Result, Timestamp};

impl FromRow for ArchivedField {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let field = serde_json::from_str(&row.get::<String>(0)?);
        Ok(Self {
            field: field.map_err(|e| DbError::other(format!("archived field: {e}")))?,
            archived_at: Timestamp(row.get(1)?),
            values: row.get(2)?,
        })
    }
}

/// Deleted fields of a project, the last first.
///
/// # Errors
/// When the storage fails.
pub async fn archived(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ArchivedField>> {
    let query = sql!(
        "SELECT a.field, a.archived_at, (SELECT COUNT(*) FROM archived_values v
           JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
           WHERE v.account_id = a.account_id AND c.project_id = a.project_id AND v.field_key = a.key)
         FROM archived_fields a WHERE a.account_id = $1 AND a.project_id = $2 ORDER BY a.archived_at DESC, a.key"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Notes that a field was deleted now, in the place of one of the same key.
pub(super) async fn note(cx: &mut Cx<'_>, project: &ProjectId, field: &Field) -> Result<()> {
    let json = serde_json::to_string(field).map_err(|e| Refusal::stored(&e))?;
    let query = sql!(
        "INSERT INTO archived_fields (account_id, project_id, key, field, archived_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, project_id, key) DO UPDATE SET field = excluded.field, archived_at = excluded.archived_at"
    );
    let query = query.bind(cx.account).bind(project).bind(&field.key);
    query.bind(json).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn forget(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let query = sql!("DELETE FROM archived_fields WHERE account_id = $1 AND project_id = $2 AND key = $3");
    query.bind(account).bind(project).bind(key).execute(tx).await?;
    Ok(())
}

/// Copies a field's values to the archive.
pub(super) async fn keep_values(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let query = sql!(
        "INSERT INTO archived_values (account_id, contact_id, field_key, place, value, verified, source, set_by, set_at)
         SELECT v.account_id, v.contact_id, v.field_key, v.place, v.value, v.verified, v.source, v.set_by, v.set_at
         FROM field_values v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3 AND NOT v.behind"
    );
    query.bind(account).bind(project).bind(key).execute(tx).await?;
    Ok(())
}

/// Copies a field's values out of the archive.
pub(super) async fn bring_values_back(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let query = sql!(
        "INSERT INTO field_values (account_id, contact_id, field_key, place, value, verified, source, set_by, set_at)
         SELECT v.account_id, v.contact_id, v.field_key, v.place, v.value, v.verified, v.source, v.set_by, v.set_at
         FROM archived_values v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3"
    );
    query.bind(account).bind(project).bind(key).execute(tx).await?;
    Ok(())
}

pub(super) async fn forget_values(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let query = sql!(
        "DELETE FROM archived_values WHERE account_id = $1 AND field_key = $3
         AND contact_id IN (SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2)"
    );
    query.bind(account).bind(project).bind(key).execute(tx).await?;
    Ok(())
}

/// The next contacts of a project in order of their ids.
pub(super) async fn contacts_after(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    after: ContactId,
    limit: i64,
) -> Result<Vec<ContactId>> {
    let query =
        sql!("SELECT id FROM contacts WHERE account_id = $1 AND id > $2 AND project_id = $3 ORDER BY id LIMIT $4");
    let query = query.bind(account).bind(after).bind(project).bind(limit);
    Ok(query.all::<(ContactId,)>(tx).await?.into_iter().map(|(id,)| id).collect())
}

/// Those of some contacts that hold the field, or did before it was deleted.
pub(super) async fn holders_among(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
    field: &str,
) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM field_values WHERE account_id = $1 AND contact_id = ANY($2) AND field_key = $3
         UNION SELECT contact_id FROM archived_values WHERE account_id = $1 AND contact_id = ANY($2) AND field_key = $3"
    );
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let rows = query.bind(account).bind(ids).bind(field).all::<(ContactId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Contact, place and text of every value of a field.
pub(super) async fn values_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    key: &str,
) -> Result<Vec<(ContactId, i64, String)>> {
    let query = sql!(
        "SELECT v.contact_id, v.place, v.value FROM field_values v
         JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3"
    );
    Ok(query.bind(account).bind(project).bind(key).all(tx).await?)
}

/// Sets what values of a field are compared by: contact, place, text and the reason for none, a row each.
pub(super) async fn set_norms(tx: &mut Tx, account: &AccountId, key: &str, rows: &[Vec<Value<'_>>]) -> Result<()> {
    let query = sql!(
        "UPDATE field_values SET norm = $5, unusable = $6
         WHERE account_id = $1 AND field_key = $2 AND contact_id = $3 AND place = $4"
    );
    query.bind(account).bind(key).execute_each(tx, rows).await?;
    Ok(())
}
