//! Lines of the log of what joins contacts. Reading and undoing them is `clients`' work.

use super::{Effect, Override};
use crate::{Refusal, Result};
use db::{Tx, sql};
use model::{AccountId, Cx, LogId, ProjectId, words};
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
    let query = sql!(
        "INSERT INTO multi_contact_log (account_id, id, project_id, kind, state_before, state_after, result, note, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    let query = query.bind(cx.account.as_str()).bind(id.as_str()).bind(project.as_str()).bind(line.kind.as_str());
    let query = query.bind(line.before).bind(line.after).bind(as_json(&line.effect)?).bind(line.note).bind(line.by);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
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

/// Writes what a change did in the end into its line.
///
/// # Errors
/// When the storage fails.
pub async fn set_result(tx: &mut Tx, account: &AccountId, line: &LogId, effect: Effect) -> Result<()> {
    let result = as_json(&effect)?;
    let query = sql!("UPDATE multi_contact_log SET result = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(line.as_str()).bind(result).execute(tx).await?;
    Ok(())
}

fn as_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Refusal::stored(&e))
}
