//! How a site looks (Внешний вид).

use super::menu_buttons::{Upload, Uploaded, keep_picture};
use crate::appearance::{self, Draft};
use crate::config;
use accounts::Appearance;
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, Principal, Project};
use messaging::Messaging;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The draft of the appearance beside what the site has, and what differs, menu buttons among it.
#[utoipa::path(get, operation_id = "get_appearance", path = "/api/v1/projects/{project_id}/appearance", tag = "site",
    params(("project_id" = String, Path)), responses((status = 200, body = Draft)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<Draft>, ApiError> {
    let found =
        service.read(&principal.account_id, move |cx| Box::pin(async move { appearance::get(cx, &project).await }));
    Ok(Json(found.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SaveAppearance)]
pub(super) struct Save {
    /// Whole; what is left out is as it is at first.
    draft: Appearance,
    /// The version that it was made from.
    version: i64,
}

/// Saves the draft: the site does not see it yet.
#[utoipa::path(put, operation_id = "update_appearance_draft", path = "/api/v1/projects/{project_id}/appearance/draft", tag = "site",
    params(("project_id" = String, Path)), request_body = Save, responses((status = 200, body = Draft),
        (status = 409, description = "`draft_changed`: somebody else has saved since")))]
pub(super) async fn save(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(save): ApiJson<Save>,
) -> Result<Json<Draft>, ApiError> {
    let saved = service.write(&principal.account_id, move |cx| {
        let save = save.clone();
        Box::pin(async move { appearance::save(cx, &project, save.draft, save.version).await })
    });
    Ok(Json(saved.await?))
}

/// Throws the draft and the edits of menu buttons away: all is as the site has it.
#[utoipa::path(delete, operation_id = "delete_appearance_draft", path = "/api/v1/projects/{project_id}/appearance/draft", tag = "site",
    params(("project_id" = String, Path)), responses((status = 204)))]
pub(super) async fn revert(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<StatusCode, ApiError> {
    let reverted =
        service.write(&principal.account_id, move |cx| Box::pin(async move { appearance::revert(cx, &project).await }));
    reverted.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublishAppearance)]
pub(super) struct Publish {
    /// The version of the draft that was looked at; without it whatever is there goes.
    version: Option<i64>,
}

/// The site takes the draft, and its menu buttons as they are edited; it has them within a minute.
#[utoipa::path(post, operation_id = "publish_appearance", path = "/api/v1/projects/{project_id}/appearance/publish", tag = "site",
    params(("project_id" = String, Path)), request_body = Publish, responses((status = 200, body = Draft),
        (status = 409, description = "`draft_changed`: somebody else has saved since")))]
pub(super) async fn publish(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(publish): ApiJson<Publish>,
) -> Result<Json<Draft>, ApiError> {
    let by = principal.name().to_owned();
    let published = service.write(&principal.account_id, move |cx| {
        let (by, version) = (by.clone(), publish.version);
        Box::pin(async move { appearance::publish(cx, &project, version, &by).await })
    });
    Ok(Json(published.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PreviewAppearance)]
pub(super) struct Preview {
    /// Whole; what is left out is as it is at first.
    draft: Appearance,
}

/// What a site would be told.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(as = SiteConfig, value_type = Object)]
pub(super) struct Previewed(config::SiteConfig);

/// What the site would be told with this draft, and with the menu buttons as they are edited. Nothing is stored.
#[utoipa::path(post, operation_id = "preview_appearance", path = "/api/v1/projects/{project_id}/appearance/preview", tag = "site",
    params(("project_id" = String, Path)), request_body = Preview, responses((status = 200, body = Previewed)))]
pub(super) async fn preview(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(preview): ApiJson<Preview>,
) -> Result<Json<Previewed>, ApiError> {
    let made = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { config::preview(cx, &project, preview.draft).await })
    });
    Ok(Json(Previewed(made.await?)))
}

/// Uploads a photo of whoever is shown until somebody answers: PNG, JPEG, GIF or WebP; it is made small.
#[utoipa::path(post, operation_id = "upload_appearance_photo", path = "/api/v1/projects/{project_id}/appearance/photos", tag = "site",
    params(("project_id" = String, Path)), request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = Uploaded)))]
pub(super) async fn upload(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Uploaded>), ApiError> {
    keep_picture(&service, &principal, &project, multipart).await
}
