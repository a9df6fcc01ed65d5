//! The core asks, the tables answer: the closed surroundings of contacts, and a whole project.

use super::context::Context;
use super::{keys, store};
use crate::Result;
use db::Tx;
use identity::closure::{Closure, ContactFacts, HolderQuery, Holders, KeyFact, Need};
use identity::keys::{RuleKey, ValueSet};
use identity::partition::Partition;
use identity::universe::{ContactNode, Override, Universe, whole_universe};
use model::{AccountId, ContactId, GroupId, ProjectId};
use std::collections::BTreeMap;

/// What a partition is computed from, with our ids.
pub type ContactUniverse = Universe<ContactId, RuleKey>;

/// The closed surroundings of some contacts, and in which group each contact is stored.
pub async fn universe_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    context: &Context,
    start: impl IntoIterator<Item = ContactId>,
) -> Result<(ContactUniverse, BTreeMap<ContactId, GroupId>)> {
    let mut closure = Closure::new(start, context.rules.clone(), context.limits);
    let mut groups = BTreeMap::new();
    while let Some(need) = closure.next() {
        match need {
            Need::KeysOf(wanted) => {
                closure.give_keys(facts(tx, account, project, context, &wanted, &mut groups).await?);
            }
            Need::HoldersOf(queries) => closure.give_holders(holders(tx, account, queries).await?),
            Need::OverridesOf(wanted) => {
                closure.give_overrides(super::overrides::touching(tx, account, &wanted).await?);
            }
        }
    }
    Ok((closure.into_universe(), groups))
}

async fn facts(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    context: &Context,
    wanted: &[ContactId],
    groups: &mut BTreeMap<ContactId, GroupId>,
) -> Result<Vec<(ContactId, ContactFacts<RuleKey>)>> {
    let mut known = Vec::with_capacity(wanted.len());
    let mut values = store::usable_values_of(tx, account, wanted).await?;
    for (id, seq, group) in store::briefs(tx, account, project, wanted).await? {
        let keys = keys::keys_of(context, &values.remove(&id).unwrap_or_default());
        let keys = keys.into_iter().filter_map(|key| KeyFact::of(key, &context.rules, &context.allowed)).collect();
        groups.insert(id, group);
        known.push((id, ContactFacts { created_seq: u64::try_from(seq).unwrap_or(0), keys }));
    }
    Ok(known)
}

async fn holders(
    tx: &mut Tx,
    account: &AccountId,
    queries: Vec<HolderQuery<RuleKey>>,
) -> Result<Vec<(RuleKey, Holders<ContactId>)>> {
    let mut answers = Vec::with_capacity(queries.len());
    for HolderQuery { key, cap } in queries {
        let limit = cap.map_or(store::MANY, |cap| i64::from(cap) + 1);
        let found = store::holders(tx, account, &key, limit).await?;
        let is_hub = cap.is_some_and(|cap| found.len() > cap as usize);
        let answer = if is_hub {
            Holders::TooMany(u32::try_from(store::degree(tx, account, &key).await?).unwrap_or(u32::MAX))
        } else {
            Holders::All(found)
        };
        answers.push((key, answer));
    }
    Ok(answers)
}

/// A universe of contacts whose keys and decisions are all known.
pub fn whole(
    contacts: Vec<(ContactNode<ContactId>, Vec<RuleKey>)>,
    context: &Context,
    overrides: Vec<Override<ContactId>>,
    allowed: &ValueSet,
) -> ContactUniverse {
    whole_universe(contacts, context.rules.clone(), overrides, context.limits, allowed)
}

/// The groups of a partition as nodes with their ages.
pub fn nodes_of(universe: &ContactUniverse, found: &Partition<ContactId, RuleKey>) -> Vec<Vec<ContactNode<ContactId>>> {
    let age: BTreeMap<&ContactId, u64> = universe.contacts.iter().map(|node| (&node.id, node.created_seq)).collect();
    let node = |id: &ContactId| ContactNode { id: *id, created_seq: age.get(id).copied().unwrap_or(0) };
    found.groups.iter().map(|group| group.iter().map(node).collect()).collect()
}
