//! Scenarios and their drafts (Сценарии).

use crate::drafts::{self, Draft, Found, NewScenario, Published, Scenario};
use crate::simulation::{self, Simulation};
use crate::{runs, store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::ScenarioId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Scenarios of a project by name.
#[utoipa::path(get, operation_id = "list_scenarios", path = "/api/v1/projects/{project_id}/scenarios", tag = "scenarios",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Scenario>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Scenario>>, ApiError> {
    let all = service
        .read(&principal.account_id, move |cx| Box::pin(async move { store::list(cx.tx, cx.account, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "scenarios", |scenario| scenario.id.to_string())?))
}

/// Makes a scenario; its draft may hold problems.
#[utoipa::path(post, operation_id = "create_scenario", path = "/api/v1/projects/{project_id}/scenarios", tag = "scenarios",
    params(("project_id" = String, Path)), request_body = NewScenario, responses((status = 201, body = Scenario)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<NewScenario>,
) -> Result<impl IntoResponse, ApiError> {
    let by = Some(principal.user_id());
    let made = service
        .write(&principal.account_id, move |cx| Box::pin(async move { drafts::create(cx, &project, new, by).await }));
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// A scenario.
#[utoipa::path(get, operation_id = "get_scenario", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path)), responses((status = 200, body = Scenario)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
) -> Result<Json<Scenario>, ApiError> {
    let found =
        service.read(&principal.account_id, move |cx| Box::pin(async move { drafts::get(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateScenario)]
pub(super) struct Update {
    /// Another name.
    name: String,
}

/// Gives a scenario another name.
#[utoipa::path(patch, operation_id = "update_scenario", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path)), request_body = Update,
    responses((status = 200, body = Scenario)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiJson(body): ApiJson<Update>,
) -> Result<Json<Scenario>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { drafts::rename(cx, &project, &ids.1, &body.name).await })
    });
    Ok(Json(changed.await?))
}

#[derive(Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Fate {
    /// What becomes of those at work: `finish` (unless told) or `stop`.
    #[param(inline)]
    runs: Option<FateOfRuns>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FateOfRuns {
    Finish,
    Stop,
}

/// Conversations whose run is stopped in one transaction.
const BATCH: i64 = 100;

/// Deletes a scenario: nothing launches it any more, and its report is gone from the lists.
#[utoipa::path(delete, operation_id = "delete_scenario", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path), Fate), responses((status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiQuery(fate): ApiQuery<Fate>,
) -> Result<StatusCode, ApiError> {
    let id = ids.1;
    let gone = service
        .write(&principal.account_id, move |cx| Box::pin(async move { drafts::delete(cx, &project, &id).await }));
    gone.await?;
    while fate.runs == Some(FateOfRuns::Stop) {
        let stopped = service.write(&principal.account_id, move |cx| {
            Box::pin(async move {
                let some = store::conversations_of(cx.tx, cx.account, &id, BATCH).await?;
                for conversation in &some {
                    runs::stop(cx, &project, conversation).await?;
                }
                Ok::<_, model::Refusal>(some.len())
            })
        });
        if stopped.await? == 0 {
            break;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The draft with what was found in it.
#[utoipa::path(get, operation_id = "get_scenario_draft", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/draft",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path)), responses((status = 200, body = Draft)))]
pub(super) async fn draft(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
) -> Result<Json<Draft>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { drafts::draft(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SaveDraft)]
pub(super) struct Save {
    /// The document.
    #[schema(value_type = Object)]
    document: Value,
    /// The revision that it was made from.
    revision: i64,
}

/// Saves the draft over the revision that its editor knows.
#[utoipa::path(put, operation_id = "update_scenario_draft", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/draft",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path)), request_body = Save,
    responses((status = 200, body = Draft), (status = 409, description = "Somebody has saved since")))]
pub(super) async fn save(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiJson(body): ApiJson<Save>,
) -> Result<Json<Draft>, ApiError> {
    let by = Some(principal.user_id());
    let document = drafts::read(body.document)?;
    let saved = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { drafts::save(cx, &project, &ids.1, document, body.revision, by).await })
    });
    Ok(Json(saved.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckScenario)]
pub(super) struct Unchecked {
    /// The document.
    #[schema(value_type = Object)]
    document: Value,
}

/// What was found in a document.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = CheckedScenario)]
pub(super) struct Checked {
    /// Errors first.
    problems: Vec<Found>,
}

/// Looks for problems in a document without saving it.
#[utoipa::path(post, operation_id = "check_scenario", path = "/api/v1/projects/{project_id}/scenarios/check", tag = "scenarios",
    params(("project_id" = String, Path)), request_body = Unchecked, responses((status = 200, body = Checked)))]
pub(super) async fn check(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Unchecked>,
) -> Result<Json<Checked>, ApiError> {
    let document = drafts::read(body.document)?;
    let problems = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { drafts::problems_of(cx, &project, &document).await })
    });
    Ok(Json(Checked { problems: problems.await? }))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublishScenario)]
pub(super) struct Publish {
    /// The draft's revision.
    revision: i64,
}

/// Makes the draft the newest version; refused with every error of the document by its block.
#[utoipa::path(post, operation_id = "publish_scenario", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/publish",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path)), request_body = Publish,
    responses((status = 200, body = Published), (status = 409, description = "Somebody has saved since")))]
pub(super) async fn publish(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiJson(body): ApiJson<Publish>,
) -> Result<Json<Published>, ApiError> {
    let by = Some(principal.user_id());
    let published = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { drafts::publish(cx, &project, &ids.1, body.revision, by).await })
    });
    Ok(Json(published.await?))
}

/// Plays events against a document in virtual time; nothing is stored and nobody is written to.
#[utoipa::path(post, operation_id = "simulate_scenario", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/simulate",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path)), request_body = Simulation,
    responses((status = 200, description = "The transcript of section 10 of `scenarios.md`", body = Object)))]
pub(super) async fn simulate(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiJson(body): ApiJson<Simulation>,
) -> Result<Json<Value>, ApiError> {
    let played = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            drafts::get(cx, &project, &ids.1).await?;
            simulation::run(cx, &project, body).await
        })
    });
    Ok(Json(played.await?))
}
