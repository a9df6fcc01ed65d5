//! Lines of the log of what joins contacts. Reading and undoing them is `clients`' work.

pub use super::store::log::set_result;

use super::{Effect, Override, store};
use crate::Result;
use model::{Cx, LogId, ProjectId, words};
use serde::Serialize;
use serde_json::json;

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Rules, perhaps with settings.
    Rules,
    /// Settings.
    Settings,
    /// A value was blocked, allowed or neither.
    Value,
    /// A link or unlink by hand.
    Override,
    /// The change before was undone.
    Undo,
}

words!(ChangeKind { Rules = "rules", Settings = "settings", Value = "value", Override = "override", Undo = "undo" });

/// A line to be written.
#[derive(Debug)]
pub struct NewLine<'a> {
    /// What was changed.
    pub kind: ChangeKind,
    /// How it was, as JSON.
    pub before: String,
    /// How it became, as JSON.
    pub after: String,
    /// What that did.
    pub effect: Effect,
    /// User or key.
    pub by: Option<&'a str>,
    /// Why, in the words of who did it.
    pub note: Option<&'a str>,
}

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
