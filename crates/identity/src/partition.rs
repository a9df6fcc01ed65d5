//! The partition: a pure function of live contacts, values, rules, overrides and settings (rulings 25-28).
//!
//! Guards in this order: hub and block, unlinks in order of creation, links, size. Blocked values never became keys.

use crate::graph::{Graph, Sets};
use crate::keys::RuleKey;
use crate::universe::{Id, Universe};
use crate::unlinks::apply_unlinks;
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

/// Why a key links nobody at the moment (rulings 25, 27).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Suspension {
    /// More live contacts hold it than the hub limit.
    Hub {
        /// The limit in force.
        limit: u32,
    },
    /// Its group was larger than the largest group allowed.
    Size {
        /// The limit in force.
        limit: u32,
    },
}

/// A key that links nobody at the moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Suspended<K> {
    /// The key.
    pub key: K,
    /// Key of its rule.
    pub rule: String,
    /// Live contacts that hold it.
    pub contacts: u32,
    /// Which guard.
    pub suspension: Suspension,
}

/// A contact whose rule edges are ignored because of an unlink (ruling 27).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldBack<C> {
    /// The contact.
    pub contact: C,
    /// The unlink in force.
    pub override_id: String,
}

/// Something an administrator should know (ruling 27).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "flag")]
pub enum Flag<C> {
    /// A group held together by manual links is larger than the limit and stays.
    TooLarge {
        /// Its oldest contact.
        oldest: C,
        /// Its size.
        size: u32,
    },
    /// An unlink is not honoured. None is known to come about (ADR 19); were there one, an administrator is told.
    UnlinkOverruled {
        /// The unlink.
        override_id: String,
        /// Its subject.
        contact: C,
    },
}

/// The groups of a universe with what the guards did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition<C, K> {
    /// Every contact once; members oldest first, groups by their oldest member.
    pub groups: Vec<Vec<C>>,
    /// Keys suspended by the hub and size guards, sorted.
    pub suspended: Vec<Suspended<K>>,
    /// Contacts without rule edges, sorted.
    pub held_back: Vec<HeldBack<C>>,
    /// Sorted.
    pub flags: Vec<Flag<C>>,
}

/// The partition of a universe whose keys are [`RuleKey`]s.
#[must_use]
pub fn partition<C: Id>(universe: &Universe<C, RuleKey>) -> Partition<C, RuleKey> {
    partition_by(universe, RuleKey::cmp_text)
}

/// The partition of a universe with keys of any kind; `cmp_text` orders two keys by their values (ties of ruling 27).
pub fn partition_by<C: Id, K: Id>(universe: &Universe<C, K>, cmp_text: impl Fn(&K, &K) -> Ordering) -> Partition<C, K> {
    let mut graph = Graph::new(universe);
    let overruled = apply_unlinks(&mut graph);
    let cut = apply_size(&mut graph, universe, &cmp_text);
    let mut sets = join_all(&graph, universe.contacts.len());
    let (groups, mut flags) = read_groups(universe, &mut sets);
    for (ban, subject) in overruled {
        let override_id = universe.overrides[ban].id.clone();
        flags.push(Flag::UnlinkOverruled { override_id, contact: universe.contacts[subject as usize].id.clone() });
    }
    flags.sort();
    let held_back = universe.contacts.iter().zip(&graph.ignored).filter_map(|(node, ignored)| {
        ignored.map(|over| HeldBack { contact: node.id.clone(), override_id: universe.overrides[over].id.clone() })
    });
    let mut held_back: Vec<_> = held_back.collect();
    held_back.sort();
    Partition { groups, suspended: read_suspended(universe, &cut), held_back, flags }
}

/// Contacts of raw components in which the size guard or an unlink has a say. Everybody else's group is a whole raw component.
#[must_use]
pub fn guarded<C: Id, K: Id>(universe: &Universe<C, K>) -> Vec<C> {
    let graph = Graph::new(universe);
    let mut sets = join_all(&graph, universe.contacts.len());
    let subjects: HashSet<u32> = graph.bans.iter().map(|ban| sets.root(ban.subject)).collect();
    let limit = universe.limits.max_group;
    let nodes = (0..).zip(&universe.contacts);
    let guarded = nodes.filter(|&(at, _)| {
        let is_too_large = limit.is_some_and(|limit| sets.size(at) > limit);
        is_too_large || subjects.contains(&sets.root(at))
    });
    guarded.map(|(_, node)| node.id.clone()).collect()
}

/// The graph after every guard, for explanations.
pub(crate) fn guarded_graph<'u, C: Id, K: Id>(
    universe: &'u Universe<C, K>,
    cmp_text: &impl Fn(&K, &K) -> Ordering,
) -> (Graph<'u>, Vec<bool>) {
    let mut graph = Graph::new(universe);
    apply_unlinks(&mut graph);
    let cut = apply_size(&mut graph, universe, cmp_text);
    (graph, cut)
}

/// Switch keys off in groups larger than the limit: most members first, ties by rule, then text (ruling 27).
///
/// A key joins all its members, so their number never changes while the key is on, and the order is fixed from the
/// start. A key is therefore suspended exactly when its group, made of itself, all later keys and the links, is too
/// large: earlier keys of a large group are gone, and a group that has become small enough is never touched again.
/// That is one pass of union-find from the last key to the first.
fn apply_size<C: Id, K: Id>(
    graph: &mut Graph,
    universe: &Universe<C, K>,
    cmp_text: &impl Fn(&K, &K) -> Ordering,
) -> Vec<bool> {
    let mut cut = vec![false; universe.keys.len()];
    let Some(limit) = universe.limits.max_group else { return cut };
    let mut sets = join_all(graph, universe.contacts.len());
    let mut order: Vec<(Reverse<usize>, usize)> = Vec::new();
    for key in 0..universe.keys.len() {
        if !graph.on[key] {
            continue;
        }
        let mut members = graph.members_of(u32::try_from(key).expect("fewer than 2^32 keys"));
        let Some(first) = members.next() else { continue };
        let count = 1 + members.count();
        if count > 1 && sets.size(first) > limit {
            order.push((Reverse(count), key));
        }
    }
    if order.is_empty() {
        return cut;
    }
    order.sort_by(|(count_a, a), (count_b, b)| {
        let (a, b) = (&universe.keys[*a], &universe.keys[*b]);
        let by_rule = || universe.rules[a.rule].cmp_place(&universe.rules[b.rule]);
        count_a.cmp(count_b).then_with(by_rule).then_with(|| cmp_text(&a.id, &b.id))
    });
    let mut sets = Sets::new(universe.contacts.len());
    join_links(graph, &mut sets);
    for &(_, key) in order.iter().rev() {
        let first = join_key(graph, key, &mut sets).expect("a key in the order has members");
        cut[key] = sets.size(first) > limit;
    }
    for (key, is_cut) in cut.iter().enumerate() {
        graph.on[key] &= !is_cut;
    }
    cut
}

fn join_all(graph: &Graph, count: usize) -> Sets {
    let mut sets = Sets::new(count);
    join_links(graph, &mut sets);
    for key in 0..graph.on.len() {
        if graph.on[key] {
            join_key(graph, key, &mut sets);
        }
    }
    sets
}

fn join_links(graph: &Graph, sets: &mut Sets) {
    for (from, links) in (0..).zip(&graph.links) {
        for link in links {
            sets.join(from, link.to);
        }
    }
}

fn join_key(graph: &Graph, key: usize, sets: &mut Sets) -> Option<u32> {
    let mut members = graph.members_of(u32::try_from(key).expect("fewer than 2^32 keys"));
    let first = members.next()?;
    for other in members {
        sets.join(first, other);
    }
    Some(first)
}

fn read_groups<C: Id, K: Id>(universe: &Universe<C, K>, sets: &mut Sets) -> (Vec<Vec<C>>, Vec<Flag<C>>) {
    let mut oldest_first: Vec<u32> = (0..).take(universe.contacts.len()).collect();
    let age = |at: u32| (universe.contacts[at as usize].created_seq, &universe.contacts[at as usize].id);
    oldest_first.sort_by(|&a, &b| age(a).cmp(&age(b)));
    let mut slot_of_root = vec![u32::MAX; universe.contacts.len()];
    let mut groups: Vec<Vec<C>> = Vec::new();
    for at in oldest_first {
        let slot = &mut slot_of_root[sets.root(at) as usize];
        if *slot == u32::MAX {
            *slot = u32::try_from(groups.len()).expect("fewer than 2^32 groups");
            groups.push(Vec::new());
        }
        groups[*slot as usize].push(universe.contacts[at as usize].id.clone());
    }
    let too_large = |group: &Vec<C>| {
        let size = u32::try_from(group.len()).expect("fewer than 2^32 contacts");
        let is_too_large = universe.limits.max_group.is_some_and(|limit| size > limit);
        is_too_large.then(|| Flag::TooLarge { oldest: group[0].clone(), size })
    };
    let flags = groups.iter().filter_map(too_large).collect();
    (groups, flags)
}

fn read_suspended<C: Id, K: Id>(universe: &Universe<C, K>, cut: &[bool]) -> Vec<Suspended<K>> {
    let mut found = Vec::new();
    for (key, &is_cut) in universe.keys.iter().zip(cut) {
        let rule = &universe.rules[key.rule];
        let hub = universe.broken_limit(key).filter(|_| rule.joins()).map(|limit| Suspension::Hub { limit });
        let size = universe.limits.max_group.filter(|_| is_cut).map(|limit| Suspension::Size { limit });
        if let Some(suspension) = hub.or(size) {
            found.push(Suspended { key: key.id.clone(), rule: rule.key.clone(), contacts: key.degree, suspension });
        }
    }
    found.sort();
    found
}
