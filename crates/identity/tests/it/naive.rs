//! The rulings written down as slowly and plainly as possible: what the partition is checked against.

use identity::keys::RuleKey;
use identity::universe::{Decision, Universe};
use std::collections::{BTreeMap, BTreeSet};

type Group = BTreeSet<String>;

struct Naive<'u> {
    contacts: Vec<&'u str>,
    /// Active keys with their holders.
    keys: BTreeMap<usize, Vec<&'u str>>,
    links: Vec<(&'u str, &'u str, u64)>,
    ignored: BTreeSet<&'u str>,
}

impl Naive<'_> {
    fn component(&self, start: &str, extra: Option<&str>, until: u64) -> Group {
        let mut group = Group::from([start.to_owned()]);
        loop {
            let before = group.len();
            let counts = |c: &str| !self.ignored.contains(c) && Some(c) != extra;
            for holders in self.keys.values() {
                let members: Vec<&&str> = holders.iter().filter(|c| counts(c)).collect();
                if members.iter().any(|c| group.contains(**c)) {
                    group.extend(members.iter().map(|c| (**c).to_owned()));
                }
            }
            for (a, b, seq) in &self.links {
                if *seq <= until && (group.contains(*a) || group.contains(*b)) {
                    group.extend([(*a).to_owned(), (*b).to_owned()]);
                }
            }
            if group.len() == before {
                return group;
            }
        }
    }

    fn groups(&self) -> BTreeSet<Group> {
        self.contacts.iter().map(|c| self.component(c, None, u64::MAX)).collect()
    }
}

/// The groups of a universe.
pub fn groups(universe: &Universe<String, RuleKey>) -> BTreeSet<Group> {
    let contacts: Vec<&str> = universe.contacts.iter().map(|node| node.id.as_str()).collect();
    let mut naive = Naive { keys: BTreeMap::new(), links: Vec::new(), ignored: BTreeSet::new(), contacts };
    // hub and block
    for (at, key) in universe.keys.iter().enumerate() {
        let rule = &universe.rules[key.rule];
        let limit = if key.exempt { None } else { rule.limit(universe.limits.hub_limit) };
        if rule.joins() && limit.is_none_or(|limit| key.holders.len() <= limit as usize) {
            naive.keys.insert(at, key.holders.iter().map(|&c| naive.contacts[c as usize]).collect());
        }
    }
    let is_live = |c: &String| universe.contacts.iter().any(|node| node.id == *c);
    let mut overrides: Vec<_> = universe.overrides.iter().collect();
    overrides.sort_by_key(|over| over.created_seq);
    // the newest decision on a pair
    let is_parted = |a: &String, b: &String, since: u64| {
        overrides.iter().filter(|over| over.created_seq > since).any(|over| match &over.decision {
            Decision::Link { .. } => false,
            Decision::Unlink { subject, others } => {
                (subject == a && others.contains(b)) || (subject == b && others.contains(a))
            }
        })
    };
    for over in &overrides {
        if let Decision::Link { a, b } = &over.decision
            && is_live(a)
            && is_live(b)
            && !is_parted(a, b, over.created_seq)
        {
            naive.links.push((a, b, over.created_seq));
        }
    }
    // unlinks in order of creation
    for over in &overrides {
        let Decision::Unlink { subject, others } = &over.decision else { continue };
        if !is_live(subject) {
            continue;
        }
        let shared = naive.component(subject, None, u64::MAX);
        let by_hand = naive.component(subject, Some(subject), u64::MAX);
        let by_old_hand = naive.component(subject, Some(subject), over.created_seq);
        let is_lifted = |other: &&String| by_hand.contains(*other) && !by_old_hand.contains(*other);
        if others.iter().filter(|other| !is_lifted(other)).any(|other| shared.contains(other)) {
            naive.ignored.insert(subject);
        }
    }
    // size: while a group is too large suspend its most shared key
    let Some(limit) = universe.limits.max_group else { return naive.groups() };
    while let Some(key) =
        naive.groups().iter().filter(|g| g.len() > limit as usize).find_map(|g| most_shared(universe, &naive, g))
    {
        naive.keys.remove(&key);
    }
    naive.groups()
}

fn most_shared(universe: &Universe<String, RuleKey>, naive: &Naive, group: &Group) -> Option<usize> {
    let members =
        |holders: &[&str]| holders.iter().filter(|c| group.contains(**c) && !naive.ignored.contains(**c)).count();
    let place = |at: usize| {
        let key = &universe.keys[at];
        let rule = &universe.rules[key.rule];
        (rule.position, rule.key.clone(), key.id.values().into_iter().map(str::to_owned).collect::<Vec<String>>())
    };
    let shared = naive.keys.iter().map(|(&at, holders)| (members(holders), at)).filter(|(count, _)| *count > 1);
    shared.min_by_key(|&(count, at)| (std::cmp::Reverse(count), place(at))).map(|(_, at)| at)
}
