//! A toy database: the calling sequence of a database-backed caller, over tables as maps.

use identity::closure::{Closure, ContactFacts, Holders, KeyFact, Need};
use identity::dirty::{Dirt, KeyState, dirt_of_decision, dirt_of_key};
use identity::groups::match_ids;
use identity::keys::{Rule, RuleKey};
use identity::partition::{Suspension, partition};
use identity::universe::{ContactNode, Decision, Limits, Override, Universe, hub_cap};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Default)]
pub struct Store {
    rules: Vec<Rule>,
    limits: Limits,
    /// contact -> (created_seq, its rows of rule_keys)
    contacts: HashMap<String, (u64, BTreeSet<RuleKey>)>,
    /// the other index of rule_keys
    holders: HashMap<RuleKey, BTreeSet<String>>,
    exempt: BTreeSet<RuleKey>,
    overrides: BTreeMap<String, Override<String>>,
    group_members: HashMap<String, u64>,
    cut: BTreeSet<RuleKey>,
    last_group: u64,
    /// Contacts read by the last change, to see that it stays local.
    pub fetched: usize,
}

impl Store {
    /// Groups with ids, as contact ids without their number.
    pub fn groups(&self) -> BTreeMap<u64, BTreeSet<String>> {
        let mut groups: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
        for (contact, &group) in &self.group_members {
            let name = contact.split('#').next().expect("a name").to_owned();
            groups.entry(group).or_default().insert(name);
        }
        groups
    }

    /// Bring the tables to what `truth` says, group by group, as one change set.
    pub fn sync(&mut self, truth: &Universe<String, RuleKey>) {
        let mut before: BTreeMap<RuleKey, KeyState> = BTreeMap::new();
        let every_key: Vec<RuleKey> = self.holders.keys().cloned().collect();
        for key in every_key {
            before.insert(key.clone(), self.key_state(&key));
        }
        let mut dirty = self.size_dirt(truth.limits);
        dirty.extend(self.write_contacts(truth));
        dirty.extend(self.write_overrides(truth));
        let is_moved = |rule: &&Rule| self.rules.iter().any(|old| old.key == rule.key && old.position != rule.position);
        let moved: BTreeSet<String> = truth.rules.iter().filter(is_moved).map(|rule| rule.key.clone()).collect();
        self.rules.clone_from(&truth.rules);
        self.limits = truth.limits;
        self.exempt = truth.keys.iter().filter(|key| key.exempt).map(|key| key.id.clone()).collect();
        let keys: BTreeSet<RuleKey> = before.keys().chain(self.holders.keys()).cloned().collect();
        for key in keys {
            let was = before.get(&key).copied().unwrap_or(KeyState { degree: 0, ..self.key_state(&key) });
            let after = self.key_state(&key);
            if was == after && !moved.contains(&key.rule) {
                continue;
            }
            let holders = self.holders.get(&key).into_iter().flatten().cloned();
            match dirt_of_key(was, after) {
                Dirt::Nobody => {}
                Dirt::OneHolder => dirty.extend(holders.take(1)),
                Dirt::AllHolders => dirty.extend(holders),
            }
        }
        self.regroup(dirty);
    }

    fn key_state(&self, key: &RuleKey) -> KeyState {
        let Some(rule) = self.rules.iter().find(|rule| rule.key == key.rule) else { return KeyState::NONE };
        let degree = self.holders.get(key).map_or(0, BTreeSet::len) as u32;
        KeyState { degree, cap: hub_cap(rule, self.exempt.contains(key), self.limits), joins: rule.joins() }
    }

    fn size_dirt(&self, now: Limits) -> BTreeSet<String> {
        if now.max_group == self.limits.max_group {
            return BTreeSet::new();
        }
        let smaller = [now.max_group, self.limits.max_group].into_iter().flatten().min().unwrap_or(u32::MAX);
        let mut sizes: HashMap<u64, u32> = HashMap::new();
        self.group_members.values().for_each(|&group| *sizes.entry(group).or_default() += 1);
        let large = self.group_members.iter().filter(|(_, group)| sizes[*group] > smaller).map(|(c, _)| c.clone());
        let cut = self.cut.iter().filter_map(|key| self.holders.get(key)?.first().cloned());
        large.chain(cut).collect()
    }

    /// Rows of rule_keys; answers the contacts that were touched.
    fn write_contacts(&mut self, truth: &Universe<String, RuleKey>) -> BTreeSet<String> {
        let mut now: HashMap<String, (u64, BTreeSet<RuleKey>)> = HashMap::new();
        for node in &truth.contacts {
            now.insert(named(truth, &node.id), (node.created_seq, BTreeSet::new()));
        }
        for key in &truth.keys {
            for &at in &key.holders {
                let contact = named(truth, &truth.contacts[at as usize].id);
                now.get_mut(&contact).expect("a holder is alive").1.insert(key.id.clone());
            }
        }
        let all: BTreeSet<String> = now.keys().chain(self.contacts.keys()).cloned().collect();
        let touched: BTreeSet<String> = all.into_iter().filter(|c| now.get(c) != self.contacts.get(c)).collect();
        for contact in &touched {
            for key in self.contacts.get(contact).map(|(_, keys)| keys.clone()).unwrap_or_default() {
                self.holders.get_mut(&key).expect("both indexes agree").remove(contact);
            }
            for key in now.get(contact).map(|(_, keys)| keys.clone()).unwrap_or_default() {
                self.holders.entry(key).or_default().insert(contact.clone());
            }
        }
        self.contacts = now;
        touched
    }

    fn write_overrides(&mut self, truth: &Universe<String, RuleKey>) -> BTreeSet<String> {
        let name = |c: &String| named(truth, c);
        let rename = |over: &Override<String>| Override {
            decision: match &over.decision {
                Decision::Link { a, b } => Decision::Link { a: name(a), b: name(b) },
                Decision::Unlink { subject, others } => {
                    Decision::Unlink { subject: name(subject), others: others.iter().map(name).collect() }
                }
            },
            ..over.clone()
        };
        let now: BTreeMap<String, Override<String>> =
            truth.overrides.iter().map(|over| (over.id.clone(), rename(over))).collect();
        let mut dirty = BTreeSet::new();
        for over in now.values().chain(self.overrides.values()) {
            if now.get(&over.id) != self.overrides.get(&over.id) {
                dirty.extend(dirt_of_decision(&over.decision));
            }
        }
        self.overrides = now;
        dirty
    }

    fn regroup(&mut self, dirty: BTreeSet<String>) {
        let mut affected = dirty.clone();
        let mut closure = Closure::new(dirty, self.rules.clone(), self.limits);
        self.fetched = 0;
        while let Some(need) = closure.next() {
            match need {
                Need::KeysOf(contacts) => {
                    self.fetched += contacts.len();
                    closure.give_keys(contacts.into_iter().filter_map(|c| Some((c.clone(), self.facts(&c)?))));
                }
                Need::HoldersOf(queries) => closure.give_holders(queries.into_iter().map(|query| {
                    let rows = &self.holders[&query.key];
                    let is_hub = query.cap.is_some_and(|cap| rows.len() > cap as usize);
                    let all = || Holders::All(rows.iter().cloned().collect());
                    (query.key, if is_hub { Holders::TooMany(rows.len() as u32) } else { all() })
                })),
                Need::OverridesOf(contacts) => {
                    let is_it = |over: &&Override<String>| match &over.decision {
                        Decision::Link { a, b } => contacts.contains(a) || contacts.contains(b),
                        Decision::Unlink { subject, .. } => contacts.contains(subject),
                    };
                    closure.give_overrides(self.overrides.values().filter(is_it).cloned());
                }
            }
        }
        let universe = closure.into_universe();
        let result = partition(&universe);
        affected.extend(universe.contacts.iter().map(|node| node.id.clone()));
        let seq: HashMap<&String, u64> = universe.contacts.iter().map(|node| (&node.id, node.created_seq)).collect();
        let old: BTreeSet<u64> = affected.iter().filter_map(|c| self.group_members.get(c).copied()).collect();
        let members =
            |id: u64| self.group_members.iter().filter(move |(_, g)| **g == id).map(|(c, _)| c.clone()).collect();
        let previous: Vec<(u64, Vec<String>)> = old.into_iter().map(|id| (id, members(id))).collect();
        let node = |id: &String| ContactNode { id: id.clone(), created_seq: seq[id] };
        let next: Vec<Vec<ContactNode<String>>> =
            result.groups.iter().map(|group| group.iter().map(node).collect()).collect();
        let matching = match_ids(&previous, &next);
        self.group_members.retain(|contact, _| !affected.contains(contact));
        for group in matching.groups {
            let id = group.id.unwrap_or_else(|| {
                self.last_group += 1;
                self.last_group
            });
            self.group_members.extend(group.members.into_iter().map(|contact| (contact, id)));
        }
        for key in &universe.keys {
            self.cut.remove(&key.id);
        }
        let is_size = |s: &&identity::partition::Suspended<RuleKey>| matches!(s.suspension, Suspension::Size { .. });
        self.cut.extend(result.suspended.iter().filter(is_size).map(|s| s.key.clone()));
    }

    fn facts(&self, contact: &String) -> Option<ContactFacts<RuleKey>> {
        let (created_seq, keys) = self.contacts.get(contact)?;
        let fact = |key: &RuleKey| {
            let rule = self.rules.iter().position(|rule| rule.key == key.rule).expect("keys of known rules");
            KeyFact { id: key.clone(), rule, exempt: self.exempt.contains(key) }
        };
        Some(ContactFacts { created_seq: *created_seq, keys: keys.iter().map(fact).collect() })
    }
}

/// A contact by name and age: a name that was deleted and created again is another contact (ruling 33).
fn named(truth: &Universe<String, RuleKey>, contact: &str) -> String {
    match truth.contacts.iter().find(|node| node.id == contact) {
        Some(node) => format!("{contact}#{}", node.created_seq),
        None => contact.to_owned(),
    }
}
