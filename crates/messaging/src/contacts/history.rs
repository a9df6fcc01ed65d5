//! What a field of a contact held before, and who said so. What it holds now stands in its values.

use super::values::{self, Giver};
use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, Cx, FieldValue, HistoryId, ProjectId, Timestamp, ValueSource};
use serde::Serialize;

/// One state of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PastValue {
    /// What happened.
    pub what: What,
    /// False for a claim that stands beside a stronger value and never was the value itself (rulings 35).
    pub taken: bool,
    /// The values from then on, or what was claimed.
    pub values: Vec<String>,
    /// Who said so.
    pub source: ValueSource,
    /// User, key or connection.
    pub set_by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Set.
    Set,
    /// Emptied.
    Cleared,
    /// Claimed by somebody who cannot prove it (rulings 35).
    Claimed,
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Cleared => "cleared",
            Self::Claimed => "claimed",
        }
    }
}

impl FromRow for PastValue {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            what: match row.get::<String>(0)?.as_str() {
                "set" => What::Set,
                "cleared" => What::Cleared,
                _ => What::Claimed,
            },
            values: serde_json::from_str(&row.get::<String>(1)?)
                .map_err(|e| DbError::other(format!("value history: {e}")))?,
            source: ValueSource::from_stored(row.text(2)?)?,
            set_by: row.get(3)?,
            at: Timestamp(row.get(4)?),
            taken: row.get(5)?,
        })
    }
}

/// The state that values stand for: said by whoever spoke last.
fn state_of(values: &[FieldValue]) -> Option<PastValue> {
    let newest = values.iter().max_by_key(|value| value.set_at)?;
    Some(PastValue {
        what: if values.iter().any(|value| value.verified) { What::Set } else { What::Claimed },
        values: values.iter().map(|value| value.value.clone()).collect(),
        source: newest.source,
        set_by: newest.set_by.clone(),
        at: newest.set_at,
        taken: true,
    })
}

/// Keeps what stood before a change; an emptied field also keeps who emptied it.
pub(super) async fn keep(
    cx: &mut Cx<'_>,
    id: &ContactId,
    field: &str,
    before: &[FieldValue],
    after: &[FieldValue],
    giver: &Giver,
) -> Result<()> {
    if let Some(past) = state_of(before) {
        insert(cx, id, field, &past).await?;
    }
    if after.is_empty() {
        let cleared = PastValue {
            what: What::Cleared,
            values: Vec::new(),
            source: giver.source,
            set_by: giver.set_by.clone(),
            at: cx.env.now(),
            taken: true,
        };
        insert(cx, id, field, &cleared).await?;
    }
    Ok(())
}

/// Keeps a claim that a stronger value stands against; the same claim again adds nothing.
pub(super) async fn keep_claim(
    cx: &mut Cx<'_>,
    id: &ContactId,
    field: &str,
    values: &[String],
    giver: &Giver,
) -> Result<()> {
    let claim = PastValue {
        what: What::Claimed,
        taken: false,
        values: values.to_vec(),
        source: giver.source,
        set_by: giver.set_by.clone(),
        at: cx.env.now(),
    };
    let query = sql!(
        "SELECT id FROM value_history WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 AND NOT taken
         AND field_values = $4 AND source = $5 LIMIT 1"
    );
    let query = query.bind(cx.account.as_str()).bind(id.as_str()).bind(field).bind(json_of(values)?);
    if query.bind(claim.source.as_str()).optional::<(String,)>(cx.tx).await?.is_some() {
        return Ok(());
    }
    insert(cx, id, field, &claim).await
}

fn json_of(values: &[String]) -> Result<String> {
    serde_json::to_string(values).map_err(|e| crate::Refusal::stored(&e))
}

async fn insert(cx: &mut Cx<'_>, id: &ContactId, field: &str, past: &PastValue) -> Result<()> {
    let values = json_of(&past.values)?;
    sql!(
        "INSERT INTO value_history (account_id, contact_id, field_key, id, what, field_values, source, set_by, set_at, taken, kept_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    )
    .bind(cx.account.as_str())
    .bind(id.as_str())
    .bind(field)
    .bind(HistoryId::new(cx.env.ids()).as_str())
    .bind(past.what.as_str())
    .bind(values)
    .bind(past.source.as_str())
    .bind(past.set_by.as_deref())
    .bind(past.at.0)
    .bind(past.taken)
    .bind(cx.env.now().0)
    .execute(cx.tx)
    .await?;
    Ok(())
}

/// Every state of a field and every claim beside one, newest first; what stands now is the first.
///
/// # Errors
/// When the contact is not of this project.
pub async fn of_field(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
    field: &str,
) -> Result<Vec<PastValue>> {
    super::get_in(tx, account, project, id).await?;
    let now = values::all_of(tx, account, id).await?.remove(field).unwrap_or_default();
    let query = sql!(
        "SELECT what, field_values, source, set_by, set_at, taken FROM value_history
         WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 ORDER BY id DESC LIMIT 200"
    );
    let past = query.bind(account.as_str()).bind(id.as_str()).bind(field).all::<PastValue>(tx).await?;
    Ok(state_of(&now).into_iter().chain(past).collect())
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
    Ok(query.bind(account.as_str()).bind(before.0).bind(limit).execute(tx).await?)
}
