//! Runs as people see them: the bot's step on the client's card, started and stopped by hand.

use crate::store;
use messaging::conversations::{self, Place};
use messaging::scenario_runs::{self, Launching, shelf};
use model::{ContactId, ConversationId, Cx, ProjectId, Refusal, Result, RunId, ScenarioId, Timestamp};
use scenario::End;
use scenario::document::LaunchKind;
use serde::Serialize;

/// A scenario at work in a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScenarioRun)]
pub struct AtWork {
    /// Run id.
    pub id: RunId,
    /// Scenario.
    pub scenario_id: ScenarioId,
    /// Its name.
    pub name: String,
    /// The version it runs on; null for a draft that a test user tries.
    pub version: Option<i64>,
    /// The block it waits at.
    pub block: Option<String>,
    /// Its title, or its type.
    pub block_title: Option<String>,
    /// Begun.
    pub started_at: Timestamp,
}

/// What is at work in a conversation now.
///
/// # Errors
/// When there is no such conversation.
pub(crate) async fn at_work(cx: &mut Cx<'_>, project: &ProjectId, id: &ConversationId) -> Result<Option<AtWork>> {
    conversations::place(cx.tx, cx.account, project, id).await?;
    let Some((run, scenario, version, block, started)) = scenario_runs::alive_in(cx.tx, cx.account, id).await? else {
        return Ok(None);
    };
    let graph = shelf::graph(cx, &scenario, version).await?.ok_or(Refusal::NotFound)?;
    let title = match &block {
        Some(block) => store::title_of(cx.tx, cx.account, &scenario, version, block).await?,
        None => None,
    };
    Ok(Some(AtWork {
        id: run,
        scenario_id: scenario,
        name: graph.name.clone(),
        version: Some(version).filter(|version| *version > 0),
        block,
        block_title: title,
        started_at: Timestamp(started),
    }))
}

/// Starts a scenario by hand: it takes the conversation over, whoever has it.
///
/// # Errors
/// `not_published`; when there is no such conversation or scenario.
pub(crate) async fn start(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    conversation: &ConversationId,
    scenario_id: ScenarioId,
) -> Result<Option<AtWork>> {
    let place = conversations::place(cx.tx, cx.account, project, conversation).await?;
    let place = match place.status {
        model::ConversationStatus::Closed => again(cx, project, &place).await?,
        _ => place,
    };
    let launching = Launching { scenario_id, kind: LaunchKind::Api, of: None };
    scenario_runs::launch(cx, &place, launching).await?;
    at_work(cx, project, &place.conversation_id).await
}

async fn again(cx: &mut Cx<'_>, project: &ProjectId, place: &Place) -> Result<Place> {
    let party = messaging::contacts::party(cx.tx, cx.account, project, &place.contact_id).await?;
    conversations::open_or_continue(cx, &party).await
}

/// Stops what is at work; the conversation goes to people.
///
/// # Errors
/// When there is no such conversation.
pub(crate) async fn stop(cx: &mut Cx<'_>, project: &ProjectId, conversation: &ConversationId) -> Result<bool> {
    let place = conversations::place(cx.tx, cx.account, project, conversation).await?;
    scenario_runs::stop(cx, &place, End::Stopped).await
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ListedRun)]
pub struct Listed {
    /// Run id.
    pub id: RunId,
    /// The client.
    pub contact_id: ContactId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Version; below zero for a draft that a test user tries.
    pub version: i64,
    /// What launched it.
    pub launch: String,
    /// A try of a test user.
    pub test: bool,
    /// The block it waits at.
    pub block: Option<String>,
    /// Begun.
    pub started_at: Timestamp,
    /// Ended.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub reason: Option<String>,
}
