//! SQL of the look at a whole project, row by row.

use crate::Result;
use db::{DbError, Row, Tx, sql};
use model::{AccountId, ContactId, GroupId, ProjectId};

/// A contact as it is read: bits of its id, its age, bits of its stored group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C, packed(4))]
pub struct ContactRow {
    /// Bits of its id.
    pub id: u128,
    /// Its age: the smaller the older.
    pub seq: u64,
    /// Bits of the id of its stored group.
    pub group: u128,
}

/// Every contact of a project, in no order.
///
/// # Errors
/// When the storage fails.
pub async fn contacts(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ContactRow>> {
    let mut rows: Vec<ContactRow> = Vec::new();
    let query = sql!("SELECT id, created_seq, group_id FROM contacts WHERE account_id = $1 AND project_id = $2");
    let query = query.bind(account).bind(project);
    let read = query.each(tx, |row| {
        let seq: i64 = row.get(1)?;
        let (id, group): (ContactId, GroupId) = (row.get(0)?, row.get(2)?);
        rows.push(ContactRow { id: id.bits(), seq: u64::try_from(seq).unwrap_or(0), group: group.bits() });
        Ok(())
    });
    read.await?;
    Ok(rows)
}

/// Every value of an account, those of a contact one after the other: contact, field, norm, verified, value. The row is handed on as it
/// is: most columns of most rows are not looked at.
///
/// # Errors
/// When the storage or `take` fails.
pub async fn each_value(
    tx: &mut Tx,
    account: &AccountId,
    take: impl FnMut(&Row<'_>) -> std::result::Result<(), DbError> + Send,
) -> Result<()> {
    let query = sql!(
        "SELECT contact_id, field_key, norm, verified, value FROM field_values WHERE account_id = $1
         ORDER BY contact_id, field_key, place"
    );
    Ok(query.bind(account).each(tx, take).await?)
}

/// Every stored key of a rule in order: its hash, and bits of the contact's id.
///
/// # Errors
/// When the storage fails.
pub async fn each_key(
    tx: &mut Tx,
    account: &AccountId,
    rule: &str,
    mut take: impl FnMut(u128, u128) + Send,
) -> Result<()> {
    let query = sql!(
        "SELECT key_hash, contact_id FROM rule_keys WHERE account_id = $1 AND rule_id = $2 ORDER BY key_hash, contact_id"
    );
    let read = query.bind(account).bind(super::row_of(rule)?).each(tx, |row| {
        let hash =
            u128::from_str_radix(row.text(0)?, 16).map_err(|_| DbError::other("a stored key has the wrong form"))?;
        take(hash, row.get::<ContactId>(1)?.bits());
        Ok(())
    });
    Ok(read.await?)
}
