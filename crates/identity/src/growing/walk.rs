//! The group of one contact, found from its keys alone.
//!
//! [`partition`](crate::partition) suspends a key exactly when the key and all weaker ones (fewer holders, ties by rule
//! and key) make a group that is too large. So a contact's group is what it reaches over keys from the weakest up, and
//! it ends before the first key with which that would be too large. Never more than the limit is looked at.

use super::table::Table;
use crate::bulk::KeyHash;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// From the weakest key to the one that is suspended first (ruling 27; the hash stands for the text).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Strength<H> {
    degree: u32,
    rule: Reverse<u16>,
    hash: Reverse<H>,
}

/// What a walk found.
pub(super) struct Reached {
    pub(super) members: Vec<u32>,
    /// The next key would have made the group too large.
    pub(super) is_cut: bool,
}

/// A walk over the keys that may link: `caps` by rule.
pub(super) struct Walk<'t, H> {
    pub(super) table: &'t Table<H>,
    pub(super) caps: &'t [u32],
    pub(super) max_group: u32,
}

impl<H: KeyHash + Ord> Walk<'_, H> {
    pub(super) fn strength(&self, key: u32) -> Strength<H> {
        let key = self.table.key(key);
        Strength { degree: key.degree, rule: Reverse(key.rule), hash: Reverse(key.hash) }
    }

    /// The group of a contact, over keys up to a strength.
    pub(super) fn group_of(&self, contact: u32, strongest: Option<Strength<H>>) -> Reached {
        let mut near =
            Near { members: Vec::new(), seen: HashSet::new(), ahead: BinaryHeap::new(), met: HashSet::new() };
        self.reach(contact, &mut near);
        let mut strongest_used = None;
        let mut members_before = 1;
        while let Some(Reverse((strength, key))) = near.ahead.pop() {
            if strongest.is_some_and(|strongest| strength > strongest) {
                break;
            }
            // Weaker keys that come into sight behind a stronger one belong to its step: all of it holds or nothing.
            if strongest_used.is_none_or(|used| strength > used) {
                strongest_used = Some(strength);
                members_before = near.members.len();
            }
            for holder in self.table.holders(key) {
                self.reach(holder, &mut near);
                if near.members.len() > self.max_group as usize {
                    near.members.truncate(members_before);
                    return Reached { members: near.members, is_cut: true };
                }
            }
        }
        Reached { members: near.members, is_cut: false }
    }

    fn reach(&self, contact: u32, near: &mut Near<H>) {
        if !near.seen.insert(contact) {
            return;
        }
        near.members.push(contact);
        for key in self.table.keys_of(contact) {
            let Strength { degree, rule: Reverse(rule), .. } = self.strength(key);
            let can_link = degree > 1 && degree <= self.caps[usize::from(rule)];
            if can_link && near.met.insert(key) {
                near.ahead.push(Reverse((self.strength(key), key)));
            }
        }
    }
}

/// What a walk has come to so far.
struct Near<H> {
    members: Vec<u32>,
    seen: HashSet<u32>,
    ahead: BinaryHeap<Reverse<(Strength<H>, u32)>>,
    met: HashSet<u32>,
}
