//! Whether the log is what was written: row by row, and at its end.

use super::seal::{Head, Seal};
use super::store;
use db::Tx;
use model::{AccountId, Result};
use serde::Serialize;
use vault::Vault;

/// Rows checked in one read.
const CHECKED_AT_ONCE: i64 = 1_000;

/// How the seal at the end of the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditSeal {
    /// It opens.
    Good,
    /// There is none: nobody knows whether rows were cut off.
    Missing,
    /// Another one stands in its place.
    Altered,
    /// The key that it was sealed with is not here.
    Closed,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AuditCheck {
    /// Nothing was changed, taken out, cut off or put in by hand.
    pub is_whole: bool,
    /// Number of the last row that is there.
    pub last: i64,
    /// The first row that was changed or put in by hand, or that is missing with later ones after it; of a chain that was computed anew, the last.
    pub changed_at: Option<i64>,
    /// So many of the newest rows are missing.
    pub missing_at_end: i64,
    /// The seal at the end.
    pub seal: AuditSeal,
}

/// Looks at the whole log. Without a vault the seal is taken for closed.
///
/// # Errors
/// When the storage fails.
pub async fn check(tx: &mut Tx, account: &AccountId, vault: Option<&Vault>) -> Result<AuditCheck> {
    let seal = seal_of(tx, account, vault).await?;
    let (mut changed_at, walked) = walk(tx, account, &seal).await?;
    let last = store::last(tx, account).await?.unwrap_or_default().0;
    let mut missing_at_end = 0;
    if let Seal::At(head) = &seal {
        missing_at_end = (head.number - last).max(0);
        let is_other_chain = walked.number == head.number && walked.chain != head.chain;
        changed_at = changed_at.or(is_other_chain.then_some(head.number));
        // A row and the seal are written together, so rows after it were put there by hand.
        changed_at = changed_at.or((last > head.number).then_some(head.number + 1));
    }
    let seal = match seal {
        // Whoever has the key gave the one of before up.
        Seal::At(_) | Seal::GivenUp => AuditSeal::Good,
        Seal::Missing => AuditSeal::Missing,
        Seal::Altered => AuditSeal::Altered,
        Seal::Closed => AuditSeal::Closed,
    };
    let is_whole = changed_at.is_none() && missing_at_end == 0 && seal == AuditSeal::Good;
    Ok(AuditCheck { is_whole, last, changed_at, missing_at_end, seal })
}

async fn seal_of(tx: &mut Tx, account: &AccountId, vault: Option<&Vault>) -> Result<Seal> {
    let Some(vault) = vault else { return Ok(Seal::Closed) };
    let sealed = store::head(tx, account).await?;
    Ok(Seal::opened(vault, account, sealed.as_ref()))
}

/// From the first row to the sealed one, or to the last: the first that does not fit, and where the walk ended.
async fn walk(tx: &mut Tx, account: &AccountId, seal: &Seal) -> Result<(Option<i64>, Head)> {
    let until = match seal {
        Seal::At(head) => head.number,
        Seal::Missing | Seal::Altered | Seal::Closed | Seal::GivenUp => i64::MAX,
    };
    let mut at = Head { number: 0, chain: String::new() };
    loop {
        let lines = store::after(tx, account, at.number, CHECKED_AT_ONCE).await?;
        if lines.is_empty() {
            return Ok((None, at));
        }
        for line in lines {
            if line.number > until {
                // A row that is sealed and not there, with one after it, is a hole.
                return Ok(((at.number < until).then_some(at.number + 1), at));
            }
            if line.number != at.number + 1 || line.chain != line.chain_after(&at.chain) {
                return Ok((Some(at.number + 1), at));
            }
            at = Head { number: line.number, chain: line.chain };
        }
    }
}
