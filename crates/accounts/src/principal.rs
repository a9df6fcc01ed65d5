//! From a cookie or a key to the principal: asked on every request, so that a revoked one stops at once (security statement 15).

use crate::{Accounts, second_factor, sessions, store};
use db::{Scope, Tx};
use http_kit::{Actor, ApiError, Principal, Role, sha256_hex};
use model::{Availability, ProjectId};

/// The principal of a session cookie; none when it ended.
///
/// # Errors
/// When the storage fails.
pub async fn by_session(accounts: &Accounts, token: &str) -> Result<Option<Principal>, ApiError> {
    let (hash, now) = (sha256_hex(token), accounts.messaging.env.now());
    let found = accounts.messaging.db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let Some((session, user)) = store::session(tx, &hash, now).await? else { return Ok(None) };
            let projects = seen_projects(tx, &user).await?;
            let owes_code = second_factor::owes(tx, &user.account_id, &user.id, now).await?;
            Ok::<_, model::Refusal>(Some((session, user, projects, owes_code)))
        })
    });
    let Some((session, user, projects, owes_code)) = found.await? else { return Ok(None) };
    sessions::see(accounts, &user.account_id, &session);
    let actor = Actor::User {
        id: user.id,
        name: user.name,
        role: user.role,
        session_id: session.id,
        proven_at: session.proven_at,
        csrf: sessions::csrf_of(token),
        is_away: user.availability == Availability::Away,
    };
    Ok(Some(Principal { account_id: user.account_id, actor, projects, owes_code }))
}

/// Projects that a user sees; none stands for all.
pub(crate) async fn seen_projects(tx: &mut Tx, user: &store::User) -> model::Result<Option<Vec<ProjectId>>> {
    match user.role {
        Role::Owner => Ok(None),
        Role::Admin | Role::Operator => Ok(Some(store::projects_of(tx, &user.account_id, &user.id).await?)),
    }
}

/// The principal of an API key: its maker's role and projects at this moment (rulings 42). None when key or maker ended.
///
/// # Errors
/// When the storage fails.
pub async fn by_api_key(accounts: &Accounts, key: &str) -> Result<Option<Principal>, ApiError> {
    let (hash, now) = (sha256_hex(key), accounts.messaging.env.now());
    let found = accounts.messaging.db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let Some(key) = store::key_by_hash(tx, &hash).await? else { return Ok(None) };
            let maker = store::user(tx, &key.account_id, &key.made_by).await?;
            let projects = seen_projects(tx, &maker).await?;
            let owes_code = second_factor::owes(tx, &maker.account_id, &maker.id, now).await?;
            Ok::<_, model::Refusal>(maker.active.then_some((key, maker, projects, owes_code)))
        })
    });
    let Some((key, maker, projects, owes_code)) = found.await? else { return Ok(None) };
    let actor = Actor::Key { id: key.id, scopes: key.scopes, maker: maker.id, role: maker.role };
    Ok(Some(Principal { account_id: key.account_id, actor, projects, owes_code }))
}
