//! Who takes no mailings, and the words that say so.

use axum::Json;
use axum::extract::State;
use http_kit::{Actor, ApiError, ApiJson, ApiPath, Principal, Project};
use messaging::consent::{self, OptOut, Reach, Settings, Source};
use messaging::{Messaging, contacts};
use model::{ContactId, Cx, ProjectId, Refusal};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a project hears that somebody takes no mailings.
#[utoipa::path(get, operation_id = "get_mailing_settings", path = "/api/v1/projects/{project_id}/mailing-settings", tag = "mailings",
    params(("project_id" = String, Path)), responses((status = 200, body = Settings)))]
pub(super) async fn settings(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<Settings>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { consent::settings(cx.tx, cx.account, &project).await })
    });
    Ok(Json(found.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SaveMailingSettings)]
pub(super) struct Save {
    /// Whole messages that say so.
    stop_words: Vec<String>,
    /// How far it reaches.
    scope: Reach,
    /// The version that it was made from.
    version: i64,
}

/// Saves them over the version that their editor knows.
#[utoipa::path(put, operation_id = "update_mailing_settings", path = "/api/v1/projects/{project_id}/mailing-settings", tag = "mailings",
    params(("project_id" = String, Path)), request_body = Save,
    responses((status = 200, body = Settings), (status = 409, description = "Somebody has saved since")))]
pub(super) async fn save(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Save>,
) -> Result<Json<Settings>, ApiError> {
    let saved = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let stop_words = consent::check_words(&body.stop_words)?;
            let settings = Settings { stop_words, scope: body.scope, version: body.version };
            if !consent::save_settings(cx, &project, &settings).await? {
                let detail = "somebody saved these settings meanwhile: load them again".to_owned();
                return Err(Refusal::Conflict { code: "changed_meanwhile", detail });
            }
            events::settings_changed(cx, &project, "mailing-settings").await?;
            consent::settings(cx.tx, cx.account, &project).await
        })
    });
    Ok(Json(saved.await?))
}

/// Whether a person takes mailings.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = ContactOptOut)]
pub(super) struct Standing {
    /// This contact gets none.
    is_opted_out: bool,
    /// How far an opt-out reaches in this project.
    scope: Reach,
    /// Who of the person said so.
    items: Vec<OptOut>,
}

async fn standing(cx: &mut Cx<'_>, project: &ProjectId, contact: &ContactId) -> Result<Standing, Refusal> {
    contacts::party(cx.tx, cx.account, project, contact).await?;
    let scope = consent::settings(cx.tx, cx.account, project).await?.scope;
    let items = consent::of_group(cx.tx, cx.account, contact).await?;
    let is_opted_out = items.iter().any(|one| scope == Reach::Person || one.contact_id == *contact);
    Ok(Standing { is_opted_out, scope, items })
}

/// Whether a person takes mailings, and who said so.
#[utoipa::path(get, operation_id = "get_contact_opt_out", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/opt-out",
    tag = "mailings", params(("project_id" = String, Path), ("contact_id" = String, Path)), responses((status = 200, body = Standing)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
) -> Result<Json<Standing>, ApiError> {
    let found =
        service.read(&principal.account_id, move |cx| Box::pin(async move { standing(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}

/// Notes that a person takes no mailings.
#[utoipa::path(put, operation_id = "set_contact_opt_out", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/opt-out",
    tag = "mailings", params(("project_id" = String, Path), ("contact_id" = String, Path)), responses((status = 200, body = Standing)))]
pub(super) async fn put(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
) -> Result<Json<Standing>, ApiError> {
    let by = principal.name().to_owned();
    let source = match principal.actor {
        Actor::Key { .. } => Source::Api,
        Actor::User { .. } => Source::Operator,
    };
    let noted = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            consent::opt_out(cx, &project, &ids.1, source, Some(&by)).await?;
            standing(cx, &project, &ids.1).await
        })
    });
    Ok(Json(noted.await?))
}

/// Takes back what people or programs of the company noted; never what the client said.
#[utoipa::path(delete, operation_id = "delete_contact_opt_out", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/opt-out",
    tag = "mailings", params(("project_id" = String, Path), ("contact_id" = String, Path)),
    responses((status = 200, body = Standing), (status = 409, description = "The client said so")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
) -> Result<Json<Standing>, ApiError> {
    let taken_back = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            consent::take_back(cx, &project, &ids.1).await?;
            standing(cx, &project, &ids.1).await
        })
    });
    Ok(Json(taken_back.await?))
}
