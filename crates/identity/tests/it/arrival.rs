//! The shortcut for newcomers gives the groups of the partition wherever it may be taken.

use super::generate::{change, furnished, seed, sets};
use identity::arrival::{Joint, Union, unions};
use identity::dirty::{Dirt, KeyState, dirt_of_key};
use identity::engine::Change;
use identity::keys::RuleKey;
use identity::partition::{guarded, partition};
use identity::universe::{Decision, KeyNode, Universe, hub_cap};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

type Whole = Universe<String, RuleKey>;

/// The universe as it was before the newest contacts came.
fn without(whole: &Whole, newcomers: &BTreeSet<&String>) -> Whole {
    let mut place = BTreeMap::new();
    let mut before = Whole { contacts: Vec::new(), keys: Vec::new(), ..whole.clone() };
    for (at, node) in (0u32..).zip(&whole.contacts) {
        if !newcomers.contains(&node.id) {
            place.insert(at, u32::try_from(before.contacts.len()).expect("few"));
            before.contacts.push(node.clone());
        }
    }
    for key in &whole.keys {
        let holders: Vec<u32> = key.holders.iter().filter_map(|at| place.get(at).copied()).collect();
        let degree = u32::try_from(holders.len()).expect("few");
        before.keys.push(KeyNode { holders, degree, ..key.clone() });
    }
    before
}

/// Decisions by hand about a newcomer come after it.
fn forget_decisions_about(whole: &mut Whole, newcomers: &BTreeSet<String>) {
    whole.overrides.retain(|item| match &item.decision {
        Decision::Link { a, b } => !newcomers.contains(a) && !newcomers.contains(b),
        Decision::Unlink { subject, others } => {
            !newcomers.contains(subject) && !others.iter().any(|other| newcomers.contains(other))
        }
    });
}

fn state(whole: &Whole, key: &KeyNode<RuleKey>) -> KeyState {
    let rule = &whole.rules[key.rule];
    KeyState { degree: key.degree, cap: hub_cap(rule, key.exempt, whole.limits), joins: rule.joins() }
}

/// Compares the shortcut with the partition; how many unions of newcomers with somebody else were compared.
fn compare(mut whole: Whole, count: usize) -> usize {
    let mut by_age: Vec<_> = whole.contacts.iter().map(|node| (node.created_seq, node.id.clone())).collect();
    by_age.sort();
    let newest: BTreeSet<String> = by_age.into_iter().rev().take(count).map(|(_, id)| id).collect();
    forget_decisions_about(&mut whole, &newest);
    let newcomers: BTreeSet<&String> = newest.iter().collect();
    let before = without(&whole, &newcomers);
    let standing = partition(&before).groups;
    let is_guarded: BTreeSet<String> = guarded(&before).into_iter().collect();
    let group_of = |id: &String| standing.iter().position(|group| group.contains(id)).expect("everybody has a group");
    let mut joints = Vec::new();
    for (then, now) in before.keys.iter().zip(&whole.keys) {
        let fresh: Vec<String> = now.holders.iter().map(|&at| &whole.contacts[at as usize].id).cloned().collect();
        let fresh: Vec<String> = fresh.into_iter().filter(|id| newcomers.contains(id)).collect();
        if fresh.is_empty() {
            continue;
        }
        match dirt_of_key(state(&before, then), state(&whole, now)) {
            Dirt::Nobody => {}
            Dirt::AllHolders => return 0,
            Dirt::OneHolder => {
                let holder = then.holders.first().map(|&at| group_of(&before.contacts[at as usize].id));
                joints.push(Joint { newcomers: fresh, standing: holder });
            }
        }
    }
    let wanted: Vec<BTreeSet<String>> =
        partition(&whole).groups.into_iter().map(|group| group.into_iter().collect()).collect();
    let mut compared = 0;
    for Union { newcomers, groups } in unions(&joints) {
        let old: BTreeSet<String> = groups.iter().flat_map(|&at| standing[at].iter().cloned()).collect();
        let all: BTreeSet<String> = old.iter().cloned().chain(newcomers).collect();
        if all.iter().any(|id| is_guarded.contains(id))
            || whole.limits.max_group.is_some_and(|limit| all.len() > limit as usize)
        {
            continue;
        }
        assert!(wanted.contains(&all), "{all:?} is not among {wanted:?}");
        compared += usize::from(all.len() > 1);
    }
    compared
}

#[test]
fn newcomers_join_standing_groups_as_the_partition_says() {
    let compared = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig { cases: 1_500, failure_persistence: None, ..Default::default() });
    let seeds = (sets(1..12), prop::collection::vec(seed(), 1..2));
    let walked = runner.run(&seeds, |(seeds, extra)| {
        let mut engine = furnished();
        for set in seeds {
            let changes: Vec<Change> = set.into_iter().map(|seed| change(&engine, seed)).collect();
            // A set that is refused changes nothing.
            let _ = engine.apply(&changes);
            compared.set(compared.get() + compare(engine.universe(), 1 + extra[0].a as usize % 4));
        }
        Ok(())
    });
    walked.expect("the shortcut is the partition");
    assert!(compared.get() > 1_000, "only {} unions were compared", compared.get());
    println!("{} unions compared", compared.get());
}
