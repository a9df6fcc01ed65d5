//! Suggests of a site (Саджесты).

use crate::suggests::{self, Change, New, Suggest};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{ProjectId, SuggestId};
use serde::Deserialize;
use std::sync::Arc;

/// Suggests of a project in their order.
#[utoipa::path(get, operation_id = "list_suggests", path = "/api/v1/projects/{project_id}/suggests", tag = "site",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Suggest>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Suggest>>, ApiError> {
    let all =
        service.read(&principal.account_id, move |cx| Box::pin(async move { suggests::list(cx, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "suggests", |suggest| suggest.id.to_string())?))
}

/// Adds a suggest at the end.
#[utoipa::path(post, operation_id = "create_suggest", path = "/api/v1/projects/{project_id}/suggests", tag = "site",
    params(("project_id" = String, Path)), request_body = New, responses((status = 201, body = Suggest)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<New>,
) -> Result<(StatusCode, Json<Suggest>), ApiError> {
    let made = service.write(&principal.account_id, move |cx| {
        let settings = new.clone().into();
        Box::pin(async move { suggests::create(cx, &project, settings).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a suggest.
#[utoipa::path(patch, operation_id = "update_suggest", path = "/api/v1/projects/{project_id}/suggests/{suggest_id}",
    tag = "site", params(("project_id" = String, Path), ("suggest_id" = String, Path)), request_body = Change,
    responses((status = 200, body = Suggest)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, SuggestId)>,
    ApiJson(change): ApiJson<Change>,
) -> Result<Json<Suggest>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        let change = change.clone();
        Box::pin(async move { suggests::update(cx, &project, &ids.1, change).await })
    });
    Ok(Json(changed.await?))
}

/// Takes a suggest away.
#[utoipa::path(delete, operation_id = "delete_suggest", path = "/api/v1/projects/{project_id}/suggests/{suggest_id}",
    tag = "site", params(("project_id" = String, Path), ("suggest_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, SuggestId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service
        .write(&principal.account_id, move |cx| Box::pin(async move { suggests::delete(cx, &project, &ids.1).await }));
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderSuggests)]
pub(super) struct Order {
    /// All of them, once each.
    ids: Vec<SuggestId>,
}

/// Puts the suggests in another order.
#[utoipa::path(put, operation_id = "order_suggests", path = "/api/v1/projects/{project_id}/suggests/order", tag = "site",
    params(("project_id" = String, Path)), request_body = Order, responses((status = 200, body = ItemList<Suggest>)))]
pub(super) async fn order(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(order): ApiJson<Order>,
) -> Result<Json<ItemList<Suggest>>, ApiError> {
    let ordered = service.write(&principal.account_id, move |cx| {
        let ids = order.ids.clone();
        Box::pin(async move { suggests::order(cx, &project, &ids).await })
    });
    Ok(Json(ItemList::whole(ordered.await?)))
}
