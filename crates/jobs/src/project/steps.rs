//! Work that goes in small steps over rows in their order, each kept in the transaction that did it: a job that was killed goes on from there.

use super::{GoOn, by_id, end, report_with};
use model::{Cx, JobId, JobState, Progress, ProjectId, Refusal, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A step of a job that is about to be done.
#[derive(Debug)]
pub struct Step<I, S> {
    /// Whose job it is.
    pub project: ProjectId,
    /// What is asked.
    pub input: I,
    /// What was done so far; the step brings it up to date.
    pub stage: S,
    id: JobId,
}

impl<I: DeserializeOwned, S: DeserializeOwned + Default + Serialize> Step<I, S> {
    /// Takes a job up where it stands. Holds the account's log until the transaction ends.
    ///
    /// # Errors
    /// When the storage fails, or the job is not what its kind says.
    pub async fn begin(cx: &mut Cx<'_>, id: &JobId) -> Result<Self> {
        events::lock(cx.tx, cx.account).await?;
        let job = by_id(cx.tx, cx.account, id).await?;
        let stored = |error| Refusal::stored(&error);
        let input = serde_json::from_value(job.input).map_err(stored)?;
        let stage = job.result.map_or_else(|| Ok(S::default()), serde_json::from_value).map_err(stored)?;
        Ok(Self { project: job.project_id, input, stage, id: *id })
    }

    /// Keeps what the step did, of which `seen` rows were gone through so far. Says whether the next one is to follow; without one the job
    /// has ended, and `result` is what its reader finds.
    ///
    /// # Errors
    /// When the storage fails, or another node has taken the job.
    pub async fn keep(self, cx: &mut Cx<'_>, seen: i64, has_more: bool, result: &Value) -> Result<bool> {
        let progress = Progress { done: seen, total: None };
        let state = match (report_with(cx, &self.id, progress, &json!(self.stage)).await?, has_more) {
            (GoOn::Yes, true) => return Ok(true),
            (GoOn::Yes, false) => JobState::Done,
            (GoOn::Cancelled, _) => JobState::Cancelled,
        };
        end(cx, &self.id, state, Some(result), None).await?;
        Ok(false)
    }
}
