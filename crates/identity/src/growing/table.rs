//! All keys, found by rule and hash, with the contacts that hold them.

use super::segments::Segments;
use crate::bulk::KeyHash;

const NONE: u32 = u32::MAX;

/// One key of one rule.
#[derive(Clone, Debug)]
pub(super) struct Key<H> {
    pub(super) hash: H,
    /// How many contacts hold it.
    pub(super) degree: u32,
    /// Its newest holding.
    newest: u32,
    /// The next key of its bucket.
    chain: u32,
    pub(super) rule: u16,
}

/// That a contact holds a key. Those of one contact follow each other.
#[derive(Clone, Debug)]
struct Holding {
    key: u32,
    contact: u32,
    /// The holding of the same key before this one.
    older: u32,
}

/// Linear hashing: each new key adds one bucket and divides one old bucket in two, so that no addition ever pays for a larger table.
#[derive(Clone, Debug)]
pub(super) struct Table<H> {
    /// The first key of each bucket.
    buckets: Segments<u32>,
    keys: Segments<Key<H>>,
    holdings: Segments<Holding>,
    /// The first holding of each contact.
    starts: Segments<u32>,
}

impl<H: KeyHash> Table<H> {
    pub(super) fn new() -> Self {
        let mut buckets = Segments::new();
        buckets.push(NONE);
        Self { buckets, keys: Segments::new(), holdings: Segments::new(), starts: Segments::new() }
    }

    pub(super) fn key(&self, key: u32) -> &Key<H> {
        &self.keys[key]
    }

    /// How many different keys there are.
    pub(super) fn len(&self) -> u32 {
        self.keys.len()
    }

    pub(super) fn find(&self, rule: u16, hash: H) -> Option<u32> {
        self.find_in(self.buckets[self.bucket_of(spread(rule, hash))], rule, hash)
    }

    /// Counts one more contact for a key, which is made if it is new. Answers the key and its contacts now.
    pub(super) fn count(&mut self, rule: u16, hash: H) -> (u32, u32) {
        let bucket = self.bucket_of(spread(rule, hash));
        if let Some(key) = self.find_in(self.buckets[bucket], rule, hash) {
            let found = &mut self.keys[key];
            found.degree += 1;
            return (key, found.degree);
        }
        let chain = self.buckets[bucket];
        let key = self.keys.push(Key { hash, degree: 1, newest: NONE, chain, rule });
        self.buckets[bucket] = key;
        self.divide_bucket();
        (key, 1)
    }

    /// The holdings that follow are those of the next contact.
    pub(super) fn begin_contact(&mut self) {
        self.starts.push(self.holdings.len());
    }

    /// The contact begun last holds a key.
    pub(super) fn hold(&mut self, key: u32) {
        let contact = self.starts.len() - 1;
        let older = self.keys[key].newest;
        self.keys[key].newest = self.holdings.push(Holding { key, contact, older });
    }

    /// Those who hold a key, newest first; without those who came when it was over its cap.
    pub(super) fn holders(&self, key: u32) -> impl Iterator<Item = u32> {
        let mut at = self.keys[key].newest;
        std::iter::from_fn(move || {
            if at == NONE {
                return None;
            }
            let holding = &self.holdings[at];
            at = holding.older;
            Some(holding.contact)
        })
    }

    /// Keys of a contact; without those that were over their caps when it came.
    pub(super) fn keys_of(&self, contact: u32) -> impl Iterator<Item = u32> {
        let next = contact + 1;
        let end = if next < self.starts.len() { self.starts[next] } else { self.holdings.len() };
        (self.starts[contact]..end).map(|at| self.holdings[at].key)
    }

    fn find_in(&self, mut key: u32, rule: u16, hash: H) -> Option<u32> {
        while key != NONE {
            let candidate = &self.keys[key];
            if candidate.hash == hash && candidate.rule == rule {
                return Some(key);
            }
            key = candidate.chain;
        }
        None
    }

    /// Buckets from the count's upper power of two on do not exist yet: their keys are still with the bucket they will divide.
    fn bucket_of(&self, spread: u32) -> u32 {
        let half = 1 << self.buckets.len().ilog2();
        let bucket = spread & (half | (half - 1));
        if bucket < self.buckets.len() { bucket } else { bucket & (half - 1) }
    }

    fn divide_bucket(&mut self) {
        let new = self.buckets.push(NONE);
        let old = new & !(1 << new.ilog2());
        let mut key = std::mem::replace(&mut self.buckets[old], NONE);
        while key != NONE {
            let Key { hash, rule, chain, .. } = self.keys[key];
            let bucket = self.bucket_of(spread(rule, hash));
            self.keys[key].chain = std::mem::replace(&mut self.buckets[bucket], key);
            key = chain;
        }
    }
}

/// The upper bits of a product are the well mixed ones; buckets are chosen by the lower bits of the answer.
fn spread<H: KeyHash>(rule: u16, hash: H) -> u32 {
    let mixed = (hash.spread() ^ u64::from(rule)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_after_each_division() {
        let mut table: Table<u64> = Table::new();
        for n in 0..3000u64 {
            let rule = (n % 3) as u16;
            table.begin_contact();
            let (key, degree) = table.count(rule, n / 3);
            assert_eq!((u64::from(key), degree), (n, 1), "equal hashes of two rules are two keys");
            table.hold(key);
            for old in 0..=n {
                assert_eq!(table.find((old % 3) as u16, old / 3).map(u64::from), Some(old));
            }
            assert_eq!(table.find(rule, 5000), None);
        }
    }

    #[test]
    fn buckets_stay_short() {
        let mut table: Table<u64> = Table::new();
        for n in 0..100_000u64 {
            table.count(0, n);
        }
        let length = |bucket: u32| {
            let next = |&key: &u32| Some(table.keys[key].chain).filter(|&key| key != NONE);
            std::iter::successors(Some(table.buckets[bucket]).filter(|&key| key != NONE), next).count()
        };
        assert!((0..table.buckets.len()).map(length).max() < Some(12));
    }

    #[test]
    fn holders_and_keys_are_two_sides_of_the_same() {
        let mut table: Table<u64> = Table::new();
        for keys in [&[1, 2][..], &[], &[2, 3], &[2]] {
            table.begin_contact();
            for &hash in keys {
                let (key, _) = table.count(0, hash);
                table.hold(key);
            }
        }
        let key = table.find(0, 2).expect("a key");
        assert_eq!(table.holders(key).collect::<Vec<_>>(), [3, 2, 0]);
        assert_eq!(table.keys_of(1).count(), 0);
        assert_eq!(table.keys_of(2).map(|key| table.key(key).hash).collect::<Vec<_>>(), [2, 3]);
    }
}
