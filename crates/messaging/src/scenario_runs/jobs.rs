//! What a run waits for outside: time, servers, people. Each is a job; each finds out first whether its visit is still the one that waits.

use super::shelf::{self, Shelf};
use super::{RunRow, TIMER, by_field, facts, go_off, happen, store};
use crate::conversations::{self, Place};
use crate::licences::{self, Feature};
use crate::messages::NewMessage;
use crate::scenario_secrets::{self, Marked, NotFor};
use crate::{Messaging, Result, departments};
use ::scenario::step::{What, pending_external, pending_request};
use ::scenario::{End, Facts, Run};
use db::DbError;
use egress::Ask;
use jobs::{Handler, Job, Timer, Workers};
use model::{Cx, ProjectId, Refusal, RunId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const HTTP: &str = "scenario_http";
const EXTERNAL: &str = "scenario_external";
const TRANSFER: &str = "scenario_transfer";
const STOP_ALL: &str = "scenario_stop_all";
/// Runs that are stopped in one transaction.
const STOPPED_AT_ONCE: i64 = 100;
/// Bytes of an answer at most (section 7).
const LONGEST_ANSWER: usize = 1024 * 1024;
/// How long an external bot may take to say that it took over.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is told, at most.
const TELLINGS: i64 = 5;

/// Registers the kinds of jobs of runs.
pub fn register(workers: Workers, service: &Arc<Messaging>) -> Workers {
    workers
        .on(TIMER, Handler::new(service.working(tick)))
        .on(by_field::FIELD, Handler::new(service.working(by_field::work)))
        .on(HTTP, Handler::new(service.working(ask_server)))
        .on(EXTERNAL, Handler::new(service.working(tell_external)))
        .on(TRANSFER, Handler::new(service.working(look_for_people)))
        .on(STOP_ALL, Handler::new(service.working(stop_all)))
}

/// Which visit of which run a job is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Visit {
    run: RunId,
    visit: u32,
}

impl Visit {
    fn of(job: &Job) -> Result<Self> {
        serde_json::from_str(&job.payload).map_err(|error| DbError::other(error.to_string()).into())
    }
}

/// Sets the run's timer when something is due earlier than the one that is set, and takes it back when the run ended. One that is set earlier
/// than needed only looks: a run that lives on with each word of its client costs no write. Answers when the timer is.
pub(super) async fn set_timer(cx: &mut Cx<'_>, row: &RunRow, run: &Run) -> Result<Option<i64>> {
    let key = row.id.to_string();
    let Some(due) = run.next_due() else {
        if row.timer_at.is_some() {
            jobs::cancel_timer(cx.tx, cx.account, TIMER, &key).await?;
        }
        return Ok(None);
    };
    let now = cx.env.now().0;
    if let Some(at) = row.timer_at.filter(|at| (now..=due).contains(at)) {
        return Ok(Some(at));
    }
    let timer = Timer { kind: TIMER, key: &key, due: Timestamp(due), payload: &key };
    jobs::set_timer(cx, timer).await?;
    Ok(Some(due))
}

async fn tick(service: Arc<Messaging>, job: Job) -> Result<()> {
    let run: RunId = job.payload.parse().map_err(|error: model::BadId| DbError::other(error.to_string()))?;
    let ticked = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            // First, for the run sets the next timer under the same key.
            jobs::must_finish(cx, &job.id).await?;
            store::forget_timer(cx.tx, cx.account, &run).await?;
            go_off(cx, &run).await
        })
    });
    ticked.await
}

/// A server is to be asked.
pub(super) async fn ask(cx: &mut Cx<'_>, row: &RunRow, visit: u32) -> Result<()> {
    enqueue(cx, HTTP, row, visit).await
}

/// An external bot is to take over.
pub(super) async fn call_external(cx: &mut Cx<'_>, row: &RunRow, visit: u32) -> Result<()> {
    enqueue(cx, EXTERNAL, row, visit).await
}

/// Somebody is to look whether people are there.
pub(super) async fn check_transfer(cx: &mut Cx<'_>, row: &RunRow, visit: u32) -> Result<()> {
    enqueue(cx, TRANSFER, row, visit).await
}

async fn enqueue(cx: &mut Cx<'_>, kind: &str, row: &RunRow, visit: u32) -> Result<()> {
    let run = row.id;
    // The visit is part of the key: an old request that hangs holds up no later one.
    let payload = serde_json::to_string(&Visit { run, visit }).map_err(|error| DbError::other(error.to_string()))?;
    jobs::enqueue(cx, kind, &format!("{run}.{visit}"), &payload).await.map(drop)
}

/// A request, apart from the run it belongs to.
struct Owned {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    timeout: Duration,
    retries: i64,
}

async fn ask_server(service: Arc<Messaging>, job: Job) -> Result<()> {
    let Visit { run, visit } = Visit::of(&job)?;
    let asked = service.read(&job.account_id, move |cx| Box::pin(async move { request(cx, &run, visit).await }));
    let request = match asked.await? {
        Asked::Nothing => return finish(&service, job).await,
        Asked::NotFor(refused) => return refuse(&service, job, refused).await,
        Asked::Send(request) => request,
    };
    let ask = Ask { method: &request.method, url: &request.url, headers: &request.headers, body: request.body.clone() };
    let answer = service.egress.send(ask, LONGEST_ANSWER, request.timeout).await;
    let is_last = job.attempts > request.retries;
    let (status, body) = match answer {
        // What a server says of its own trouble may be otherwise in a moment.
        Ok(answer) if (answer.status >= 500 || answer.status == 429) && !is_last => {
            return Err(DbError::other(format!("the server answered {}", answer.status)).into());
        }
        Ok(answer) => (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null)),
        Err(error) if !is_last && !matches!(error, egress::EgressError::Blocked(_)) => {
            return Err(DbError::other(error.to_string()).into());
        }
        Err(error) => {
            tracing::warn!(%run, visit, %error, "a scenario's request has failed for good");
            (0, Value::Null)
        }
    };
    let answered = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            jobs::must_finish(cx, &job.id).await?;
            let what = What::HttpResult { visit: Some(visit), request: None, status, body: &body };
            happen(cx, &run, what).await.map(drop)
        })
    });
    answered.await
}

/// What a job for a request has to do.
enum Asked {
    /// Nothing waits for an answer any more.
    Nothing,
    /// A secret in it is not there, or not for this host.
    NotFor(NotFor),
    /// To send it.
    Send(Owned),
}

/// A request that would take a secret where it does not belong is not sent: the thread says so, and the block leaves through `error`.
async fn refuse(service: &Arc<Messaging>, job: Job, refused: NotFor) -> Result<()> {
    let Visit { run, visit } = Visit::of(&job)?;
    let done = service.write(&job.account_id, move |cx| {
        let refused = refused.clone();
        Box::pin(async move {
            jobs::must_finish(cx, &job.id).await?;
            let Some(row) = store::alive(cx.tx, cx.account, &run).await? else { return Ok(()) };
            let place = conversations::place(cx.tx, cx.account, &row.project_id, &row.conversation_id).await?;
            let data = json!({ "secret": refused.name, "host": refused.host });
            conversations::append(cx, &place, NewMessage::event("scenario.secret_refused", data)).await?;
            let what = What::HttpResult { visit: Some(visit), request: None, status: 0, body: &Value::Null };
            happen(cx, &run, what).await.map(drop)
        })
    });
    done.await
}

async fn request(cx: &mut Cx<'_>, run: &RunId, visit: u32) -> Result<Asked> {
    let Some(waiting) = Waiting::load(cx, run).await? else { return Ok(Asked::Nothing) };
    let Waiting { row, shelf, run, facts, .. } = &waiting;
    let pending = pending_request(shelf.own(), shelf, run, facts, visit, cx.env.now().0);
    let Some(mut request) = pending else { return Ok(Asked::Nothing) };
    let marked = Marked { url: &request.url, headers: &mut request.headers, body: &mut request.body };
    if let Err(refused) = scenario_secrets::fill(cx, &row.project_id, marked).await? {
        return Ok(Asked::NotFor(refused));
    }
    let mut headers = request.headers;
    let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if request.body.as_ref().is_some_and(|(_, is_json)| *is_json) && !is_typed {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(Asked::Send(Owned {
        method: request.method.to_owned(),
        url: request.url,
        headers,
        body: request.body.map(|(body, _)| body),
        timeout: Duration::from_millis(u64::try_from(request.timeout.clamp(100, 60_000)).unwrap_or(10_000)),
        retries: i64::from(request.retries.min(10)),
    }))
}

/// Tells the external bot that it has the client: it answers in the conversation by the API, and finishes the visit with a code.
async fn tell_external(service: Arc<Messaging>, job: Job) -> Result<()> {
    let Visit { run, visit } = Visit::of(&job)?;
    let told = service.read(&job.account_id, move |cx| Box::pin(async move { external(cx, &run, visit).await }));
    let Some((url, body)) = told.await? else { return finish(&service, job).await };
    let answer = service.egress.post_json(&url, &body, PATIENCE).await;
    let is_taken = answer.is_ok_and(|answer| (200..300).contains(&answer.status));
    if !is_taken && job.attempts < TELLINGS {
        return Err(DbError::other("the external bot did not take over").into());
    }
    let done = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            jobs::must_finish(cx, &job.id).await?;
            match is_taken {
                true => Ok(()),
                false => happen(cx, &run, What::Finished { visit, code: "error" }).await.map(drop),
            }
        })
    });
    done.await
}

async fn external(cx: &mut Cx<'_>, run: &RunId, visit: u32) -> Result<Option<(String, Value)>> {
    let Some(Waiting { row, shelf, run, facts, place }) = Waiting::load(cx, run).await? else { return Ok(None) };
    let Some(url) = pending_external(shelf.own(), &shelf, &run, visit) else { return Ok(None) };
    let fields: serde_json::Map<String, Value> =
        facts.fields.into_iter().map(|(key, values)| (key, json!(values))).collect();
    let body = json!({
        "run_id": row.id, "visit": visit, "project_id": row.project_id, "scenario_id": row.scenario_id,
        "conversation_id": row.conversation_id, "contact_id": row.contact_id, "channel": place.channel, "fields": fields,
    });
    Ok(Some((url.to_owned(), body)))
}

/// Nobody of the team, or of the department that it went to, is on line: the transfer leaves through `no_operator` (ruling 49).
async fn look_for_people(service: Arc<Messaging>, job: Job) -> Result<()> {
    let Visit { run, visit } = Visit::of(&job)?;
    let done = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            jobs::must_finish(cx, &job.id).await?;
            let Some(row) = store::alive(cx.tx, cx.account, &run).await? else { return Ok(()) };
            let state: Run = serde_json::from_str(&row.state).map_err(|error| DbError::other(error.to_string()))?;
            if state.visit() != Some(visit) {
                return Ok(());
            }
            let place = conversations::place(cx.tx, cx.account, &row.project_id, &row.conversation_id).await?;
            if departments::has_people(cx, &place).await? {
                return Ok(());
            }
            happen(cx, &run, What::NoOperator).await.map(drop)
        })
    });
    done.await
}

/// Without its option nothing runs from this moment on; none takes that back.
///
/// # Errors
/// When the storage fails.
pub async fn stop_all_at(cx: &mut Cx<'_>, at: Option<Timestamp>) -> Result<()> {
    match at {
        Some(due) => jobs::set_timer(cx, Timer { kind: STOP_ALL, key: STOP_ALL, due, payload: "" }).await.map(drop),
        None => jobs::cancel_timer(cx.tx, cx.account, STOP_ALL, STOP_ALL).await.map(drop),
    }
}

/// Ends what runs without its option, some at a time; tries of test users go on (R38).
async fn stop_all(service: Arc<Messaging>, job: Job) -> Result<()> {
    loop {
        let id = job.id;
        let stopped = service.write(&job.account_id, move |cx| {
            Box::pin(async move {
                jobs::keep(cx, &id).await?;
                if licences::allows(cx, Feature::ScenarioRuns).await? {
                    return Ok(0);
                }
                let some = store::alive_of_account(cx.tx, cx.account, STOPPED_AT_ONCE).await?;
                for run in &some {
                    happen(cx, run, What::Cancelled(End::NoLicence)).await?;
                }
                Ok::<_, Refusal>(some.len())
            })
        });
        if stopped.await? == 0 {
            return finish(&service, job).await;
        }
    }
}

async fn finish(service: &Arc<Messaging>, job: Job) -> Result<()> {
    let done = service.write(&job.account_id, move |cx| Box::pin(async move { jobs::must_finish(cx, &job.id).await }));
    done.await
}

/// A run with all that is needed to see what it waits for.
struct Waiting {
    row: RunRow,
    shelf: Shelf,
    run: Run,
    facts: Facts,
    place: Place,
}

impl Waiting {
    async fn load(cx: &mut Cx<'_>, id: &RunId) -> Result<Option<Self>> {
        let Some(row) = store::alive(cx.tx, cx.account, id).await? else { return Ok(None) };
        let run: Run = serde_json::from_str(&row.state).map_err(|error| DbError::other(error.to_string()))?;
        let place = conversations::place(cx.tx, cx.account, &row.project_id, &row.conversation_id).await?;
        let Ok(shelf) = shelf::open(cx, &row, &run).await? else { return Ok(None) };
        let facts = facts::load(cx, &place, &row, &shelf).await?;
        Ok(Some(Self { row, shelf, run, facts, place }))
    }
}

/// An external bot has done its part (the exit is its code).
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such run alive, or it no longer waits in that visit.
pub async fn finish_external(cx: &mut Cx<'_>, project: &ProjectId, run: &RunId, visit: u32, code: &str) -> Result<()> {
    let waiting = Waiting::load(cx, run).await?.filter(|waiting| waiting.row.project_id == *project);
    let waiting = waiting.ok_or(Refusal::NotFound)?;
    if pending_external(waiting.shelf.own(), &waiting.shelf, &waiting.run, visit).is_none() {
        return Err(Refusal::NotFound);
    }
    happen(cx, run, What::Finished { visit, code }).await.map(drop)
}
