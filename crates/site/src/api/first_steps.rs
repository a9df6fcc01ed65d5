//! The first steps of a project, and the check of the installed code.

use crate::first_steps::{self, FirstSteps};
use crate::install::{self, State as Found, Verdict, Wanted};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, Principal, Project};
use messaging::Messaging;
use serde::Deserialize;
use std::sync::Arc;

/// Longest address that is looked at.
const LONGEST: usize = 2000;

/// What of the first steps has happened.
#[utoipa::path(get, operation_id = "get_first_steps", path = "/api/v1/projects/{project_id}/first-steps", tag = "projects",
    params(("project_id" = String, Path)), responses((status = 200, body = FirstSteps)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<FirstSteps>, ApiError> {
    seen(&service, &principal, project).await
}

/// Reads them, and keeps what is done for the first time.
async fn seen(
    service: &Messaging,
    principal: &Principal,
    project: model::ProjectId,
) -> Result<Json<FirstSteps>, ApiError> {
    let read = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { first_steps::of(cx.tx, cx.account, &project).await })
    });
    let (steps, found) = read.await?;
    if !found.is_empty() {
        let kept = service.write(&principal.account_id, move |cx| {
            let found = found.clone();
            Box::pin(async move { first_steps::keep(cx, &project, &found).await })
        });
        kept.await?;
    }
    Ok(Json(steps))
}

/// Whether the first steps are put away.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HideFirstSteps {
    hidden: bool,
}

/// Puts the first steps of a project away for everybody, or brings them back.
#[utoipa::path(put, operation_id = "hide_first_steps", path = "/api/v1/projects/{project_id}/first-steps", tag = "projects",
    params(("project_id" = String, Path)), request_body = HideFirstSteps, responses((status = 200, body = FirstSteps)))]
pub(super) async fn hide(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<HideFirstSteps>,
) -> Result<Json<FirstSteps>, ApiError> {
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { first_steps::hide(cx, &project, body.hidden).await })
    });
    done.await?;
    seen(&service, &principal, project).await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckInstallation)]
pub(super) struct Check {
    /// A page of the company's site.
    url: String,
}

/// Fetches a page of the company's site and names what keeps the chat from it. Private addresses are not called.
#[utoipa::path(post, operation_id = "check_installation", path = "/api/v1/projects/{project_id}/installation/check", tag = "projects",
    params(("project_id" = String, Path)), request_body = Check, responses((status = 200, body = Verdict)))]
pub(super) async fn check(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Check>,
) -> Result<Json<Verdict>, ApiError> {
    if body.url.trim().is_empty() || body.url.len() > LONGEST {
        return Err(ApiError::invalid("url", "wrong_form", "the address of a page"));
    }
    let asked = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { accounts::get_project(cx.tx, cx.account, &project).await })
    });
    let asked = asked.await?;
    let wanted = Wanted { site_key: asked.site_key, allowed_origins: asked.allowed_origins };
    let mut verdict = install::check(&service.egress, &body.url, &wanted).await;
    if verdict.state == Found::NoCode && is_seen(&service, &principal, &project, verdict.origin.as_deref()).await? {
        // A tag manager puts it in where no text of the page shows it, and the widget itself is there.
        verdict.state = Found::Works;
    }
    if verdict.state == Found::Works {
        let noted =
            service.write(&principal.account_id, move |cx| Box::pin(async move { install::note(cx, &project).await }));
        noted.await?;
    }
    Ok(Json(verdict))
}

/// Whether somebody has a page of this site open whose widget speaks to us.
async fn is_seen(
    service: &Messaging,
    principal: &Principal,
    project: &model::ProjectId,
    origin: Option<&str>,
) -> Result<bool, ApiError> {
    let Some(origin) = origin else { return Ok(false) };
    let hub = service.hub.account(&principal.account_id).await?;
    let here = format!("{origin}/");
    Ok(hub.visitors_of(project).iter().any(|visitor| visitor.path.iter().any(|page| page.url.starts_with(&here))))
}
