//! SQL of licences.

use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, Timestamp};

/// A licence as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// Operators paid for; none for any number.
    pub seats: Option<i64>,
    /// Beginning of the period paid for.
    pub period_from: Option<Timestamp>,
    /// Its end.
    pub period_to: Option<Timestamp>,
    /// The switch of Premium.
    pub premium: bool,
    /// Until then Premium works without the switch.
    pub grace_until: Option<Timestamp>,
}

impl Default for Licence {
    /// Of an installation of one's own: everything is on.
    fn default() -> Self {
        Self { seats: None, period_from: None, period_to: None, premium: true, grace_until: None }
    }
}

impl FromRow for Licence {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let moment = |at: Option<i64>| at.map(Timestamp);
        Ok(Self {
            seats: row.get(0)?,
            period_from: moment(row.get(1)?),
            period_to: moment(row.get(2)?),
            premium: row.get(3)?,
            grace_until: moment(row.get(4)?),
        })
    }
}

/// The licence of an account.
///
/// # Errors
/// When the storage fails.
pub async fn load(tx: &mut Tx, account: &AccountId) -> Result<Licence> {
    let query = sql!("SELECT seats, period_from, period_to, premium, grace_until FROM licences WHERE account_id = $1");
    Ok(query.bind(account).optional(tx).await?.unwrap_or_default())
}

/// Keeps it.
///
/// # Errors
/// When the storage fails.
pub async fn save(cx: &mut Cx<'_>, licence: &Licence) -> Result<()> {
    let query = sql!(
        "INSERT INTO licences (account_id, seats, period_from, period_to, premium, grace_until) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account_id) DO UPDATE SET seats = excluded.seats, period_from = excluded.period_from,
           period_to = excluded.period_to, premium = excluded.premium, grace_until = excluded.grace_until"
    );
    let moment = |at: Option<Timestamp>| at.map(|at| at.0);
    let query = query.bind(cx.account).bind(licence.seats).bind(moment(licence.period_from));
    let query = query.bind(moment(licence.period_to)).bind(licence.premium).bind(moment(licence.grace_until));
    query.execute(cx.tx).await?;
    Ok(())
}
