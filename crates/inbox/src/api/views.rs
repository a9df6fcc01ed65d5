//! Saved views of the list of conversations.

use crate::mine::Reader;
use crate::views::{self, New, Put, SavedView, ViewCount};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{ProjectId, SavedViewId};
use std::sync::Arc;

/// Shared views of a project and your own. A key is shown the shared ones.
#[utoipa::path(get, operation_id = "list_saved_views", path = "/api/v1/projects/{project_id}/saved-views", tag = "conversations",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<SavedView>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<SavedView>>, ApiError> {
    let reader = Reader::of(&principal);
    let all =
        service.read(&principal.account_id, move |cx| Box::pin(async move { views::list(cx, &project, reader).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "saved_views", |view| view.id.to_string())?))
}

/// How many conversations each of these views holds for you.
#[utoipa::path(get, operation_id = "list_saved_view_counts", path = "/api/v1/projects/{project_id}/saved-views/counts",
    tag = "conversations",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<ViewCount>)))]
pub(super) async fn counts(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ViewCount>>, ApiError> {
    let by = principal.clone();
    let all =
        service.read(&principal.account_id, move |cx| Box::pin(async move { views::counts(cx, &project, &by).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "saved_view_counts", |view| view.id.to_string())?))
}

/// Makes a view: your own, or, for whoever may change settings, one of the whole project.
#[utoipa::path(post, operation_id = "create_saved_view", path = "/api/v1/projects/{project_id}/saved-views", tag = "conversations",
    params(("project_id" = String, Path)), request_body = New,
    responses((status = 201, body = SavedView), (status = 409, description = "`too_many_views`")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<New>,
) -> Result<(StatusCode, Json<SavedView>), ApiError> {
    let by = principal.clone();
    let made = service.write(&principal.account_id, move |cx| {
        let (by, new) = (by.clone(), new.clone());
        Box::pin(async move { views::create(cx, &project, &by, new).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a view that nobody has changed since you saw it.
#[utoipa::path(put, operation_id = "update_saved_view", path = "/api/v1/projects/{project_id}/saved-views/{view_id}",
    tag = "conversations",
    params(("project_id" = String, Path), ("view_id" = String, Path)), request_body = Put,
    responses((status = 200, body = SavedView),
        (status = 409, description = "`view_changed`: somebody, whom `detail` names, has changed it since; `too_many_views`")))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, SavedViewId)>,
    ApiJson(put): ApiJson<Put>,
) -> Result<Json<SavedView>, ApiError> {
    let by = principal.clone();
    let changed = service.write(&principal.account_id, move |cx| {
        let (by, put) = (by.clone(), put.clone());
        Box::pin(async move { views::update(cx, &project, &by, &ids.1, put).await })
    });
    Ok(Json(changed.await?))
}

/// Takes a view away.
#[utoipa::path(delete, operation_id = "delete_saved_view", path = "/api/v1/projects/{project_id}/saved-views/{view_id}",
    tag = "conversations",
    params(("project_id" = String, Path), ("view_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, SavedViewId)>,
) -> Result<StatusCode, ApiError> {
    let reader = Reader::of(&principal);
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { views::delete(cx, &project, reader, &ids.1).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}
