//! The affected set of a change, closed over raw components (ruling 28), without I/O: the caller answers what is asked.
//!
//! Raw components: hub and blocked keys and rules that do not join are out, links are in, unlinks and the size guard
//! are not applied yet. So a departure can bring a suppressed key back.

use crate::keys::{Rule, RuleKey, ValueSet, is_exempt};
use crate::universe::{ContactNode, Decision, Id, KeyNode, Limits, Override, Universe, hub_cap};
use std::collections::{HashMap, HashSet};

/// What the closure wants to know next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need<C, K> {
    /// Age and keys of these contacts; answer with [`Closure::give_keys`].
    KeysOf(Vec<C>),
    /// Live holders of these keys; answer with [`Closure::give_holders`].
    HoldersOf(Vec<HolderQuery<K>>),
    /// Overrides in force that touch these contacts; answer with [`Closure::give_overrides`].
    OverridesOf(Vec<C>),
}

/// One key whose holders are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderQuery<K> {
    /// The key.
    pub key: K,
    /// With more live holders than this the number alone is enough: fetch `cap + 1` rows, count only if all came.
    pub cap: Option<u32>,
}

/// The live holders of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holders<C> {
    /// All of them, each once.
    All(Vec<C>),
    /// More than the cap: only their number.
    TooMany(u32),
}

/// One key a contact holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFact<K> {
    /// The key.
    pub id: K,
    /// Index into the rules given to [`Closure::new`].
    pub rule: usize,
    /// Holds an allowed value (ruling 26).
    pub exempt: bool,
}

impl KeyFact<RuleKey> {
    /// The fact of a key made by [`crate::keys::rule_keys`]; `None` if its rule is not in the list.
    #[must_use]
    pub fn of(key: RuleKey, rules: &[Rule], allowed: &ValueSet) -> Option<Self> {
        let rule = rules.iter().position(|rule| rule.key == key.rule)?;
        let exempt = is_exempt(&rules[rule], &key, allowed);
        Some(Self { id: key, rule, exempt })
    }
}

/// What is known of one live contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactFacts<K> {
    /// Order of creation in the project.
    pub created_seq: u64,
    /// Its keys; those of rules that do not join may be left out.
    pub keys: Vec<KeyFact<K>>,
}

/// The search itself. Call [`next`](Self::next) and answer until it says `None`, then [`into_universe`](Self::into_universe).
#[derive(Clone, Debug)]
pub struct Closure<C, K> {
    rules: Vec<Rule>,
    limits: Limits,
    seen: HashSet<C>,
    slots: HashMap<C, u32>,
    contacts: Vec<ContactNode<C>>,
    key_slots: HashMap<K, usize>,
    keys: Vec<KeyNode<K>>,
    known_overrides: HashSet<String>,
    overrides: Vec<Override<C>>,
    want_keys: Vec<C>,
    want_holders: Vec<usize>,
    want_overrides: Vec<C>,
}

impl<C: Id, K: Id> Closure<C, K> {
    /// Start from the dirty contacts (see [`crate::dirty`]); deleted ones may be among them.
    pub fn new(dirty: impl IntoIterator<Item = C>, rules: Vec<Rule>, limits: Limits) -> Self {
        let mut closure = Self {
            rules,
            limits,
            seen: HashSet::new(),
            slots: HashMap::new(),
            contacts: Vec::new(),
            key_slots: HashMap::new(),
            keys: Vec::new(),
            known_overrides: HashSet::new(),
            overrides: Vec::new(),
            want_keys: Vec::new(),
            want_holders: Vec::new(),
            want_overrides: Vec::new(),
        };
        for contact in dirty {
            closure.reach(contact);
        }
        closure
    }

    /// What to fetch next; asking again without an answer repeats the question. `None`: closed.
    #[must_use]
    pub fn next(&self) -> Option<Need<C, K>> {
        if !self.want_keys.is_empty() {
            return Some(Need::KeysOf(self.want_keys.clone()));
        }
        if !self.want_holders.is_empty() {
            let query = |&slot: &usize| {
                let key = &self.keys[slot];
                let cap = hub_cap(&self.rules[key.rule], key.exempt, self.limits);
                HolderQuery { key: key.id.clone(), cap }
            };
            return Some(Need::HoldersOf(self.want_holders.iter().map(query).collect()));
        }
        let is_closed = self.want_overrides.is_empty();
        (!is_closed).then(|| Need::OverridesOf(self.want_overrides.clone()))
    }

    /// Answer to [`Need::KeysOf`]. Contacts that were asked for and are missing here are not alive.
    pub fn give_keys(&mut self, answers: impl IntoIterator<Item = (C, ContactFacts<K>)>) {
        self.want_keys.clear();
        for (contact, facts) in answers {
            if self.slots.contains_key(&contact) {
                continue;
            }
            let at = u32::try_from(self.contacts.len()).expect("fewer than 2^32 contacts");
            self.seen.insert(contact.clone());
            self.slots.insert(contact.clone(), at);
            self.contacts.push(ContactNode { id: contact.clone(), created_seq: facts.created_seq });
            self.want_overrides.push(contact);
            for fact in facts.keys {
                self.hold(at, fact);
            }
        }
    }

    /// Answer to [`Need::HoldersOf`]: every key asked for, once.
    pub fn give_holders(&mut self, answers: impl IntoIterator<Item = (K, Holders<C>)>) {
        self.want_holders.clear();
        for (key, holders) in answers {
            let Some(&slot) = self.key_slots.get(&key) else { continue };
            match holders {
                Holders::TooMany(count) => self.keys[slot].degree = count,
                Holders::All(list) => {
                    self.keys[slot].degree = u32::try_from(list.len()).expect("fewer than 2^32 contacts");
                    let cap = hub_cap(&self.rules[self.keys[slot].rule], self.keys[slot].exempt, self.limits);
                    let is_hub = cap.is_some_and(|cap| self.keys[slot].degree > cap);
                    if !is_hub {
                        list.into_iter().for_each(|contact| self.reach(contact));
                    }
                }
            }
        }
    }

    /// Answer to [`Need::OverridesOf`]: links with one of the contacts on either side and unlinks of one of them.
    pub fn give_overrides(&mut self, answers: impl IntoIterator<Item = Override<C>>) {
        self.want_overrides.clear();
        for over in answers {
            if !self.known_overrides.insert(over.id.clone()) {
                continue;
            }
            if let Decision::Link { a, b } = &over.decision {
                self.reach(a.clone());
                self.reach(b.clone());
            }
            self.overrides.push(over);
        }
    }

    /// The closed set, ready to be partitioned. Only after [`next`](Self::next) said `None`.
    #[must_use]
    pub fn into_universe(self) -> Universe<C, K> {
        debug_assert!(self.next().is_none(), "the closure still needs answers");
        Universe {
            contacts: self.contacts,
            rules: self.rules,
            keys: self.keys,
            overrides: self.overrides,
            limits: self.limits,
        }
    }

    fn reach(&mut self, contact: C) {
        if self.seen.insert(contact.clone()) {
            self.want_keys.push(contact);
        }
    }

    fn hold(&mut self, contact: u32, fact: KeyFact<K>) {
        if !self.rules[fact.rule].joins() {
            return;
        }
        let slot = match self.key_slots.get(&fact.id) {
            Some(&slot) => slot,
            None => {
                let slot = self.keys.len();
                self.key_slots.insert(fact.id.clone(), slot);
                let KeyFact { id, rule, exempt } = fact;
                self.keys.push(KeyNode { id, rule, degree: 0, exempt, holders: Vec::new() });
                self.want_holders.push(slot);
                slot
            }
        };
        let holders = &mut self.keys[slot].holders;
        if holders.last() != Some(&contact) {
            holders.push(contact);
        }
    }
}
