//! A mailing as it is kept, and its states (section 5 of `mailings.md`).

use crate::document::Document;
use model::{AccountId, GroupId, MailingId, ProjectId, ScenarioId, Timestamp};

/// How far a mailing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MailingState)]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for its time, or for somebody's word.
    Scheduled,
    /// Its recipients are being written down.
    Preparing,
    /// Goes out.
    Running,
    /// Stands still until somebody goes on.
    Paused,
    /// What is being sent ends; nothing more begins.
    Stopping,
    /// Everybody has an end.
    Done,
    /// Ended before everybody was written to.
    Stopped,
    /// Could not be prepared.
    Failed,
}

model::words!(State {
    Draft = "draft",
    Scheduled = "scheduled",
    Preparing = "preparing",
    Running = "running",
    Paused = "paused",
    Stopping = "stopping",
    Done = "done",
    Stopped = "stopped",
    Failed = "failed",
});

impl State {
    /// Whether its document may still be changed.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Scheduled)
    }

    /// Whether it has ended.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Stopped | Self::Failed)
    }
}

/// Why a start waits for a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MailingHeld)]
pub enum Held {
    /// Its time was over by more than an hour: the program did not run.
    Overdue,
    /// This database is a restored copy: another may have sent it.
    Restored,
}

model::words!(Held { Overdue = "overdue", Restored = "restored" });

/// A stored mailing.
#[derive(Debug, Clone)]
pub struct Row {
    /// Account.
    pub account_id: AccountId,
    /// Mailing id.
    pub id: MailingId,
    /// Project.
    pub project_id: ProjectId,
    /// What it is.
    pub document: Document,
    /// Counts its changes.
    pub revision: i64,
    /// How far it is.
    pub state: State,
    /// Waits for somebody's word.
    pub held: Option<Held>,
    /// Begins.
    pub starts_at: Option<Timestamp>,
    /// The person up to whom the recipients are written down.
    pub prepared_to: Option<GroupId>,
    /// Contacts that were meant at the freeze.
    pub contacts: i64,
    /// Made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<String>,
    /// Changed.
    pub changed_at: Timestamp,
    /// Began.
    pub started_at: Option<Timestamp>,
    /// Ended.
    pub ended_at: Option<Timestamp>,
}

impl Row {
    /// The scenario that it begins.
    pub fn scenario(&self) -> Option<ScenarioId> {
        self.document.body.scenario_id
    }
}
