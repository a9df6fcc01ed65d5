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

/// Writes a line about a decision by hand.
///
/// # Errors
/// When the storage fails.
pub async fn record_override(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    (before, after): (Option<Override>, Option<Override>),
    effect: Effect,
    by: Option<&str>,
) -> Result<()> {
    let side = |decision: &Option<Override>| json!({ "of": "override", "decision": decision }).to_string();
    let line = NewLine {
        kind: ChangeKind::Override,
        before: side(&before),
        after: side(&after),
        effect,
        by,
        note: after.as_ref().and_then(|decision| decision.note.as_deref()),
    };
    record(cx, project, line).await.map(drop)
}
