//! The project's list of tags (Теги).

use crate::tags::{self, Usage};
use ::jobs::project::ProjectJob;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::tags::{NewTag, Tag, UpdateTag};
use model::TagId;
use serde::Deserialize;
use std::sync::Arc;

/// Tags that a project lists, in their order.
#[utoipa::path(get, operation_id = "list_tags", path = "/api/v1/projects/{project_id}/tags", tag = "tags",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Tag>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Tag>>, ApiError> {
    let all = service
        .read(&principal.account_id, move |cx| Box::pin(async move { messaging::tags::list(cx, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "tags", |tag| tag.id.to_string())?))
}

/// Lists a tag, at the end.
#[utoipa::path(post, operation_id = "create_tag", path = "/api/v1/projects/{project_id}/tags", tag = "tags",
    params(("project_id" = String, Path)), request_body = NewTag,
    responses((status = 201, body = Tag), (status = 409, description = "`too_many_tags`")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<NewTag>,
) -> Result<(StatusCode, Json<Tag>), ApiError> {
    let made = service.write(&principal.account_id, move |cx| {
        let new = new.clone();
        Box::pin(async move { messaging::tags::create(cx, &project, new).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a tag of the list. Clients follow another name as a job (`retag`); scenarios, mailings, auto-actions and views go on naming the
/// old word.
#[utoipa::path(patch, operation_id = "update_tag", path = "/api/v1/projects/{project_id}/tags/{tag_id}", tag = "tags",
    params(("project_id" = String, Path), ("tag_id" = String, Path)), request_body = UpdateTag,
    responses((status = 200, body = Tag)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, TagId)>,
    ApiJson(change): ApiJson<UpdateTag>,
) -> Result<Json<Tag>, ApiError> {
    let by = principal.id().to_string();
    let changed = service.write(&principal.account_id, move |cx| {
        let (change, by) = (change.clone(), by.clone());
        Box::pin(async move { tags::update(cx, &project, &ids.1, change, &by).await })
    });
    Ok(Json(changed.await?))
}

/// What becomes of clients.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeleteQuery {
    /// Takes it from the clients, too, as a job (`retag`); else they keep the word.
    #[serde(default)]
    from_clients: bool,
}

/// Takes a tag out of the list.
#[utoipa::path(delete, operation_id = "delete_tag", path = "/api/v1/projects/{project_id}/tags/{tag_id}", tag = "tags",
    params(("project_id" = String, Path), ("tag_id" = String, Path), DeleteQuery),
    responses((status = 202, body = ProjectJob, description = "Clients follow"), (status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, TagId)>,
    ApiQuery(query): ApiQuery<DeleteQuery>,
) -> Result<Response, ApiError> {
    let by = principal.id().to_string();
    let gone = service.write(&principal.account_id, move |cx| {
        let by = by.clone();
        Box::pin(async move { tags::delete(cx, &project, &ids.1, query.from_clients, &by).await })
    });
    Ok(match gone.await? {
        Some(job) => (StatusCode::ACCEPTED, Json(job)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Which tag stays.
#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MergeTag)]
pub(super) struct Merge {
    /// Another tag of the list: clients get it in place of this one.
    into: TagId,
}

/// Makes one tag of two: this one leaves the list, and its clients get the other, as a job (`retag`).
#[utoipa::path(post, operation_id = "merge_tag", path = "/api/v1/projects/{project_id}/tags/{tag_id}/merge", tag = "tags",
    params(("project_id" = String, Path), ("tag_id" = String, Path)), request_body = Merge,
    responses((status = 202, body = ProjectJob)))]
pub(super) async fn merge(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, TagId)>,
    ApiJson(body): ApiJson<Merge>,
) -> Result<(StatusCode, Json<ProjectJob>), ApiError> {
    let by = principal.id().to_string();
    let started = service.write(&principal.account_id, move |cx| {
        let by = by.clone();
        Box::pin(async move { tags::merge(cx, &project, &ids.1, &body.into, &by).await })
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}

/// Where a tag of the list is used.
#[utoipa::path(get, operation_id = "get_tag_usage", path = "/api/v1/projects/{project_id}/tags/{tag_id}/usage", tag = "tags",
    params(("project_id" = String, Path), ("tag_id" = String, Path)), responses((status = 200, body = Usage)))]
pub(super) async fn usage(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, TagId)>,
) -> Result<Json<Usage>, ApiError> {
    let found =
        service.read(&principal.account_id, move |cx| Box::pin(async move { tags::usage(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}
