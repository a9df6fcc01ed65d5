//! The evidence that two contacts are one client: the chain with the fewest hops, ties by rule order.

use crate::graph::{Graph, Walk};
use crate::keys::RuleKey;
use crate::partition::guarded_graph;
use crate::universe::{Id, Universe};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What joins two neighbours of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum By<K> {
    /// Both hold the key.
    Rule {
        /// Key of the rule.
        rule: String,
        /// The key they share; its values are the evidence.
        key: K,
    },
    /// A manual link.
    Manual {
        /// The override.
        override_id: String,
    },
}

/// One hop of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step<C, K> {
    /// Nearer to the first contact asked for.
    pub from: C,
    /// Nearer to the second.
    pub to: C,
    /// What joins them.
    pub by: By<K>,
}

/// The chain from `a` to `b`; `None` when they are not in one group, empty for a contact and itself. The universe is the
/// closure of `a`.
#[must_use]
pub fn why<C: Id>(universe: &Universe<C, RuleKey>, a: &C, b: &C) -> Option<Vec<Step<C, RuleKey>>> {
    why_by(universe, RuleKey::cmp_text, a, b)
}

/// [`why`] for keys of any kind; `cmp_text` as in [`crate::partition::partition_by`].
pub fn why_by<C: Id, K: Id>(
    universe: &Universe<C, K>,
    cmp_text: impl Fn(&K, &K) -> Ordering,
    a: &C,
    b: &C,
) -> Option<Vec<Step<C, K>>> {
    let (graph, _) = guarded_graph(universe, &cmp_text);
    let chain = chain(universe, &graph, &cmp_text, index_of(universe, a)?, index_of(universe, b)?)?;
    let id = |at: u32| universe.contacts[at as usize].id.clone();
    let step = |hop: Hop| {
        let by = match hop.by {
            Edge::Rule(key) => {
                let node = &universe.keys[key as usize];
                By::Rule { rule: universe.rules[node.rule].key.clone(), key: node.id.clone() }
            }
            Edge::Manual(over) => By::Manual { override_id: universe.overrides[over].id.clone() },
        };
        Step { from: id(hop.from), to: id(hop.to), by }
    };
    Some(chain.into_iter().map(step).collect())
}

#[derive(Clone, Copy)]
pub(super) enum Edge {
    Rule(u32),
    Manual(usize),
}

#[derive(Clone, Copy)]
pub(super) struct Hop {
    pub from: u32,
    pub to: u32,
    pub by: Edge,
}

pub(super) fn index_of<C: Id, K: Id>(universe: &Universe<C, K>, id: &C) -> Option<u32> {
    let at = universe.contacts.iter().position(|node| node.id == *id)?;
    u32::try_from(at).ok()
}

/// The best shortest chain over the edges a graph has switched on.
pub(super) fn chain<C: Id, K: Id>(
    universe: &Universe<C, K>,
    graph: &Graph,
    cmp_text: &impl Fn(&K, &K) -> Ordering,
    a: u32,
    b: u32,
) -> Option<Vec<Hop>> {
    let distance = distances(graph, b);
    let mut left = distance[a as usize]?;
    let mut at = a;
    let mut hops = Vec::new();
    while left > 0 {
        left -= 1;
        let edges = edges_of(graph, at).into_iter().filter(|&(to, _)| distance[to as usize] == Some(left));
        let best = edges.min_by(|x, y| cmp_edges(universe, cmp_text, *x, *y));
        let (to, by) = best.expect("a contact at a distance has a neighbour one nearer");
        hops.push(Hop { from: at, to, by });
        at = to;
    }
    Some(hops)
}

fn distances(graph: &Graph, start: u32) -> Vec<Option<u32>> {
    let mut distance = vec![None; graph.ignored.len()];
    let mut is_key_done = vec![false; graph.holders.len()];
    distance[start as usize] = Some(0);
    let mut queue = vec![start];
    let mut next = 0;
    while next < queue.len() {
        let at = queue[next];
        next += 1;
        let further = distance[at as usize].map(|d| d + 1);
        let mut reach = |to: u32| {
            if distance[to as usize].is_none() {
                distance[to as usize] = further;
                queue.push(to);
            }
        };
        if graph.has_rule_edges(at, Walk::default()) {
            for &key in graph.keys_of(at) {
                let is_new = graph.on[key as usize] && !std::mem::replace(&mut is_key_done[key as usize], true);
                if is_new {
                    graph.members_of(key).for_each(&mut reach);
                }
            }
        }
        graph.links_of(at).iter().for_each(|link| reach(link.to));
    }
    distance
}

fn edges_of(graph: &Graph, at: u32) -> Vec<(u32, Edge)> {
    let mut edges = Vec::new();
    if graph.has_rule_edges(at, Walk::default()) {
        for &key in graph.keys_of(at).iter().filter(|&&key| graph.on[key as usize]) {
            edges.extend(graph.members_of(key).filter(|&to| to != at).map(|to| (to, Edge::Rule(key))));
        }
    }
    edges.extend(graph.links_of(at).iter().map(|link| (link.to, Edge::Manual(link.over))));
    edges
}

/// Rules in their order, then values, then manual links; last the older neighbour.
fn cmp_edges<C: Id, K: Id>(
    universe: &Universe<C, K>,
    cmp_text: &impl Fn(&K, &K) -> Ordering,
    (to_x, x): (u32, Edge),
    (to_y, y): (u32, Edge),
) -> Ordering {
    let by_kind = match (x, y) {
        (Edge::Rule(x), Edge::Rule(y)) => {
            let (x, y) = (&universe.keys[x as usize], &universe.keys[y as usize]);
            universe.rules[x.rule].cmp_place(&universe.rules[y.rule]).then_with(|| cmp_text(&x.id, &y.id))
        }
        (Edge::Rule(_), Edge::Manual(_)) => Ordering::Less,
        (Edge::Manual(_), Edge::Rule(_)) => Ordering::Greater,
        (Edge::Manual(x), Edge::Manual(y)) => universe.overrides[x].created_seq.cmp(&universe.overrides[y].created_seq),
    };
    let age = |at: u32| (universe.contacts[at as usize].created_seq, &universe.contacts[at as usize].id);
    by_kind.then_with(|| age(to_x).cmp(&age(to_y)))
}
