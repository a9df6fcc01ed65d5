//! The log of what joins contacts (Журнал).

use crate::multi_contacts::{self as groups, LogLine, Undone};
use ::jobs::project::ProjectJob;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use db::Cursor;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use messaging::multi_contacts::Effect;
use model::{LogId, Refusal};
use serde::Serialize;
use std::sync::Arc;

/// A line with what its reader may do.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct LogInfo {
    #[serde(flatten)]
    line: LogLine,
    /// It is the newest of its sort: of rules, settings and values, or of decisions by hand.
    can_undo: bool,
}

/// Changes of rules, settings, values and decisions by hand, newest first.
#[utoipa::path(get, operation_id = "list_log_lines", path = "/api/v1/projects/{project_id}/multi-contact-log", tag = "multi-contacts",
    params(("project_id" = String, Path), PageQuery), responses((status = 200, body = ItemList<LogInfo>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<LogInfo>>, ApiError> {
    let limit = query.limit()?;
    let before = query.id::<LogId>()?;
    let lines = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let undoable = groups::undoable(cx.tx, cx.account, &project).await?;
            let lines = groups::list_log(cx.tx, cx.account, &project, before, limit + 1).await?;
            let info = |line: LogLine| LogInfo { can_undo: undoable.contains(&line.id), line };
            Ok::<_, Refusal>(lines.into_iter().map(info).collect::<Vec<_>>())
        })
    });
    Ok(Json(ItemList::page(lines.await?, limit, |info| Cursor(vec![info.line.id.to_string()]))))
}

/// Undoes the newest change of its sort.
#[utoipa::path(post, operation_id = "undo_log_line", path = "/api/v1/projects/{project_id}/multi-contact-log/{log_id}/undo",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("log_id" = String, Path)),
    responses((status = 200, body = Effect), (status = 202, body = ProjectJob, description = "Rules or settings change as a job"),
        (status = 409, description = "Not the newest one")))]
pub(super) async fn undo(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, LogId)>,
) -> Result<Response, ApiError> {
    let by = principal.id().to_string();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { groups::undo_change(cx, &project, &ids.1, Some(&by)).await })
    });
    Ok(match done.await? {
        Undone::Now(effect) => Json(effect).into_response(),
        Undone::Job(job) => (StatusCode::ACCEPTED, Json(job)).into_response(),
    })
}
