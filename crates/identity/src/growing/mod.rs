//! Groups kept up to date while contacts are added one by one, for whole projects: millions of contacts by hashed keys.
//!
//! After each addition the groups are those that [`partition`](crate::partition) makes of all contacts, with the hub and
//! size guards of rulings 25 and 27 (unlinks and links by hand are not here). Where that orders keys by their text, the
//! hash stands for it.
//!
//! No addition pays for all contacts: vectors grow by segments and the table of keys by one bucket a key. Most additions
//! join whole groups. When a guard acts, only the groups of those who hold the keys of the new contact are made anew, and
//! groups that these take members from; without a limit of the group that is as much as the component is large.

mod rings;
mod segments;
mod table;
mod walk;

use crate::bulk::KeyHash;
use crate::partition::Suspension;
use crate::universe::Limits;
use rings::Rings;
use std::collections::HashSet;
use table::Table;
use walk::{Reached, Walk};

/// Contacts numbered from 0 in the order they are added, with their groups.
#[derive(Clone, Debug)]
pub struct Growing<H> {
    /// Hub limit of each rule; rules are in order of their positions.
    hub_limits: Vec<Option<u32>>,
    max_group: Option<u32>,
    /// With more holders than this a key of the rule can never link again. A key with more than the largest group would
    /// have to be suspended by size whatever else there is.
    caps: Vec<u32>,
    table: Table<H>,
    rings: Rings,
    /// Kept between additions only for their memory.
    touched: Vec<u32>,
    roots: Vec<u32>,
}

impl<H: KeyHash + Ord> Growing<H> {
    /// No contacts yet. One entry of `hub_limits` a rule, in order of their positions: [`crate::universe::hub_cap`].
    ///
    /// # Panics
    /// For more than `u16::MAX` rules.
    #[must_use]
    pub fn new(hub_limits: Vec<Option<u32>>, max_group: Option<u32>) -> Self {
        assert!(u16::try_from(hub_limits.len()).is_ok(), "fewer than 65536 rules");
        let most = max_group.unwrap_or(u32::MAX);
        let caps = hub_limits.iter().map(|limit| limit.unwrap_or(u32::MAX).min(most)).collect();
        Self {
            hub_limits,
            max_group,
            caps,
            table: Table::new(),
            rings: Rings::new(),
            touched: Vec::new(),
            roots: Vec::new(),
        }
    }

    /// Rules that all have the limits of the project.
    #[must_use]
    pub fn with_limits(rules: usize, limits: Limits) -> Self {
        Self::new(vec![limits.hub_limit; rules], limits.max_group)
    }

    /// Adds a contact with its keys: rule and hash, in any order. Answers its number.
    ///
    /// # Panics
    /// For a rule that is not there.
    pub fn add(&mut self, keys: &[(u16, H)]) -> u32 {
        let contact = self.rings.push();
        self.table.begin_contact();
        let mut touched = std::mem::take(&mut self.touched);
        touched.clear();
        let mut has_new_hub = false;
        for (at, &(rule, hash)) in keys.iter().enumerate() {
            if keys[..at].contains(&(rule, hash)) {
                continue;
            }
            let cap = self.caps[usize::from(rule)];
            let (key, degree) = self.table.count(rule, hash);
            let was_hub = degree - 1 > cap;
            if was_hub {
                continue;
            }
            touched.push(key);
            if degree > cap {
                has_new_hub = true;
            } else {
                self.table.hold(key);
            }
        }
        if has_new_hub || !self.join_whole_groups(contact, &touched) {
            self.regroup(contact, &touched);
        }
        self.touched = touched;
        contact
    }

    /// How many contacts there are.
    #[must_use]
    pub fn contacts(&self) -> u32 {
        self.rings.len()
    }

    /// How many different keys they hold.
    #[must_use]
    pub fn keys(&self) -> u32 {
        self.table.len()
    }

    /// How many contacts hold a key.
    #[must_use]
    pub fn degree(&self, rule: u16, hash: H) -> u32 {
        self.table.find(rule, hash).map_or(0, |key| self.table.key(key).degree)
    }

    /// The members of a contact's group, from itself on, in no order.
    pub fn members(&self, contact: u32) -> impl Iterator<Item = u32> {
        self.rings.members(contact)
    }

    /// How many members its group has.
    #[must_use]
    pub fn group_size(&self, contact: u32) -> u32 {
        self.rings.size(self.rings.root(contact))
    }

    /// The member that stands for a group until the next addition: two contacts are together when it is the same.
    #[must_use]
    pub fn root(&self, contact: u32) -> u32 {
        self.rings.root(contact)
    }

    /// Why a key links nobody, if a guard suspended it.
    #[must_use]
    pub fn suspension(&self, rule: u16, hash: H) -> Option<Suspension> {
        let key = self.table.find(rule, hash)?;
        let degree = self.table.key(key).degree;
        if let Some(limit) = self.hub_limits[usize::from(rule)].filter(|&limit| degree > limit) {
            return Some(Suspension::Hub { limit });
        }
        let limit = self.max_group?;
        let is_cut = degree > 1 && (degree > limit || self.is_cut(key));
        is_cut.then_some(Suspension::Size { limit })
    }

    /// Whether a key with all weaker ones makes too large a group.
    fn is_cut(&self, key: u32) -> bool {
        let walk = self.walk();
        let holder = self.table.holders(key).next().expect("a key below its cap has holders");
        walk.group_of(holder, Some(walk.strength(key))).is_cut
    }

    /// The usual case: the groups it meets hold no suspended key and are not too large together. Then they are whole
    /// components, and so is what they make. Answers `false` and joins nobody in any other case.
    fn join_whole_groups(&mut self, contact: u32, touched: &[u32]) -> bool {
        self.roots.clear();
        let mut size = 1;
        for &key in touched {
            // Any one holder will do: all of them are together, or all their groups are cut.
            let Some(other) = self.table.holders(key).nth(1) else { continue };
            let root = self.rings.root(other);
            if self.rings.is_cut(root) {
                return false;
            }
            if !self.roots.contains(&root) {
                self.roots.push(root);
                size += self.rings.size(root);
            }
        }
        if self.max_group.is_some_and(|limit| size > limit) {
            return false;
        }
        let mut joined = contact;
        for at in 0..self.roots.len() {
            joined = self.rings.join(joined, self.roots[at]);
        }
        true
    }

    /// Makes anew the groups that the new contact and the greater strength of its keys can change: those that held a holder
    /// of such a key before, and those that hold one now.
    fn regroup(&mut self, contact: u32, touched: &[u32]) {
        let mut affected = Affected::default();
        affected.add_group(&self.rings, contact);
        for &key in touched {
            for holder in self.table.holders(key) {
                affected.add_group(&self.rings, holder);
            }
        }
        let mut done: HashSet<u32> = HashSet::new();
        let mut groups: Vec<Reached> = Vec::new();
        while let Some(start) = affected.waiting.pop() {
            if done.contains(&start) {
                continue;
            }
            let group = self.walk().group_of(start, None);
            for &member in &group.members {
                done.insert(member);
                // Who is left behind in the group that it leaves.
                affected.add_group(&self.rings, member);
            }
            groups.push(group);
        }
        for group in groups {
            self.rings.write(&group.members, group.is_cut);
        }
    }

    fn walk(&self) -> Walk<'_, H> {
        Walk { table: &self.table, caps: &self.caps, max_group: self.max_group.unwrap_or(u32::MAX) }
    }
}

/// Contacts whose groups are made anew.
#[derive(Default)]
struct Affected {
    known: HashSet<u32>,
    waiting: Vec<u32>,
}

impl Affected {
    fn add_group(&mut self, rings: &Rings, contact: u32) {
        if self.known.contains(&contact) {
            return;
        }
        for member in rings.members(contact) {
            self.known.insert(member);
            self.waiting.push(member);
        }
    }
}
