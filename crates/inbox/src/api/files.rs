//! Uploads of operators.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, Principal, Project, one_file};
use messaging::files::Owner;
use messaging::{Messaging, files};
use model::Attachment;
use std::sync::Arc;

/// The body of an upload.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)] // Only its schema is used.
pub(super) struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a file, to be attached to one message.
#[utoipa::path(post, operation_id = "upload_file", path = "/api/v1/projects/{project_id}/files",
    tag = "messages", params(("project_id" = String, Path)),
    request_body(content = Upload, content_type = "multipart/form-data"), responses((status = 201, body = Attachment)))]
pub(super) async fn upload(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    mut multipart: Result<Multipart, MultipartRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let (name, pieces) = one_file(&mut multipart).await?;
    let owner = Owner { account: &principal.account_id, project: &project, id: &principal.id().to_string() };
    let saved = service.files.receive(&service.env, owner, &name, pieces).await?;
    let attachment = saved.attachment().clone().shown(&service.env);
    let stored =
        service.write(&principal.account_id, move |cx| Box::pin(async move { files::record(cx, &saved).await }));
    stored.await?;
    Ok((StatusCode::CREATED, Json(attachment)))
}
