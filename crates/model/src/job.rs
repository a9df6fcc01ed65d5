//! Long work of a project that a person starts, watches and may cancel.

use crate::{JobId, ProjectId, Timestamp, words};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A job as its reader sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ProjectJob {
    /// Job id.
    pub id: JobId,
    /// Project.
    pub project_id: ProjectId,
    /// `apply_rules`, `undo_rules`, `import`, `erase`, `renormalise`, `refresh_search`, `retag`.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: Progress,
    /// What it did, once done.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<String>,
    /// The stable word for that.
    pub error_code: Option<String>,
    /// User or key.
    pub created_by: Option<String>,
    /// Started.
    pub created_at: Timestamp,
    /// Done, failed or cancelled.
    pub ended_at: Option<Timestamp>,
    /// What was asked.
    #[serde(skip)]
    pub input: Value,
    /// Somebody wants it to stop.
    #[serde(skip)]
    pub is_cancelled: bool,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Progress {
    /// Steps done.
    pub done: i64,
    /// All steps, once known.
    pub total: Option<i64>,
}

/// States of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// Did what was asked.
    Done,
    /// Could not.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

words!(JobState {
    Waiting = "waiting", Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled",
});

impl JobState {
    /// Nothing more will happen.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}
