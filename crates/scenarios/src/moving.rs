//! Clients who wait on an older version of a scenario are carried over to the newest one, as a job of small steps, each kept, so that one that was
//! killed goes on. What cannot be moved stays where it is and ends there (section 4 of `scenarios.md`).

use crate::store;
use jobs::Job;
use jobs::project::{self as project_jobs, JobFilter, ProjectJob, Step};
use messaging::Messaging;
use messaging::scenario_runs::moving::{self, After};
use model::{AccountId, Cx, JobId, ProjectId, Refusal, Result, RunId, ScenarioId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Kind of the job.
pub const KIND: &str = "move_runs";
/// Runs moved in one transaction.
const CHUNK: i64 = 100;
/// Jobs of this kind that are looked at to see whether one is under way.
const LATEST: i64 = 50;

/// Clients who wait on older versions of a scenario, and what moving them would do.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WaitingRuns {
    /// The newest version: where they would go.
    pub version: i64,
    /// Clients who would go on there.
    pub movable: i64,
    /// Clients who would stay on their version.
    pub staying: i64,
    /// Clients inside called scenarios beyond those that were looked at; what becomes of them is seen when they are moved.
    pub unchecked: i64,
    /// The same by version and block.
    pub blocks: Vec<WaitingAtBlock>,
    /// The job that moves them now.
    pub job: Option<ProjectJob>,
}

/// Clients who wait at one block of an older version.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WaitingAtBlock {
    /// The version.
    pub version: i64,
    /// The block's id; of one that called another scenario while the client is in that.
    pub block: String,
    /// Its title, if it has one.
    pub block_title: Option<String>,
    /// Clients who wait there.
    pub runs: i64,
    /// Why they would stay: `block_gone`, `type_changed`, `asks_nothing`; null when they can be moved.
    pub stays: Option<String>,
}

/// What moving the waiting clients of a scenario would do.
///
/// # Errors
/// `not_published`, or when there is no such scenario.
pub(crate) async fn waiting(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<WaitingRuns> {
    let version = newest(cx, project, id).await?;
    let (found, unchecked) = moving::waiting(cx, id, version).await?;
    let sum = |is_moved: bool| found.iter().filter(|at| at.stays.is_none() == is_moved).map(|at| at.runs).sum();
    let (movable, staying) = (sum(true), sum(false));
    let mut blocks = Vec::with_capacity(found.len());
    for at in found {
        let block_title = store::title_of(cx.tx, cx.account, id, at.version, &at.block).await?;
        let stays = at.stays.map(|stays| stays.as_str().to_owned());
        blocks.push(WaitingAtBlock { version: at.version, block: at.block, block_title, runs: at.runs, stays });
    }
    let job = under_way(cx, project, id).await?;
    Ok(WaitingRuns { version, movable, staying, unchecked, blocks, job })
}

async fn newest(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<i64> {
    let found = store::get(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)?;
    found.version.ok_or_else(|| Refusal::Conflict {
        code: "not_published",
        detail: "the scenario was never published, so nobody waits in it".to_owned(),
    })
}

/// What a job moves.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Input {
    scenario_id: ScenarioId,
    version: i64,
}

/// How far it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stage {
    after: Option<After>,
    moved: i64,
    stayed: i64,
}

/// Starts moving the waiting clients to a version, which its caller knows as the newest.
///
/// # Errors
/// `version_changed` when a newer one was published meanwhile; `under_way` when they are being moved already; as [`waiting`].
pub(crate) async fn start(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    version: i64,
    by: &str,
) -> Result<ProjectJob> {
    events::lock(cx.tx, cx.account).await?;
    let newest = newest(cx, project, id).await?;
    if newest != version {
        let detail = format!("version {newest} was published meanwhile: look at what moving to it would do");
        return Err(Refusal::Conflict { code: "version_changed", detail });
    }
    if under_way(cx, project, id).await?.is_some() {
        let detail = "clients of this scenario are being moved already".to_owned();
        return Err(Refusal::Conflict { code: "under_way", detail });
    }
    let input = json!(Input { scenario_id: *id, version });
    project_jobs::start(cx, project, KIND, &input, Some(by)).await
}

async fn under_way(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<Option<ProjectJob>> {
    let before = (i64::MAX, JobId::from_bits(u128::MAX));
    let filter = JobFilter { kind: KIND.to_owned(), state: None, before, limit: LATEST };
    let latest = project_jobs::list(cx.tx, cx.account, project, &filter).await?;
    let is_of_it = |job: &ProjectJob| !job.state.is_ended() && job.input["scenario_id"] == id.to_string();
    Ok(latest.into_iter().find(is_of_it))
}

/// Works on a job.
///
/// # Errors
/// When the storage fails, or a version cannot be read.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    while step(&service, &job.account_id, &job.id).await? {}
    Ok(())
}

async fn step(service: &Arc<Messaging>, account: &AccountId, id: &JobId) -> Result<bool> {
    let id = *id;
    let done = service.write(account, move |cx| {
        Box::pin(async move {
            let mut work = Step::<Input, Stage>::begin(cx, &id).await?;
            let after = work.stage.after.unwrap_or((0, RunId::from_bits(0)));
            let Input { scenario_id, version } = work.input;
            let step = moving::step(cx, &scenario_id, version, after, CHUNK).await?;
            work.stage.moved += step.moved;
            work.stage.stayed += step.stayed;
            work.stage.after = step.after.or(work.stage.after);
            let Stage { moved, stayed, .. } = work.stage;
            let result = json!({ "scenario_id": scenario_id, "version": version, "moved": moved, "stayed": stayed });
            work.keep(cx, moved + stayed, step.after.is_some(), &result).await
        })
    });
    done.await
}
