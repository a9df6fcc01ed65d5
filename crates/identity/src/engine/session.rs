//! One change set in progress: primitive changes, the journal that takes them back, and who became dirty.

use super::change::{ChangeProblem, Fields, Input};
use super::state::{Contact, List, State, Stored, Undo};
use crate::behind::{Entry, behind};
use crate::dirty::{Dirt, KeyState, dirt_of_decision, dirt_of_key};
use crate::keys::Rule;
use crate::normalise::{NormSettings, Why};
use crate::universe::{Decision, Limits, hub_cap};
use std::collections::{BTreeSet, HashMap};

pub(super) struct Session<'s> {
    pub state: &'s mut State,
    journal: Vec<Undo>,
    dirty: BTreeSet<u32>,
    /// Keys touched, as they were before the set.
    before: HashMap<u32, KeyState>,
}

impl<'s> Session<'s> {
    pub fn new(state: &'s mut State) -> Self {
        Self { state, journal: Vec::new(), dirty: BTreeSet::new(), before: HashMap::new() }
    }

    /// How many primitive changes were made so far.
    pub fn effects(&self) -> usize {
        self.journal.len()
    }

    /// Take everything back.
    pub fn roll_back(self) {
        for undo in self.journal.into_iter().rev() {
            self.state.undo(undo);
        }
    }

    /// The dirty contacts of the set, see [`crate::dirty`].
    pub fn into_dirty(mut self) -> BTreeSet<u32> {
        for (key, before) in std::mem::take(&mut self.before) {
            let after = self.key_state(key);
            let holders = &self.state.keys[key as usize].holders;
            match dirt_of_key(before, after) {
                Dirt::Nobody => {}
                Dirt::OneHolder => self.dirty.extend(holders.first()),
                Dirt::AllHolders => self.dirty.extend(holders),
            }
        }
        self.dirty
    }

    pub fn mark(&mut self, contacts: impl IntoIterator<Item = u32>) {
        self.dirty.extend(contacts);
    }

    fn key_state(&self, key: u32) -> KeyState {
        let node = &self.state.keys[key as usize];
        let Some(rule) = &self.state.rules[node.rule as usize] else { return KeyState::NONE };
        let degree = u32::try_from(node.holders.len()).expect("fewer than 2^32 contacts");
        let cap = hub_cap(rule, self.state.is_exempt(key), self.state.limits);
        KeyState { degree, cap, joins: rule.joins() }
    }

    /// Remember a key before it changes for the first time in this set.
    fn touch(&mut self, key: u32) {
        let state = self.key_state(key);
        self.before.entry(key).or_insert(state);
    }

    fn touch_all(&mut self, wanted: impl Fn(&State, u32) -> bool) {
        for key in 0..u32::try_from(self.state.keys.len()).expect("fewer than 2^32 keys") {
            if !self.state.keys[key as usize].holders.is_empty() && wanted(self.state, key) {
                self.touch(key);
            }
        }
    }

    pub fn create(&mut self, external: &str, fields: &Fields) -> Result<(), ChangeProblem> {
        let values = self.read_fields(&[], fields)?;
        let external = self.state.texts.intern(external);
        let contact = u32::try_from(self.state.contacts.len()).expect("fewer than 2^32 contacts");
        let seq = self.state.take_seq();
        let record = Contact { external, seq, is_alive: true, values, keys: Box::default() };
        self.state.contacts.push(record);
        self.state.by_external.insert(external, contact);
        self.journal.push(Undo::Created);
        self.dirty.insert(contact);
        self.renew_keys(contact);
        Ok(())
    }

    pub fn set(&mut self, contact: u32, fields: &Fields) -> Result<(), ChangeProblem> {
        let old = self.state.contacts[contact as usize].values.clone();
        let values = self.read_fields(&old, fields)?;
        self.write_values(contact, values);
        Ok(())
    }

    pub fn delete(&mut self, contact: u32) {
        self.write_keys(contact, Box::default());
        let record = &mut self.state.contacts[contact as usize];
        record.is_alive = false;
        self.state.by_external.remove(&record.external);
        self.journal.push(Undo::Deleted { contact });
        self.dirty.insert(contact);
        let overrides = self.state.overrides_of.get(&contact).cloned().unwrap_or_default();
        for seq in overrides {
            let decision = self.state.overrides[&seq].clone();
            self.mark(dirt_of_decision(&decision));
        }
        self.mark_unlinks_naming(contact);
    }

    /// Unlinks of others that name a contact change when it is gone.
    fn mark_unlinks_naming(&mut self, contact: u32) {
        let names = |decision: &&Decision<u32>| match decision {
            Decision::Link { .. } => false,
            Decision::Unlink { others, .. } => others.contains(&contact),
        };
        let found: Vec<u32> = self.state.overrides.values().filter(names).flat_map(dirt_of_decision).collect();
        self.mark(found);
    }

    fn read_fields(&mut self, old: &[Stored], fields: &Fields) -> Result<Box<[Stored]>, ChangeProblem> {
        let mut given = BTreeSet::new();
        let mut values: Vec<Stored> = Vec::new();
        for (key, inputs) in fields {
            let Some(&field) = self.state.field_ids.get(key) else {
                return Err(ChangeProblem::UnknownField(key.clone()));
            };
            if !given.insert(field) {
                return Err(ChangeProblem::DuplicateField(key.clone()));
            }
            let given_now = self.read_field(field, inputs)?;
            values.extend(self.behind(old, field, &given_now));
            values.extend(given_now);
        }
        values.extend(old.iter().filter(|stored| !given.contains(&stored.field)).cloned());
        values.sort_by_key(|stored| stored.field);
        Ok(values.into())
    }

    fn read_field(&mut self, field: u16, inputs: &[Input]) -> Result<Vec<Stored>, ChangeProblem> {
        let mut values: Vec<Stored> = Vec::new();
        for input in inputs {
            let stored = self.state.store(field, &input.raw, input.verified);
            let known = &self.state.fields[field as usize];
            match stored.norm {
                Err(Why::Empty) => continue,
                Err(Why::Invalid | Why::Garbage) if known.kind.refuses_invalid() => {
                    return Err(ChangeProblem::InvalidValue(known.key.clone()));
                }
                Ok(_) | Err(Why::Placeholder | Why::Invalid | Why::Garbage) => {}
            }
            if !values.contains(&stored) {
                values.push(stored);
            }
        }
        let known = &self.state.fields[field as usize];
        if values.len() > 1 && !known.multi {
            return Err(ChangeProblem::TooManyValues(known.key.clone()));
        }
        Ok(values)
    }

    /// What an unusable value would take away.
    fn behind(&self, old: &[Stored], field: u16, now: &[Stored]) -> Vec<Stored> {
        let before: Vec<&Stored> = old.iter().filter(|stored| stored.field == field).collect();
        let entries: Vec<Entry> = before.iter().map(|stored| self.state.entry(stored)).collect();
        let now: Vec<Entry> = now.iter().map(|stored| self.state.entry(stored)).collect();
        let kept = behind(&entries, &now, |_| false).into_iter();
        kept.map(|place| Stored { is_behind: true, ..before[place].clone() }).collect()
    }

    fn write_values(&mut self, contact: u32, values: Box<[Stored]>) {
        let record = &mut self.state.contacts[contact as usize];
        if record.values == values {
            return;
        }
        let was = std::mem::replace(&mut record.values, values);
        self.journal.push(Undo::Values { contact, was });
        self.renew_keys(contact);
    }

    fn renew_keys(&mut self, contact: u32) {
        let keys = self.state.compute_keys(contact);
        self.write_keys(contact, keys);
    }

    fn write_keys(&mut self, contact: u32, keys: Box<[u32]>) {
        let old = self.state.contacts[contact as usize].keys.clone();
        if old == keys {
            return;
        }
        for &key in old.iter().filter(|key| keys.binary_search(key).is_err()) {
            self.touch(key);
        }
        for &key in keys.iter().filter(|key| old.binary_search(key).is_err()) {
            self.touch(key);
        }
        let was = self.state.write_keys(contact, keys);
        self.journal.push(Undo::Keys { contact, was });
        self.dirty.insert(contact);
    }

    fn renew_all_keys(&mut self) {
        for contact in self.state.live().collect::<Vec<u32>>() {
            self.renew_keys(contact);
        }
    }

    pub fn write_rule(&mut self, slot: u32, rule: Option<Rule>) {
        let at = slot as usize;
        if self.state.rules.len() <= at {
            self.state.rules.resize(at + 1, None);
        }
        if self.state.rules[at] == rule {
            return;
        }
        self.touch_all(|state, key| state.keys[key as usize].rule == slot);
        let was = std::mem::replace(&mut self.state.rules[at], rule);
        let makes_keys = |rule: &Option<Rule>| rule.as_ref().map(|rule| (rule.fields.clone(), rule.verified_only));
        let is_same_keys = makes_keys(&was) == makes_keys(&self.state.rules[at]);
        let is_same_order = was.as_ref().map(|r| r.position) == self.state.rules[at].as_ref().map(|r| r.position);
        self.journal.push(Undo::Rule { slot, was });
        if !is_same_keys {
            self.renew_all_keys();
        }
        if !is_same_order {
            // the order of rules decides ties of the size guard
            let holders = |key: &&super::state::Key| key.rule == slot;
            let firsts = self.state.keys.iter().filter(holders).filter_map(|key| key.holders.first().copied());
            let firsts: Vec<u32> = firsts.collect();
            self.mark(firsts);
        }
    }

    pub fn write_override(&mut self, seq: u64, decision: Option<Decision<u32>>) {
        let was = self.state.write_override(seq, decision);
        for decision in was.iter().chain(self.state.overrides.get(&seq)).cloned().collect::<Vec<_>>() {
            self.mark(dirt_of_decision(&decision));
        }
        self.journal.push(Undo::Override { seq, was });
    }

    pub fn write_list(&mut self, list: List, field: u16, norm: u32, is_in: bool) {
        let value = (field, norm);
        if self.state.list_mut(list).contains(&value) == is_in {
            return;
        }
        self.touch_all(|state, key| state.keys[key as usize].values.contains(&norm));
        let set = self.state.list_mut(list);
        if is_in {
            set.insert(value)
        } else {
            set.remove(&value)
        };
        self.journal.push(Undo::Value { list, value, was: !is_in });
        if list == List::Blocked {
            let has_it = |c: &u32| {
                let values = &self.state.contacts[*c as usize].values;
                values.iter().any(|stored| stored.field == field && stored.norm == Ok(norm))
            };
            for contact in self.state.live().filter(has_it).collect::<Vec<u32>>() {
                self.renew_keys(contact);
            }
        }
    }

    pub fn write_limits(&mut self, limits: Limits) {
        if self.state.limits == limits {
            return;
        }
        if self.state.limits.hub_limit != limits.hub_limit {
            self.touch_all(|state, key| state.keys[key as usize].holders.len() > 1);
        }
        let was = std::mem::replace(&mut self.state.limits, limits);
        self.journal.push(Undo::Limits(was));
    }

    pub fn write_norm(&mut self, norm: NormSettings) {
        if self.state.norm == norm {
            return;
        }
        let was = std::mem::replace(&mut self.state.norm, norm);
        self.journal.push(Undo::Norm(was));
        for contact in self.state.live().collect::<Vec<u32>>() {
            let values = self.state.contacts[contact as usize].values.clone();
            let again = |old: &Stored| {
                let raw = self.state.texts.get(old.raw).to_owned();
                Stored { is_behind: old.is_behind, ..self.state.store(old.field, &raw, old.verified) }
            };
            let values: Box<[Stored]> = values.iter().map(again).collect();
            self.write_values(contact, values);
        }
    }
}
