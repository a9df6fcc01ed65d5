//! Waiting clients of older versions.

use crate::moving::{self, WaitingRuns};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, Principal, Project};
use jobs::project::ProjectJob;
use messaging::Messaging;
use model::ScenarioId;
use serde::Deserialize;
use std::sync::Arc;

/// Clients who wait on versions before the newest, with what moving them to it would do.
#[utoipa::path(get, operation_id = "get_waiting_runs",
    path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/waiting-runs", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path)),
    responses((status = 200, body = WaitingRuns), (status = 409, description = "It was never published")))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
) -> Result<Json<WaitingRuns>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { moving::waiting(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}

/// Where waiting clients go.
#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveWaitingRuns)]
pub(super) struct Move {
    /// The newest version.
    version: i64,
}

/// Carries waiting clients over to the newest version, as a job (`move_runs`): those whose block is there and of the same type.
#[utoipa::path(post, operation_id = "move_waiting_runs",
    path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/waiting-runs/move", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path)), request_body = Move,
    responses((status = 202, body = ProjectJob),
        (status = 409, description = "It was never published, this version is not the newest, or they are being moved already")))]
pub(super) async fn start(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiJson(body): ApiJson<Move>,
) -> Result<(StatusCode, Json<ProjectJob>), ApiError> {
    let by = principal.id().to_string();
    let started = service.write(&principal.account_id, move |cx| {
        let by = by.clone();
        Box::pin(async move { moving::start(cx, &project, &ids.1, body.version, &by).await })
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}
