//! Canned replies (Быстрые ответы).

use crate::canned_replies::{self, CannedReply, Change, New};
use crate::mine::Reader;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{CannedReplyId, ProjectId};
use std::sync::Arc;

/// Shared canned replies of a project and your own, by folder and title. A key is shown the shared ones.
#[utoipa::path(get, operation_id = "list_canned_replies", path = "/api/v1/projects/{project_id}/canned-replies",
    tag = "conversations",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<CannedReply>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<CannedReply>>, ApiError> {
    let reader = Reader::of(&principal);
    let all = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { canned_replies::list(cx, &project, reader).await })
    });
    Ok(Json(ItemList::cut(all.await?, &page, "canned_replies", |reply| reply.id.to_string())?))
}

/// Makes a canned reply: your own, or, for whoever may change settings, one of the whole project.
#[utoipa::path(post, operation_id = "create_canned_reply", path = "/api/v1/projects/{project_id}/canned-replies",
    tag = "conversations", params(("project_id" = String, Path)), request_body = New,
    responses((status = 201, body = CannedReply), (status = 409, description = "`too_many_canned_replies`")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<New>,
) -> Result<(StatusCode, Json<CannedReply>), ApiError> {
    let reader = Reader::of(&principal);
    let made = service.write(&principal.account_id, move |cx| {
        let new = new.clone();
        Box::pin(async move { canned_replies::create(cx, &project, reader, new).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a canned reply: your own, or a shared one for whoever may change settings.
#[utoipa::path(patch, operation_id = "update_canned_reply",
    path = "/api/v1/projects/{project_id}/canned-replies/{reply_id}", tag = "conversations",
    params(("project_id" = String, Path), ("reply_id" = String, Path)), request_body = Change,
    responses((status = 200, body = CannedReply), (status = 409, description = "`too_many_canned_replies`")))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, CannedReplyId)>,
    ApiJson(change): ApiJson<Change>,
) -> Result<Json<CannedReply>, ApiError> {
    let reader = Reader::of(&principal);
    let changed = service.write(&principal.account_id, move |cx| {
        let change = change.clone();
        Box::pin(async move { canned_replies::update(cx, &project, reader, &ids.1, change).await })
    });
    Ok(Json(changed.await?))
}

/// Takes a canned reply away.
#[utoipa::path(delete, operation_id = "delete_canned_reply",
    path = "/api/v1/projects/{project_id}/canned-replies/{reply_id}", tag = "conversations",
    params(("project_id" = String, Path), ("reply_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, CannedReplyId)>,
) -> Result<StatusCode, ApiError> {
    let reader = Reader::of(&principal);
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { canned_replies::delete(cx, &project, reader, &ids.1).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}
