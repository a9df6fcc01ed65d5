//! Ways between blocks: those that lead nowhere, round without a wait, or past a block.

use super::{Checker, Level, Spot};
use crate::document::{BlockKind, Document};
use crate::graph::{on_cycles, question_of};
use std::collections::{BTreeSet, HashMap, HashSet};

impl Checker<'_> {
    /// Exits to blocks that are not there, and exits that lead nowhere; answers where each block leads.
    pub(super) fn edges(
        &mut self,
        document: &Document,
        kinds: &[Option<BlockKind>],
        exits: &[Vec<String>],
        at: &HashMap<&str, usize>,
    ) -> Vec<Vec<usize>> {
        let mut ways = vec![Vec::new(); document.blocks.len()];
        let mut connected: HashSet<(&str, &str)> = HashSet::new();
        for edge in &document.edges {
            let (from, exit) = (edge.from.0.as_str(), edge.from.1.as_str());
            let Some(number) = at.get(from).copied() else {
                self.whole("missing_source", format!("A way leads out of the block `{from}`, which does not exist."));
                continue;
            };
            let block = &document.blocks[number];
            if !connected.insert((from, exit)) {
                self.error_at(block, "two_ways", exit, format!("Two ways lead out of the exit `{exit}`."));
            }
            if kinds[number].is_some() && !exits[number].iter().any(|known| known == exit) {
                self.warning(
                    block,
                    "unknown_exit",
                    Some(exit),
                    format!("The block has no exit `{exit}`; the way is not taken."),
                );
                continue;
            }
            match at.get(edge.to.as_str()) {
                Some(to) => ways[number].push(*to),
                None => {
                    let message = format!("The exit `{exit}` leads to the block `{}`, which does not exist.", edge.to);
                    self.error_at(block, "missing_target", exit, message);
                }
            }
        }
        for (number, block) in document.blocks.iter().enumerate() {
            if let Some(BlockKind::Jump(jump)) = &kinds[number] {
                match at.get(jump.target.as_str()) {
                    Some(to) => ways[number].push(*to),
                    None => {
                        let message = format!("The jump leads to the block `{}`, which does not exist.", jump.target);
                        self.error(block, "missing_target", Some("target".to_owned()), message);
                    }
                }
                continue;
            }
            let has_correct = connected.contains(&(block.id.as_str(), "correct"));
            for exit in &exits[number] {
                let may_be_open = matches!(exit.as_str(), "undelivered" | "replied");
                let is_covered = exit.starts_with("button:") && has_correct;
                let needs_correct = exit != "correct" || exits[number].iter().all(|exit| !exit.starts_with("button:"));
                if !may_be_open && !is_covered && needs_correct && !connected.contains(&(block.id.as_str(), exit)) {
                    let message = format!("The exit `{exit}` leads nowhere: the run ends there.");
                    self.warning(block, "unconnected_exit", Some(exit), message);
                }
            }
        }
        ways
    }

    /// A way round without a wait would never end.
    pub(super) fn cycles(&mut self, document: &Document, kinds: &[Option<BlockKind>], ways: &[Vec<usize>]) {
        let goes_on = |at: usize| !kinds[at].as_ref().is_some_and(waits);
        let marks = on_cycles(ways.len(), |at| if goes_on(at) { ways[at].clone() } else { Vec::new() });
        for (block, _) in document.blocks.iter().zip(marks).filter(|(_, is_on)| *is_on) {
            let message = "The way from this block leads back to it without a wait, a delay or an event.".to_owned();
            self.error(block, "cycle_without_wait", None, message);
        }
    }

    pub(super) fn reach(
        &mut self,
        document: &Document,
        at: &HashMap<&str, usize>,
        kinds: &[Option<BlockKind>],
        ways: &[Vec<usize>],
    ) {
        let starts =
            document.launch.iter().map(|launch| launch.to.as_deref().map_or(Some(0), |to| at.get(to).copied()));
        let mut open: Vec<usize> = starts.flatten().collect();
        if document.launch.is_empty() {
            open.push(0);
        }
        let mut reached: BTreeSet<usize> = open.iter().copied().collect();
        while let Some(from) = open.pop() {
            open.extend(ways[from].iter().copied().filter(|to| reached.insert(*to)));
        }
        for (_, block) in document.blocks.iter().enumerate().filter(|(number, _)| !reached.contains(number)) {
            self.warning(block, "unreachable", None, "No way leads to this block.".to_owned());
        }
        let hands_over = reached.iter().any(|number| matches!(kinds[*number], Some(BlockKind::Transfer(_))));
        if !hands_over {
            let message = "No way leads to an operator.".to_owned();
            self.add(Level::Warning, "no_way_to_operator", Spot::default(), message);
        }
    }
}

/// Whether a block waits for something outside.
fn waits(kind: &BlockKind) -> bool {
    match kind {
        BlockKind::Message(message) => question_of(message).is_some(),
        BlockKind::Delay(_) | BlockKind::Http(_) | BlockKind::External(_) | BlockKind::Transfer(_) => true,
        _ => false,
    }
}
