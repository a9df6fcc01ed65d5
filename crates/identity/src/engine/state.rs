//! The records of the engine: everything interned to small numbers, primitive changes with an undo journal.

use crate::behind::Entry;
use crate::keys::{Rule, combinations};
use crate::normalise::{FieldKind, NormSettings, Normalised, Why, normalise};
use crate::universe::{Decision, Limits};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Strings as numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    list: Vec<Box<str>>,
    index: HashMap<Box<str>, u32>,
}

impl Texts {
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&at) = self.index.get(text) {
            return at;
        }
        let at = u32::try_from(self.list.len()).expect("fewer than 2^32 texts");
        self.list.push(text.into());
        self.index.insert(text.into(), at);
        at
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        self.index.get(text).copied()
    }

    pub fn get(&self, at: u32) -> &str {
        &self.list[at as usize]
    }
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub key: String,
    pub kind: FieldKind,
    pub multi: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub field: u16,
    pub raw: u32,
    pub norm: Result<u32, Why>,
    pub verified: bool,
    /// See [`crate::behind`].
    pub is_behind: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub external: u32,
    pub seq: u64,
    pub is_alive: bool,
    pub values: Box<[Stored]>,
    /// Keys of all rules, switched off ones too; sorted.
    pub keys: Box<[u32]>,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub rule: u32,
    pub values: Box<[u32]>,
    /// Live contacts, sorted.
    pub holders: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Blocked,
    Allowed,
}

/// One primitive change, as it was before.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    Created,
    Values { contact: u32, was: Box<[Stored]> },
    Keys { contact: u32, was: Box<[u32]> },
    Deleted { contact: u32 },
    Rule { slot: u32, was: Option<Rule> },
    Override { seq: u64, was: Option<Decision<u32>> },
    Value { list: List, value: (u16, u32), was: bool },
    Norm(NormSettings),
    Limits(Limits),
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub fields: Vec<Field>,
    pub field_ids: HashMap<String, u16>,
    pub texts: Texts,
    pub contacts: Vec<Contact>,
    /// Live contacts by external id.
    pub by_external: HashMap<u32, u32>,
    /// Slots; a removed rule leaves its slot empty.
    pub rules: Vec<Option<Rule>>,
    pub keys: Vec<Key>,
    pub key_ids: HashMap<(u32, Box<[u32]>), u32>,
    pub overrides: BTreeMap<u64, Decision<u32>>,
    /// Links on either side and unlinks of the subject, by contact.
    pub overrides_of: HashMap<u32, BTreeSet<u64>>,
    pub blocked: HashSet<(u16, u32)>,
    pub allowed: HashSet<(u16, u32)>,
    pub norm: NormSettings,
    pub limits: Limits,
    pub next_seq: u64,
}

impl State {
    pub fn new(fields: Vec<Field>) -> Self {
        let field_ids = (0..).zip(&fields).map(|(at, field)| (field.key.clone(), at)).collect();
        Self {
            fields,
            field_ids,
            texts: Texts::default(),
            contacts: Vec::new(),
            by_external: HashMap::new(),
            rules: Vec::new(),
            keys: Vec::new(),
            key_ids: HashMap::new(),
            overrides: BTreeMap::new(),
            overrides_of: HashMap::new(),
            blocked: HashSet::new(),
            allowed: HashSet::new(),
            norm: NormSettings::default(),
            limits: Limits::default(),
            next_seq: 1,
        }
    }

    pub fn contact(&self, external: &str) -> Option<u32> {
        self.by_external.get(&self.texts.find(external)?).copied()
    }

    pub fn external(&self, contact: u32) -> &str {
        self.texts.get(self.contacts[contact as usize].external)
    }

    pub fn live(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.contacts).filter(|(_, contact)| contact.is_alive).map(|(at, _)| at)
    }

    pub fn rule_slot(&self, key: &str) -> Option<u32> {
        let is_it = |rule: &Option<Rule>| rule.as_ref().is_some_and(|rule| rule.key == key);
        self.rules.iter().position(is_it).and_then(|at| u32::try_from(at).ok())
    }

    pub fn take_seq(&mut self) -> u64 {
        self.next_seq += 1;
        self.next_seq - 1
    }

    pub fn store(&mut self, field: u16, raw: &str, verified: bool) -> Stored {
        let norm = match normalise(self.fields[field as usize].kind, raw, &self.norm) {
            Normalised::Usable(text) => Ok(self.texts.intern(&text)),
            Normalised::Unusable(why) => Err(why),
        };
        Stored { field, raw: self.texts.intern(raw), norm, verified, is_behind: false }
    }

    pub fn entry(&self, stored: &Stored) -> Entry {
        let norm = match stored.norm {
            Ok(text) => Normalised::Usable(self.texts.get(text).to_owned()),
            Err(why) => Normalised::Unusable(why),
        };
        Entry { raw: self.texts.get(stored.raw).to_owned(), norm, is_behind: stored.is_behind }
    }

    /// The keys all rules give a contact, sorted. Same rules as [`crate::keys::rule_keys`], over numbers.
    pub fn compute_keys(&mut self, contact: u32) -> Box<[u32]> {
        let mut keys = Vec::new();
        for slot in 0..self.rules.len() {
            let tuples = match &self.rules[slot] {
                Some(rule) => combinations(&self.columns(rule, &self.contacts[contact as usize].values)),
                None => Vec::new(),
            };
            for tuple in tuples {
                keys.push(self.key_id(u32::try_from(slot).expect("few rules"), tuple.into()));
            }
        }
        keys.sort_unstable();
        keys.into()
    }

    fn columns(&self, rule: &Rule, values: &[Stored]) -> Vec<Vec<u32>> {
        let column = |field: &str| {
            let field = self.field_ids[field];
            let held = values.iter().filter(|v| v.field == field && (v.verified || !rule.verified_only));
            let usable = held.filter_map(|v| v.norm.ok()).filter(|&norm| !self.blocked.contains(&(field, norm)));
            let mut column: Vec<u32> = usable.collect();
            column.sort_unstable_by_key(|&norm| self.texts.get(norm));
            column.dedup();
            column
        };
        rule.key_fields().into_iter().map(column).collect()
    }

    fn key_id(&mut self, rule: u32, values: Box<[u32]>) -> u32 {
        let next = u32::try_from(self.keys.len()).expect("fewer than 2^32 keys");
        let at = *self.key_ids.entry((rule, values.clone())).or_insert(next);
        if at == next {
            self.keys.push(Key { rule, values, holders: Vec::new() });
        }
        at
    }

    pub fn key_texts(&self, key: u32) -> impl Iterator<Item = &str> {
        self.keys[key as usize].values.iter().map(|&value| self.texts.get(value))
    }

    pub fn is_exempt(&self, key: u32) -> bool {
        let key = &self.keys[key as usize];
        let Some(rule) = self.rules[key.rule as usize].as_ref().filter(|_| !self.allowed.is_empty()) else {
            return false;
        };
        let mut pairs = rule.key_fields().into_iter().map(|field| self.field_ids[field]).zip(key.values.iter());
        pairs.any(|(field, &value)| self.allowed.contains(&(field, value)))
    }

    /// Replace the keys of a contact in both directions.
    pub fn write_keys(&mut self, contact: u32, keys: Box<[u32]>) -> Box<[u32]> {
        let was = std::mem::replace(&mut self.contacts[contact as usize].keys, keys);
        let now = self.contacts[contact as usize].keys.clone();
        for key in was.iter().filter(|key| now.binary_search(key).is_err()) {
            let holders = &mut self.keys[*key as usize].holders;
            let at = holders.binary_search(&contact).expect("both directions agree");
            holders.remove(at);
        }
        for key in now.iter().filter(|key| was.binary_search(key).is_err()) {
            let holders = &mut self.keys[*key as usize].holders;
            let at = holders.binary_search(&contact).expect_err("both directions agree");
            holders.insert(at, contact);
        }
        was
    }

    pub fn write_override(&mut self, seq: u64, decision: Option<Decision<u32>>) -> Option<Decision<u32>> {
        let was = self.overrides.remove(&seq);
        for contact in was.as_ref().map(touched).unwrap_or_default() {
            self.overrides_of.entry(contact).or_default().remove(&seq);
        }
        if let Some(decision) = decision {
            for contact in touched(&decision) {
                self.overrides_of.entry(contact).or_default().insert(seq);
            }
            self.overrides.insert(seq, decision);
        }
        was
    }

    pub fn list_mut(&mut self, list: List) -> &mut HashSet<(u16, u32)> {
        match list {
            List::Blocked => &mut self.blocked,
            List::Allowed => &mut self.allowed,
        }
    }

    pub fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Created => {
                let contact = self.contacts.pop().expect("it was created");
                self.by_external.remove(&contact.external);
            }
            Undo::Values { contact, was } => self.contacts[contact as usize].values = was,
            Undo::Keys { contact, was } => drop(self.write_keys(contact, was)),
            Undo::Deleted { contact } => {
                self.contacts[contact as usize].is_alive = true;
                self.by_external.insert(self.contacts[contact as usize].external, contact);
            }
            Undo::Rule { slot, was } => self.rules[slot as usize] = was,
            Undo::Override { seq, was } => drop(self.write_override(seq, was)),
            Undo::Value { list, value, was: true } => drop(self.list_mut(list).insert(value)),
            Undo::Value { list, value, was: false } => drop(self.list_mut(list).remove(&value)),
            Undo::Norm(was) => self.norm = was,
            Undo::Limits(was) => self.limits = was,
        }
    }
}

fn touched(decision: &Decision<u32>) -> Vec<u32> {
    match decision {
        Decision::Link { a, b } => vec![*a, *b],
        Decision::Unlink { subject, .. } => vec![*subject],
    }
}
