//! Client fields (Поля).

use crate::fields::{self, ArchivedField, NewField, UpdateField, Usage};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::fields::Field;
use serde::Deserialize;
use std::sync::Arc;

/// Fields of a project in the operator's order.
#[utoipa::path(get, operation_id = "list_fields", path = "/api/v1/projects/{project_id}/fields",
    tag = "fields", params(("project_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<Field>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Field>>, ApiError> {
    let all = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { messaging::fields::all(cx.tx, cx.account, &project).await })
    });
    Ok(Json(ItemList::cut(all.await?, &page, "fields", |field| field.key.clone())?))
}

/// Adds a field of the company's own.
#[utoipa::path(post, operation_id = "create_field", path = "/api/v1/projects/{project_id}/fields",
    tag = "fields", params(("project_id" = String, Path)),
    request_body = NewField, responses((status = 201, body = Field)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<NewField>,
) -> Result<impl IntoResponse, ApiError> {
    let made = service
        .write(&principal.account_id, move |cx| Box::pin(async move { fields::create(cx, &project, new).await }));
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a field; its key and kind stay.
#[utoipa::path(patch, operation_id = "update_field", path = "/api/v1/projects/{project_id}/fields/{key}", tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)), request_body = UpdateField, responses((status = 200, body = Field)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
    ApiJson(change): ApiJson<UpdateField>,
) -> Result<Json<Field>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { fields::update(cx, &project, &names.1, change).await })
    });
    Ok(Json(changed.await?))
}

/// Deletes an own field; it and its values go to the archive. A field that a rule uses stays.
#[utoipa::path(delete, operation_id = "delete_field", path = "/api/v1/projects/{project_id}/fields/{key}", tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 409, description = "Built in, or used by a rule")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let by = principal.id().to_string();
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { fields::delete(cx, &project, &names.1, Some(&by)).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deleted fields, the last first.
#[utoipa::path(get, operation_id = "list_archived_fields", path = "/api/v1/projects/{project_id}/archived-fields", tag = "fields",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<ArchivedField>)))]
pub(super) async fn archived(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ArchivedField>>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { fields::archived(cx.tx, cx.account, &project).await })
    });
    Ok(Json(ItemList::cut(found.await?, &page, "archived_fields", |one| one.field.key.clone())?))
}

/// Brings a deleted field back with the values it held.
#[utoipa::path(post, operation_id = "restore_archived_field", path = "/api/v1/projects/{project_id}/archived-fields/{key}/restore",
    tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = Field), (status = 409, description = "Another field has this key")))]
pub(super) async fn restore(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
) -> Result<Json<Field>, ApiError> {
    let by = principal.id().to_string();
    let restored = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { fields::restore(cx, &project, &names.1, Some(&by)).await })
    });
    Ok(Json(restored.await?))
}

/// Where a field is used.
#[utoipa::path(get, operation_id = "get_field_usage", path = "/api/v1/projects/{project_id}/fields/{key}/usage", tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)), responses((status = 200, body = Usage)))]
pub(super) async fn usage(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
) -> Result<Json<Usage>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { fields::usage(cx.tx, cx.account, &project, &names.1).await })
    });
    Ok(Json(found.await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// Every field's key, in the new order.
    keys: Vec<String>,
}

/// Puts the fields in another order (R53).
#[utoipa::path(put, operation_id = "order_fields", path = "/api/v1/projects/{project_id}/fields/order",
    tag = "fields", params(("project_id" = String, Path)),
    request_body = Order, responses((status = 200, body = ItemList<Field>)))]
pub(super) async fn order(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(order): ApiJson<Order>,
) -> Result<Json<ItemList<Field>>, ApiError> {
    let ordered = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { fields::order(cx, &project, &order.keys).await })
    });
    Ok(Json(ItemList::whole(ordered.await?)))
}
