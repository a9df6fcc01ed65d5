//! The groups that keys alone make, for whole projects: millions of contacts by hashed keys (`multi-contacts.md` section 4, "full
//! rebuild"). A key joins all its holders unless it has more of them than its cap (ruling 25).
//!
//! Unlinks, links by hand and the size guard are not here: they touch few groups, which the caller gives to
//! [`partition`](crate::partition) one by one. Every such group lies within one component of this module plus its links (ruling 28).

/// A hashed key. Equal keys have equal hashes; how likely different keys have equal ones is the caller's choice of width.
pub trait KeyHash: Copy + Eq + Default {
    /// 64 well spread bits.
    fn spread(self) -> u64;
}

impl KeyHash for u64 {
    fn spread(self) -> u64 {
        self.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

impl KeyHash for u128 {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
    fn spread(self) -> u64 {
        ((self >> 64) as u64 ^ self as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// A key with more holders than its cap: it joins nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hub<H> {
    /// The key.
    pub hash: H,
    /// Its holders.
    pub holders: u32,
}

/// Components of contacts numbered from 0, grown rule by rule. 4 bytes a contact, and while a rule is joined one entry a key.
#[derive(Clone, Debug)]
pub struct Components {
    parents: Vec<u32>,
}

/// Keys in one part: few enough that their table stays in a processor's own cache.
const PART: usize = 8192;
const MAX_PARTS_LOG2: u32 = 12;

impl Components {
    /// Every contact alone.
    ///
    /// # Panics
    /// For more than `u32::MAX` contacts.
    #[must_use]
    pub fn new(contacts: usize) -> Self {
        let count = u32::try_from(contacts).expect("fewer than 4 billion contacts");
        Self { parents: (0..count).collect() }
    }

    /// Joins the holders of every key of one rule: `keys` says which contact holds which key, each pair once, in any order.
    /// Answers the keys over the cap; `None` means no cap.
    pub fn join<H: KeyHash>(&mut self, keys: impl Iterator<Item = (H, u32)> + Clone, cap: Option<u32>) -> Vec<Hub<H>> {
        let parts = Parts::of(keys);
        let mut table = Table::new(parts.longest);
        let mut hubs = Vec::new();
        for part in parts.iter() {
            match cap {
                None => self.join_all(part, &mut table),
                Some(cap) => self.join_up_to(cap, part, &mut table, &mut hubs),
            }
        }
        hubs
    }

    fn join_all<H: KeyHash>(&mut self, part: &[Held<H>], table: &mut Table<H>) {
        table.clear();
        for &Held { hash, contact } in part {
            let slot = table.slot(hash, contact);
            if slot.holders > 1 {
                let first = slot.first;
                self.union(first, contact);
            }
        }
    }

    fn join_up_to<H: KeyHash>(&mut self, cap: u32, part: &[Held<H>], table: &mut Table<H>, hubs: &mut Vec<Hub<H>>) {
        table.clear();
        for &Held { hash, contact } in part {
            table.slot(hash, contact);
        }
        for &Held { hash, contact } in part {
            let Slot { first, holders, .. } = table.find(hash);
            if holders > cap {
                if contact == first {
                    hubs.push(Hub { hash, holders });
                }
            } else if contact != first {
                self.union(first, contact);
            }
        }
    }

    /// Joins two contacts: a link by hand.
    pub fn union(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (smaller, larger) = if a < b { (a, b) } else { (b, a) };
        self.parents[larger as usize] = smaller;
    }

    /// The smallest contact of a contact's component.
    pub fn root(&mut self, mut contact: u32) -> u32 {
        loop {
            let parent = self.parents[contact as usize];
            if parent == contact {
                return contact;
            }
            // Halves the way for whoever comes next.
            let above = self.parents[parent as usize];
            self.parents[contact as usize] = above;
            contact = above;
        }
    }

    /// The smallest contact of the component of each.
    #[must_use]
    pub fn into_roots(mut self) -> Vec<u32> {
        // A parent is never larger than its child, so one pass from the smallest flattens everything.
        for contact in 0..self.parents.len() {
            self.parents[contact] = self.parents[self.parents[contact] as usize];
        }
        self.parents
    }
}

/// A key and who holds it. Packed: a pair of a wide hash would take half as much again.
#[derive(Clone, Copy, Default)]
#[repr(C, packed(4))]
struct Held<H> {
    hash: H,
    contact: u32,
}

/// The keys of a rule in parts by their hash, so that equal keys are in one part.
struct Parts<H> {
    pairs: Vec<Held<H>>,
    ends: Vec<usize>,
    longest: usize,
}

impl<H: KeyHash> Parts<H> {
    fn of(keys: impl Iterator<Item = (H, u32)> + Clone) -> Self {
        let total = keys.clone().count();
        let log2 = (total / PART).next_power_of_two().trailing_zeros().min(MAX_PARTS_LOG2);
        let part_of = |hash: H| if log2 == 0 { 0 } else { usize::try_from(hash.spread() >> (64 - log2)).unwrap_or(0) };
        let mut next = vec![0usize; (1 << log2) + 1];
        for (hash, _) in keys.clone() {
            next[part_of(hash) + 1] += 1;
        }
        let longest = next.iter().copied().max().unwrap_or(0);
        for part in 1..next.len() {
            next[part] += next[part - 1];
        }
        let ends = next[1..].to_vec();
        let mut pairs = vec![Held::default(); total];
        for (hash, contact) in keys {
            let place = &mut next[part_of(hash)];
            pairs[*place] = Held { hash, contact };
            *place += 1;
        }
        Self { pairs, ends, longest }
    }

    fn iter(&self) -> impl Iterator<Item = &[Held<H>]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.pairs[start..end])
    }
}

/// One key of a part. `holders` of 0: free.
#[derive(Clone, Copy, Default)]
struct Slot<H> {
    hash: H,
    first: u32,
    holders: u32,
}

/// Open addressing with room for half as much again as the longest part.
struct Table<H> {
    slots: Vec<Slot<H>>,
    mask: usize,
}

impl<H: KeyHash> Table<H> {
    fn new(longest: usize) -> Self {
        let size = (longest * 3 / 2 + 1).next_power_of_two();
        Self { slots: vec![Slot::default(); size], mask: size - 1 }
    }

    fn clear(&mut self) {
        self.slots.fill(Slot::default());
    }

    /// The upper bits chose the part, the middle ones choose the place.
    fn home(&self, hash: H) -> usize {
        usize::try_from(hash.spread() >> 20).unwrap_or(0) & self.mask
    }

    /// Counts a holder of a key; the first one is remembered.
    fn slot(&mut self, hash: H, contact: u32) -> &Slot<H> {
        let mut at = self.home(hash);
        while self.slots[at].holders > 0 && self.slots[at].hash != hash {
            at = (at + 1) & self.mask;
        }
        let slot = &mut self.slots[at];
        if slot.holders == 0 {
            (slot.hash, slot.first) = (hash, contact);
        }
        slot.holders += 1;
        slot
    }

    /// The slot of a key that was counted.
    fn find(&self, hash: H) -> Slot<H> {
        let mut at = self.home(hash);
        while self.slots[at].hash != hash || self.slots[at].holders == 0 {
            at = (at + 1) & self.mask;
        }
        self.slots[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of a rule and its cap.
    type Joined<'a> = (&'a [(u64, u32)], Option<u32>);

    fn roots(contacts: usize, rules: &[Joined<'_>]) -> Vec<u32> {
        let mut components = Components::new(contacts);
        for (keys, cap) in rules {
            components.join(keys.iter().copied(), *cap);
        }
        components.into_roots()
    }

    #[test]
    fn components_are_transitive_over_rules() {
        let phones = [(7, 0), (7, 2), (8, 1)];
        let mails = [(7, 2), (7, 4), (9, 3)];
        assert_eq!(roots(5, &[(&phones, None), (&mails, None)]), [0, 1, 0, 3, 0], "a hash means nothing across rules");
    }

    #[test]
    fn a_key_joins_up_to_its_cap_and_nobody_above_it() {
        let keys: Vec<(u64, u32)> = (0..21).map(|contact| (5, contact)).collect();
        assert!(roots(21, &[(&keys[..20], Some(20))])[..20].iter().all(|root| *root == 0));
        assert_eq!(roots(21, &[(&keys, Some(20))]), (0..21).collect::<Vec<u32>>());
        let hubs = Components::new(21).join(keys.iter().copied(), Some(20));
        assert_eq!(hubs, [Hub { hash: 5, holders: 21 }]);
    }

    #[test]
    fn many_keys_in_many_parts_are_joined_as_one_table_would() {
        let keys: Vec<(u128, u32)> = (0..200_000u32).map(|n| (u128::from(n / 2 + 1) << 64, n)).collect();
        let mut components = Components::new(200_000);
        components.join(keys.iter().rev().copied(), Some(2));
        let roots = components.into_roots();
        assert!((0..200_000usize).all(|n| roots[n] as usize == n / 2 * 2));
    }
}
