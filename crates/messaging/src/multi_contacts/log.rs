//! Lines of the log of what joins contacts. Reading and undoing them is `clients`' work.

pub use super::log_line::{ChangeKind, NewLine};
pub use super::store::log::set_result;

use super::{Effect, Override, store};
use crate::Result;
use model::{Cx, LogId, ProjectId};
use serde_json::json;

/// Writes a line.
///
/// # Errors
/// When the storage fails.
pub async fn record(cx: &mut Cx<'_>, project: &ProjectId, line: NewLine<'_>) -> Result<LogId> {
    let id = LogId::new(cx.env.ids());
    store::log::insert(cx, project, &id, line).await?;
    Ok(id)
}

/// One side of a line about a decision by hand: the decision that stood, or none, and what had given way to it.
#[derive(Debug, Default)]
pub struct Side {
    /// The decision.
    pub decision: Option<Override>,
    /// Older ones.
    pub gave_way: Vec<Override>,
}

impl Side {
    fn json(&self) -> String {
        match self.gave_way.as_slice() {
            [] => json!({ "of": "override", "decision": self.decision }),
            gave_way => json!({ "of": "override", "decision": self.decision, "gave_way": gave_way }),
        }
        .to_string()
    }
}

/// Writes a line about a decision by hand.
///
/// # Errors
/// When the storage fails.
pub async fn record_override(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    (before, after): (Side, Side),
    effect: Effect,
    by: Option<&str>,
) -> Result<()> {
    let line = NewLine {
        kind: ChangeKind::Override,
        before: before.json(),
        after: after.json(),
        effect,
        by,
        note: after.decision.as_ref().and_then(|decision| decision.note.as_deref()),
    };
    record(cx, project, line).await.map(drop)
}
