//! The input of the partition: contacts closed over their raw components, with everything that joins or parts them.

use crate::keys::{Rule, RuleKey, ValueSet, is_exempt};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;
use std::hash::Hash;

/// What can name a contact, a key or a group: text in a database, a number in memory.
pub trait Id: Clone + Eq + Hash + Ord + Debug {}
impl<T: Clone + Eq + Hash + Ord + Debug> Id for T {}

/// The two limits of a project; `None` is off (ruling 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Keys with more live contacts than this link nobody.
    pub hub_limit: Option<u32>,
    /// Groups with more contacts than this lose their most shared keys.
    pub max_group: Option<u32>,
}

impl Default for Limits {
    /// 20 contacts a key, 100 a group (ruling 25).
    fn default() -> Self {
        Self { hub_limit: Some(20), max_group: Some(100) }
    }
}

/// One live contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactNode<C> {
    /// Its id.
    pub id: C,
    /// Order of creation in the project; decides which contact is older.
    pub created_seq: u64,
}

/// One key held by contacts of the universe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyNode<K> {
    /// Its id.
    pub id: K,
    /// Index into [`Universe::rules`].
    pub rule: usize,
    /// How many live contacts of the whole project hold it (ruling 25).
    pub degree: u32,
    /// Holds an allowed value (ruling 26).
    pub exempt: bool,
    /// Indexes into [`Universe::contacts`], each once. All of them while the key is not a hub; may be incomplete for a hub.
    pub holders: Vec<u32>,
}

/// An operator's decision (ruling 27).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override<C> {
    /// Its id.
    pub id: String,
    /// Order of creation in the project.
    pub created_seq: u64,
    /// What was decided.
    pub decision: Decision<C>,
}

/// The two kinds of override.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Decision<C> {
    /// The two are one client, whatever their values.
    Link {
        /// One side.
        a: C,
        /// The other side.
        b: C,
    },
    /// The subject is not the same client as the others, which were in its group.
    Unlink {
        /// The contact taken out.
        subject: C,
        /// The contacts it may not share a group with.
        others: Vec<C>,
    },
}

/// A set of contacts closed over raw components, ready for [`crate::partition::partition`].
#[derive(Clone, Debug, Default)]
pub struct Universe<C, K> {
    /// Live contacts.
    pub contacts: Vec<ContactNode<C>>,
    /// Rules by index. Keys of rules that do not join are ignored.
    pub rules: Vec<Rule>,
    /// Keys of those contacts.
    pub keys: Vec<KeyNode<K>>,
    /// Overrides in force, in any order. Those that name unknown contacts are inert there (ruling 33).
    pub overrides: Vec<Override<C>>,
    /// Limits of the project.
    pub limits: Limits,
}

impl<C: Id, K: Id> Universe<C, K> {
    /// The hub limit a key breaks, if it does (rulings 25, 26).
    #[must_use]
    pub fn broken_limit(&self, key: &KeyNode<K>) -> Option<u32> {
        let limit = hub_cap(&self.rules[key.rule], key.exempt, self.limits)?;
        (key.degree > limit).then_some(limit)
    }

    /// Whether a key joins its holders before unlinks and the size guard.
    #[must_use]
    pub fn is_raw_active(&self, key: &KeyNode<K>) -> bool {
        self.rules[key.rule].joins() && self.broken_limit(key).is_none()
    }
}

/// The hub limit in force for a key; `None` when nothing limits it (rulings 25, 26, 37).
#[must_use]
pub fn hub_cap(rule: &Rule, exempt: bool, limits: Limits) -> Option<u32> {
    if exempt { None } else { rule.limit(limits.hub_limit) }
}

/// Build the universe of everything at once, for full rebuilds: contacts with their keys as [`crate::keys::rule_keys`] made them.
#[must_use]
pub fn whole_universe<C: Id>(
    contacts: Vec<(ContactNode<C>, Vec<RuleKey>)>,
    rules: Vec<Rule>,
    overrides: Vec<Override<C>>,
    limits: Limits,
    allowed: &ValueSet,
) -> Universe<C, RuleKey> {
    let mut index = std::collections::HashMap::new();
    let mut keys: Vec<KeyNode<RuleKey>> = Vec::new();
    let mut nodes = Vec::with_capacity(contacts.len());
    for (at, (node, held)) in (0u32..).zip(contacts) {
        nodes.push(node);
        for key in held {
            let Some(rule) = rules.iter().position(|rule| rule.key == key.rule) else { continue };
            let slot = *index.entry(key.clone()).or_insert_with(|| {
                let exempt = is_exempt(&rules[rule], &key, allowed);
                keys.push(KeyNode { id: key, rule, degree: 0, exempt, holders: Vec::new() });
                keys.len() - 1
            });
            if keys[slot].holders.last() != Some(&at) {
                keys[slot].holders.push(at);
                keys[slot].degree += 1;
            }
        }
    }
    Universe { contacts: nodes, rules, keys, overrides, limits }
}
