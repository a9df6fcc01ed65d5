//! Groups of contacts added one by one, against everything computed at once.

use identity::bulk::Components;
use identity::growing::Growing;
use identity::keys::{HubLimit, Rule};
use identity::partition::{Suspension, partition_by};
use identity::universe::{ContactNode, KeyNode, Limits, Universe};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Rule and hash.
type Key = (u16, u64);
type Groups = Vec<Vec<u32>>;

fn limits() -> impl Strategy<Value = (Vec<Option<u32>>, Option<u32>)> {
    let hub = prop_oneof![1 => Just(None), 4 => (2u32..6).prop_map(Some)];
    let max_group = prop_oneof![1 => Just(None), 4 => (3u32..9).prop_map(Some)];
    (prop::collection::vec(hub, 1..4), max_group)
}

/// Contacts with up to four keys of few values each.
fn contacts(most: usize) -> impl Strategy<Value = Vec<Vec<Key>>> {
    (2u64..24)
        .prop_flat_map(move |values| prop::collection::vec(prop::collection::vec((0u16..3, 0..values), 0..5), 1..most))
}

fn universe(contacts: &[Vec<Key>], hub_limits: &[Option<u32>], max_group: Option<u32>) -> Universe<u32, Key> {
    let rule = |(at, limit): (usize, &Option<u32>)| Rule {
        hub_limit: limit.map_or(HubLimit::Off, HubLimit::At),
        ..Rule::new(&format!("r{at}"), &["f"], at as i64)
    };
    let mut holders: BTreeMap<Key, Vec<u32>> = BTreeMap::new();
    for (contact, keys) in (0u32..).zip(contacts) {
        for &key in keys {
            let holders = holders.entry(key).or_default();
            if holders.last() != Some(&contact) {
                holders.push(contact);
            }
        }
    }
    let node = |(id, holders): (Key, Vec<u32>)| KeyNode {
        id,
        rule: usize::from(id.0),
        degree: holders.len() as u32,
        exempt: false,
        holders,
    };
    Universe {
        contacts: (0..contacts.len() as u32).map(|id| ContactNode { id, created_seq: u64::from(id) }).collect(),
        rules: hub_limits.iter().enumerate().map(rule).collect(),
        keys: holders.into_iter().map(node).collect(),
        overrides: Vec::new(),
        limits: Limits { hub_limit: None, max_group },
    }
}

/// Groups as [`partition_by`] lists them, read from the members of each contact.
fn groups(growing: &Growing<u64>) -> Groups {
    let mut groups = Vec::new();
    for contact in 0..growing.contacts() {
        let mut members: Vec<u32> = growing.members(contact).collect();
        assert_eq!(members.len() as u32, growing.group_size(contact));
        assert!(members.iter().all(|&member| growing.root(member) == growing.root(contact)));
        members.sort_unstable();
        if members[0] == contact {
            groups.push(members);
        }
    }
    groups
}

fn compare(growing: &Growing<u64>, truth: &Universe<u32, Key>) {
    let rebuilt = partition_by(truth, Key::cmp);
    assert_eq!(groups(growing), rebuilt.groups, "groups equal a rebuild");
    let suspended: BTreeMap<Key, Suspension> = rebuilt.suspended.into_iter().map(|s| (s.key, s.suspension)).collect();
    for key in &truth.keys {
        let (rule, hash) = key.id;
        assert_eq!(growing.degree(rule, hash), key.degree, "contacts of {:?}", key.id);
        assert_eq!(growing.suspension(rule, hash), suspended.get(&key.id).copied(), "suspension of {:?}", key.id);
    }
}

fn grown(contacts: &[Vec<Key>], hub_limits: &[Option<u32>], max_group: Option<u32>) -> Growing<u64> {
    let mut growing = Growing::new(hub_limits.to_vec(), max_group);
    for keys in contacts {
        growing.add(keys);
    }
    growing
}

/// Thousands of contacts would hide what few show: many short histories, compared after each addition.
#[test]
fn each_addition_gives_the_groups_of_a_rebuild() {
    let states = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = proptest::test_runner::TestRunner::new(config).run(
        &(contacts(60), limits()),
        |(mut all, (hub_limits, max_group))| {
            for keys in &mut all {
                keys.iter_mut().for_each(|(rule, _)| *rule %= hub_limits.len() as u16);
            }
            let mut growing = Growing::new(hub_limits.clone(), max_group);
            for (at, keys) in all.iter().enumerate() {
                growing.add(keys);
                compare(&growing, &universe(&all[..=at], &hub_limits, max_group));
                states.set(states.get() + 1);
            }
            Ok(())
        },
    );
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(states.get() >= 20_000, "only {} states", states.get());
}

#[test]
fn a_key_over_its_cap_parts_those_it_had_joined() {
    let shared = vec![(0, 7)];
    let both = vec![(0, 7), (1, 8)];
    let caps = [Some(3), None];
    let three = [shared.clone(), both.clone(), both.clone()];
    assert_eq!(groups(&grown(&three, &caps, None)), [vec![0, 1, 2]]);
    let four = [&three[..], std::slice::from_ref(&shared)].concat();
    let growing = grown(&four, &caps, None);
    assert_eq!(groups(&growing), [vec![0], vec![1, 2], vec![3]], "the other key holds its two together");
    assert_eq!(growing.suspension(0, 7), Some(Suspension::Hub { limit: 3 }));
    let five = [&four[..], &[both]].concat();
    let growing = grown(&five, &caps, None);
    assert_eq!(groups(&growing), [vec![0], vec![1, 2, 4], vec![3]], "a hub never comes back");
    assert_eq!(growing.degree(0, 7), 5, "its contacts are still counted");
}

#[test]
fn a_group_over_the_limit_loses_its_most_shared_key() {
    let contacts = [vec![(0, 1)], vec![(0, 1), (1, 2)], vec![(1, 2)], vec![(1, 2)]];
    let growing = grown(&contacts, &[None, None], Some(3));
    assert_eq!(groups(&growing), [vec![0, 1], vec![2], vec![3]]);
    assert_eq!(growing.suspension(1, 2), Some(Suspension::Size { limit: 3 }));
    assert_eq!(growing.suspension(0, 1), None);
}

#[test]
fn equally_shared_keys_are_suspended_by_rule_and_then_by_hash() {
    let by_rule = [vec![(1, 1)], vec![(1, 1), (0, 2)], vec![(0, 2)]];
    assert_eq!(groups(&grown(&by_rule, &[None, None], Some(2))), [vec![0, 1], vec![2]]);
    let by_hash = [vec![(0, 2)], vec![(0, 2), (0, 1)], vec![(0, 1)]];
    assert_eq!(groups(&grown(&by_hash, &[None], Some(2))), [vec![0, 1], vec![2]]);
}

/// A key that gets a holder can become the most shared one, and another key links again.
#[test]
fn an_addition_can_bring_a_suspended_key_back() {
    let four = [vec![(1, 1)], vec![(1, 1), (0, 2)], vec![(0, 2)], vec![(1, 1)]];
    let limits = [None, None];
    let growing = grown(&four, &limits, Some(3));
    assert_eq!(groups(&growing), [vec![0], vec![1, 2], vec![3]]);
    assert_eq!(growing.suspension(1, 1), Some(Suspension::Size { limit: 3 }));
    let five = [&four[..], &[vec![(0, 2)]]].concat();
    let growing = grown(&five, &limits, Some(3));
    assert_eq!(groups(&growing), [vec![0, 1, 3], vec![2], vec![4]], "now both have three and the first rule goes");
    assert_eq!(growing.suspension(1, 1), None);
}

#[test]
fn a_key_given_twice_counts_once() {
    let growing = grown(&[vec![(0, 1), (0, 1)]], &[Some(2)], None);
    assert_eq!(growing.degree(0, 1), 1);
}

/// Enough contacts for many segments and buckets; `bulk` is the other way to the same groups.
#[test]
fn a_large_table_gives_the_components_of_bulk() {
    const CONTACTS: u32 = 300_000;
    let hash = |n: u64| n.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 20;
    let keys = |n: u32| [(0, hash(u64::from(n)) % 150_000), (1, hash(u64::from(n) + (1 << 33)) % 290_000)];
    for cap in [None, Some(4)] {
        let mut growing = Growing::new(vec![cap, cap], None);
        let mut components = Components::new(CONTACTS as usize);
        for n in 0..CONTACTS {
            growing.add(&keys(n));
        }
        for rule in 0..2 {
            components.join((0..CONTACTS).map(|n| (keys(n)[rule].1, n)), cap);
        }
        let roots = components.into_roots();
        let mut smallest = vec![u32::MAX; CONTACTS as usize];
        for contact in 0..CONTACTS {
            let root = growing.root(contact) as usize;
            smallest[root] = smallest[root].min(contact);
        }
        assert!((0..CONTACTS).all(|n| smallest[growing.root(n) as usize] == roots[n as usize]));
    }
}
