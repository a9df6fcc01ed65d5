//! Provider webhooks: proof first, then stored raw, then answered (rulings 7). Nothing is read before the proof.

use crate::Edge;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use channels::Hook;
use db::Scope;
use http_kit::{ApiError, ApiPath};
use messaging::connections::{self, ConnectionStatus};
use messaging::inbound;
use model::ChannelKind;

pub(crate) async fn take(
    State(edge): State<Edge>,
    ApiPath((kind, path)): ApiPath<(ChannelKind, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let body = body.map_err(|e| ApiError::new(e.status(), "bad_body", e.body_text()))?;
    let service = &edge.messaging;
    let found =
        service.db.read(Scope::System, move |tx| Box::pin(async move { connections::by_hook(tx, kind, &path).await }));
    let Some(connection) = found.await? else { return Err(ApiError::not_found()) };
    let adapter = channels::adapter(kind);
    let hook = Hook { headers: &headers, body: &body };
    if !adapter.verify(&hook, &connection.open(service.env.vault())?) {
        let detail = "the proof that this call is the channel's is missing or wrong";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_secret", detail));
    }
    if connection.status == ConnectionStatus::Off {
        // Providers keep what we do not take and come again.
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "connection_off", "this channel is switched off"));
    }
    let updates =
        adapter.raw(&hook).map_err(|e| ApiError::new(StatusCode::BAD_REQUEST, "unreadable", e.to_string()))?;
    let account = connection.account_id;
    let stored =
        service.write(&account, move |cx| Box::pin(async move { inbound::journal(cx, &connection, &updates).await }));
    stored.await?;
    Ok(StatusCode::OK)
}
