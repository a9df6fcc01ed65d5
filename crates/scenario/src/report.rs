//! The numbers of the summary report (section 5 of `scenarios.md`, rulings 48): visits = exits + waiting + ended, for every block.

use crate::run::Run;
use crate::step::Effect;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of one scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By block.
    pub blocks: BTreeMap<String, Numbers>,
    /// Blocks that nobody entered.
    pub unused: Vec<String>,
}

/// The numbers of one block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Numbers {
    /// Entries.
    pub visits: u64,
    /// Runs that entered it.
    pub runs: u64,
    /// Entries that left, by exit.
    pub exits: BTreeMap<String, u64>,
    /// Wrong answers.
    pub incorrect: u64,
    /// Entries that wait now.
    pub waiting: u64,
    /// Entries in which the run ended.
    pub ended: u64,
    /// What became of what it said, by contact.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recipients: BTreeMap<String, String>,
    #[serde(skip)]
    seen: BTreeSet<u64>,
}

/// The numbers of all scenarios, by id.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    scenarios: BTreeMap<String, BTreeMap<String, Numbers>>,
}

impl Counters {
    /// Takes one effect of a run; `run` tells runs apart.
    pub fn take(&mut self, run: u64, contact: &str, effect: &Effect<'_>) {
        match effect {
            Effect::Entered { here, .. } => {
                let numbers = self.of(&here.graph.scenario, &here.block.id);
                numbers.visits += 1;
                numbers.seen.insert(run);
                numbers.runs = numbers.seen.len() as u64;
            }
            Effect::Left { here, exit } => {
                let numbers = self.of(&here.graph.scenario, &here.block.id);
                *numbers.exits.entry((*exit).to_owned()).or_default() += 1;
            }
            Effect::Incorrect { here } => self.of(&here.graph.scenario, &here.block.id).incorrect += 1,
            Effect::Stayed { here } => self.of(&here.graph.scenario, &here.block.id).ended += 1,
            Effect::Send { here, .. } => {
                let recipients = &mut self.of(&here.graph.scenario, &here.block.id).recipients;
                recipients.insert(contact.to_owned(), "sent".to_owned());
            }
            _ => {}
        }
    }

    /// Notes what became of a block's message; statuses only go forward (ruling 71).
    pub fn status(&mut self, scenario: &str, block: &str, contact: &str, status: &str) {
        let recipients = &mut self.of(scenario, block).recipients;
        let held = recipients.entry(contact.to_owned()).or_insert_with(|| "queued".to_owned());
        if rank(status) > rank(held) && !(status == "failed" && matches!(held.as_str(), "delivered" | "read")) {
            status.clone_into(held);
        }
    }

    /// The report of a scenario: `blocks` are those of its newest version, `waits` says how many runs wait in a block now.
    pub fn report<'b>(
        &self,
        scenario: &str,
        blocks: impl Iterator<Item = &'b str>,
        waits: impl Fn(&str) -> u64,
    ) -> Report {
        let mut numbers = self.scenarios.get(scenario).cloned().unwrap_or_default();
        let mut unused = Vec::new();
        for block in blocks {
            if numbers.entry(block.to_owned()).or_default().visits == 0 {
                unused.push(block.to_owned());
            }
        }
        for (block, numbers) in &mut numbers {
            numbers.waiting = waits(block);
        }
        Report { blocks: numbers, unused }
    }

    fn of(&mut self, scenario: &str, block: &str) -> &mut Numbers {
        let blocks = self.scenarios.entry(scenario.to_owned()).or_default();
        blocks.entry(block.to_owned()).or_default()
    }
}

fn rank(status: &str) -> u8 {
    match status {
        "sent" => 1,
        "failed" => 2,
        "delivered" => 3,
        "read" => 4,
        _ => 0,
    }
}

/// The places in which a run waits: where it is, and where it called from.
pub fn places<'g>(
    run: &Run,
    own: &'g crate::Graph,
    version: impl Fn(&str, u32) -> Option<&'g crate::Graph>,
) -> Vec<(&'g str, &'g str)> {
    let mut graph = Some(own);
    let mut places = Vec::new();
    let mut note = |graph: Option<&'g crate::Graph>, block: u32| {
        let found =
            graph.and_then(|graph| Some((graph.scenario.as_str(), graph.blocks.get(block as usize)?.id.as_str())));
        places.extend(found);
    };
    for caller in &run.callers {
        note(graph, caller.spot.block);
        graph = version(&caller.scenario, caller.version);
    }
    if let Some(spot) = run.at {
        note(graph, spot.block);
    }
    places
}
