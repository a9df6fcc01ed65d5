//! What an administrator should look at and decide: groups that hold two values of an exclusive field, and what the guards could not
//! do (rulings 27, multi-contacts.md section 3).

use super::values::{Guard, ValueState};
use super::{ContactBrief, SharedValue};
use crate::multi_contacts::store;
use db::Tx;
use identity::keys::RuleKey;
use identity::partition::{Flag, Partition, Suspension, partition};
use messaging::multi_contacts::graph::{self, ContactUniverse};
use messaging::multi_contacts::{context, overrides};
use model::Result;
use model::{AccountId, ContactId, GroupId, OverrideId, ProjectId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Groups with two values of an exclusive field that are listed at most.
const MOST: i64 = 100;
/// Contacts around which the guards are looked at.
const GUARDED: i64 = 2_000;
/// Contacts of a group that are named.
const NAMED: usize = 5;

/// Something to look at.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Conflict {
    /// A group holds several values of a field that tells people apart.
    Exclusive {
        /// The group.
        group_id: GroupId,
        /// The field.
        field: String,
        /// Its values.
        values: Vec<String>,
        /// Who holds them.
        contacts: Vec<ContactBrief>,
    },
    /// Links by hand hold a group together that is larger than the limit.
    TooLarge {
        /// The group.
        group_id: GroupId,
        /// Contacts in it.
        size: u32,
        /// The oldest of them.
        contacts: Vec<ContactBrief>,
    },
    /// A separation by hand has no effect: links by hand hold.
    UnlinkOverruled {
        /// The separation.
        override_id: OverrideId,
        /// Whom it speaks of.
        contact: ContactBrief,
    },
}

/// What there is to look at in a project.
///
/// # Errors
/// When the storage fails.
pub async fn conflicts(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Conflict>> {
    let mut found = exclusive(tx, account, project).await?;
    let Some((_, groups, parts)) = guarded(tx, account, project).await? else { return Ok(found) };
    for flag in &parts.flags {
        found.extend(flagged(tx, account, project, &groups, &parts, flag).await?);
    }
    Ok(found)
}

async fn exclusive(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Conflict>> {
    let mut found = Vec::new();
    for (group_id, field) in store::conflicts::exclusive(tx, account, project, MOST).await? {
        let (values, holders) = held_in(tx, account, &group_id, &field).await?;
        let contacts = briefs(tx, account, holders.iter().take(NAMED)).await?;
        found.push(Conflict::Exclusive { group_id, field, values, contacts });
    }
    Ok(found)
}

/// Different values of a field in a group, and a holder of each.
async fn held_in(
    tx: &mut Tx,
    account: &AccountId,
    group: &GroupId,
    field: &str,
) -> Result<(Vec<String>, Vec<ContactId>)> {
    let held = store::conflicts::held_in(tx, account, group, field).await?;
    let mut seen = BTreeSet::new();
    let different: Vec<_> = held.into_iter().filter(|(_, norm, _)| seen.insert(norm.clone())).collect();
    Ok(different.into_iter().map(|(value, _, id)| (value, id)).unzip())
}

async fn flagged(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    groups: &BTreeMap<ContactId, GroupId>,
    parts: &Partition<ContactId, RuleKey>,
    flag: &Flag<ContactId>,
) -> Result<Option<Conflict>> {
    match flag {
        Flag::TooLarge { oldest, size } => {
            let Some(group_id) = groups.get(oldest).copied() else { return Ok(None) };
            let members = parts.groups.iter().find(|group| group.contains(oldest));
            let contacts = briefs(tx, account, members.into_iter().flatten().take(NAMED)).await?;
            Ok(Some(Conflict::TooLarge { group_id, size: *size, contacts }))
        }
        Flag::UnlinkOverruled { override_id, contact } => {
            let standing = overrides::list(tx, account, project).await?;
            let Some(decision) = standing.into_iter().find(|one| one.id.to_string() == *override_id) else {
                return Ok(None);
            };
            let contact = ContactBrief::of(tx, account, contact).await?;
            Ok(Some(Conflict::UnlinkOverruled { override_id: decision.id, contact }))
        }
    }
}

async fn briefs(
    tx: &mut Tx,
    account: &AccountId,
    ids: impl Iterator<Item = &ContactId> + Send,
) -> Result<Vec<ContactBrief>> {
    let ids: Vec<ContactId> = ids.copied().collect();
    let mut named = Vec::with_capacity(ids.len());
    for id in &ids {
        named.push(ContactBrief::of(tx, account, id).await?);
    }
    Ok(named)
}

/// Keys that join nobody because their group would be too large.
pub(super) async fn cut_by_size(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ValueState>> {
    let Some((universe, _, parts)) = guarded(tx, account, project).await? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for suspended in parts.suspended.iter().filter(|one| matches!(one.suspension, Suspension::Size { .. })) {
        let Some(rule) = universe.rules.iter().find(|rule| rule.key == suspended.rule) else { continue };
        let fields = rule.key_fields().into_iter();
        let parts = fields.zip(suspended.key.values());
        let parts = parts.map(|(field, value)| SharedValue { field: field.to_owned(), value: value.to_owned() });
        found.push(ValueState::suspended(parts.collect(), i64::from(suspended.contacts), Guard::Size));
    }
    found.sort_by(|a, b| (b.holders, &a.value).cmp(&(a.holders, &b.value)));
    found.dedup_by(|a, b| (&a.field, &a.value) == (&b.field, &b.value));
    Ok(found)
}

type Guarded = (ContactUniverse, BTreeMap<ContactId, GroupId>, Partition<ContactId, RuleKey>);

/// The surroundings of contacts in whose groups a guard may have a say; none when there are none.
async fn guarded(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Guarded>> {
    let start = store::guarded_of(tx, account, project, GUARDED).await?;
    if start.is_empty() {
        return Ok(None);
    }
    let context = context::load(tx, account, project).await?;
    let (universe, groups) = graph::universe_of(tx, account, project, &context, start).await?;
    let parts = partition(&universe);
    Ok(Some((universe, groups, parts)))
}
