//! Provider webhooks: proof first, then stored raw, then answered (rulings 7). Nothing is parsed before the proof.

use crate::Edge;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use channels::telegram;
use db::Scope;
use http_kit::{ApiError, ApiPath};
use messaging::connections::{self, ConnectionStatus};
use messaging::inbound;
use serde_json::Value;

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

pub(crate) async fn telegram(
    State(edge): State<Edge>,
    ApiPath(path): ApiPath<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let body = body.map_err(|e| ApiError::new(e.status(), "bad_body", e.body_text()))?;
    let service = &edge.messaging;
    let found = service
        .db
        .read(Scope::System, move |tx| Box::pin(async move { connections::by_hook(tx, "telegram", &path).await }));
    let Some(connection) = found.await? else { return Err(ApiError::not_found()) };
    let secret = connection.open(service.env.vault())?.hook;
    let header = headers.get(SECRET_HEADER).and_then(|v| v.to_str().ok());
    if !secret.is_some_and(|secret| telegram::verify(header, secret.expose())) {
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_secret", "the secret header is missing or wrong"));
    }
    if connection.status == ConnectionStatus::Off {
        // Telegram keeps what we do not take and comes again for a day.
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "connection_off", "this channel is switched off"));
    }
    let update: Value = serde_json::from_slice(&body)
        .map_err(|e| ApiError::new(StatusCode::BAD_REQUEST, "bad_json", format!("the body is not JSON: {e}")))?;
    let account = connection.account_id.clone();
    let stored =
        service.write(&account, move |cx| Box::pin(async move { inbound::journal(cx, &connection, &update).await }));
    stored.await?;
    Ok(StatusCode::OK)
}
