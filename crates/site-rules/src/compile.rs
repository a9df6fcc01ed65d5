//! What the browser loads: rules that can act, in the order in which they go, with every value folded and normalised already.

use crate::choose::ranked;
use crate::clock::offsets;
use crate::document::{Action, Per};
use crate::rule::Rule;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

/// A set of rules for the browser.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compiled {
    /// Since when, in seconds of the epoch, the project's clock is how many seconds ahead of UTC.
    pub zone: Vec<[i64; 2]>,
    /// The rules, whoever goes first first.
    pub rules: Vec<CompiledRule>,
}

/// One rule; what is left out is usual.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompiledRule {
    /// Id of the auto-action.
    pub id: String,
    /// What must come.
    pub start: &'static str,
    /// The conditions.
    pub when: Value,
    /// Within what showings are counted, as a letter, and how many are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<(char, u32)>,
    /// Seconds since any other was shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub pause: u32,
    /// Whether it acts over an open dialog.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
    /// What the page does. What the server does stays with the server: a notice to operators is none of the visitor's.
    #[serde(rename = "do")]
    pub actions: Vec<Action>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Compiles rules, given oldest first. Those that cannot act are left out: disabled, broken, drafts without an id.
#[must_use]
pub fn compile(rules: &[Rule], zone: &TimeZone, now: Timestamp) -> Compiled {
    let can_act = |rule: &&Rule| rule.document.enabled && rule.problems.is_empty();
    let rules = ranked(rules).map(|(_, rule)| rule).filter(can_act).filter_map(compiled).collect();
    Compiled { zone: offsets(zone, now), rules }
}

fn compiled(rule: &Rule) -> Option<CompiledRule> {
    let document = &rule.document;
    let limit = match document.limits.per {
        Per::Visit => Some('v'),
        Per::Day => Some('d'),
        Per::Ever => Some('e'),
        Per::None => None,
    };
    Some(CompiledRule {
        id: document.id.clone()?,
        start: document.starts.word(),
        when: rule.compiled(&rule.tree)?,
        limit: limit.map(|per| (per, document.limits.times)),
        pause: document.limits.pause_seconds,
        over: document.limits.over_open_dialog,
        actions: document.actions.iter().filter(|action| is_of_the_page(action)).cloned().collect(),
    })
}

fn is_of_the_page(action: &Action) -> bool {
    match action {
        Action::ShowSuggests { .. } | Action::Message { .. } | Action::OpenWidget => true,
        Action::ShowForm { .. } | Action::JsEvent { .. } => true,
        Action::StartScenario { .. } | Action::SetTag { .. } | Action::SetField { .. } | Action::Notify { .. } => false,
    }
}
