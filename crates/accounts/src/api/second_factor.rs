//! One's own second factor, and a colleague's who lost it.

use crate::{Accounts, second_factor, sessions};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, Principal};
use model::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How it stands with the second factor.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SecondFactor {
    /// Since when a code is asked for at sign-in; null when none is.
    since: Option<Timestamp>,
    /// Recovery codes that were not used.
    recovery_codes_left: i64,
}

/// A key for the phone: nobody can read it again.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SecondFactorKey {
    /// In Base32, to be typed where the picture cannot be read.
    secret: String,
    /// `otpauth://` address: what the picture holds.
    address: String,
}

/// The phone's first code.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstCode {
    code: String,
}

/// Codes to be kept on paper, each good once: nobody can read them again.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// How it stands with one's own second factor.
#[utoipa::path(get, operation_id = "get_second_factor", path = "/api/v1/me/second-factor", tag = "session",
    responses((status = 200, body = SecondFactor)))]
pub(super) async fn get(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<Json<SecondFactor>, ApiError> {
    let (user, _) = principal.person()?;
    let standing = accounts
        .messaging
        .read(&principal.account_id, move |cx| Box::pin(async move { second_factor::standing(cx, &user).await }));
    let standing = standing.await?;
    Ok(Json(SecondFactor { since: standing.since, recovery_codes_left: standing.recovery_codes_left }))
}

/// Makes a key for the phone. Nothing is asked for until its first code is given.
#[utoipa::path(post, operation_id = "start_second_factor", path = "/api/v1/me/second-factor", tag = "session",
    responses((status = 200, body = SecondFactorKey), (status = 409, description = "`second_factor_on`")))]
pub(super) async fn start(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<Json<SecondFactorKey>, ApiError> {
    let (user, _) = principal.person()?;
    let begun = accounts
        .messaging
        .write(&principal.account_id, move |cx| Box::pin(async move { second_factor::begin(cx, &user).await }));
    let begun = begun.await?;
    Ok(Json(SecondFactorKey { secret: begun.secret, address: begun.address }))
}

/// Gives the phone's first code: from now on one is asked for at every sign-in, and one's other sessions end.
#[utoipa::path(post, operation_id = "finish_second_factor", path = "/api/v1/me/second-factor/confirm", tag = "session", request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes), (status = 409, description = "`second_factor_on`, `second_factor_not_begun`"),
        (status = 429, description = "Too many wrong codes")))]
pub(super) async fn finish(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(body): ApiJson<FirstCode>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let (user, session) = principal.person()?;
    let recovery_codes = sessions::confirm_phone(&accounts, (&principal.account_id, user, session), body.code).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}

/// Codes for paper, instead of those there were.
#[utoipa::path(post, operation_id = "rotate_recovery_codes", path = "/api/v1/me/recovery-codes", tag = "session",
    responses((status = 200, body = RecoveryCodes), (status = 409, description = "`second_factor_off`")))]
pub(super) async fn renew_codes(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let (user, _) = principal.person()?;
    let renewed = accounts
        .messaging
        .write(&principal.account_id, move |cx| Box::pin(async move { second_factor::renew_codes(cx, &user).await }));
    Ok(Json(RecoveryCodes { recovery_codes: renewed.await? }))
}

/// Asks for no code any more. Where there was none, nothing changes.
#[utoipa::path(delete, operation_id = "delete_second_factor", path = "/api/v1/me/second-factor", tag = "session",
    responses((status = 204)))]
pub(super) async fn delete(State(accounts): State<Accounts>, principal: Principal) -> Result<StatusCode, ApiError> {
    let (user, _) = principal.person()?;
    let removed = accounts
        .messaging
        .write(&principal.account_id, move |cx| Box::pin(async move { second_factor::remove(cx, &user).await }));
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the second factor from a colleague who lost the phone; their sessions end.
#[utoipa::path(delete, operation_id = "delete_user_second_factor", path = "/api/v1/users/{user_id}/second-factor", tag = "team",
    params(("user_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete_of(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<UserId>,
) -> Result<StatusCode, ApiError> {
    let account = principal.account_id;
    let removed = accounts.messaging.write(&account, move |cx| {
        let principal = principal.clone();
        Box::pin(async move { second_factor::remove_of(cx, &principal, &id).await })
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether everybody needs a code, and after how many days.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondFactorWish {
    /// Everybody of the account; else each person as they like.
    required: bool,
    /// Days in which everybody may still set it up, 30 at most; none when missing.
    #[serde(default)]
    grace_days: i64,
}

/// What is asked of everybody.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SecondFactorRule {
    /// From when on whoever has no second factor can do nothing but set it up; null when nobody has to.
    needed_from: Option<Timestamp>,
}

/// Asks a second factor of everybody, after some days, or leaves it to each person. The owner who asks has one.
#[utoipa::path(put, operation_id = "set_second_factor_rule", path = "/api/v1/account/second-factor", tag = "team",
    request_body = SecondFactorWish, responses((status = 200, body = SecondFactorRule), (status = 409, description = "`second_factor_first`")))]
pub(super) async fn ask_of_all(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(wish): ApiJson<SecondFactorWish>,
) -> Result<Json<SecondFactorRule>, ApiError> {
    let (user, _) = principal.person()?;
    let days = wish.required.then_some(wish.grace_days);
    let asked = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move { second_factor::ask_of_all(cx, &user, days).await })
    });
    Ok(Json(SecondFactorRule { needed_from: asked.await? }))
}
