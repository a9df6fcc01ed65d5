//! What people do with mailings: write, start, hold, stop.

use crate::document::Document;
use crate::mailing::{Row, State};
use crate::plan::{Plan, Surroundings};
use crate::segments;
use crate::store::{follow as log, goals, mailings, recipients};
use messaging::licences::{self, Feature};
use messaging::{consent, deliveries, fields};
use model::{Cx, Invalid, MailingId, ProjectId, Refusal, Result};
use std::collections::BTreeSet;

/// Mailings of a project at most.
const MOST: i64 = 10_000;
/// What the event of a change calls them.
const RESOURCE: &str = "mailings";

/// A mailing made ready.
///
/// # Errors
/// When its project is gone.
pub async fn plan_of(cx: &mut Cx<'_>, row: &Row) -> Result<Plan> {
    plan(cx, &row.project_id, row.id, row.document.clone()).await
}

async fn plan(cx: &mut Cx<'_>, project: &ProjectId, id: MailingId, mut document: Document) -> Result<Plan> {
    segments::expand(cx, project, &mut document.audience).await?;
    let (zone_name, zone) = mailings::zone(cx.tx, cx.account, project).await?;
    let reach = consent::settings(cx.tx, cx.account, project).await?.scope;
    let has_licence = licences::allows(cx, Feature::MailingScenarios).await?;
    Ok(Plan::new(id, document, Surroundings { zone, zone_name, reach, has_licence }))
}

/// Tells the pages of a project that something about its mailings changed.
///
/// # Errors
/// When the storage fails.
pub async fn tell(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    events::settings_changed(cx, project, RESOURCE).await
}

/// Makes a draft.
///
/// # Errors
/// For what no mailing can be, by its path; `too_many_mailings`.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, document: Document, by: Option<&str>) -> Result<Row> {
    check(cx, project, &document).await?;
    if mailings::number(cx.tx, cx.account, project).await? >= MOST {
        let detail = format!("a project has {MOST} mailings at most; delete old ones first");
        return Err(Refusal::Conflict { code: "too_many_mailings", detail });
    }
    let now = cx.env.now();
    let row = Row {
        account_id: *cx.account,
        id: MailingId::new(cx.env.ids()),
        project_id: *project,
        document,
        revision: 1,
        state: State::Draft,
        held: None,
        starts_at: None,
        prepared_to: None,
        contacts: 0,
        created_at: now,
        created_by: by.map(str::to_owned),
        changed_at: now,
        started_at: None,
        ended_at: None,
    };
    mailings::insert(cx, &row).await?;
    tell(cx, project).await?;
    Ok(row)
}

/// Saves a document over the revision that its editor knows. A scheduled one becomes a draft again: what was going to be sent is another.
///
/// # Errors
/// `not_a_draft` once it began, `changed_meanwhile`; for what no mailing can be, by its path.
pub async fn save(cx: &mut Cx<'_>, project: &ProjectId, id: &MailingId, document: Document, basis: i64) -> Result<Row> {
    events::lock(cx.tx, cx.account).await?;
    let row = mailings::get(cx.tx, cx.account, project, id).await?;
    if !row.state.is_open() {
        let detail = "it began already: a correction is a new mailing to those who are not reached yet".to_owned();
        return Err(Refusal::Conflict { code: "not_a_draft", detail });
    }
    check(cx, project, &document).await?;
    let was = row.state;
    if !mailings::save(cx, &Row { document, ..row }, basis).await? {
        let detail = "somebody saved this mailing meanwhile: load it again".to_owned();
        return Err(Refusal::Conflict { code: "changed_meanwhile", detail });
    }
    if was == State::Scheduled {
        mailings::go(cx, id, State::Scheduled, State::Draft).await?;
    }
    tell(cx, project).await?;
    mailings::get(cx.tx, cx.account, project, id).await
}

/// Takes one away that is not at work.
///
/// # Errors
/// `wrong_state` while it is.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &MailingId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let row = mailings::get(cx.tx, cx.account, project, id).await?;
    if !row.state.is_open() && !row.state.is_ended() {
        return Err(wrong_state(row.state, "stop it first"));
    }
    mailings::delete(cx.tx, cx.account, id).await?;
    tell(cx, project).await
}

/// Lets it begin, at its time or `now`.
///
/// # Errors
/// `not_ready` with everything that forbids it; `wrong_state`.
pub async fn start(cx: &mut Cx<'_>, project: &ProjectId, id: &MailingId, now: bool) -> Result<Row> {
    events::lock(cx.tx, cx.account).await?;
    let row = mailings::get(cx.tx, cx.account, project, id).await?;
    if !row.state.is_open() {
        return Err(wrong_state(row.state, "only a draft or a scheduled mailing is started"));
    }
    let at = cx.env.now();
    let mut document = row.document.clone();
    if now {
        // Somebody's word goes before the written time.
        document.schedule.at = document.schedule.at.filter(|_| document.schedule.zone == crate::document::Zone::Client);
    }
    let plan = plan(cx, project, row.id, document).await?;
    let mut problems = plan.problems(at);
    problems.extend(lost_names(cx, &row, &plan).await?);
    if let Some(first) = problems.first() {
        let detail = problems.iter().map(|one| format!("{}: {}", one.path, one.message)).collect::<Vec<_>>().join("; ");
        tracing::debug!(mailing = %id, first = first.code, "a mailing is not ready");
        return Err(Refusal::Conflict { code: "not_ready", detail });
    }
    log::begin(cx).await?;
    if let Some(goal) = &row.document.goal {
        goals::look_until(cx, id, plan.starts_at(at).plus_ms(goal.lasts_ms())).await?;
    }
    let starts_at = if now { at } else { plan.starts_at(at) };
    mailings::set_start(cx, id, starts_at).await?;
    let next = if starts_at <= at { State::Preparing } else { State::Scheduled };
    mailings::go(cx, id, row.state, next).await?;
    tell(cx, project).await?;
    mailings::get(cx.tx, cx.account, project, id).await
}

/// What forbids the start of a mailing because of what it names and is no more: the scenario, fields.
///
/// # Errors
/// When the storage fails.
pub async fn lost_names(cx: &mut Cx<'_>, row: &Row, plan: &Plan) -> Result<Vec<Invalid>> {
    let mut problems = Vec::new();
    if let Some(id) = row.scenario() {
        match mailings::published(cx.tx, cx.account, &row.project_id, &id).await? {
            None => {
                problems.push(Invalid::new(
                    "body.scenario_id",
                    "scenario_gone",
                    "this scenario is no more: choose another",
                ));
            }
            Some((_, false)) => {
                problems.push(Invalid::new("body.scenario_id", "not_published", "publish the scenario first"));
            }
            Some((_, true)) => {}
        }
    }
    for path in unknown_segments(cx, &row.project_id, &row.document).await? {
        problems.push(Invalid::new(&path, "segment_gone", "this segment is no more: take the condition away"));
    }
    if let Some(id) = row.document.goal.as_ref().and_then(|goal| goal.scenario_id)
        && mailings::published(cx.tx, cx.account, &row.project_id, &id).await?.is_none()
    {
        problems.push(Invalid::new("goal.scenario_id", "scenario_gone", "this scenario is no more: choose another"));
    }
    let known = fields::all(cx.tx, cx.account, &row.project_id).await?;
    let is_lost = |key: &&str| !known.iter().any(|field| field.key == **key);
    let goal = row.document.goal.as_ref().and_then(|goal| goal.field.as_deref());
    if goal.is_some_and(|key| is_lost(&key)) {
        problems.push(Invalid::new(
            "goal.field",
            "lost_field",
            format!("there is no field `{}`", goal.unwrap_or_default()),
        ));
    }
    let lost: BTreeSet<&str> = plan.printed().filter(is_lost).collect();
    for key in lost {
        problems.push(Invalid::new("body.text", "lost_field", format!("there is no field `{key}`")));
    }
    Ok(problems)
}

/// Stands still: nothing more begins, what waits to be sent is held.
///
/// # Errors
/// `wrong_state`.
pub async fn pause(cx: &mut Cx<'_>, project: &ProjectId, id: &MailingId) -> Result<Row> {
    events::lock(cx.tx, cx.account).await?;
    let row = mailings::get(cx.tx, cx.account, project, id).await?;
    if !mailings::go(cx, id, State::Running, State::Paused).await? {
        return Err(wrong_state(row.state, "only a running mailing is paused"));
    }
    let sending = recipients::sending(cx.tx, cx.account, id).await?;
    deliveries::hold(cx, &sending).await?;
    tell(cx, project).await?;
    mailings::get(cx.tx, cx.account, project, id).await
}

/// Goes on.
///
/// # Errors
/// `wrong_state`.
pub async fn resume(cx: &mut Cx<'_>, project: &ProjectId, id: &MailingId) -> Result<Row> {
    events::lock(cx.tx, cx.account).await?;
    let row = mailings::get(cx.tx, cx.account, project, id).await?;
    // On a restored copy it may have stopped while its recipients were being written down: that goes on, or finds itself done.
    let next = if row.held.is_none() { State::Running } else { State::Preparing };
    if !mailings::go(cx, id, State::Paused, next).await? {
        return Err(wrong_state(row.state, "only a paused mailing goes on"));
    }
    let sending = recipients::sending(cx.tx, cx.account, id).await?;
    deliveries::release(cx, &sending).await?;
    tell(cx, project).await?;
    mailings::get(cx.tx, cx.account, project, id).await
}

/// Ends it: what was not sent yet never is.
///
/// # Errors
/// `wrong_state`.
pub async fn stop(cx: &mut Cx<'_>, project: &ProjectId, id: &MailingId) -> Result<Row> {
    events::lock(cx.tx, cx.account).await?;
    let row = mailings::get(cx.tx, cx.account, project, id).await?;
    let next = match row.state {
        State::Scheduled => State::Draft,
        State::Preparing | State::Running | State::Paused => State::Stopping,
        other => return Err(wrong_state(other, "it is not at work")),
    };
    mailings::go(cx, id, row.state, next).await?;
    tell(cx, project).await?;
    mailings::get(cx.tx, cx.account, project, id).await
}

fn wrong_state(state: State, words: &str) -> Refusal {
    Refusal::Conflict { code: "wrong_state", detail: format!("it is {}: {words}", state.as_str()) }
}

/// Where a document names segments that are no more.
async fn unknown_segments(cx: &mut Cx<'_>, project: &ProjectId, document: &Document) -> Result<Vec<String>> {
    let mut audience = document.audience.clone();
    let unknown = segments::expand(cx, project, &mut audience).await?;
    let leaves = document.audience.leaves();
    let named = leaves.into_iter().filter(|(_, leaf)| leaf.segment_id.is_some_and(|id| unknown.contains(&id)));
    Ok(named.map(|(path, _)| path).collect())
}

/// Refuses what no mailing can be: its form, and fields, channels and scenarios of others.
async fn check(cx: &mut Cx<'_>, project: &ProjectId, document: &Document) -> Result<()> {
    let mut problems = document.refused();
    let known = fields::all(cx.tx, cx.account, project).await?;
    for (path, leaf) in document.audience.leaves() {
        if leaf.field.as_ref().is_some_and(|key| !known.iter().any(|field| field.key == *key)) {
            problems.push(Invalid::new(&path, "unknown_field", "this project has no such field"));
        }
    }
    for path in unknown_segments(cx, project, document).await? {
        problems.push(Invalid::new(&path, "segment_gone", "this project has no such segment"));
    }
    if let Some(goal) = &document.goal {
        if goal.field.as_ref().is_some_and(|key| !known.iter().any(|field| field.key == *key)) {
            problems.push(Invalid::new("goal.field", "unknown_field", "this project has no such field"));
        }
        if let Some(id) = goal.scenario_id
            && mailings::published(cx.tx, cx.account, project, &id).await?.is_none()
        {
            problems.push(Invalid::new("goal.scenario_id", "scenario_gone", "this project has no such scenario"));
        }
    }
    if let Some(id) = document.body.scenario_id
        && mailings::published(cx.tx, cx.account, project, &id).await?.is_none()
    {
        problems.push(Invalid::new("body.scenario_id", "scenario_gone", "this project has no such scenario"));
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
}
