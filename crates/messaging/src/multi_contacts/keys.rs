//! Keys of contacts follow their values and the rules.

use super::context::Context;
use super::store;
use crate::Result;
use db::Tx;
use identity::arrival::Joint;
use identity::dirty::{Dirt, KeyState, diff_keys, dirt_of_key};
use identity::keys::{RuleKey, Values, is_exempt, rule_keys};
use identity::universe::hub_cap;
use model::{AccountId, ContactId};
use std::collections::{BTreeMap, BTreeSet};

/// The keys that every rule gives these values. Stored keys always follow the values, so this is also what is stored.
pub fn keys_of(context: &Context, values: &Values) -> Vec<RuleKey> {
    context.rules.iter().flat_map(|rule| rule_keys(rule, values, &context.blocked)).collect()
}

/// Brings a contact's keys up to date with its values, which were `before`; who must be looked at because of it.
pub async fn follow_values(
    tx: &mut Tx,
    account: &AccountId,
    context: &Context,
    id: &ContactId,
    before: &Values,
) -> Result<BTreeSet<ContactId>> {
    let values = store::usable_values(tx, account, id).await?;
    let (removed, added) = diff_keys(&keys_of(context, before), &keys_of(context, &values));
    let mut dirty = BTreeSet::new();
    if removed.is_empty() && added.is_empty() {
        return Ok(dirty);
    }
    dirty.insert(*id);
    for key in &removed {
        let degree = store::degree(tx, account, key).await?;
        store::delete_key(tx, account, key, id).await?;
        dirty.extend(dirty_holders(tx, account, context, key, degree, degree - 1).await?);
    }
    for key in &added {
        let degree = store::degree(tx, account, key).await?;
        store::insert_key(tx, account, key, id).await?;
        dirty.extend(dirty_holders(tx, account, context, key, degree, degree + 1).await?);
    }
    Ok(dirty)
}

/// Brings the keys of contacts up to date with decisions about values they hold; who must be looked at because of it.
pub async fn follow_decisions(
    tx: &mut Tx,
    account: &AccountId,
    (before, after): (&Context, &Context),
    holders: &[ContactId],
) -> Result<BTreeSet<ContactId>> {
    let mut dirty = BTreeSet::new();
    let mut held = BTreeSet::new();
    let (mut lost, mut got) = (Vec::new(), Vec::new());
    for (id, values) in store::usable_values_of(tx, account, holders).await? {
        let (old, new) = (keys_of(before, &values), keys_of(after, &values));
        let (removed, added) = diff_keys(&old, &new);
        if !removed.is_empty() || !added.is_empty() {
            dirty.insert(id);
        }
        lost.extend(removed.into_iter().map(|key| (key, id)));
        got.extend(added.into_iter().map(|key| (key, id)));
        held.extend(old.into_iter().chain(new));
    }
    let mut changes: BTreeMap<&RuleKey, (i64, i64)> = held.iter().map(|key| (key, (0, 0))).collect();
    lost.iter().for_each(|(key, _)| changes.entry(key).or_default().0 += 1);
    got.iter().for_each(|(key, _)| changes.entry(key).or_default().1 += 1);
    let mut turns = Vec::new();
    for (key, (lost, got)) in changes {
        let degree = store::degree(tx, account, key).await?;
        let states = (state_of(before, key, degree), state_of(after, key, degree - lost + got));
        if (lost, got) != (0, 0) || states.0 != states.1 {
            turns.push((key, dirt_of_key(states.0, states.1)));
        }
    }
    for (key, id) in &lost {
        store::delete_key(tx, account, key, id).await?;
    }
    store::insert_keys(tx, account, &got.iter().map(|(key, id)| (key, id)).collect::<Vec<_>>()).await?;
    for (key, dirt) in turns {
        dirty.extend(holders_for(tx, account, key, dirt).await?);
    }
    Ok(dirty)
}

/// A contact made by the change at hand, whose keys are not written yet.
pub struct Newcomer {
    /// Contact.
    pub id: ContactId,
    /// Its age.
    pub seq: i64,
    /// What of its values can match.
    pub values: Values,
}

/// What the first keys of newcomers mean.
#[derive(Default)]
pub struct FirstKeys {
    /// Who must be looked at because of them.
    pub dirty: BTreeSet<ContactId>,
    /// Keys that join after as before, each with one of those who held it before.
    pub joints: Vec<Joint<ContactId, ContactId>>,
    /// Whether a key began or ceased to join.
    pub has_turn: bool,
}

/// Writes the keys of new contacts. A key that one contact holds joins nobody.
pub async fn first_of(
    tx: &mut Tx,
    account: &AccountId,
    context: &Context,
    newcomers: &[Newcomer],
) -> Result<FirstKeys> {
    let mut by_key: BTreeMap<RuleKey, Vec<&ContactId>> = BTreeMap::new();
    for Newcomer { id, values, .. } in newcomers {
        for key in keys_of(context, values) {
            by_key.entry(key).or_default().push(id);
        }
    }
    let mut first = FirstKeys::default();
    for rule in &context.rules {
        let hashes: Vec<&str> = by_key.keys().filter(|key| key.rule == rule.key).map(|key| key.hash.as_str()).collect();
        let mut standing = store::degrees(tx, account, &rule.key, &hashes).await?;
        for (key, holders) in by_key.iter().filter(|(key, _)| key.rule == rule.key) {
            let (before, holder) = standing.remove(&key.hash).map_or((0, None), |(count, one)| (count, Some(one)));
            let after = before + i64::try_from(holders.len()).unwrap_or(0);
            match dirt_of_key(state_of(context, key, before), state_of(context, key, after)) {
                Dirt::OneHolder if after > 1 => {
                    first.dirty.insert(*holders[0]);
                    let newcomers = holders.iter().map(|&id| *id).collect();
                    first.joints.push(Joint { newcomers, standing: holder });
                }
                Dirt::Nobody | Dirt::OneHolder => {}
                Dirt::AllHolders => {
                    first.has_turn = true;
                    first.dirty.extend(holders.iter().map(|&id| *id));
                    first.dirty.extend(store::holders(tx, account, key, store::MANY).await?);
                }
            }
        }
    }
    let pairs: Vec<(&RuleKey, &ContactId)> =
        by_key.iter().flat_map(|(key, holders)| holders.iter().map(move |holder| (key, *holder))).collect();
    store::insert_keys(tx, account, &pairs).await?;
    Ok(first)
}

/// Who is dirty because a key went from one number of holders to another.
async fn dirty_holders(
    tx: &mut Tx,
    account: &AccountId,
    context: &Context,
    key: &RuleKey,
    before: i64,
    after: i64,
) -> Result<Vec<ContactId>> {
    let dirt = dirt_of_key(state_of(context, key, before), state_of(context, key, after));
    holders_for(tx, account, key, dirt).await
}

async fn holders_for(tx: &mut Tx, account: &AccountId, key: &RuleKey, dirt: Dirt) -> Result<Vec<ContactId>> {
    match dirt {
        Dirt::Nobody => Ok(Vec::new()),
        Dirt::OneHolder => store::holders(tx, account, key, 1).await,
        Dirt::AllHolders => store::holders(tx, account, key, store::MANY).await,
    }
}

fn state_of(context: &Context, key: &RuleKey, degree: i64) -> KeyState {
    let Some(rule) = context.rules.iter().find(|rule| rule.key == key.rule) else { return KeyState::NONE };
    let cap = hub_cap(rule, is_exempt(rule, key, &context.allowed), context.limits);
    KeyState { degree: u32::try_from(degree).unwrap_or(0), cap, joins: rule.joins() }
}
