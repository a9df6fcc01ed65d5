//! Which auto-action acts, and why the others do not (sections 3 and 4 of `site.md`).

use crate::document::{Limits, Per, Start};
use crate::facts::Facts;
use crate::rule::{Line, Rule, Verdict};
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;

/// One auto-action that this visitor was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

/// The moment at which somebody asks.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// Now, in the project's time zone.
    pub now: &'a Zoned,
    /// What just came; without it every auto-action's start is taken as come.
    pub start: Option<Start>,
    /// Whether the visitor has an open dialog.
    pub open_dialog: bool,
    /// When the visit began; without it there is no visit yet.
    pub visit_since: Option<Timestamp>,
    /// What the visitor was shown, in any order.
    pub shown: &'a [Shown],
}

/// Why an auto-action does not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// It is switched off.
    Disabled,
    /// Something that it names is gone.
    Broken,
    /// Its conditions do not hold.
    Conditions,
    /// It was shown often enough.
    Limit,
    /// Another one was shown just now.
    Pause,
    /// A dialog is open.
    OpenDialog,
    /// Another one goes first.
    Priority,
}

/// Since when a limit is spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spent {
    /// The showing that spent it, RFC 3339.
    pub spent_at: String,
}

/// What one auto-action does now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Its id; a draft has none.
    pub id: Option<String>,
    /// Its place among those that were asked.
    pub index: usize,
    /// Whether it is on, holds, and neither limit nor dialog stops it.
    pub fires: bool,
    /// Whether it is the one that acts.
    pub chosen: bool,
    /// Why it does not act.
    pub stopped_by: Vec<Stop>,
    /// The limit, when it is spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Spent>,
    /// Its conditions, one line each.
    pub conditions: Vec<Line>,
}

/// Asks every auto-action, in the order in which they are given: oldest first.
#[must_use]
pub fn choose(rules: &[Rule], facts: &Facts, situation: &Situation<'_>) -> Vec<Item> {
    let asked = |(index, rule): (usize, &Rule)| item(index, rule, rule.verdict(facts, situation.now), situation);
    let mut items: Vec<Item> = rules.iter().enumerate().map(asked).collect();
    let has_come = |rule: &Rule| situation.start.is_none_or(|start| start == rule.document.starts);
    let first = ranked(rules).find(|(index, rule)| has_come(rule) && items[*index].stopped_by.is_empty());
    let Some(first) = first.map(|(index, _)| index) else { return items };
    for item in &mut items {
        item.chosen = item.index == first;
        let gives_way = !item.chosen && item.stopped_by.is_empty() && has_come(&rules[item.index]);
        item.stopped_by.extend(gives_way.then_some(Stop::Priority));
    }
    items
}

/// Rules with their places: the higher priority first, then the older.
pub(crate) fn ranked(rules: &[Rule]) -> impl Iterator<Item = (usize, &Rule)> {
    let mut ranked: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
    ranked.sort_by_key(|(_, rule)| std::cmp::Reverse(rule.document.priority));
    ranked.into_iter()
}

fn item(index: usize, rule: &Rule, verdict: Verdict, situation: &Situation<'_>) -> Item {
    let document = &rule.document;
    let is_broken = !rule.problems.is_empty();
    let spent = spent_at(document.id.as_deref(), &document.limits, situation);
    let stops = [
        (Stop::Disabled, !document.enabled),
        (Stop::Broken, is_broken),
        (Stop::Conditions, !is_broken && !verdict.holds),
        (Stop::Limit, spent.is_some()),
        (Stop::Pause, is_paused(document.id.as_deref(), &document.limits, situation)),
        (Stop::OpenDialog, situation.open_dialog && !document.limits.over_open_dialog),
    ];
    let stopped_by: Vec<Stop> = stops.into_iter().filter(|(_, is_stopped)| *is_stopped).map(|(stop, _)| stop).collect();
    Item {
        id: document.id.clone(),
        index,
        // A pause puts off, it does not forbid.
        fires: stopped_by.iter().all(|stop| *stop == Stop::Pause),
        chosen: false,
        stopped_by,
        limit: spent.map(|at| Spent { spent_at: at.to_string() }),
        conditions: verdict.conditions,
    }
}

/// When the last showing that the limit allows took place.
fn spent_at(id: Option<&str>, limits: &Limits, situation: &Situation<'_>) -> Option<Timestamp> {
    let counts = |shown: &Timestamp| match limits.per {
        Per::None => false,
        Per::Ever => true,
        Per::Visit => situation.visit_since.is_some_and(|since| *shown >= since),
        Per::Day => shown.to_zoned(situation.now.time_zone().clone()).date() == situation.now.date(),
    };
    let own = situation.shown.iter().filter(|shown| Some(shown.id.as_str()) == id);
    let mut times: Vec<Timestamp> = own.map(|shown| shown.at).filter(counts).collect();
    times.sort_unstable();
    times.get(limits.times.saturating_sub(1) as usize).copied()
}

fn is_paused(id: Option<&str>, limits: &Limits, situation: &Situation<'_>) -> bool {
    let pause = SignedDuration::from_secs(limits.pause_seconds.into());
    let now = situation.now.timestamp();
    let others = situation.shown.iter().filter(|shown| Some(shown.id.as_str()) != id);
    // A clock that was put back must not stop auto-actions until it has caught up.
    others.map(|shown| now.duration_since(shown.at)).any(|age| !age.is_negative() && age < pause)
}
