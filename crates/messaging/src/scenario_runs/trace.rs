//! The trace of a run: a row a visit of a block, and the same rolled up into the numbers of the report (section 5 of `scenarios.md`).

use super::{RunRow, store};
use crate::Result;
use ::scenario::step::Here;
use ::scenario::{Effect, End};
use model::{Cx, MessageId};
use std::collections::BTreeMap;

/// A visit as far as this step knows it.
#[derive(Debug, Default, Clone)]
pub(super) struct Visit {
    /// Scenario, version and block, when it was entered in this step.
    pub entered: Option<(String, i64, String)>,
    /// The exit; empty when the run ended inside.
    pub exit: Option<String>,
    /// Wrong answers in this step.
    pub incorrect: i64,
    /// What the client answered.
    pub answer: Option<String>,
    /// The first message it said.
    pub message: Option<MessageId>,
}

/// What a step adds to the trace and to the numbers.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub visits: BTreeMap<i64, Visit>,
    counts: BTreeMap<(String, i64, String, String), i64>,
}

impl Trace {
    /// Takes an effect in.
    pub fn take(&mut self, row: &RunRow, effect: &Effect<'_>) {
        match effect {
            Effect::Entered { here, is_first, .. } => {
                let place = (here.graph.scenario.clone(), version(row, here), here.block.id.clone());
                self.visit(here).entered = Some(place);
                self.count(row, here, "visits");
                if *is_first {
                    self.count(row, here, "runs");
                }
            }
            Effect::Left { here, exit } => {
                self.visit(here).exit = Some((*exit).to_owned());
                self.count(row, here, &format!("exit:{exit}"));
            }
            Effect::Stayed { here } => {
                self.visit(here).exit = Some(String::new());
                self.count(row, here, "ended");
            }
            Effect::Incorrect { here } => {
                self.visit(here).incorrect += 1;
                self.count(row, here, "incorrect");
            }
            Effect::Answered { here, value } => {
                self.visit(here).answer = Some(value.chars().take(LONGEST_ANSWER).collect());
            }
            _ => {}
        }
    }

    /// Notes what a visit said first.
    pub fn said_in(&mut self, visit: i64, message: MessageId) {
        self.visits.entry(visit).or_default().message.get_or_insert(message);
    }

    fn visit(&mut self, here: &Here<'_>) -> &mut Visit {
        self.visits.entry(i64::from(here.visit)).or_default()
    }

    fn count(&mut self, row: &RunRow, here: &Here<'_>, what: &str) {
        let key = (here.graph.scenario.clone(), version(row, here), here.block.id.clone(), what.to_owned());
        *self.counts.entry(key).or_default() += 1;
    }
}

/// Stores what was added to the traces of some runs. Tries of test users stay out of the numbers (R38).
pub(super) async fn store(cx: &mut Cx<'_>, traces: &[(&RunRow, &Trace)]) -> Result<()> {
    let visits: Vec<_> = traces
        .iter()
        .flat_map(|(row, trace)| trace.visits.iter().map(|(number, visit)| (row.id, *number, visit)))
        .collect();
    store::trace(cx, &visits).await?;
    let mut numbers: BTreeMap<store::Number<'_>, i64> = BTreeMap::new();
    for (row, trace) in traces.iter().filter(|(row, _)| !row.is_test) {
        for ((scenario, version, block, what), n) in &trace.counts {
            *numbers.entry(store::Number::of(row, scenario, *version, block, what)?).or_default() += n;
        }
    }
    store::count(cx, &numbers).await
}

/// Counts how a run ended, and of one that came to its end how long it took. The report's middle is made of these.
pub(super) async fn count_end(cx: &mut Cx<'_>, row: &RunRow, reason: End) -> Result<()> {
    if row.is_test {
        return Ok(());
    }
    let (scenario, reason_of) = (row.scenario_id.to_string(), format!("end:{}", reason.as_str()));
    let took = format!("took:{}", power(cx.env.now().0.saturating_sub(row.started_at) / 1000));
    let mut numbers = BTreeMap::from([(store::Number::of(row, &scenario, row.version, "", &reason_of)?, 1)]);
    if reason == End::Done {
        numbers.insert(store::Number::of(row, &scenario, row.version, "", &took)?, 1);
    }
    store::count(cx, &numbers).await
}

/// The power of two that is above some seconds: 0 for none, 1 for one, 2 for two and three.
fn power(seconds: i64) -> u32 {
    i64::BITS - seconds.max(0).leading_zeros()
}

/// Characters of an answer that the trace keeps.
const LONGEST_ANSWER: usize = 200;

/// A draft that a test user tries has the number of its revision, below zero.
fn version(row: &RunRow, here: &Here<'_>) -> i64 {
    let version = i64::from(here.graph.version);
    if row.version < 0 && here.graph.scenario == row.scenario_id.to_string() { -version } else { version }
}
