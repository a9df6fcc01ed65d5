//! Long work: watching and cancelling it.

use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiPath, Principal, Project};
use messaging::Messaging;
use messaging::project_jobs::{self, ProjectJob};
use model::JobId;
use std::sync::Arc;

/// A job.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/jobs/{job_id}", tag = "jobs",
    params(("project_id" = String, Path), ("job_id" = String, Path)), responses((status = 200, body = ProjectJob)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, JobId)>,
) -> Result<Json<ProjectJob>, ApiError> {
    let account = principal.account_id.clone();
    let found = service.db.read(principal.account_id.as_str(), move |tx| {
        Box::pin(async move { project_jobs::get(tx, &account, &project, &ids.1).await })
    });
    Ok(Json(found.await?))
}

/// Asks a job to stop; what it has not begun stays as it is.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/jobs/{job_id}/cancel", tag = "jobs",
    params(("project_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = ProjectJob), (status = 409, description = "It has ended")))]
pub(super) async fn cancel(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, JobId)>,
) -> Result<Json<ProjectJob>, ApiError> {
    let (env, account) = (service.env.clone(), principal.account_id.clone());
    let asked = service.db.write(principal.account_id.as_str(), move |tx| {
        Box::pin(async move { project_jobs::cancel(tx, &env, &account, &project, &ids.1).await })
    });
    Ok(Json(asked.await?))
}
