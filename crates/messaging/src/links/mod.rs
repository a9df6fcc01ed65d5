//! Links that lead a site visitor into a messenger and tie both contacts together (`t.me/bot?start=...`).

mod store;

pub use store::forget_expired;

use crate::{Result, multi_contacts};
use model::{ContactId, Cx, ProjectId};

/// A link not used within a day is dead.
const LIVES_MS: i64 = 24 * 60 * 60 * 1000;

/// Makes a payload for a messenger's start link of this contact.
///
/// # Errors
/// When the storage fails.
pub async fn make(cx: &mut Cx<'_>, contact: &ContactId) -> Result<String> {
    let token = cx.env.secret();
    let expires = cx.env.now().plus_ms(LIVES_MS);
    store::insert(cx.tx, cx.account, &token, contact, expires).await?;
    Ok(token)
}

/// Somebody came with a payload: the two contacts become one client. A payload works once; a wrong one does nothing.
///
/// # Errors
/// When the storage fails.
pub async fn follow(cx: &mut Cx<'_>, project: &ProjectId, token: &str, newcomer: &ContactId) -> Result<bool> {
    let taken = store::take(cx.tx, cx.account, token).await?;
    let Some((contact, _)) = taken.filter(|(_, expires)| *expires > cx.env.now()) else { return Ok(false) };
    if contact == *newcomer {
        return Ok(false);
    }
    multi_contacts::link(cx, project, &contact, newcomer, None, Some("start link")).await?;
    Ok(true)
}
