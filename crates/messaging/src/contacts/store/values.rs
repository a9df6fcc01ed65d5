//! SQL of what contacts' fields hold.

use crate::Result;
use crate::contacts::held::Held;
use db::{DbError, FromRow, Row, Tx, Value as Bound, sql};
use model::{AccountId, ContactId, FieldValue, Timestamp, Unusable, ValueSource};
use std::collections::BTreeMap;

/// What a value is compared by, or why it never matches.
pub struct Compared {
    /// The text.
    pub norm: Option<String>,
    /// The reason.
    pub unusable: Option<&'static str>,
}

struct ValueRow {
    field: String,
    value: FieldValue,
    is_behind: bool,
}

impl FromRow for ValueRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let unusable: Option<String> = row.get(6)?;
        let unusable = unusable.as_deref().map(Unusable::from_stored).transpose()?;
        Ok(Self {
            field: row.get(0)?,
            value: FieldValue {
                value: row.get(1)?,
                // Values of before may have been stored as attested, and settings may have changed since.
                verified: row.get::<bool>(2)? && unusable.is_none(),
                source: ValueSource::from_stored(row.text(3)?)?,
                set_by: row.get(4)?,
                set_at: Timestamp(row.get(5)?),
                unusable,
                still_compared: Vec::new(),
            },
            is_behind: row.get(7)?,
        })
    }
}

/// What every field of a contact holds.
///
/// # Errors
/// When the storage fails.
pub async fn held(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<BTreeMap<String, Held>> {
    let query = sql!(
        "SELECT field_key, value, verified, source, set_by, set_at, unusable, behind FROM field_values
         WHERE account_id = $1 AND contact_id = $2 ORDER BY field_key, place"
    );
    let mut by_field: BTreeMap<String, Held> = BTreeMap::new();
    for row in query.bind(account).bind(id).all::<ValueRow>(tx).await? {
        let held = by_field.entry(row.field).or_default();
        if row.is_behind { held.behind.push(row.value) } else { held.shown.push(row.value) }
    }
    Ok(by_field)
}

/// The usable values of some contacts, as people see them: contact, field, value.
///
/// # Errors
/// When the storage fails.
pub async fn usable(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, String, String)>> {
    let query = sql!(
        "SELECT contact_id, field_key, value FROM field_values
         WHERE account_id = $1 AND contact_id = ANY($2) AND unusable IS NULL AND NOT behind ORDER BY contact_id, field_key, place"
    );
    Ok(query.bind(account).bind(Bound::ids(contacts.iter().map(|id| id.bits()))).all(tx).await?)
}

/// Takes out what a field holds.
///
/// # Errors
/// When the storage fails.
pub async fn clear(tx: &mut Tx, account: &AccountId, id: &ContactId, field: &str) -> Result<()> {
    let clear = sql!("DELETE FROM field_values WHERE account_id = $1 AND contact_id = $2 AND field_key = $3");
    clear.bind(account).bind(id).bind(field).execute(tx).await?;
    Ok(())
}

/// The columns of a value, after its account's.
pub fn row_of<'a>(
    id: &'a ContactId,
    field: &'a str,
    place: i64,
    (value, is_behind): (&'a FieldValue, bool),
    compared: &'a Compared,
) -> Vec<Bound<'a>> {
    vec![
        id.into(),
        field.into(),
        place.into(),
        value.value.as_str().into(),
        compared.norm.as_deref().into(),
        compared.unusable.into(),
        value.verified.into(),
        value.source.as_str().into(),
        value.set_by.as_deref().into(),
        value.set_at.0.into(),
        is_behind.into(),
    ]
}

/// Writes values.
///
/// # Errors
/// When the storage fails.
pub async fn insert(tx: &mut Tx, account: &AccountId, rows: &[Vec<Bound<'_>>]) -> Result<()> {
    let query = sql!(
        "INSERT INTO field_values (account_id, contact_id, field_key, place, value, norm, unusable, verified, source, set_by, set_at, behind)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    );
    query.bind(account).execute_each(tx, rows).await?;
    Ok(())
}
