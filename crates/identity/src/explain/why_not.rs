//! Why two contacts are not one client, rule by rule.

use super::path::{Edge, chain, index_of};
use crate::graph::Graph;
use crate::keys::{Rule, RuleKey, Value, ValueSet, Values, rule_keys};
use crate::normalise::{Normalised, Why};
use crate::partition::guarded_graph;
use crate::universe::{Decision, Id, Universe};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A value as a contact holds it, usable or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What normalisation made of it.
    pub norm: Normalised,
    /// See [`Value::verified`].
    pub verified: bool,
}

/// All values of one contact by field key.
pub type HeldValues = BTreeMap<String, Vec<Held>>;

/// One of the two contacts asked about.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a, C> {
    /// The contact.
    pub id: &'a C,
    /// Its values.
    pub values: &'a HeldValues,
}

/// Why a field of a contact gives a rule nothing to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// No value, or nothing visible in it.
    Empty,
    /// A placeholder.
    Placeholder,
    /// Not a value of the field's kind.
    Invalid,
    /// Well formed but meaningless.
    Garbage,
    /// On the block list.
    Blocked,
    /// The rule wants a verified value.
    Unverified,
}

/// One reason why two contacts are apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason<C> {
    /// A field the rule needs has nothing to compare.
    Value {
        /// Key of the rule.
        rule: String,
        /// The field.
        field: String,
        /// The contact.
        contact: C,
        /// What is wrong.
        problem: Problem,
    },
    /// Some fields coincide, but the rule needs more (R12).
    NeedsMore {
        /// Key of the rule.
        rule: String,
        /// Fields that coincide.
        same: Vec<String>,
        /// Fields that are missing on one side or differ.
        missing: Vec<String>,
    },
    /// Both have usable values and none is equal.
    Differs {
        /// Key of the rule.
        rule: String,
        /// The field.
        field: String,
    },
    /// They share a key that more contacts hold than the hub limit allows.
    Hub {
        /// Key of the rule.
        rule: String,
        /// Values of the key.
        values: Vec<String>,
        /// Live contacts that hold it.
        contacts: u32,
        /// The limit in force.
        limit: u32,
    },
    /// They would be together but for the largest group allowed.
    Size {
        /// Key of the rule.
        rule: String,
        /// Values of the suspended key.
        values: Vec<String>,
        /// The limit in force.
        limit: u32,
    },
    /// An operator parted them, or parted somebody between them.
    Override {
        /// The unlink.
        override_id: String,
        /// Its subject.
        contact: C,
    },
    /// The rule is switched off or only proposes.
    RuleOff {
        /// Key of the rule.
        rule: String,
    },
}

impl<C> Reason<C> {
    /// The rule it speaks of: a caller may know rules by other names.
    pub fn rule_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Value { rule, .. }
            | Self::NeedsMore { rule, .. }
            | Self::Differs { rule, .. }
            | Self::Hub { rule, .. }
            | Self::Size { rule, .. }
            | Self::RuleOff { rule } => Some(rule),
            Self::Override { .. } => None,
        }
    }
}

/// Why `a` and `b` are not in one group; empty when they are. The universe is the closure of both.
#[must_use]
pub fn why_not<C: Id>(
    universe: &Universe<C, RuleKey>,
    blocked: &ValueSet,
    a: &Side<'_, C>,
    b: &Side<'_, C>,
) -> Vec<Reason<C>> {
    let (graph, cut) = guarded_graph(universe, &RuleKey::cmp_text);
    let (Some(from), Some(to)) = (index_of(universe, a.id), index_of(universe, b.id)) else { return Vec::new() };
    if chain(universe, &graph, &RuleKey::cmp_text, from, to).is_some() {
        return Vec::new();
    }
    let mut reasons = BTreeSet::new();
    guards_between(universe, &graph, &cut, (from, to), &mut reasons);
    bans_between(universe, a.id, b.id, &mut reasons);
    let mut rules: Vec<&Rule> = universe.rules.iter().collect();
    rules.sort_by(|x, y| x.cmp_place(y));
    let mut list: Vec<Reason<C>> = reasons.into_iter().collect();
    for rule in rules {
        list.extend(of_rule(universe, blocked, rule, a, b));
    }
    list
}

/// The guards on the best chain that would exist without unlinks and the size guard.
fn guards_between<C: Id>(
    universe: &Universe<C, RuleKey>,
    graph: &Graph,
    cut: &[bool],
    (from, to): (u32, u32),
    reasons: &mut BTreeSet<Reason<C>>,
) {
    let raw = Graph::new(universe);
    for hop in chain(universe, &raw, &RuleKey::cmp_text, from, to).unwrap_or_default() {
        let Edge::Rule(key) = hop.by else { continue };
        let node = &universe.keys[key as usize];
        if let Some(limit) = universe.limits.max_group.filter(|_| cut[key as usize]) {
            let values = node.id.values().into_iter().map(str::to_owned).collect();
            reasons.insert(Reason::Size { rule: universe.rules[node.rule].key.clone(), values, limit });
        }
        for end in [hop.from, hop.to] {
            if let Some(over) = graph.ignored[end as usize] {
                let contact = universe.contacts[end as usize].id.clone();
                reasons.insert(Reason::Override { override_id: universe.overrides[over].id.clone(), contact });
            }
        }
    }
}

fn bans_between<C: Id>(universe: &Universe<C, RuleKey>, a: &C, b: &C, reasons: &mut BTreeSet<Reason<C>>) {
    for over in &universe.overrides {
        let Decision::Unlink { subject, others } = &over.decision else { continue };
        let is_between = |x: &C, y: &C| subject == x && others.contains(y);
        if is_between(a, b) || is_between(b, a) {
            reasons.insert(Reason::Override { override_id: over.id.clone(), contact: subject.clone() });
        }
    }
}

fn of_rule<C: Id>(
    universe: &Universe<C, RuleKey>,
    blocked: &ValueSet,
    rule: &Rule,
    a: &Side<'_, C>,
    b: &Side<'_, C>,
) -> Vec<Reason<C>> {
    let keys_a: BTreeSet<RuleKey> = rule_keys(rule, &usable(a.values), blocked).into_iter().collect();
    let shared = rule_keys(rule, &usable(b.values), blocked).into_iter().filter(|key| keys_a.contains(key));
    let shared: Vec<RuleKey> = shared.collect();
    if shared.is_empty() {
        return fields_apart(rule, blocked, a, b);
    }
    if !rule.joins() {
        return vec![Reason::RuleOff { rule: rule.key.clone() }];
    }
    let hub = |key: RuleKey| {
        let node = universe.keys.iter().find(|node| node.id == key)?;
        let limit = universe.broken_limit(node)?;
        let values = key.values().into_iter().map(str::to_owned).collect();
        Some(Reason::Hub { rule: rule.key.clone(), values, contacts: node.degree, limit })
    };
    shared.into_iter().filter_map(hub).collect()
}

fn fields_apart<C: Id>(rule: &Rule, blocked: &ValueSet, a: &Side<'_, C>, b: &Side<'_, C>) -> Vec<Reason<C>> {
    let mut reasons = Vec::new();
    let (mut same, mut missing) = (Vec::new(), Vec::new());
    for field in rule.key_fields() {
        let (found_a, found_b) = (look(rule, blocked, field, a.values), look(rule, blocked, field, b.values));
        let is_same = match (&found_a, &found_b) {
            (Ok(values_a), Ok(values_b)) => !values_a.is_disjoint(values_b),
            _ => false,
        };
        for (side, found) in [(a, &found_a), (b, &found_b)] {
            if let Err(problem) = *found {
                let (rule, field, contact) = (rule.key.clone(), field.to_owned(), side.id.clone());
                reasons.push(Reason::Value { rule, field, contact, problem });
            }
        }
        if !is_same && found_a.is_ok() && found_b.is_ok() {
            reasons.push(Reason::Differs { rule: rule.key.clone(), field: field.to_owned() });
        }
        if is_same { same.push(field.to_owned()) } else { missing.push(field.to_owned()) }
    }
    if !same.is_empty() {
        // also when each field coincides but no combination within the first 16 does (ruling 30)
        reasons.push(Reason::NeedsMore { rule: rule.key.clone(), same, missing });
    }
    reasons
}

/// What a rule can compare in one field of a contact, or why there is nothing.
fn look<'v>(
    rule: &Rule,
    blocked: &ValueSet,
    field: &str,
    values: &'v HeldValues,
) -> Result<BTreeSet<&'v str>, Problem> {
    let mut usable = BTreeSet::new();
    let mut problem = Problem::Empty;
    for held in values.get(field).map(Vec::as_slice).unwrap_or_default() {
        match &held.norm {
            Normalised::Unusable(why) => {
                problem = match why {
                    Why::Empty => Problem::Empty,
                    Why::Placeholder => Problem::Placeholder,
                    Why::Invalid => Problem::Invalid,
                    Why::Garbage => Problem::Garbage,
                };
            }
            Normalised::Usable(norm) if blocked.contains(&(field.to_owned(), norm.clone())) => {
                problem = Problem::Blocked;
            }
            Normalised::Usable(_) if rule.verified_only && !held.verified => problem = Problem::Unverified,
            Normalised::Usable(norm) => {
                usable.insert(norm.as_str());
            }
        }
    }
    if usable.is_empty() { Err(problem) } else { Ok(usable) }
}

fn usable(values: &HeldValues) -> Values {
    let keep = |held: &Held| held.norm.usable().map(|norm| Value { norm: norm.to_owned(), verified: held.verified });
    values.iter().map(|(field, list)| (field.clone(), list.iter().filter_map(keep).collect())).collect()
}
