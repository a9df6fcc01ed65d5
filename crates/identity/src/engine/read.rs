//! Questions to the engine, and the rebuild that checks it.

use super::Engine;
use super::change::{GroupId, SuspendedKey};
use super::state::Contact;
use crate::explain::{Held, HeldValues, Reason, Side, Step, why, why_not};
use crate::keys::{Rule, RuleKey, Value, ValueSet, Values, rule_keys};
use crate::normalise::{Normalised, normalise};
use crate::partition::{Partition, Suspension, partition};
use crate::universe::{ContactNode, Decision, Override, Universe, whole_universe};

impl Engine {
    /// All groups with their ids, members and groups oldest first. Lone contacts too.
    #[must_use]
    pub fn groups(&self) -> Vec<(GroupId, Vec<String>)> {
        let mut all: Vec<(&GroupId, &Vec<u32>)> = self.groups.members.iter().collect();
        all.sort_by_key(|(_, members)| self.state.contacts[members[0] as usize].seq);
        let name = |&contact: &u32| self.state.external(contact).to_owned();
        all.into_iter().map(|(&id, members)| (id, members.iter().map(name).collect())).collect()
    }

    /// The group of a contact.
    #[must_use]
    pub fn group_of(&self, external: &str) -> Option<GroupId> {
        self.groups.of(self.state.contact(external)?)
    }

    /// The rules, in order of creation.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.state.rules.iter().flatten().cloned().collect()
    }

    /// Every key of the project that links nobody at the moment, sorted.
    #[must_use]
    pub fn suspended(&self) -> Vec<SuspendedKey> {
        let mut list = Vec::new();
        for (at, key) in (0u32..).zip(&self.state.keys) {
            let Some(rule) = self.state.rules[key.rule as usize].as_ref().filter(|rule| rule.joins()) else { continue };
            let contacts = u32::try_from(key.holders.len()).expect("fewer than 2^32 contacts");
            let cap = if self.state.is_exempt(at) { None } else { rule.limit(self.state.limits.hub_limit) };
            let hub = cap.filter(|&limit| contacts > limit).map(|limit| Suspension::Hub { limit });
            let is_cut = contacts > 1 && self.groups.cut.contains(&at);
            let size = self.state.limits.max_group.filter(|_| is_cut).map(|limit| Suspension::Size { limit });
            if let Some(suspension) = hub.or(size) {
                let values = self.state.key_texts(at).map(str::to_owned).collect();
                list.push(SuspendedKey { rule: rule.key.clone(), values, contacts, suspension });
            }
        }
        list.sort();
        list
    }

    /// The partition from scratch: values normalised anew, nothing of the incremental state used. Equal to what
    /// [`groups`](Self::groups) says, or there is a bug.
    #[must_use]
    pub fn rebuild(&self) -> Partition<String, RuleKey> {
        partition(&self.universe())
    }

    /// The shortest evidence that two contacts are one client; `None` when they are not.
    #[must_use]
    pub fn why(&self, a: &str, b: &str) -> Option<Vec<Step<String, RuleKey>>> {
        why(&self.universe(), &a.to_owned(), &b.to_owned())
    }

    /// Why two contacts are not one client; empty when they are.
    #[must_use]
    pub fn why_not(&self, a: &str, b: &str) -> Vec<Reason<String>> {
        let (Some(at_a), Some(at_b)) = (self.state.contact(a), self.state.contact(b)) else { return Vec::new() };
        let held = |at: u32| self.held(&self.state.contacts[at as usize]);
        let (values_a, values_b) = (held(at_a), held(at_b));
        let (a, b) = (a.to_owned(), b.to_owned());
        let side_a = Side { id: &a, values: &values_a };
        why_not(&self.universe(), &self.blocked(), &side_a, &Side { id: &b, values: &values_b })
    }

    /// Everything the partition depends on, made from the raw values: for checks against another implementation.
    #[must_use]
    pub fn universe(&self) -> Universe<String, RuleKey> {
        let state = &self.state;
        let rules = self.rules();
        let blocked = self.blocked();
        let allowed = self.value_set(&state.allowed);
        let one = |contact: u32| {
            let record = &state.contacts[contact as usize];
            let values = usable(&self.held(record));
            let keys = rules.iter().flat_map(|rule| rule_keys(rule, &values, &blocked)).collect();
            (ContactNode { id: state.external(contact).to_owned(), created_seq: record.seq }, keys)
        };
        let contacts = state.live().map(one).collect();
        let name = |contact: u32| {
            let record = &state.contacts[contact as usize];
            // a deleted contact's name may live again as another contact: its overrides stay inert (ruling 33)
            if record.is_alive { state.external(contact).to_owned() } else { format!("deleted {contact}\0") }
        };
        let over = |(&seq, decision): (&u64, &Decision<u32>)| Override {
            id: seq.to_string(),
            created_seq: seq,
            decision: match decision {
                Decision::Link { a, b } => Decision::Link { a: name(*a), b: name(*b) },
                Decision::Unlink { subject, others } => Decision::Unlink {
                    subject: name(*subject),
                    others: others.iter().map(|&other| name(other)).collect(),
                },
            },
        };
        let overrides = state.overrides.iter().map(over).collect();
        whole_universe(contacts, rules, overrides, state.limits, &allowed)
    }

    fn held(&self, record: &Contact) -> HeldValues {
        let mut values = HeldValues::new();
        for stored in &record.values {
            let field = &self.state.fields[stored.field as usize];
            let norm = normalise(field.kind, self.state.texts.get(stored.raw), &self.state.norm);
            values.entry(field.key.clone()).or_default().push(Held { norm, verified: stored.verified });
        }
        values
    }

    fn blocked(&self) -> ValueSet {
        self.value_set(&self.state.blocked)
    }

    fn value_set(&self, pairs: &std::collections::HashSet<(u16, u32)>) -> ValueSet {
        let name = |&(field, norm): &(u16, u32)| {
            (self.state.fields[field as usize].key.clone(), self.state.texts.get(norm).to_owned())
        };
        pairs.iter().map(name).collect()
    }
}

fn usable(values: &HeldValues) -> Values {
    let keep = |held: &Held| match &held.norm {
        Normalised::Usable(norm) => Some(Value { norm: norm.clone(), verified: held.verified }),
        Normalised::Unusable(_) => None,
    };
    values.iter().map(|(field, list)| (field.clone(), list.iter().filter_map(keep).collect())).collect()
}
