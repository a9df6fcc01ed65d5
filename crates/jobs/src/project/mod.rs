//! Long work of a project that a person starts, watches and may cancel: applying rules, imports. The
//! worker is [`crate::Workers`], the handler [`handler`].

mod growth;
mod steps;
mod store;

pub use growth::Growth;
pub use model::{JobState, Progress, ProjectJob};
pub use steps::Step;

use crate::{Handler, Job, queue};
use db::Tx;
use model::{AccountId, Cx, Event, JobId, ProjectId, Refusal, Result};
use serde_json::Value;

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable word.
    pub code: String,
    /// What happened and what to do.
    pub words: String,
}

impl Failure {
    /// A word and what it means for the reader.
    pub fn new(code: &str, words: impl Into<String>) -> Self {
        Self { code: code.to_owned(), words: words.into() }
    }
}

/// What a worker hears when it reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoOn {
    /// Work on.
    Yes,
    /// Stop, and leave the old state.
    Cancelled,
}

/// Queues a job. Jobs of one project run one after the other.
///
/// # Errors
/// When the storage fails.
pub async fn start(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    kind: &'static str,
    input: &Value,
    by: Option<&str>,
) -> Result<ProjectJob> {
    events::lock(cx.tx, cx.account).await?;
    let id = queue::enqueue(cx, kind, &format!("project/{project}"), "{}").await?;
    store::insert(cx, project, &id, kind, input, by).await?;
    tell(cx, &id).await
}

/// A job of a project.
///
/// # Errors
/// When there is none.
pub async fn get(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &JobId) -> Result<ProjectJob> {
    let job = by_id(tx, account, id).await?;
    if job.project_id == *project { Ok(job) } else { Err(Refusal::NotFound) }
}

/// Which jobs a list shows.
#[derive(Debug, Clone)]
pub struct JobFilter {
    /// Kind; empty for all.
    pub kind: String,
    /// State.
    pub state: Option<JobState>,
    /// Started before this moment, and with a smaller id in the same millisecond: the cursor.
    pub before: (i64, JobId),
    /// Rows at most.
    pub limit: i64,
}

/// A page of a project's jobs, newest first.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    filter: &JobFilter,
) -> Result<Vec<ProjectJob>> {
    store::list(tx, account, project, filter).await
}

/// A job by its id alone: for its worker.
///
/// # Errors
/// When there is none.
pub async fn by_id(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<ProjectJob> {
    store::get(tx, account, id).await?.ok_or(Refusal::NotFound)
}

/// Asks a job to stop. One that has not begun ends at once; one past the point of no return goes on to its end.
///
/// # Errors
/// When there is none, or it has ended.
pub async fn cancel(cx: &mut Cx<'_>, project: &ProjectId, id: &JobId) -> Result<ProjectJob> {
    events::lock(cx.tx, cx.account).await?;
    let job = get(cx.tx, cx.account, project, id).await?;
    if job.state.is_ended() {
        return Err(Refusal::Conflict { code: "ended", detail: "this job has ended already".into() });
    }
    store::ask_to_stop(cx.tx, cx.account, id).await?;
    if job.state == JobState::Waiting && queue::withdraw(cx.tx, cx.account, id).await? {
        store::end(cx, id, JobState::Cancelled, None, None).await?;
    }
    tell(cx, id).await
}

/// Says how far a job is and what it did so far, in the transaction of that very step, and keeps the worker's lease: a job taken up
/// again goes on from there.
pub async fn report_with(cx: &mut Cx<'_>, id: &JobId, progress: Progress, partial: &Value) -> Result<GoOn> {
    // Before the job's row: whoever cancels takes both in this order, too.
    events::lock(cx.tx, cx.account).await?;
    let is_cancelled = store::set_progress(cx.tx, cx.account, id, progress, partial).await?;
    queue::keep(cx, id).await?;
    tell(cx, id).await?;
    Ok(if is_cancelled { GoOn::Cancelled } else { GoOn::Yes })
}

/// Ends a job and the worker's row together. When another node holds the job that is an error, and nothing is ended.
pub async fn end(
    cx: &mut Cx<'_>,
    id: &JobId,
    state: JobState,
    result: Option<&Value>,
    failure: Option<&Failure>,
) -> Result<ProjectJob> {
    events::lock(cx.tx, cx.account).await?;
    store::end(cx, id, state, result, failure).await?;
    queue::must_finish(cx, id).await?;
    tell(cx, id).await
}

async fn tell(cx: &mut Cx<'_>, id: &JobId) -> Result<ProjectJob> {
    let job = by_id(cx.tx, cx.account, id).await?;
    events::append(cx, &job.project_id, &Event::JobUpdated(&job)).await?;
    Ok(job)
}

/// Works on jobs of a project. `work` ends its job itself ([`end`]); a refusal ends it as failed, with the words for its reader; a
/// fault is tried again, and ends it as failed after the last try.
pub fn handler<F, Fut>(work: F) -> Handler
where
    F: Fn(Job) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send + 'static,
{
    Handler::new(work).ends_on_refusal().give_up(|cx, job, error| Box::pin(give_up(cx, job, error)))
}

async fn give_up(cx: &mut Cx<'_>, job: &Job, error: &Refusal) -> Result<()> {
    if store::get(cx.tx, cx.account, &job.id).await?.is_none_or(|job| job.state.is_ended()) {
        return Ok(());
    }
    events::lock(cx.tx, cx.account).await?;
    let failure = match error.words() {
        Some((code, words)) => Failure::new(code, words),
        None => Failure::new("internal", error.to_string()),
    };
    store::end(cx, &job.id, JobState::Failed, None, Some(&failure)).await?;
    tell(cx, &job.id).await.map(drop)
}
