//! Published versions.

use crate::drafts::{self, Draft, Version};
use crate::store;
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{Refusal, ScenarioId};
use std::sync::Arc;

/// Published versions, the newest first.
#[utoipa::path(get, operation_id = "list_scenario_versions", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/versions",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<Version>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Version>>, ApiError> {
    let all = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            drafts::get(cx, &project, &ids.1).await?;
            store::versions(cx.tx, cx.account, &project, &ids.1).await
        })
    });
    Ok(Json(ItemList::cut(all.await?, &page, "scenario_versions", |version| version.version.to_string())?))
}

/// One version with its document.
#[utoipa::path(get, operation_id = "get_scenario_version",
    path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/versions/{version}", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path), ("version" = i64, Path)),
    responses((status = 200, body = Version)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId, i64)>,
) -> Result<Json<Version>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let found = store::version(cx.tx, cx.account, &project, &ids.1, ids.2).await?;
            found.ok_or(Refusal::NotFound)
        })
    });
    Ok(Json(found.await?))
}

/// Makes the draft what a version was; nothing is published by it.
#[utoipa::path(post, operation_id = "restore_scenario_version",
    path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/versions/{version}/restore", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path), ("version" = i64, Path)),
    responses((status = 200, body = Draft)))]
pub(super) async fn restore(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId, i64)>,
) -> Result<Json<Draft>, ApiError> {
    let by = Some(principal.user_id());
    let restored = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { drafts::restore(cx, &project, &ids.1, ids.2, by).await })
    });
    Ok(Json(restored.await?))
}
