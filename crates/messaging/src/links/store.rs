//! SQL of links into a messenger.

use crate::Result;
use db::{Tx, sql};
use model::{AccountId, ContactId, Timestamp};

pub(super) async fn insert(
    tx: &mut Tx,
    account: &AccountId,
    token: &str,
    contact: &ContactId,
    expires: Timestamp,
) -> Result<()> {
    let query = sql!("INSERT INTO link_tokens (account_id, token, contact_id, expires_at) VALUES ($1, $2, $3, $4)");
    query.bind(account).bind(token).bind(contact).bind(expires.0).execute(tx).await?;
    Ok(())
}

/// Takes a link out, dead or not: whose it was, and when it dies.
pub(super) async fn take(tx: &mut Tx, account: &AccountId, token: &str) -> Result<Option<(ContactId, Timestamp)>> {
    let query = sql!("DELETE FROM link_tokens WHERE account_id = $1 AND token = $2 RETURNING contact_id, expires_at");
    let row: Option<(ContactId, i64)> = query.bind(account).bind(token).optional(tx).await?;
    Ok(row.map(|(contact, expires)| (contact, Timestamp(expires))))
}

/// Forgets up to `limit` links that are dead by now.
///
/// # Errors
/// When the storage fails.
pub async fn forget_expired(tx: &mut Tx, account: &AccountId, now: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM link_tokens WHERE account_id = $1 AND token IN (
           SELECT token FROM link_tokens WHERE account_id = $1 AND expires_at <= $2 ORDER BY token LIMIT $3)"
    );
    Ok(query.bind(account).bind(now.0).bind(limit).execute(tx).await?)
}
