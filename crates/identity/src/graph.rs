//! Contacts and keys as small numbers: the working form of a universe.

use crate::universe::{Decision, Id, Universe};
use std::collections::HashMap;

/// A ban of one override, by contact index (ruling 27).
pub(crate) struct Ban {
    pub over: usize,
    pub seq: u64,
    pub subject: u32,
    pub others: Vec<u32>,
}

/// A manual link seen from one contact.
#[derive(Clone, Copy)]
pub(crate) struct LinkEdge {
    pub to: u32,
    pub seq: u64,
    pub over: usize,
}

pub(crate) struct Graph<'u> {
    /// Holders by key; only keys with `on` join.
    pub holders: Vec<&'u [u32]>,
    pub on: Vec<bool>,
    /// Manual links by contact, without those that a newer unlink of the pair takes; empty when nothing was decided by hand.
    pub links: Vec<Vec<LinkEdge>>,
    /// Bans in order of creation.
    pub bans: Vec<Ban>,
    /// The ban because of which the rule edges of a contact are ignored.
    pub ignored: Vec<Option<usize>>,
    offsets: Vec<u32>,
    held: Vec<u32>,
}

/// What a walk may use.
#[derive(Clone, Copy, Default)]
pub(crate) struct Walk {
    /// Ignore the rule edges of this contact too.
    pub without_rules_of: Option<u32>,
    /// Only links at most this new.
    pub links_until: Option<u64>,
}

impl<'u> Graph<'u> {
    pub fn new<C: Id, K: Id>(universe: &'u Universe<C, K>) -> Self {
        let count = universe.contacts.len();
        let on: Vec<bool> = universe.keys.iter().map(|key| universe.is_raw_active(key)).collect();
        let holders: Vec<&[u32]> = universe.keys.iter().map(|key| key.holders.as_slice()).collect();
        let (offsets, held) = invert(count, &holders, &on);
        let mut graph =
            Self { holders, on, links: Vec::new(), bans: Vec::new(), ignored: vec![None; count], offsets, held };
        graph.read_overrides(universe);
        graph
    }

    fn read_overrides<C: Id, K: Id>(&mut self, universe: &Universe<C, K>) {
        if universe.overrides.is_empty() {
            return;
        }
        let index: HashMap<&C, u32> = (0..).zip(&universe.contacts).map(|(at, node)| (&node.id, at)).collect();
        self.links = vec![Vec::new(); universe.contacts.len()];
        let mut links = Vec::new();
        for (over, item) in universe.overrides.iter().enumerate() {
            let seq = item.created_seq;
            match &item.decision {
                Decision::Link { a, b } => {
                    let (Some(&a), Some(&b)) = (index.get(a), index.get(b)) else { continue };
                    links.push((a, b, seq, over));
                }
                Decision::Unlink { subject, others } => {
                    let Some(&subject) = index.get(subject) else { continue };
                    let others = others.iter().filter_map(|id| index.get(id).copied()).filter(|&o| o != subject);
                    self.bans.push(Ban { over, seq, subject, others: others.collect() });
                }
            }
        }
        let parted = newest_unlinks(&self.bans);
        // The newest decision on a pair holds (ADR 19).
        for (a, b, seq, over) in links {
            if parted.get(&pair(a, b)).is_some_and(|&unlink| unlink > seq) {
                continue;
            }
            self.links[a as usize].push(LinkEdge { to: b, seq, over });
            self.links[b as usize].push(LinkEdge { to: a, seq, over });
        }
        self.bans.sort_by_key(|ban| ban.seq);
    }

    /// The keys of a contact that were active before the guards.
    pub fn keys_of(&self, contact: u32) -> &[u32] {
        let at = contact as usize;
        &self.held[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    pub fn links_of(&self, contact: u32) -> &[LinkEdge] {
        self.links.get(contact as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a contact's rule edges count in a walk.
    pub fn has_rule_edges(&self, contact: u32, walk: Walk) -> bool {
        self.ignored[contact as usize].is_none() && walk.without_rules_of != Some(contact)
    }

    /// The holders of a key whose rule edges count.
    pub fn members_of(&self, key: u32) -> impl Iterator<Item = u32> {
        self.holders[key as usize].iter().copied().filter(|&c| self.ignored[c as usize].is_none())
    }

    /// Everything reachable from a contact.
    pub fn component(&self, start: u32, walk: Walk, marks: &mut Marks) -> Vec<u32> {
        marks.renew();
        marks.contact(start);
        let mut found = vec![start];
        let mut next = 0;
        while next < found.len() {
            let contact = found[next];
            next += 1;
            if self.has_rule_edges(contact, walk) {
                for &key in self.keys_of(contact) {
                    if !self.on[key as usize] || !marks.key(key) {
                        continue;
                    }
                    for other in self.holders[key as usize].iter().copied() {
                        if self.has_rule_edges(other, walk) && marks.contact(other) {
                            found.push(other);
                        }
                    }
                }
            }
            for link in self.links_of(contact) {
                let is_old_enough = walk.links_until.is_none_or(|until| link.seq <= until);
                if is_old_enough && marks.contact(link.to) {
                    found.push(link.to);
                }
            }
        }
        found
    }
}

impl Graph<'_> {
    /// Whom links tie to a contact, itself among them; as if one contact were not there.
    pub fn tied(&self, start: u32, without: Option<u32>, marks: &mut Marks) -> Vec<u32> {
        self.tied_by(start, without, None, marks)
    }

    /// The same by links at most this new.
    pub fn tied_until(&self, start: u32, until: u64, marks: &mut Marks) -> Vec<u32> {
        self.tied_by(start, None, Some(until), marks)
    }

    fn tied_by(&self, start: u32, without: Option<u32>, until: Option<u64>, marks: &mut Marks) -> Vec<u32> {
        marks.renew();
        marks.contact(start);
        let mut found = vec![start];
        let mut next = 0;
        while next < found.len() {
            for link in self.links_of(found[next]) {
                let counts = until.is_none_or(|until| link.seq <= until) && Some(link.to) != without;
                if counts && marks.contact(link.to) {
                    found.push(link.to);
                }
            }
            next += 1;
        }
        found
    }

    /// Takes a link that is older than a moment away.
    pub fn cut_link(&mut self, a: u32, b: u32, before: u64) {
        for (from, to) in [(a, b), (b, a)] {
            self.links[from as usize].retain(|link| link.to != to || link.seq >= before);
        }
    }
}

fn pair(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

/// The newest unlink of each pair that one parts.
fn newest_unlinks(bans: &[Ban]) -> HashMap<(u32, u32), u64> {
    let mut newest = HashMap::new();
    for ban in bans {
        for &other in &ban.others {
            let seq = newest.entry(pair(ban.subject, other)).or_insert(ban.seq);
            *seq = ban.seq.max(*seq);
        }
    }
    newest
}

/// Visited marks that are emptied by counting up.
pub(crate) struct Marks {
    stamp: u32,
    contacts: Vec<u32>,
    keys: Vec<u32>,
}

impl Marks {
    pub fn new(graph: &Graph) -> Self {
        Self { stamp: 0, contacts: vec![0; graph.ignored.len()], keys: vec![0; graph.holders.len()] }
    }

    fn renew(&mut self) {
        self.stamp += 1;
    }

    fn contact(&mut self, at: u32) -> bool {
        std::mem::replace(&mut self.contacts[at as usize], self.stamp) != self.stamp
    }

    fn key(&mut self, at: u32) -> bool {
        std::mem::replace(&mut self.keys[at as usize], self.stamp) != self.stamp
    }

    /// Whether the last walk reached a contact.
    pub fn reached(&self, at: u32) -> bool {
        self.contacts[at as usize] == self.stamp
    }
}

/// Contact -> keys from key -> contacts, as one array with offsets.
fn invert(count: usize, holders: &[&[u32]], on: &[bool]) -> (Vec<u32>, Vec<u32>) {
    let mut offsets = vec![0u32; count + 1];
    let active = || holders.iter().enumerate().filter(|(key, _)| on[*key]);
    for (_, list) in active() {
        for &contact in *list {
            offsets[contact as usize + 1] += 1;
        }
    }
    for at in 0..count {
        offsets[at + 1] += offsets[at];
    }
    let mut cursor = offsets.clone();
    let mut held = vec![0u32; offsets[count] as usize];
    for (key, list) in active() {
        for &contact in *list {
            held[cursor[contact as usize] as usize] = u32::try_from(key).expect("fewer than 2^32 keys");
            cursor[contact as usize] += 1;
        }
    }
    (offsets, held)
}

/// Union-find with sizes.
pub(crate) struct Sets {
    parent: Vec<u32>,
    size: Vec<u32>,
}

impl Sets {
    pub fn new(count: usize) -> Self {
        let count = u32::try_from(count).expect("fewer than 2^32 contacts");
        Self { parent: (0..count).collect(), size: vec![1; count as usize] }
    }

    pub fn root(&mut self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            let up = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = up;
            at = up;
        }
        at
    }

    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let (big, small) = if self.size[a as usize] >= self.size[b as usize] { (a, b) } else { (b, a) };
        self.parent[small as usize] = big;
        self.size[big as usize] += self.size[small as usize];
    }

    pub fn size(&mut self, at: u32) -> u32 {
        let root = self.root(at);
        self.size[root as usize]
    }
}
