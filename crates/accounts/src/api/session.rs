//! Signing in and out.

use super::me::{Me, me_of};
use crate::sessions::Proofs;
use crate::unexposed::Unexposed;
use crate::{Accounts, principal, sessions, store};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use http_kit::Origin;
use http_kit::{Actor, ApiError, ApiJson, ApiPath, ApiQuery, ClientAddress, ItemList, Principal, ShortPageQuery};
use model::{SessionId, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    email: String,
    password: String,
    /// Of the phone, or a recovery code: where one is asked for (`second_factor_required`).
    code: Option<String>,
}

/// Signs a user in by cookie.
#[utoipa::path(post, operation_id = "create_session", path = "/api/v1/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, description = "`wrong_password`; `second_factor_required`: say it again with a code; `wrong_code`"),
        (status = 403, description = "`tls_required`: plain http away from the server itself"), (status = 429, description = "Too many guesses")))]
pub(super) async fn sign_in(
    State(accounts): State<Accounts>,
    _: Unexposed,
    origin: Origin,
    ApiJson(body): ApiJson<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let proofs = Proofs { email: body.email, password: body.password, code: body.code };
    let token = sessions::sign_in(&accounts, proofs, origin).await?;
    signed_in(&accounts, &token).await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    password: String,
}

/// Gives the password once more: for a quarter of an hour the gravest acts may be done (exports, erasure, new keys).
#[utoipa::path(post, operation_id = "check_session", path = "/api/v1/session/proof", tag = "session", request_body = Proof,
    responses((status = 200, body = Me), (status = 429, description = "Too many guesses")))]
pub(super) async fn prove(
    State(accounts): State<Accounts>,
    principal: Principal,
    _: Unexposed,
    address: ClientAddress,
    ApiJson(body): ApiJson<Proof>,
) -> Result<Json<Me>, ApiError> {
    let Actor::User { id, session_id, .. } = &principal.actor else {
        return Err(ApiError::forbidden("an API key is not a user"));
    };
    sessions::prove(&accounts, (&principal.account_id, id, session_id), &body.password, address).await?;
    me_of(&accounts, &principal).await.map(Json)
}

/// The answer of every way to sign in.
pub(super) async fn signed_in(accounts: &Accounts, token: &str) -> Result<impl IntoResponse + use<>, ApiError> {
    let principal = principal::by_session(accounts, token).await?.ok_or_else(ApiError::unauthorized)?;
    let me = me_of(accounts, &principal).await?;
    Ok((AppendHeaders([(header::SET_COOKIE, sessions::cookie(Some(token)))]), Json(me)))
}

/// Ends this session.
#[utoipa::path(delete, operation_id = "delete_session", path = "/api/v1/session",
    tag = "session", responses((status = 204, description = "Signed out")))]
pub(super) async fn sign_out(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<impl IntoResponse, ApiError> {
    if let Actor::User { session_id, .. } = &principal.actor {
        let id = *session_id;
        let ended = accounts.messaging.write(&principal.account_id, move |cx| {
            Box::pin(async move { store::delete_session(cx.tx, cx.account, &id).await })
        });
        ended.await?;
    }
    Ok(signed_out())
}

/// A signed-in browser of one's own.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SessionInfo {
    id: SessionId,
    /// The one that asks.
    current: bool,
    /// What the browser said it is; empty for a session of before this was kept.
    device: String,
    /// Where it was begun.
    address: String,
    created_at: Timestamp,
    /// To some minutes.
    last_seen_at: Timestamp,
}

/// One's own signed-in browsers, the one seen last first.
#[utoipa::path(get, operation_id = "list_sessions", path = "/api/v1/sessions", tag = "session", params(ShortPageQuery),
    responses((status = 200, body = ItemList<SessionInfo>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<SessionInfo>>, ApiError> {
    let Actor::User { id, session_id, .. } = &principal.actor else {
        return Err(ApiError::forbidden("an API key is not a user"));
    };
    let (user, own) = (*id, *session_id);
    let found = accounts
        .messaging
        .read(&principal.account_id, move |cx| Box::pin(async move { store::sessions_of(cx, &user).await }));
    let info = |session: store::ListedSession| SessionInfo {
        id: session.id,
        current: session.id == own,
        device: session.device,
        address: session.address,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
    };
    let sessions = found.await?.into_iter().map(info).collect();
    Ok(Json(ItemList::cut(sessions, &page, "sessions", |session| session.id.to_string())?))
}

/// Ends one of one's own sessions; its sockets close.
#[utoipa::path(delete, operation_id = "end_session", path = "/api/v1/sessions/{session_id}", tag = "session",
    params(("session_id" = String, Path)), responses((status = 204, description = "Signed out there")))]
pub(super) async fn end(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<SessionId>,
) -> Result<StatusCode, ApiError> {
    let user = principal.user_id();
    let ended = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move { store::delete_session_of(cx.tx, cx.account, &user, &id).await })
    });
    ended.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of this user, this one too; their sockets close.
#[utoipa::path(delete, operation_id = "delete_sessions", path = "/api/v1/sessions",
    tag = "session", responses((status = 204, description = "Signed out everywhere")))]
pub(super) async fn sign_out_everywhere(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<impl IntoResponse, ApiError> {
    if let Actor::User { id, .. } = &principal.actor {
        let id = *id;
        let ended = accounts.messaging.write(&principal.account_id, move |cx| {
            Box::pin(async move { store::delete_sessions(cx.tx, cx.account, &id, None).await })
        });
        ended.await?;
    }
    Ok(signed_out())
}

fn signed_out() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, sessions::cookie(None))]))
}
