//! What must hold in every state (rulings 22-34).

use super::generate::{Seed, change, fields, furnished, limits, rule, seed, sets};
use super::naive;
use super::store::Store;
use identity::engine::{Applied, Change, Engine, Input};
use identity::keys::RuleKey;
use identity::normalise::{FieldKind, NormSettings, Normalised, normalise};
use identity::partition::{Flag, partition};
use identity::universe::Universe;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::Discriminant;

fn named(engine: &Engine) -> BTreeSet<BTreeSet<String>> {
    engine.groups().into_iter().map(|(_, members)| members.into_iter().collect()).collect()
}

fn check_rebuild(engine: &Engine, truth: &Universe<String, RuleKey>) {
    let rebuilt = partition(truth);
    let is_overruled = |flag: &&Flag<String>| matches!(flag, Flag::UnlinkOverruled { .. });
    assert_eq!(rebuilt.flags.iter().find(is_overruled), None, "nobody is with whom they were parted from last");
    let groups: Vec<Vec<String>> = engine.groups().into_iter().map(|(_, members)| members).collect();
    assert_eq!(groups, rebuilt.groups, "incremental groups equal a rebuild");
    let suspended: Vec<_> =
        engine.suspended().into_iter().map(|s| (s.rule, s.values, s.contacts, s.suspension)).collect();
    let values = |key: &RuleKey| key.values().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut wanted: Vec<_> =
        rebuilt.suspended.iter().map(|s| (s.rule.clone(), values(&s.key), s.contacts, s.suspension)).collect();
    wanted.sort();
    assert_eq!(suspended, wanted, "suspended keys equal a rebuild");
}

fn without_new_ids(mut applied: Applied, known: &BTreeSet<u64>) -> Applied {
    for group in &mut applied.groups {
        group.id = group.id.filter(|id| known.contains(id));
    }
    for (_, to) in &mut applied.redirects {
        *to = to.filter(|id| known.contains(id));
    }
    applied
}

/// What is visible of the groups.
fn visible(engine: &Engine) -> impl PartialEq + std::fmt::Debug + use<> {
    (engine.groups(), engine.suspended())
}

/// Everything the partition depends on.
fn inputs(engine: &Engine) -> String {
    format!("{:?}", engine.universe())
}

/// Asking again for the state that now is.
fn is_idempotent(change: &Change) -> bool {
    match change {
        Change::Create { .. } | Change::Delete { .. } | Change::RuleAdd { .. } | Change::RuleRemove { .. } => false,
        Change::Set { .. } | Change::RuleEdit { .. } | Change::RuleEnable { .. } | Change::RuleDisable { .. } => true,
        Change::Link { .. } | Change::UndoLink { .. } | Change::Unlink { .. } | Change::UndoUnlink { .. } => true,
        Change::BlockValue { .. } | Change::UnblockValue { .. } | Change::Settings { .. } => true,
        Change::AllowValue { .. } | Change::DisallowValue { .. } => true,
    }
}

/// What the walks came by, so that the test cannot become smaller unnoticed.
#[derive(Default)]
struct Seen {
    /// Compared with a rebuild; a refused set makes none.
    states: u32,
    kinds: HashSet<Discriminant<Change>>,
}

fn walk(seeds: Vec<Vec<Seed>>, seen: &mut Seen) {
    let mut engine = furnished();
    let mut store = Store::default();
    store.sync(&engine.universe());
    for set in seeds {
        let changes: Vec<Change> = set.into_iter().map(|seed| change(&engine, seed)).collect();
        let before = visible(&engine);
        let known: BTreeSet<u64> = engine.groups().into_iter().map(|(id, _)| id).collect();
        let copy = engine.clone();
        let previewed = engine.preview(&changes);
        if let Some(first) = changes.first() {
            check_undo(&engine, first);
            check_unusable(&engine, first);
        }
        assert_eq!(visible(&engine), before, "a preview changes nothing");
        let applied = engine.apply(&changes);
        let Ok(applied) = applied else {
            assert_eq!(previewed, applied, "a preview refuses what is refused");
            assert_eq!(visible(&engine), before, "a refused set changes nothing");
            assert_eq!(inputs(&engine), inputs(&copy), "a refused set changes nothing");
            continue;
        };
        let previewed = previewed.expect("a preview accepts what is accepted");
        assert_eq!(previewed, without_new_ids(applied.clone(), &known), "a preview says what happens");
        check_answer(&engine, &applied);
        check_newest_decision(&copy, &engine, &changes);
        let truth = engine.universe();
        check_rebuild(&engine, &truth);
        assert_eq!(named(&engine), naive::groups(&truth), "groups equal the plain reading of the rulings");
        store.sync(&truth);
        let groups: BTreeMap<u64, BTreeSet<String>> =
            engine.groups().into_iter().map(|(id, members)| (id, members.into_iter().collect())).collect();
        assert_eq!(groups, store.groups(), "the closure over tables gives the same groups and ids");
        seen.states += 1;
        seen.kinds.extend(changes.iter().map(std::mem::discriminant));
        if let [one] = changes.as_slice()
            && is_idempotent(one)
        {
            check_again(&mut engine, one);
            store.sync(&engine.universe());
        }
    }
}

fn group_with(engine: &Engine, contact: &str) -> Vec<String> {
    let id = engine.group_of(contact);
    let found = engine.groups().into_iter().find(|(group, _)| Some(*group) == id);
    found.map(|(_, members)| members).unwrap_or_default()
}

/// What was decided last is what is.
fn check_newest_decision(before: &Engine, engine: &Engine, changes: &[Change]) {
    match changes {
        [.., Change::Link { a, b }] => assert_eq!(engine.group_of(a), engine.group_of(b), "who is linked is together"),
        [Change::Unlink { contact }] => {
            let (was_with, is_with) = (group_with(before, contact), group_with(engine, contact));
            let stayed: Vec<&String> = is_with.iter().filter(|other| was_with.contains(other)).collect();
            assert_eq!(stayed, [contact], "who is parted is with none of its group");
        }
        _ => {}
    }
}

/// A decision that is taken back leaves everything as it was before.
fn check_undo(engine: &Engine, change: &Change) {
    let undo = match change {
        Change::Link { a, b } => Change::UndoLink { a: a.clone(), b: b.clone() },
        Change::Unlink { contact } => Change::UndoUnlink { contact: contact.clone() },
        _ => return,
    };
    let mut engine = engine.clone();
    // Of this contact or pair nothing is decided to begin with, so that the undo takes back just this.
    let is_known = engine.apply(std::slice::from_ref(&undo)).is_ok();
    let before = named(&engine);
    if is_known && engine.apply(std::slice::from_ref(change)).is_ok() {
        engine.apply(&[undo]).expect("it was made");
        assert_eq!(named(&engine), before, "the older decisions are back: {change:?}");
    }
}

/// A value that is none joins nobody and parts nobody, and what comes after it does what it would have done without it.
fn check_unusable(engine: &Engine, change: &Change) {
    let Change::Set { external_id, fields } = change else { return };
    if engine.group_of(external_id).is_none() {
        return;
    }
    let mut detour = engine.clone();
    let none = ["phone", "email"].map(|field| (field.to_owned(), vec![Input::verified("no such thing")]));
    let none = Change::Set { external_id: external_id.clone(), fields: none.to_vec() };
    detour.apply(&[none]).expect("it is kept");
    assert_eq!(visible(&detour), visible(engine), "an unusable value joins nobody and parts nobody");
    // where something comes that is no unusable value, whatever the settings are by now, or nothing at all
    let ends = |inputs: &Vec<Input>| inputs.iter().all(|input| input.raw.starts_with('+') || input.raw.contains('@'));
    let names_both = ["phone", "email"].iter().all(|field| fields.iter().any(|(key, _)| key == field));
    if names_both && fields.iter().all(|(key, inputs)| !["phone", "email"].contains(&key.as_str()) || ends(inputs)) {
        let mut direct = engine.clone();
        direct.apply(std::slice::from_ref(change)).expect("good values");
        detour.apply(std::slice::from_ref(change)).expect("good values");
        assert_eq!(named(&detour), named(&direct), "an unusable value in between changes nothing");
    }
}

fn check_again(engine: &mut Engine, change: &Change) {
    let changes = std::slice::from_ref(change);
    let before = visible(engine);
    if let Change::Unlink { contact } = change
        && group_with(engine, contact).len() > 1
    {
        // the size guard lets it meet others now: asking again parts it from them
        return;
    }
    let again = engine.apply(changes).expect("asking again is accepted");
    assert_eq!((again.applied, again.effective), (1, 0), "asking again has no effect: {change:?}");
    assert!(again.groups.is_empty() && again.dissolved.is_empty() && again.redirects.is_empty());
    assert_eq!(visible(engine), before);
}

fn check_answer(engine: &Engine, applied: &Applied) {
    let groups: BTreeMap<u64, Vec<String>> = engine.groups().into_iter().collect();
    for group in &applied.groups {
        let id = group.id.expect("an applied group has an id");
        assert_eq!(groups.get(&id), Some(&group.contacts));
        assert!(group.contacts.len() > 1);
    }
    for id in &applied.dissolved {
        assert!(groups.get(id).is_none_or(|members| members.len() == 1));
    }
    for (from, to) in &applied.redirects {
        assert!(!groups.contains_key(from) && to.is_none_or(|to| groups.contains_key(&to)));
    }
}

/// (a) incremental == rebuild == plain reading, (c) preview == apply, (d) asking again, (e) the closure over tables.
#[test]
fn every_state_is_right() {
    let seen = RefCell::new(Seen::default());
    let config = ProptestConfig { cases: 1300, failure_persistence: None, ..ProptestConfig::default() };
    let walked = TestRunner::new(config).run(&sets(20..31), |seeds| {
        walk(seeds, &mut seen.borrow_mut());
        Ok(())
    });
    if let Err(error) = walked {
        panic!("{error}");
    }
    let Seen { states, kinds } = seen.into_inner();
    assert!(states >= 20_000, "only {states} states");
    assert_eq!(kinds.len(), 17, "every kind of change was accepted");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// (b) values of different contacts, rules and limits in any order give the same partition (ruling 34).
    #[test]
    fn commuting_changes_commute(
        start in sets(5..12),
        values in prop::collection::btree_map(0u32..10, any::<u32>(), 2..6),
        rules in prop::collection::vec(seed(), 0..3),
        limit in seed(),
        order in any::<u64>(),
    ) {
        let mut engine = furnished();
        for set in start {
            let set: Vec<Change> = set.into_iter().map(|seed| change(&engine, seed)).collect();
            drop(engine.apply(&set));
        }
        let is_alive = |n: &u32| engine.group_of(&format!("c{n}")).is_some();
        let mut changes: Vec<Change> = values.iter().filter(|(n, _)| is_alive(n))
            .map(|(n, seed)| Change::Set { external_id: format!("c{n}"), fields: fields(*seed) }).collect();
        let known = engine.rules();
        let mut named_rules = BTreeSet::new();
        for seed in rules.into_iter().filter(|seed| named_rules.insert(seed.a % 5)) {
            changes.push(rule(seed, |key| known.iter().any(|rule| rule.key == key)));
        }
        changes.push(limits(limit));
        let mut shuffled = changes.clone();
        let mut state = order;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        let mut other = engine.clone();
        for change in changes {
            prop_assert!(engine.apply(&[change]).is_ok());
        }
        for change in shuffled {
            prop_assert!(other.apply(&[change]).is_ok());
        }
        prop_assert_eq!(named(&engine), named(&other));
    }

    /// Normalising what was normalised changes nothing, and spellings do not matter.
    #[test]
    fn normalising_twice_is_normalising_once(raw in "\\PC{0,12}|[+78 ()0-9-]{8,18}|[a-zА-я.@]{3,12}", kind in 0usize..7) {
        let kind = [FieldKind::Text, FieldKind::Id, FieldKind::Phone, FieldKind::Email, FieldKind::Number, FieldKind::Date,
            FieldKind::Link][kind];
        let settings = NormSettings::default();
        if let Normalised::Usable(once) = normalise(kind, &raw, &settings) {
            prop_assert!(!once.is_empty() && !once.chars().any(char::is_control));
            prop_assert_eq!(normalise(kind, &once, &settings), Normalised::Usable(once.clone()));
            let padded = format!(" \u{200b}{raw}\u{feff}\t");
            prop_assert_eq!(normalise(kind, &padded, &settings), Normalised::Usable(once));
        }
    }
}

/// What people decide about five clients of whom some share values, and take back in any order.
#[derive(Debug, Clone)]
enum Act {
    Link(usize, usize),
    Part(usize),
    BackLink(usize, usize),
    BackPart(usize),
    Value(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 0..FIVE.len();
    prop_oneof![
        (who(), who()).prop_map(|(a, b)| Act::Link(a, b)),
        who().prop_map(Act::Part),
        (who(), who()).prop_map(|(a, b)| Act::BackLink(a, b)),
        who().prop_map(Act::BackPart),
        (who(), 0..4usize).prop_map(|(a, value)| Act::Value(a, value)),
    ]
}

const FIVE: [&str; 5] = ["a", "b", "c", "d", "e"];
const VALUES: [&[(&str, &str)]; 4] = [
    &[],
    &[("phone", "+79120000001")],
    &[("phone", "+79120000002")],
    &[("phone", "+79120000001"), ("email", "x@y.ru")],
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No decision is overruled, also when one between two others is taken back; and the step by step change, a rebuild and the plain reading of
    /// the rulings agree (ADR 19).
    #[test]
    fn what_was_decided_last_holds_whatever_is_taken_back(acts in prop::collection::vec(act(), 4..24)) {
        let mut engine = super::engine_ops::engine();
        for name in FIVE {
            super::engine_ops::apply(&mut engine, &[super::engine_ops::create(name, &[])]);
        }
        for act in acts {
            let pair = |a: usize, b: usize| (FIVE[a].to_owned(), FIVE[b].to_owned());
            let change = match act {
                Act::Link(a, b) => { let (a, b) = pair(a, b); Change::Link { a, b } }
                Act::BackLink(a, b) => { let (a, b) = pair(a, b); Change::UndoLink { a, b } }
                Act::Part(a) => Change::Unlink { contact: FIVE[a].to_owned() },
                Act::BackPart(a) => Change::UndoUnlink { contact: FIVE[a].to_owned() },
                Act::Value(a, value) => super::engine_ops::set(FIVE[a], VALUES[value]),
            };
            let before = engine.clone();
            if engine.apply(std::slice::from_ref(&change)).is_err() {
                continue;
            }
            check_newest_decision(&before, &engine, std::slice::from_ref(&change));
            let truth = engine.universe();
            check_rebuild(&engine, &truth);
            prop_assert_eq!(named(&engine), naive::groups(&truth));
        }
    }
}
