//! HTTP of segments.

use crate::segments::{self, New, Put, Segment, Usage};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::SegmentId;
use std::sync::Arc;

/// Audiences with a name, by name.
#[utoipa::path(get, operation_id = "list_segments", path = "/api/v1/projects/{project_id}/segments", tag = "mailings",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Segment>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Segment>>, ApiError> {
    let found =
        service.read(&principal.account_id, move |cx| Box::pin(async move { segments::list(cx, &project).await }));
    Ok(Json(ItemList::cut(found.await?, &page, "segments", |segment| segment.id.to_string())?))
}

/// Gives an audience a name.
#[utoipa::path(post, operation_id = "create_segment", path = "/api/v1/projects/{project_id}/segments", tag = "mailings",
    params(("project_id" = String, Path)), request_body = New,
    responses((status = 201, body = Segment), (status = 409, description = "`segment_name_taken`, `too_many_segments`")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<New>,
) -> Result<impl IntoResponse, ApiError> {
    let by = principal.name().to_owned();
    let made = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { segments::create(cx, &project, &by, new).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// One of them.
#[utoipa::path(get, operation_id = "get_segment", path = "/api/v1/projects/{project_id}/segments/{segment_id}", tag = "mailings",
    params(("project_id" = String, Path), ("segment_id" = String, Path)), responses((status = 200, body = Segment)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, SegmentId)>,
) -> Result<Json<Segment>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { segments::get(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}

/// Changes one over the revision that its editor knows. Mailings that have not begun mean it as it is then.
#[utoipa::path(put, operation_id = "update_segment", path = "/api/v1/projects/{project_id}/segments/{segment_id}", tag = "mailings",
    params(("project_id" = String, Path), ("segment_id" = String, Path)), request_body = Put,
    responses((status = 200, body = Segment), (status = 409, description = "`segment_changed`, `segment_name_taken`, `segment_at_work`")))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, SegmentId)>,
    ApiJson(put): ApiJson<Put>,
) -> Result<Json<Segment>, ApiError> {
    let by = principal.name().to_owned();
    let saved = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { segments::update(cx, &project, &by, &ids.1, put).await })
    });
    Ok(Json(saved.await?))
}

/// Takes one away that nothing names.
#[utoipa::path(delete, operation_id = "delete_segment", path = "/api/v1/projects/{project_id}/segments/{segment_id}", tag = "mailings",
    params(("project_id" = String, Path), ("segment_id" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 409, description = "`segment_in_use`: by these mailings and segments")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, SegmentId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service
        .write(&principal.account_id, move |cx| Box::pin(async move { segments::delete(cx, &project, &ids.1).await }));
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What names one: mailings that have not ended, other segments.
#[utoipa::path(get, operation_id = "get_segment_usage", path = "/api/v1/projects/{project_id}/segments/{segment_id}/usage", tag = "mailings",
    params(("project_id" = String, Path), ("segment_id" = String, Path)), responses((status = 200, body = Usage)))]
pub(super) async fn usage(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, SegmentId)>,
) -> Result<Json<Usage>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { segments::usage(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}
