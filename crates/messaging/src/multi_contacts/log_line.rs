//! What a line of the log says.

use super::Effect;
use model::words;
use serde::Serialize;

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
