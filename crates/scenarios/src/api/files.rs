//! Files that bots send: kept by the project, named by documents.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use http_kit::{ApiError, ApiQuery, ItemList, Principal, Project, ShortPageQuery, one_file};
use messaging::Messaging;
use messaging::files::{self, Kept, Owner};
use model::Attachment;
use std::sync::Arc;

/// Files of a project's bots, the newest first.
#[utoipa::path(get, operation_id = "list_scenario_files", path = "/api/v1/projects/{project_id}/scenario-files", tag = "scenarios",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Attachment>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Attachment>>, ApiError> {
    let all =
        service.read(&principal.account_id, move |cx| Box::pin(async move { files::of_scenarios(cx, &project).await }));
    let shown = all.await?.into_iter().map(|file| file.shown(&service.env, principal.links())).collect();
    Ok(Json(ItemList::cut(shown, &page, "scenario_files", |file: &Attachment| file.id.to_string())?))
}

/// The body of an upload.
#[derive(utoipa::ToSchema)]
#[schema(as = UploadScenarioFile)]
#[allow(dead_code)] // Only its schema is used.
pub(super) struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a file that documents may name in `files` of a message. What no scenario names is removed after a while.
#[utoipa::path(post, operation_id = "upload_scenario_file", path = "/api/v1/projects/{project_id}/scenario-files", tag = "scenarios",
    params(("project_id" = String, Path)), request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = Attachment)))]
pub(super) async fn upload(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    mut multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Attachment>), ApiError> {
    let (name, pieces) = one_file(&mut multipart).await?;
    let owner = Owner { account: &principal.account_id, project: &project, id: &principal.id().to_string() };
    let saved = service.files.receive(&service.env, owner, &name, pieces).await?;
    let attachment = saved.attachment().clone().shown(&service.env, principal.links());
    let kept = service.write(&principal.account_id, move |cx| {
        let saved = saved.clone();
        Box::pin(async move { files::keep(cx, &saved, Kept::Scenario).await })
    });
    kept.await?;
    Ok((StatusCode::CREATED, Json(attachment)))
}
