//! The account's licence (Лицензии).

use crate::Accounts;
use crate::licences::{self, Shown};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, Principal};
use serde::Deserialize;

/// Seats, period, options, what stops without them, and who switched what.
#[utoipa::path(get, operation_id = "get_licence", path = "/api/v1/licence", tag = "licence",
    responses((status = 200, body = Shown)))]
pub(super) async fn get(State(accounts): State<Accounts>, principal: Principal) -> Result<Json<Shown>, ApiError> {
    let shown =
        accounts.messaging.read(&principal.account_id, move |cx| Box::pin(async move { licences::show(cx).await }));
    Ok(Json(shown.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateLicence)]
pub(super) struct Update {
    /// The switch of Premium.
    premium: bool,
}

/// Switches Premium. Off, it stops at the grace date, or at once when none lies ahead; dialogues of bots then go to people.
#[utoipa::path(patch, operation_id = "update_licence", path = "/api/v1/licence", tag = "licence", request_body = Update,
    responses((status = 200, body = Shown)))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(body): ApiJson<Update>,
) -> Result<Json<Shown>, ApiError> {
    let by = principal.id();
    let switched = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move { licences::switch_premium(cx, body.premium, by).await })
    });
    Ok(Json(switched.await?))
}
