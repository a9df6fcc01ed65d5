//! Menu buttons of a site (Меню кнопки).

use crate::menu_buttons::{self, Change, MenuButton, New};
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery, one_file};
use messaging::Messaging;
use messaging::files::{self, Kept, Owner};
use model::{FileId, MenuButtonId, ProjectId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Buttons of a project in their order.
#[utoipa::path(get, operation_id = "list_menu_buttons", path = "/api/v1/projects/{project_id}/menu-buttons", tag = "site",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<MenuButton>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<MenuButton>>, ApiError> {
    let all =
        service.read(&principal.account_id, move |cx| Box::pin(async move { menu_buttons::list(cx, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "menu_buttons", |button| button.id.to_string())?))
}

/// Adds a button at the end.
#[utoipa::path(post, operation_id = "create_menu_button", path = "/api/v1/projects/{project_id}/menu-buttons", tag = "site",
    params(("project_id" = String, Path)), request_body = New, responses((status = 201, body = MenuButton)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<New>,
) -> Result<(StatusCode, Json<MenuButton>), ApiError> {
    let made = service.write(&principal.account_id, move |cx| {
        let settings = new.clone().into();
        Box::pin(async move { menu_buttons::create(cx, &project, settings).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a button.
#[utoipa::path(patch, operation_id = "update_menu_button", path = "/api/v1/projects/{project_id}/menu-buttons/{button_id}",
    tag = "site", params(("project_id" = String, Path), ("button_id" = String, Path)), request_body = Change,
    responses((status = 200, body = MenuButton), (status = 409, description = "`too_many_menu_buttons`")))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, MenuButtonId)>,
    ApiJson(change): ApiJson<Change>,
) -> Result<Json<MenuButton>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        let change = change.clone();
        Box::pin(async move { menu_buttons::update(cx, &project, &ids.1, change).await })
    });
    Ok(Json(changed.await?))
}

/// Takes a button away.
#[utoipa::path(delete, operation_id = "delete_menu_button", path = "/api/v1/projects/{project_id}/menu-buttons/{button_id}",
    tag = "site", params(("project_id" = String, Path), ("button_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, MenuButtonId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { menu_buttons::delete(cx, &project, &ids.1).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderMenuButtons)]
pub(super) struct Order {
    /// All of them, once each.
    ids: Vec<MenuButtonId>,
}

/// Puts the buttons in another order.
#[utoipa::path(put, operation_id = "order_menu_buttons", path = "/api/v1/projects/{project_id}/menu-buttons/order", tag = "site",
    params(("project_id" = String, Path)), request_body = Order, responses((status = 200, body = ItemList<MenuButton>)))]
pub(super) async fn order(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(order): ApiJson<Order>,
) -> Result<Json<ItemList<MenuButton>>, ApiError> {
    let ordered = service.write(&principal.account_id, move |cx| {
        let ids = order.ids.clone();
        Box::pin(async move { menu_buttons::order(cx, &project, &ids).await })
    });
    Ok(Json(ItemList::whole(ordered.await?)))
}

/// The body of an upload.
#[derive(utoipa::ToSchema)]
#[schema(as = UploadSitePicture)]
#[allow(dead_code)] // Only its schema is used.
pub(super) struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A picture that was uploaded.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = UploadedSitePicture)]
pub(super) struct Uploaded {
    /// What a button or an appearance names it by.
    file_id: FileId,
    /// Where everybody sees it.
    url: String,
}

/// Uploads a picture for buttons: PNG, JPEG, GIF or WebP; it is made small.
#[utoipa::path(post, operation_id = "upload_menu_button_image", path = "/api/v1/projects/{project_id}/menu-buttons/images",
    tag = "site", params(("project_id" = String, Path)),
    request_body(content = Upload, content_type = "multipart/form-data"), responses((status = 201, body = Uploaded)))]
pub(super) async fn upload(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Uploaded>), ApiError> {
    keep_picture(&service, &principal, &project, multipart).await
}

/// Keeps a picture that every visitor of the site sees.
pub(super) async fn keep_picture(
    service: &Messaging,
    principal: &Principal,
    project: &ProjectId,
    mut multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Uploaded>), ApiError> {
    let (name, pieces) = one_file(&mut multipart).await?;
    let owner = Owner { account: &principal.account_id, project, id: &principal.id().to_string() };
    let saved = service.files.receive_icon(&service.env, owner, &name, pieces).await?;
    let file_id = saved.attachment().id;
    let kept = service.write(&principal.account_id, move |cx| {
        let saved = saved.clone();
        Box::pin(async move { files::keep(cx, &saved, Kept::Menu).await })
    });
    kept.await?;
    Ok((StatusCode::CREATED, Json(Uploaded { file_id, url: files::kept_url(&file_id) })))
}
