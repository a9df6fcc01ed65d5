//! Writing first.

use crate::start::{self, Addressee, Start, Ways};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, Principal, Project};
use messaging::Messaging;
use model::Message;
use std::sync::Arc;

/// Whom an address means, and through which channels they can be written to now; for the others why not.
#[utoipa::path(post, operation_id = "preview_chat", path = "/api/v1/projects/{project_id}/chats/preview", tag = "conversations",
    params(("project_id" = String, Path)), request_body = Addressee, responses((status = 200, body = Ways)))]
pub(super) async fn preview(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(addressee): ApiJson<Addressee>,
) -> Result<Json<Ways>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { start::ways(cx, &project, &addressee).await }));
    Ok(Json(found.await?))
}

/// Writes first: the answer comes into the same conversation.
#[utoipa::path(post, operation_id = "start_chat", path = "/api/v1/projects/{project_id}/chats", tag = "conversations",
    params(("project_id" = String, Path)), request_body = Start,
    responses((status = 201, body = Message), (status = 409, description = "This channel cannot be written to first, or now")))]
pub(super) async fn start(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(wanted): ApiJson<Start>,
) -> Result<impl IntoResponse, ApiError> {
    let message = start::start(&service, &principal, &project, wanted).await?;
    Ok((StatusCode::CREATED, Json(message)))
}
