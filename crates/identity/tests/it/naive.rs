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

    /// Whom links alone tie to a contact, as if another were not there.
    fn tied(&self, start: &str, without: Option<&str>, until: u64) -> Group {
        let mut group = Group::from([start.to_owned()]);
        loop {
            let before = group.len();
            for (a, b, seq) in &self.links {
                let counts = *seq <= until && Some(*a) != without && Some(*b) != without;
                if counts && (group.contains(*a) || group.contains(*b)) {
                    group.extend([(*a).to_owned(), (*b).to_owned()]);
                }
            }
            if group.len() == before {
                return group;
            }
        }
    }

    /// With whom a subject is together against an unlink.
    fn broken(&self, subject: &str, others: &[String], seq: u64) -> Vec<String> {
        let shared = self.component(subject, None, u64::MAX);
        let by_hand = self.component(subject, Some(subject), u64::MAX);
        let by_old_hand = self.component(subject, Some(subject), seq);
        let (by_links, by_old_links) = (self.tied(subject, None, u64::MAX), self.tied(subject, None, seq));
        let is_lifted = |other: &String| {
            (by_hand.contains(other) && !by_old_hand.contains(other))
                || (by_links.contains(other) && !by_old_links.contains(other))
        };
        others.iter().filter(|other| shared.contains(*other) && !is_lifted(other)).cloned().collect()
    }

    /// Holds the rule edges of a subject back that is with whom it was parted from; true when that is new.
    fn hold_back(&mut self, subject: &str, others: &[String], seq: u64) -> bool {
        let is_broken = !self.broken(subject, others, seq).is_empty();
        let subject = self.contacts.iter().find(|c| **c == subject).copied();
        subject.is_some_and(|subject| is_broken && self.ignored.insert(subject))
    }

    /// Takes the next thing away that still joins them; true when there was one.
    fn enforce(&mut self, subject: &str, others: &[String], seq: u64) -> bool {
        let broken = self.broken(subject, others, seq);
        let Some(&subject) = self.contacts.iter().find(|c| **c == subject).filter(|_| !broken.is_empty()) else {
            return false;
        };
        let leads = |group: &Group| broken.iter().any(|other| group.contains(other));
        // its older links that links lead on from
        let leads_on = |&&(a, b, when): &&(&str, &str, u64)| {
            let end = if a == subject { b } else { a };
            (a == subject || b == subject) && when < seq && leads(&self.tied(end, Some(subject), u64::MAX))
        };
        let cut: Vec<_> = self.links.iter().filter(leads_on).copied().collect();
        if !cut.is_empty() {
            self.links.retain(|link| !cut.contains(link));
            return true;
        }
        // rule edges of those whom links tie to it, each without the rest
        let tied: Vec<&str> =
            self.contacts.iter().copied().filter(|c| self.tied(subject, None, u64::MAX).contains(*c)).collect();
        let before = self.ignored.clone();
        let alone = |c: &&str| {
            let mut ignored = before.clone();
            ignored.extend(tied.iter().copied().filter(|other| other != c));
            let looked =
                Naive { contacts: self.contacts.clone(), keys: self.keys.clone(), links: self.links.clone(), ignored };
            leads(&looked.component(c, None, u64::MAX))
        };
        let held: Vec<&str> = tied.iter().copied().filter(|c| !before.contains(c)).filter(alone).collect();
        self.ignored.extend(held.iter().copied());
        !held.is_empty()
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
    // unlinks in order of creation, until none has anything to take away: rule edges of their subjects before anything else
    let unlink = |over: &&identity::universe::Override<String>| match &over.decision {
        Decision::Unlink { subject, others } if is_live(subject) => {
            Some((subject.clone(), others.clone(), over.created_seq))
        }
        _ => None,
    };
    let unlinks: Vec<_> = overrides.iter().filter_map(unlink).collect();
    loop {
        let held = unlinks.iter().filter(|(subject, others, seq)| naive.hold_back(subject, others, *seq)).count();
        if held == 0 && !unlinks.iter().any(|(subject, others, seq)| naive.enforce(subject, others, *seq)) {
            break;
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
