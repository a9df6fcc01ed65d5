//! Scenarios at work.

use crate::runs::{self, AtWork, Listed};
use crate::{drafts, store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::{Messaging, scenario_runs};
use model::{ConversationId, RunId, ScenarioId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Runs of a scenario, the last first.
#[utoipa::path(get, operation_id = "list_scenario_runs", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/runs",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path), PageQuery),
    responses((status = 200, body = ItemList<Listed>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<Listed>>, ApiError> {
    let (limit, before) = (page.limit()?, page.before_moment()?);
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            drafts::get(cx, &project, &ids.1).await?;
            store::runs(cx.tx, cx.account, &ids.1, before, limit + 1).await
        })
    });
    let cursor = |run: &Listed| Cursor(vec![run.started_at.0.to_string(), run.id.to_string()]);
    Ok(Json(ItemList::page(rows.await?, limit, cursor)))
}

/// What is at work in a conversation.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ConversationRun)]
pub(super) struct Here {
    /// Null when nothing is.
    run: Option<AtWork>,
}

/// The scenario at work in a conversation, with the step it waits at.
#[utoipa::path(get, operation_id = "get_conversation_run",
    path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/run", tag = "scenarios",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), responses((status = 200, body = Here)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Result<Json<Here>, ApiError> {
    let run = service
        .read(&principal.account_id, move |cx| Box::pin(async move { runs::at_work(cx, &project, &ids.1).await }));
    Ok(Json(Here { run: run.await? }))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StartRun)]
pub(super) struct Start {
    /// The scenario.
    #[schema(value_type = String)]
    scenario_id: ScenarioId,
}

/// Starts a scenario in a conversation: the bot takes it over, whoever has it.
#[utoipa::path(post, operation_id = "start_conversation_run",
    path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/run", tag = "scenarios",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Start,
    responses((status = 201, body = Here), (status = 409, description = "Not published")))]
pub(super) async fn start(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Start>,
) -> Result<impl IntoResponse, ApiError> {
    let run = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { runs::start(cx, &project, &ids.1, body.scenario_id).await })
    });
    Ok((StatusCode::CREATED, Json(Here { run: run.await? })))
}

/// Stops what is at work in a conversation, which goes to people.
#[utoipa::path(delete, operation_id = "stop_conversation_run",
    path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/run", tag = "scenarios",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), responses((status = 204, description = "Nothing is at work")))]
pub(super) async fn stop(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Result<StatusCode, ApiError> {
    let stopped =
        service.write(&principal.account_id, move |cx| Box::pin(async move { runs::stop(cx, &project, &ids.1).await }));
    stopped.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FinishRun)]
pub(super) struct Finish {
    /// The visit that was told to your bot.
    visit: u32,
    /// The code: an exit of the block.
    code: String,
}

/// Your bot has done its part: the run goes on through the exit with this code.
#[utoipa::path(post, operation_id = "finish_scenario_run", path = "/api/v1/projects/{project_id}/scenario-runs/{run_id}/finish",
    tag = "scenarios", params(("project_id" = String, Path), ("run_id" = String, Path)), request_body = Finish,
    responses((status = 204, description = "Taken")))]
pub(super) async fn finish(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, RunId)>,
    ApiJson(body): ApiJson<Finish>,
) -> Result<StatusCode, ApiError> {
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(
            async move { scenario_runs::jobs::finish_external(cx, &project, &ids.1, body.visit, &body.code).await },
        )
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}
