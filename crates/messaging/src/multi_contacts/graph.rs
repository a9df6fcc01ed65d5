//! From dirty contacts to new groups: the core asks, the tables answer, the difference is written and told.

use super::context::Context;
use super::store;
use crate::events::{self, NewEvent};
use crate::{Result, contacts};
use db::Tx;
use identity::closure::{Closure, ContactFacts, HolderQuery, Holders, KeyFact, Need};
use identity::dirty::{Dirt, KeyState, dirt_of_key};
use identity::groups::match_ids;
use identity::keys::{RuleKey, ValueSet};
use identity::partition::{Partition, partition};
use identity::universe::{ContactNode, Override, Universe, hub_cap, whole_universe};
use model::{AccountId, ContactId, Env, GroupId, ProjectId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Contacts whose groups must be looked at again.
#[derive(Default)]
pub(super) struct Dirty {
    pub contacts: BTreeSet<ContactId>,
    /// Deleted contacts with the group they were in.
    pub gone: Vec<(GroupId, ContactId)>,
}

/// What a regrouping did.
#[derive(Debug, Default)]
pub(super) struct Regrouped {
    /// Groups of two or more that are new or different.
    pub groups: Vec<(GroupId, Vec<ContactId>)>,
    /// Ids that have no group of two or more now (rulings 29).
    pub dissolved: Vec<GroupId>,
    /// Contacts that changed their group.
    pub changed: usize,
}

pub(super) type ContactUniverse = Universe<ContactId, RuleKey>;

impl Dirty {
    pub fn is_empty(&self) -> bool {
        self.contacts.is_empty() && self.gone.is_empty()
    }

    /// Adds who is dirty because a key went from one number of holders to another.
    pub async fn add_key(
        &mut self,
        tx: &mut Tx,
        account: &AccountId,
        context: &Context,
        key: &RuleKey,
        before: i64,
        after: i64,
    ) -> Result<()> {
        let Some(rule) = context.rules.iter().find(|rule| rule.key == key.rule) else { return Ok(()) };
        let cap = hub_cap(rule, identity::keys::is_exempt(rule, key, &context.allowed), context.limits);
        let state = |degree: i64| KeyState { degree: u32::try_from(degree).unwrap_or(0), cap, joins: rule.joins() };
        let wanted = match dirt_of_key(state(before), state(after)) {
            Dirt::Nobody => return Ok(()),
            Dirt::OneHolder => 1,
            Dirt::AllHolders => store::MANY,
        };
        self.contacts.extend(store::holders(tx, account, key, wanted).await?);
        Ok(())
    }
}

/// The closed surroundings of some contacts.
pub(super) async fn universe_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    context: &Context,
    start: impl IntoIterator<Item = ContactId>,
) -> Result<ContactUniverse> {
    let mut closure = Closure::new(start, context.rules.clone(), context.limits);
    while let Some(need) = closure.next() {
        match need {
            Need::KeysOf(wanted) => closure.give_keys(facts(tx, account, project, context, wanted).await?),
            Need::HoldersOf(queries) => closure.give_holders(holders(tx, account, queries).await?),
            Need::OverridesOf(wanted) => {
                closure.give_overrides(super::overrides::touching(tx, account, &wanted).await?);
            }
        }
    }
    Ok(closure.into_universe())
}

async fn facts(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    context: &Context,
    wanted: Vec<ContactId>,
) -> Result<Vec<(ContactId, ContactFacts<RuleKey>)>> {
    let mut known = Vec::with_capacity(wanted.len());
    for id in wanted {
        let Some((seq, _)) = store::brief(tx, account, project, &id).await? else { continue };
        let keys = store::keys_of(tx, account, &id).await?;
        let keys = keys.into_iter().filter_map(|key| KeyFact::of(key, &context.rules, &context.allowed)).collect();
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

/// Groups the surroundings of dirty contacts anew.
pub(super) async fn regroup(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    context: &Context,
    dirty: Dirty,
) -> Result<Regrouped> {
    let universe = universe_of(tx, account, project, context, dirty.contacts.iter().cloned()).await?;
    let mut old_groups: BTreeMap<GroupId, Vec<ContactId>> = BTreeMap::new();
    for node in &universe.contacts {
        if let Some((_, group)) = store::brief(tx, account, project, &node.id).await?
            && !old_groups.contains_key(&group)
        {
            let members = store::members(tx, account, &group).await?;
            old_groups.insert(group, members);
        }
    }
    for (group, gone) in dirty.gone {
        let living = match old_groups.remove(&group) {
            Some(members) => members,
            None => store::members(tx, account, &group).await?,
        };
        old_groups.insert(group, living.into_iter().chain([gone]).collect());
    }
    write(tx, env, account, project, &universe, old_groups).await
}

/// Groups a whole project anew.
pub(super) async fn regroup_all(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    context: &Context,
) -> Result<Regrouped> {
    let contacts = store::all_contacts(tx, account, project).await?;
    let mut old_groups: BTreeMap<GroupId, Vec<ContactId>> = BTreeMap::new();
    for (id, _, group) in &contacts {
        old_groups.entry(group.clone()).or_default().push(id.clone());
    }
    let mut keys = store::all_keys(tx, account, project).await?;
    let nodes = contacts.into_iter().map(|(id, seq, _)| {
        let held = keys.remove(&id).unwrap_or_default();
        (ContactNode { id, created_seq: u64::try_from(seq).unwrap_or(0) }, held)
    });
    let overrides = super::overrides::all(tx, account, project).await?;
    let universe = whole(nodes.collect(), context, overrides, &context.allowed);
    write(tx, env, account, project, &universe, old_groups).await
}

pub(super) fn whole(
    contacts: Vec<(ContactNode<ContactId>, Vec<RuleKey>)>,
    context: &Context,
    overrides: Vec<Override<ContactId>>,
    allowed: &ValueSet,
) -> ContactUniverse {
    whole_universe(contacts, context.rules.clone(), overrides, context.limits, allowed)
}

async fn write(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    universe: &ContactUniverse,
    old_groups: BTreeMap<GroupId, Vec<ContactId>>,
) -> Result<Regrouped> {
    let next = nodes_of(universe, &partition(universe));
    let group_before: BTreeMap<ContactId, GroupId> =
        old_groups.iter().flat_map(|(group, members)| members.iter().map(|m| (m.clone(), group.clone()))).collect();
    let previous: Vec<(GroupId, Vec<ContactId>)> = old_groups.into_iter().collect();
    let matching = match_ids(&previous, &next);
    let mut done = Regrouped { dissolved: matching.dissolved, ..Regrouped::default() };
    let mut told = Vec::new();
    for group in matching.groups {
        let id = group.id.unwrap_or_else(|| GroupId::new(env.ids()));
        let mut is_moved = false;
        for member in group.members.iter().filter(|m| group_before.get(m) != Some(&id)) {
            contacts::set_group(tx, account, member.as_str(), id.as_str()).await?;
            done.changed += 1;
            is_moved = true;
        }
        if is_moved || group.is_changed {
            told.push(json!({ "id": id, "contact_ids": group.members }));
        }
        if group.is_changed {
            done.groups.push((id, group.members));
        }
    }
    if !told.is_empty() || !done.dissolved.is_empty() {
        let event = NewEvent {
            project_id: project.as_str(),
            kind: "multi_contact.changed",
            conversation_id: None,
            contact_id: None,
            seq: None,
            for_client: false,
        };
        events::append(tx, env, account, event, &json!({ "groups": told, "dissolved": done.dissolved })).await?;
    }
    Ok(done)
}

/// The groups of a partition as nodes with their ages.
pub(super) fn nodes_of(
    universe: &ContactUniverse,
    found: &Partition<ContactId, RuleKey>,
) -> Vec<Vec<ContactNode<ContactId>>> {
    let age: BTreeMap<&ContactId, u64> = universe.contacts.iter().map(|node| (&node.id, node.created_seq)).collect();
    let node = |id: &ContactId| ContactNode { id: id.clone(), created_seq: age.get(id).copied().unwrap_or(0) };
    found.groups.iter().map(|group| group.iter().map(node).collect()).collect()
}
