//! Newcomers whose keys join as before: they become one with the groups of those who hold the keys already, and nobody else's keys
//! need to be read. A shortcut for imports into large projects; [`crate::closure`] gives the same groups for any change.
//!
//! It holds for newcomers and groups of which all of this is true: no key of theirs began or ceased to join
//! ([`crate::dirty::Dirt::AllHolders`]), no standing group is [guarded](crate::partition::guarded), and what comes out is not larger
//! than the largest group allowed. Then every group before was a whole raw component, so is every group after, and a raw component
//! grows by contacts that share a key with it (rulings 25-28).

use crate::graph::Sets;
use crate::universe::Id;
use std::collections::{BTreeMap, HashMap};

/// A key that newcomers bring and that joins its holders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint<C, G> {
    /// The newcomers that hold it; one at least.
    pub newcomers: Vec<C>,
    /// The group of any contact that held it before, if one did.
    pub standing: Option<G>,
}

/// Newcomers and standing groups that become one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union<C, G> {
    /// Newcomers in order of their first key.
    pub newcomers: Vec<C>,
    /// Standing groups, each once.
    pub groups: Vec<G>,
}

impl<C, G> Default for Union<C, G> {
    fn default() -> Self {
        Self { newcomers: Vec::new(), groups: Vec::new() }
    }
}

/// What keys make one. A newcomer that shares no key is a union of its own; one without keys is not here.
#[must_use]
pub fn unions<C: Id, G: Id>(joints: &[Joint<C, G>]) -> Vec<Union<C, G>> {
    let mut newcomers: HashMap<&C, u32> = HashMap::new();
    let mut groups: HashMap<&G, u32> = HashMap::new();
    let mut nodes: Vec<Node<'_, C, G>> = Vec::new();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for joint in joints {
        let mut places = Vec::with_capacity(joint.newcomers.len() + 1);
        for newcomer in &joint.newcomers {
            places.push(*newcomers.entry(newcomer).or_insert_with(|| push(&mut nodes, Node::Newcomer(newcomer))));
        }
        if let Some(group) = &joint.standing {
            places.push(*groups.entry(group).or_insert_with(|| push(&mut nodes, Node::Group(group))));
        }
        pairs.extend(places.windows(2).map(|pair| (pair[0], pair[1])));
    }
    let mut sets = Sets::new(nodes.len());
    for (a, b) in pairs {
        sets.join(a, b);
    }
    let mut by_root: BTreeMap<u32, Union<C, G>> = BTreeMap::new();
    for (at, node) in (0..).zip(nodes) {
        let union = by_root.entry(sets.root(at)).or_default();
        match node {
            Node::Newcomer(id) => union.newcomers.push(id.clone()),
            Node::Group(id) => union.groups.push(id.clone()),
        }
    }
    by_root.into_values().collect()
}

enum Node<'j, C, G> {
    Newcomer(&'j C),
    Group(&'j G),
}

fn push<T>(list: &mut Vec<T>, item: T) -> u32 {
    list.push(item);
    u32::try_from(list.len() - 1).expect("fewer than 2^32 newcomers and groups")
}
