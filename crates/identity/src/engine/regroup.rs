//! Groups of the engine: the affected set by the closure of [`crate::closure`], its partition, and the ids.

use super::change::{Applied, GroupChange, GroupId, SuspendedKey};
use super::state::State;
use crate::closure::{Closure, ContactFacts, Holders, KeyFact, Need};
use crate::groups::{Matching, match_ids};
use crate::keys::Rule;
use crate::partition::{Flag, Partition, Suspended, Suspension, partition_by};
use crate::universe::{ContactNode, Decision, Override, Universe};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

/// The partition in force, with ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// Group of each contact; 0 for none.
    pub of: Vec<GroupId>,
    /// Members, oldest first. Singletons too.
    pub members: HashMap<GroupId, Vec<u32>>,
    /// Keys suspended by the size guard.
    pub cut: BTreeSet<u32>,
    last: GroupId,
}

impl Groups {
    pub fn of(&self, contact: u32) -> Option<GroupId> {
        self.of.get(contact as usize).copied().filter(|&group| group != 0)
    }

    /// A member of each group larger than a limit.
    pub fn touched_by_size(&self, limit: Option<u32>) -> Vec<u32> {
        let is_large = |members: &&Vec<u32>| limit.is_some_and(|limit| members.len() > limit as usize);
        self.members.values().filter(is_large).map(|members| members[0]).collect()
    }

    fn write(&mut self, outcome: &Outcome, ids: &[GroupId]) {
        for (group, _) in &outcome.previous {
            for contact in self.members.remove(group).unwrap_or_default() {
                self.of[contact as usize] = 0;
            }
        }
        for (group, &id) in outcome.matching.groups.iter().zip(ids) {
            for &contact in &group.members {
                let at = contact as usize;
                if self.of.len() <= at {
                    self.of.resize(at + 1, 0);
                }
                self.of[at] = id;
            }
            self.members.insert(id, group.members.clone());
        }
        for key in &outcome.keys_seen {
            self.cut.remove(key);
        }
        let is_size = |suspended: &&Suspended<u32>| matches!(suspended.suspension, Suspension::Size { .. });
        self.cut.extend(outcome.partition.suspended.iter().filter(is_size).map(|suspended| suspended.key));
    }
}

/// What a change set does to the groups.
pub(super) struct Outcome {
    partition: Partition<u32, u32>,
    previous: Vec<(GroupId, Vec<u32>)>,
    matching: Matching<GroupId, u32>,
    keys_seen: Vec<u32>,
}

/// Find the affected set of dirty contacts and its new groups. Changes nothing.
pub(super) fn regroup(state: &State, groups: &Groups, dirty: BTreeSet<u32>) -> Outcome {
    let gone: Vec<u32> = dirty.iter().copied().filter(|&c| !state.contacts[c as usize].is_alive).collect();
    let universe = closed(state, dirty);
    let partition = partition_by(&universe, |a, b| cmp_key_texts(state, *a, *b));
    let living = universe.contacts.iter().map(|node| node.id);
    let old: BTreeSet<GroupId> = living.clone().chain(gone).filter_map(|contact| groups.of(contact)).collect();
    let previous: Vec<(GroupId, Vec<u32>)> = old.into_iter().map(|id| (id, groups.members[&id].clone())).collect();
    let node = |&id: &u32| ContactNode { id, created_seq: state.contacts[id as usize].seq };
    let next: Vec<Vec<ContactNode<u32>>> =
        partition.groups.iter().map(|group| group.iter().map(node).collect()).collect();
    let keys_seen = living.flat_map(|contact| state.contacts[contact as usize].keys.iter().copied()).collect();
    Outcome { matching: match_ids(&previous, &next), partition, previous, keys_seen }
}

/// The group of one contact as the state stands in the middle of a change set (ruling 22).
pub(super) fn group_of_now(state: &State, contact: u32) -> Vec<u32> {
    let universe = closed(state, BTreeSet::from([contact]));
    let partition = partition_by(&universe, |a, b| cmp_key_texts(state, *a, *b));
    partition.groups.into_iter().find(|group| group.contains(&contact)).unwrap_or_default()
}

/// The closure of dirty contacts over the state.
pub(super) fn closed(state: &State, dirty: BTreeSet<u32>) -> Universe<u32, u32> {
    let mut closure = Closure::new(dirty, rules_by_slot(state), state.limits);
    while let Some(need) = closure.next() {
        match need {
            Need::KeysOf(contacts) => {
                let is_alive = |&c: &u32| state.contacts[c as usize].is_alive;
                closure.give_keys(contacts.into_iter().filter(is_alive).map(|c| (c, facts(state, c))));
            }
            Need::HoldersOf(queries) => closure.give_holders(queries.into_iter().map(|query| {
                let list = &state.keys[query.key as usize].holders;
                let is_hub = query.cap.is_some_and(|cap| list.len() > cap as usize);
                let count = u32::try_from(list.len()).expect("fewer than 2^32 contacts");
                (query.key, if is_hub { Holders::TooMany(count) } else { Holders::All(list.clone()) })
            })),
            Need::OverridesOf(contacts) => {
                let seqs: BTreeSet<u64> =
                    contacts.iter().filter_map(|c| state.overrides_of.get(c)).flatten().copied().collect();
                closure.give_overrides(seqs.into_iter().map(|seq| over(seq, state.overrides[&seq].clone())));
            }
        }
    }
    closure.into_universe()
}

fn rules_by_slot(state: &State) -> Vec<Rule> {
    let blank = || Rule { enabled: false, ..Rule::new("", &[], 0) };
    state.rules.iter().map(|rule| rule.clone().unwrap_or_else(blank)).collect()
}

fn facts(state: &State, contact: u32) -> ContactFacts<u32> {
    let record = &state.contacts[contact as usize];
    let fact = |&id: &u32| {
        let rule = state.keys[id as usize].rule as usize;
        KeyFact { id, rule, exempt: state.is_exempt(id) }
    };
    ContactFacts { created_seq: record.seq, keys: record.keys.iter().map(fact).collect() }
}

fn over(seq: u64, decision: Decision<u32>) -> Override<u32> {
    Override { id: seq.to_string(), created_seq: seq, decision }
}

fn cmp_key_texts(state: &State, a: u32, b: u32) -> Ordering {
    state.key_texts(a).cmp(state.key_texts(b))
}

/// The answer to a change set, and with `write` the change of the groups.
pub(super) fn answer(state: &State, groups: &mut Groups, outcome: &Outcome, write: bool) -> Applied {
    let mut ids: Vec<Option<GroupId>> = outcome.matching.groups.iter().map(|group| group.id).collect();
    if write {
        for id in ids.iter_mut().filter(|id| id.is_none()) {
            groups.last += 1;
            *id = Some(groups.last);
        }
        let all: Vec<GroupId> = ids.iter().copied().flatten().collect();
        groups.write(outcome, &all);
    }
    let names = |members: &Vec<u32>| members.iter().map(|&c| state.external(c).to_owned()).collect();
    let changed = outcome.matching.groups.iter().zip(&ids).filter(|(group, _)| group.is_changed);
    let redirects = outcome.matching.redirects.iter();
    Applied {
        applied: 0,
        effective: 0,
        groups: changed.map(|(group, &id)| GroupChange { id, contacts: names(&group.members) }).collect(),
        dissolved: outcome.matching.dissolved.clone(),
        redirects: redirects.map(|(&from, to)| (from, to.as_ref().and_then(|to| ids[to.group]))).collect(),
        suspended: named(state, &outcome.partition.suspended),
        flags: outcome.partition.flags.iter().map(|flag| name_flag(state, flag)).collect(),
    }
}

pub(super) fn named(state: &State, suspended: &[Suspended<u32>]) -> Vec<SuspendedKey> {
    let one = |s: &Suspended<u32>| SuspendedKey {
        rule: s.rule.clone(),
        values: state.key_texts(s.key).map(str::to_owned).collect(),
        contacts: s.contacts,
        suspension: s.suspension,
    };
    let mut list: Vec<SuspendedKey> = suspended.iter().map(one).collect();
    list.sort();
    list
}

fn name_flag(state: &State, flag: &Flag<u32>) -> Flag<String> {
    match flag {
        Flag::TooLarge { oldest, size } => Flag::TooLarge { oldest: state.external(*oldest).to_owned(), size: *size },
        Flag::UnlinkOverruled { override_id, contact } => {
            Flag::UnlinkOverruled { override_id: override_id.clone(), contact: state.external(*contact).to_owned() }
        }
    }
}
