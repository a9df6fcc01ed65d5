//! Runs: what a start would do, and starting, holding, stopping.

use crate::links;
use crate::preflight::{self, Preflight};
use crate::store::mailings;
use crate::use_cases;
use crate::view::{self, Mailing};
use axum::extract::State;
use axum::{Extension, Json};
use http_kit::{ApiError, ApiJson, ApiPath, AuditWords, Principal, Project};
use messaging::Messaging;
use model::{MailingId, ProjectId, Refusal};
use serde::Deserialize;
use std::sync::Arc;

/// Counts what a start at this moment would do.
#[utoipa::path(post, operation_id = "preflight_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/preflight",
    tag = "mailings", params(("project_id" = String, Path), ("mailing_id" = String, Path)), responses((status = 200, body = Preflight)))]
pub(super) async fn preflight(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<Json<Preflight>, ApiError> {
    let read = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = mailings::get(cx.tx, cx.account, &project, &ids.1).await?;
            let plan = use_cases::plan_of(cx, &row).await?;
            let lost = use_cases::lost_names(cx, &row, &plan).await?;
            Ok::<_, model::Refusal>((plan, lost))
        })
    });
    let (plan, problems) = read.await?;
    let no_address = links::no_address(&plan.document, &service.settings.public_url);
    let mut counted = preflight::count(&service, &principal.account_id, &project, &Arc::new(plan)).await?;
    counted.problems.extend(problems);
    counted.problems.extend(no_address);
    Ok(Json(counted))
}

#[derive(Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = StartMailing)]
pub(super) struct Start {
    /// At once, whatever its time: somebody's word for one that waits for it.
    now: bool,
}

/// Lets a mailing begin, at its time or at once.
#[utoipa::path(post, operation_id = "start_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/start", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)), request_body = Start,
    responses((status = 200, body = Mailing), (status = 409, description = "It is not ready, or its state does not allow it")))]
pub(super) async fn start(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiJson(body): ApiJson<Start>,
) -> Result<(Option<Extension<AuditWords>>, Json<Mailing>), ApiError> {
    let public_url = service.settings.public_url.clone();
    let started = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let document = mailings::get(cx.tx, cx.account, &project, &ids.1).await?.document;
            if let Some(problem) = links::no_address(&document, &public_url) {
                let detail = format!("{}: {}", problem.path, problem.message);
                return Err(Refusal::Conflict { code: "not_ready", detail });
            }
            let row = use_cases::start(cx, &project, &ids.1, body.now).await?;
            let why = row.document.required.as_ref().map(|required| required.reason.clone());
            Ok((why, view::of(cx, row).await?))
        })
    });
    let (why, mailing) = started.await?;
    // Whoever sends past opt-outs says why where nobody changes it.
    Ok((AuditWords::of(why), Json(mailing)))
}

/// Holds a running mailing: nothing more begins, what waits to be sent is held.
#[utoipa::path(post, operation_id = "pause_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/pause", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)),
    responses((status = 200, body = Mailing), (status = 409, description = "Its state does not allow it")))]
pub(super) async fn pause(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<Json<Mailing>, ApiError> {
    act(&service, &principal, project, ids.1, Deed::Pause).await
}

/// Lets a paused mailing go on.
#[utoipa::path(post, operation_id = "resume_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/resume", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)),
    responses((status = 200, body = Mailing), (status = 409, description = "Its state does not allow it")))]
pub(super) async fn resume(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<Json<Mailing>, ApiError> {
    act(&service, &principal, project, ids.1, Deed::Resume).await
}

/// Ends a mailing: what was not sent yet never is. A scheduled one becomes a draft.
#[utoipa::path(post, operation_id = "stop_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/stop", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)),
    responses((status = 200, body = Mailing), (status = 409, description = "Its state does not allow it")))]
pub(super) async fn stop(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<Json<Mailing>, ApiError> {
    act(&service, &principal, project, ids.1, Deed::Stop).await
}

/// What is asked of a run that has begun.
#[derive(Clone, Copy)]
enum Deed {
    Pause,
    Resume,
    Stop,
}

async fn act(
    service: &Messaging,
    principal: &Principal,
    project: ProjectId,
    id: MailingId,
    deed: Deed,
) -> Result<Json<Mailing>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = match deed {
                Deed::Pause => use_cases::pause(cx, &project, &id).await?,
                Deed::Resume => use_cases::resume(cx, &project, &id).await?,
                Deed::Stop => use_cases::stop(cx, &project, &id).await?,
            };
            view::of(cx, row).await
        })
    });
    Ok(Json(changed.await?))
}
