//! SQL of what operators decided by hand.

use crate::multi_contacts::{Override, OverrideKind};
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, Value as Bound, sql};
use model::{AccountId, ContactId, OverrideId, ProjectId, Timestamp};

impl FromRow for Override {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let others: String = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            kind: OverrideKind::from_stored(row.text(1)?)?,
            subject: row.get(2)?,
            others: serde_json::from_str(&others).map_err(|e| DbError::other(format!("override: {e}")))?,
            created_seq: row.get(4)?,
            created_by: row.get(5)?,
            note: row.get(6)?,
            created_at: Timestamp(row.get(7)?),
        })
    }
}

/// The project's decisions, newest first.
///
/// # Errors
/// When the storage fails.
pub async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Override>> {
    let query = sql!(
        "SELECT id, kind, subject, others, created_seq, created_by, note, created_at FROM overrides
         WHERE account_id = $1 AND project_id = $2 ORDER BY created_seq DESC"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Links with one of these contacts on either side, and unlinks of one of them.
///
/// # Errors
/// When the storage fails.
pub async fn touching(tx: &mut Tx, account: &AccountId, contacts: &[ContactId]) -> Result<Vec<Override>> {
    let query = sql!(
        "SELECT o.id, o.kind, o.subject, o.others, o.created_seq, o.created_by, o.note, o.created_at
         FROM override_contacts c JOIN overrides o ON o.account_id = c.account_id AND o.id = c.override_id
         WHERE c.account_id = $1 AND c.contact_id = ANY($2)"
    );
    let query = query.bind(account).bind(Bound::ids(contacts.iter().map(|id| id.bits())));
    Ok(query.all(tx).await?)
}

/// Takes a decision out, with the contacts it is found from.
///
/// # Errors
/// When the storage fails.
pub async fn delete(tx: &mut Tx, account: &AccountId, id: &OverrideId) -> Result<()> {
    let query = sql!("DELETE FROM overrides WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// The place of the newest decision in their order; 0 when there is none.
///
/// # Errors
/// When the storage fails.
pub async fn newest_seq(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<i64> {
    let newest = sql!("SELECT COALESCE(MAX(created_seq), 0) FROM overrides WHERE account_id = $1 AND project_id = $2");
    let (newest,): (i64,) = newest.bind(account).bind(project).one(tx).await?;
    Ok(newest)
}

/// Writes a decision, without the contacts it is found from.
///
/// # Errors
/// When the storage fails.
pub async fn insert(tx: &mut Tx, account: &AccountId, project: &ProjectId, made: &Override) -> Result<()> {
    let others = serde_json::to_string(&made.others).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "INSERT INTO overrides (account_id, id, project_id, kind, subject, others, created_seq, created_by, note, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(account)
    .bind(made.id)
    .bind(project)
    .bind(made.kind.as_str())
    .bind(made.subject)
    .bind(others)
    .bind(made.created_seq)
    .bind(made.created_by.as_deref())
    .bind(made.note.as_deref())
    .bind(made.created_at.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets a decision be found from a contact.
///
/// # Errors
/// When the storage fails.
pub async fn insert_side(tx: &mut Tx, account: &AccountId, side: &ContactId, id: &OverrideId) -> Result<()> {
    let query = sql!("INSERT INTO override_contacts (account_id, contact_id, override_id) VALUES ($1, $2, $3)");
    query.bind(account).bind(side).bind(id).execute(tx).await?;
    Ok(())
}
