//! Links that lead a site visitor into a messenger and tie both contacts together (`t.me/bot?start=...`).

use crate::{Result, multi_contacts};
use db::{Tx, sql};
use model::{AccountId, ContactId, Cx, ProjectId, Timestamp};

/// A link not used within a day is dead.
const LIVES_MS: i64 = 24 * 60 * 60 * 1000;

/// Makes a payload for a messenger's start link of this contact.
///
/// # Errors
/// When the storage fails.
pub async fn make(cx: &mut Cx<'_>, contact: &ContactId) -> Result<String> {
    let token = cx.env.secret();
    let query = sql!("INSERT INTO link_tokens (account_id, token, contact_id, expires_at) VALUES ($1, $2, $3, $4)");
    let expires = cx.env.now().plus_ms(LIVES_MS).0;
    query.bind(cx.account.as_str()).bind(&token).bind(contact.as_str()).bind(expires).execute(cx.tx).await?;
    Ok(token)
}

/// Somebody came with a payload: the two contacts become one client. A payload works once; a wrong one does nothing.
///
/// # Errors
/// When the storage fails.
pub async fn follow(cx: &mut Cx<'_>, project: &ProjectId, token: &str, newcomer: &ContactId) -> Result<bool> {
    let query = sql!("DELETE FROM link_tokens WHERE account_id = $1 AND token = $2 RETURNING contact_id, expires_at");
    let row: Option<(String, i64)> = query.bind(cx.account.as_str()).bind(token).optional(cx.tx).await?;
    let Some((contact, _)) = row.filter(|(_, expires)| *expires > cx.env.now().0) else { return Ok(false) };
    let contact = ContactId::from_stored(contact);
    if contact == *newcomer {
        return Ok(false);
    }
    multi_contacts::link(cx, project, &contact, newcomer, None, Some("start link")).await?;
    Ok(true)
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
    Ok(query.bind(account.as_str()).bind(now.0).bind(limit).execute(tx).await?)
}
