//! Long work: watching and cancelling it.

use ::jobs::project::{self as project_jobs, JobFilter, JobState, ProjectJob};
use axum::Json;
use axum::extract::State;
use db::Cursor;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use model::JobId;
use serde::Deserialize;
use std::sync::Arc;

/// Which jobs a list shows.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `apply_rules`, `undo_rules`, `import`, `erase`, `renormalise`, `refresh_search`, `retag`.
    kind: Option<String>,
    /// Where they stand.
    state: Option<JobState>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Jobs of a project, newest first: a page that was reloaded finds what is under way.
#[utoipa::path(get, operation_id = "list_jobs", path = "/api/v1/projects/{project_id}/jobs", tag = "jobs",
    params(("project_id" = String, Path), ListQuery), responses((status = 200, body = ItemList<ProjectJob>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<ItemList<ProjectJob>>, ApiError> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (page.limit()?, page.before_moment()?.unwrap_or((i64::MAX, JobId::from_bits(0))));
    let filter = JobFilter { kind: query.kind.unwrap_or_default(), state: query.state, before, limit: limit + 1 };
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { project_jobs::list(cx.tx, cx.account, &project, &filter).await })
    });
    let cursor_of = |job: &ProjectJob| Cursor(vec![job.created_at.0.to_string(), job.id.to_string()]);
    Ok(Json(ItemList::page(rows.await?, limit, cursor_of)))
}

/// A job.
#[utoipa::path(get, operation_id = "get_job", path = "/api/v1/projects/{project_id}/jobs/{job_id}", tag = "jobs",
    params(("project_id" = String, Path), ("job_id" = String, Path)), responses((status = 200, body = ProjectJob)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, JobId)>,
) -> Result<Json<ProjectJob>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { project_jobs::get(cx.tx, cx.account, &project, &ids.1).await })
    });
    Ok(Json(found.await?))
}

/// Asks a job to stop; what it has not begun stays as it is.
#[utoipa::path(post, operation_id = "cancel_job", path = "/api/v1/projects/{project_id}/jobs/{job_id}/cancel", tag = "jobs",
    params(("project_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = ProjectJob), (status = 409, description = "It has ended")))]
pub(super) async fn cancel(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, JobId)>,
) -> Result<Json<ProjectJob>, ApiError> {
    let asked = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { project_jobs::cancel(cx, &project, &ids.1).await })
    });
    Ok(Json(asked.await?))
}
