//! Secrets of scenarios' requests (Секреты).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::scenario_secrets::{self, ScenarioSecret};
use serde::Deserialize;
use std::sync::Arc;

/// Secrets of a project, without their values.
#[utoipa::path(get, operation_id = "list_scenario_secrets", path = "/api/v1/projects/{project_id}/scenario-secrets", tag = "scenarios",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<ScenarioSecret>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ScenarioSecret>>, ApiError> {
    let all = service
        .read(&principal.account_id, move |cx| Box::pin(async move { scenario_secrets::list(cx, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "scenario_secrets", |secret| secret.name.clone())?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutScenarioSecret)]
pub(super) struct Put {
    /// The value; shown to nobody again. Without one the value that is there stays, for the hosts that it has.
    #[serde(default)]
    value: Option<String>,
    /// Hosts that it may be sent to.
    hosts: Vec<String>,
}

/// Makes a secret, or gives it another value or other hosts.
#[utoipa::path(put, operation_id = "update_scenario_secret", path = "/api/v1/projects/{project_id}/scenario-secrets/{name}",
    tag = "scenarios", params(("project_id" = String, Path), ("name" = String, Path)), request_body = Put,
    responses((status = 200, body = ScenarioSecret)))]
pub(super) async fn put(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<Put>,
) -> Result<Json<ScenarioSecret>, ApiError> {
    let made = service.write(&principal.account_id, move |cx| {
        let (name, Put { value, hosts }) = (ids.1.clone(), body.clone());
        Box::pin(async move { scenario_secrets::put(cx, &project, &name, value.as_deref(), &hosts).await })
    });
    Ok(Json(made.await?))
}

/// Forgets a secret: requests that name it are not sent any more.
#[utoipa::path(delete, operation_id = "delete_scenario_secret", path = "/api/v1/projects/{project_id}/scenario-secrets/{name}",
    tag = "scenarios", params(("project_id" = String, Path), ("name" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let gone = service.write(&principal.account_id, move |cx| {
        let name = ids.1.clone();
        Box::pin(async move { scenario_secrets::delete(cx, &project, &name).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}
