//! A run begins (R30-R36, rulings 51 and 56).

use super::store::OnPath;
use super::{RunRow, go_on, store};
use crate::conversations::{self, Place};
use crate::licences::{self, Feature};
use crate::messages::NewMessage;
use crate::{Refusal, Result};
use ::scenario::document::{Launch, LaunchKind};
use ::scenario::step::What;
use ::scenario::{End, Run, launch as rules};
use model::{ContactId, ConversationStatus, Cx, Message, ProjectId, RunId, ScenarioId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be launched.
#[derive(Debug, Clone)]
pub struct Launching {
    /// The scenario.
    pub scenario_id: ScenarioId,
    /// By what.
    pub kind: LaunchKind,
    /// By which one: a menu button, a mailing.
    pub of: Option<String>,
}

/// Begins a run with the client of a conversation; `None` when a run that is alive, or an operator, has the conversation (ruling 51): then it is
/// skipped. A launch by hand (`api`) takes the conversation from whoever has it.
///
/// # Errors
/// `not_published` when there is nothing to run; when the storage fails.
pub async fn launch(cx: &mut Cx<'_>, place: &Place, launching: Launching) -> Result<Option<RunId>> {
    events::lock(cx.tx, cx.account).await?;
    let Launching { scenario_id, kind, of } = launching;
    let is_test = store::is_test_user(cx.tx, cx.account, &place.contact_id).await?;
    let found = store::scenario(cx.tx, cx.account, &place.project_id, &scenario_id).await?.ok_or(Refusal::NotFound)?;
    let version = match is_test {
        true => store::try_draft(cx, &scenario_id).await?,
        false => found.version,
    };
    if version == 0 {
        let detail = "publish the scenario first".to_owned();
        return Err(Refusal::Conflict { code: "not_published", detail });
    }
    let graph = super::shelf::graph(cx, &scenario_id, version).await?.ok_or(Refusal::NotFound)?;
    let place = super::again(cx, place).await?;
    if !is_test && !licences::allows(cx, Feature::ScenarioRuns).await? {
        return refuse(cx, &place, kind, &graph.name).await;
    }
    if kind != LaunchKind::Api && is_with_people(&place) {
        return skip(cx, &place, kind, &graph.name, "people").await;
    }
    if place.run_id.is_some() {
        if !rules::replaces(kind) {
            return skip(cx, &place, kind, &graph.name, "run").await;
        }
        super::stop(cx, &place, End::Replaced).await?;
    }
    let Some(entry) = graph.entry(kind, of.as_deref()) else { return Ok(None) };
    let id = RunId::new(cx.env.ids());
    let now = cx.env.now();
    let row = RunRow {
        id,
        project_id: place.project_id,
        scenario_id,
        version,
        conversation_id: place.conversation_id,
        contact_id: place.contact_id,
        connection_id: place.connection_id,
        launch: kind.as_str().to_owned(),
        source: of.unwrap_or_default(),
        is_test,
        state: serde_json::to_string(&Run::default()).unwrap_or_default(),
        timer_at: None,
        // A word of the client launched it: there is something for people to read if it ends without them.
        client_said: matches!(kind, LaunchKind::Keyword | LaunchKind::FirstMessage),
        day: now.0.div_euclid(86_400_000),
        is_new_client: kind == LaunchKind::FirstMessage,
        started_at: now.0,
    };
    store::insert(cx, &row).await?;
    if !is_test {
        let scenario = scenario_id.to_string();
        let launched = store::Number::of(&row, &scenario, version, "", "launches")?;
        store::count(cx, &BTreeMap::from([(launched, 1)])).await?;
    }
    conversations::give_to_run(cx, &place, &id).await?;
    let data = json!({ "scenario": graph.name, "launch": row.launch });
    conversations::append(cx, &place, NewMessage::event("scenario.started", data)).await?;
    let place = super::again(cx, &place).await?;
    go_on(cx, &place, row, What::Started(entry)).await?;
    Ok(Some(id))
}

/// A run that is alive, or an operator, has the conversation (ruling 51). What nobody pressed or wrote is told in the thread: it has no line of
/// its own there.
async fn skip(cx: &mut Cx<'_>, place: &Place, kind: LaunchKind, name: &str, reason: &str) -> Result<Option<RunId>> {
    if matches!(kind, LaunchKind::AutoAction | LaunchKind::Mailing | LaunchKind::FieldChanged) {
        let data = json!({ "scenario": name, "launch": kind.as_str(), "reason": reason });
        conversations::append(cx, place, NewMessage::event("scenario.skipped", data)).await?;
    }
    Ok(None)
}

/// Without its option nothing is launched: that is told in the thread, and the message goes to people (ruling 56).
async fn refuse(cx: &mut Cx<'_>, place: &Place, kind: LaunchKind, name: &str) -> Result<Option<RunId>> {
    if kind == LaunchKind::Api {
        let detail = "Premium is off: scenarios run for test users only".to_owned();
        return Err(Refusal::Conflict { code: "no_licence", detail });
    }
    let data = json!({ "scenario": name, "reason": "no_licence" });
    conversations::append(cx, place, NewMessage::event("scenario.refused", data)).await?;
    Ok(None)
}

/// The name of a scenario that a page's script may launch: it is published, and one of its launches is a call (`api`). A page is in its visitor's hands, so
/// nothing else may be called from there.
///
/// # Errors
/// When the storage fails.
pub async fn called_by_pages(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<Option<String>> {
    let Some(found) = store::scenario(cx.tx, cx.account, project, id).await? else { return Ok(None) };
    let graph = super::shelf::graph(cx, id, found.version).await?;
    let is_called = graph.is_some_and(|graph| graph.launch.iter().any(|launch| launch.kind == LaunchKind::Api));
    Ok(is_called.then_some(found.name))
}

/// No scenario starts over a conversation that an operator owns (ruling 51).
pub fn is_with_people(place: &Place) -> bool {
    use ConversationStatus::{Open, Snoozed, Waiting};
    place.assignee_id.is_some() || matches!(place.status, Open | Waiting | Snoozed)
}

/// The launch that a message is: by one of its words, or as the first of its client.
pub(super) async fn by_message(cx: &mut Cx<'_>, place: &Place, message: &Message) -> Result<Option<Launching>> {
    let mut launches = store::launches(cx.tx, cx.account).await?;
    launches.retain(|launch| launch.project_id == place.project_id);
    if launches.is_empty() {
        return Ok(None);
    }
    let launches = for_client(cx, &place.contact_id, launches).await?;
    if let Some(launching) = by_keyword(&launches, message) {
        return Ok(Some(launching));
    }
    let first = launches.iter().find(|(_, launch)| launch.kind == LaunchKind::FirstMessage);
    let Some((scenario_id, launch)) = first.filter(|_| message.seq == 1 && place.run_id.is_none()) else {
        return Ok(None);
    };
    if !conversations::is_first(cx.tx, cx.account, &place.contact_id, &place.conversation_id).await? {
        return Ok(None);
    }
    Ok(Some(Launching { scenario_id: *scenario_id, kind: LaunchKind::FirstMessage, of: launch.of.clone() }))
}

/// Test users launch what the drafts say, published or not (R36, R61); others what is published.
pub(super) async fn for_client(
    cx: &mut Cx<'_>,
    contact: &ContactId,
    launches: Vec<OnPath>,
) -> Result<Vec<(ScenarioId, Launch)>> {
    let has_drafts = launches.iter().any(|launch| launch.is_draft);
    let is_test = has_drafts && store::is_test_user(cx.tx, cx.account, contact).await?;
    let drafts: BTreeSet<ScenarioId> =
        launches.iter().filter(|launch| launch.is_draft).map(|launch| launch.scenario_id).collect();
    // A scenario that was published by an earlier program, and not edited since, has no launches of its draft here.
    let is_theirs = |launch: &OnPath| launch.is_draft == (is_test && drafts.contains(&launch.scenario_id));
    let theirs = launches.into_iter().filter(is_theirs);
    Ok(theirs.map(|OnPath { scenario_id, launch, .. }| (scenario_id, launch)).collect())
}

fn by_keyword(launches: &[(ScenarioId, Launch)], message: &Message) -> Option<Launching> {
    // A pressed button is its own word, whatever stands on it.
    if message.content.pressed.is_some() {
        return None;
    }
    let found = launches
        .iter()
        .find(|(_, launch)| rules::by_keyword(std::slice::from_ref(launch), &message.content.text).is_some());
    let (scenario_id, launch) = found?;
    Some(Launching { scenario_id: *scenario_id, kind: LaunchKind::Keyword, of: launch.of.clone() })
}

/// Whether some message of these texts may launch something: such a one is handled alone.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn words_of_account(cx: &mut Cx<'_>) -> Result<Vec<Launch>> {
    let launches = store::launches(cx.tx, cx.account).await?.into_iter().map(|on_path| on_path.launch);
    Ok(launches.filter(|launch| launch.kind == LaunchKind::Keyword).collect())
}
