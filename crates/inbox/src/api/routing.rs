//! Distribution (Распределение).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, Principal, Project};
use messaging::Messaging;
use messaging::routing::{self, Settings};
use model::{ProjectId, UserId};
use serde::Deserialize;
use std::sync::Arc;

/// How the project gives out conversations that are nobody's.
#[utoipa::path(get, operation_id = "get_routing", path = "/api/v1/projects/{project_id}/routing", tag = "team",
    params(("project_id" = String, Path)), responses((status = 200, body = Settings)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<Settings>, ApiError> {
    let found =
        service.read(&principal.account_id, move |cx| Box::pin(async move { routing::settings(cx, &project).await }));
    Ok(Json(found.await?))
}

/// Changes how the project gives out conversations, as a whole.
#[utoipa::path(put, operation_id = "update_routing", path = "/api/v1/projects/{project_id}/routing", tag = "team",
    params(("project_id" = String, Path)), request_body = Settings, responses((status = 200, body = Settings)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(settings): ApiJson<Settings>,
) -> Result<Json<Settings>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        let settings = settings.clone();
        Box::pin(async move { routing::set(cx, &project, settings).await })
    });
    let changed = changed.await?;
    service.routing_due.notify_one();
    Ok(Json(changed))
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetLimit {
    /// Open conversations at most, to which distribution goes; null for no limit, 0 for none at all.
    #[schema(minimum = 0, maximum = 1000)]
    max_open: Option<i64>,
}

/// Sets how many open conversations a colleague is given at most in this project. Taking one by hand is not held up by it.
#[utoipa::path(put, operation_id = "set_routing_limit", path = "/api/v1/projects/{project_id}/users/{user_id}/limit",
    tag = "team", params(("project_id" = String, Path), ("user_id" = String, Path)), request_body = SetLimit,
    responses((status = 204)))]
pub(super) async fn set_limit(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, UserId)>,
    ApiJson(limit): ApiJson<SetLimit>,
) -> Result<StatusCode, ApiError> {
    let set = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { routing::set_limit(cx, &project, &ids.1, limit.max_open).await })
    });
    set.await?;
    service.routing_due.notify_one();
    Ok(StatusCode::NO_CONTENT)
}
