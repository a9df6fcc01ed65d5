//! What other rules would do, on the real data, without changing any of it (multi-contacts.md section 5 "Preview").

use super::context::{Context, ProjectSettings, core_rule, normalise};
use super::graph::{nodes_of, whole};
use super::{NewRule, Rule, SharedValue, context, rules, store};
use crate::{Result, fields};
use db::Tx;
use identity::explain::By;
use identity::groups::match_ids;
use identity::keys::{RuleKey, Value, Values, rule_keys};
use identity::partition::{Suspension, partition};
use identity::universe::{ContactNode, Limits};
use model::{AccountId, ContactId, Env, FieldKind, GroupId, ProjectId, RuleId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Groups and contacts, before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Tally {
    /// Contacts in groups of two or more.
    pub contacts: usize,
    /// Groups of two or more.
    pub groups: usize,
}

/// What would happen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// Now.
    pub before: Tally,
    /// Then.
    pub after: Tally,
    /// Contacts looked at.
    pub total_contacts: usize,
    /// Groups that would take in another group or contact.
    pub merges: usize,
    /// Groups that would fall apart.
    pub splits: usize,
    /// Contacts that would get company.
    pub joined_contacts: usize,
    /// Groups of two or more that are not there now.
    pub new_groups: usize,
    /// Groups of two or more that would grow.
    pub grown_groups: usize,
    /// The ten largest groups.
    #[serde(skip)]
    pub largest: Vec<LargeGroup>,
    /// Values over the hub limit.
    pub hub_values: Vec<HubValue>,
    /// Pairs that would be joined, with the reason.
    #[serde(skip)]
    pub samples: Vec<Sample>,
}

/// A large group.
#[derive(Debug, Clone)]
pub struct LargeGroup {
    /// Contacts in it.
    pub size: usize,
    /// Some of them.
    pub contacts: Vec<ContactId>,
}

/// A value that would join nobody.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HubValue {
    /// Fields of the rule.
    pub fields: Vec<String>,
    /// Values.
    pub value: Vec<String>,
    /// Contacts that hold it.
    pub holders: u32,
}

/// Two contacts that would be joined.
#[derive(Debug, Clone)]
pub struct Sample {
    /// One.
    pub a: ContactId,
    /// The other.
    pub b: ContactId,
    /// Place of the rule in the list given.
    pub rule: Option<usize>,
    /// What coincides.
    pub values: Vec<SharedValue>,
}

/// Computes the groups that `wanted` rules (all of them, in order) and settings would give.
///
/// # Errors
/// When a rule could never work.
pub async fn preview(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    wanted: &[NewRule],
    settings: Option<&ProjectSettings>,
) -> Result<Preview> {
    let standing = context::settings(tx, account, project).await?;
    let settings = settings.cloned().unwrap_or_else(|| standing.clone());
    let mut proposed = Vec::with_capacity(wanted.len());
    for (position, rule) in (0i64..).zip(wanted) {
        rules::check(tx, account, project, rule).await?;
        proposed.push(proposed_rule(env, rule, position));
    }
    let (blocked, allowed) = store::value_sets(tx, account, project).await?;
    let limits = Limits { hub_limit: settings.hub_limit, max_group: settings.max_group };
    let context = Context { rules: proposed.iter().map(core_rule).collect(), limits, blocked, allowed };
    let values = values_under(tx, account, project, &standing, &settings).await?;
    let contacts = store::all_contacts(tx, account, project).await?;
    let mut old_groups: BTreeMap<GroupId, Vec<ContactId>> = BTreeMap::new();
    for (id, _, group) in &contacts {
        old_groups.entry(group.clone()).or_default().push(id.clone());
    }
    let total_contacts = contacts.len();
    let nodes = contacts.into_iter().map(|(id, seq, _)| {
        let held = values.get(&id);
        let keys = context
            .rules
            .iter()
            .flat_map(|rule| held.map(|v| rule_keys(rule, v, &context.blocked)).unwrap_or_default());
        let keys: Vec<RuleKey> = keys.collect();
        (ContactNode { id, created_seq: u64::try_from(seq).unwrap_or(0) }, keys)
    });
    let overrides = super::overrides::all(tx, account, project).await?;
    let universe = whole(nodes.collect(), &context, overrides, &context.allowed);
    let found = partition(&universe);
    let hub_values =
        found.suspended.iter().filter(|s| matches!(s.suspension, Suspension::Hub { .. })).take(20).map(|s| HubValue {
            fields: field_names(&context, &s.rule),
            value: s.key.values().iter().map(|v| (*v).to_owned()).collect(),
            holders: s.contacts,
        });
    let hub_values = hub_values.collect();
    let previous: Vec<(GroupId, Vec<ContactId>)> = old_groups.into_iter().collect();
    let mut summary = summarise(&previous, &nodes_of(&universe, &found), total_contacts);
    summary.hub_values = hub_values;
    summary.samples = samples(&context, &universe, &previous, &found.groups);
    Ok(summary)
}

fn proposed_rule(env: &Env, rule: &NewRule, position: i64) -> Rule {
    Rule {
        id: RuleId::new(env.ids()),
        key: rule.key.clone().unwrap_or_default(),
        fields: rule.fields.clone(),
        mode: rule.mode,
        enabled: rule.enabled,
        verified_only: rule.verified_only,
        hub_limit: rule.hub_limit,
        position,
    }
}

async fn values_under(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    standing: &ProjectSettings,
    settings: &ProjectSettings,
) -> Result<BTreeMap<ContactId, Values>> {
    let is_same_norm =
        standing.default_region == settings.default_region && standing.placeholders == settings.placeholders;
    if is_same_norm {
        return store::all_usable_values(tx, account, project).await;
    }
    let kinds: BTreeMap<String, FieldKind> =
        fields::all(tx, account, project).await?.into_iter().map(|field| (field.key, field.kind)).collect();
    let norms = settings.norms();
    let mut all = BTreeMap::new();
    for (id, _, _) in store::all_contacts(tx, account, project).await? {
        let mut values = Values::new();
        for (field, raw, _, _, verified) in store::held_values(tx, account, &id).await? {
            let Some(kind) = kinds.get(&field) else { continue };
            if let (Some(norm), _) = normalise(*kind, &raw, &norms) {
                values.entry(field).or_default().push(Value { norm, verified });
            }
        }
        all.insert(id, values);
    }
    Ok(all)
}

fn summarise(
    previous: &[(GroupId, Vec<ContactId>)],
    next: &[Vec<ContactNode<ContactId>>],
    total_contacts: usize,
) -> Preview {
    let matching = match_ids(previous, next);
    let size_before: BTreeMap<&ContactId, usize> =
        previous.iter().flat_map(|(_, members)| members.iter().map(|m| (m, members.len()))).collect();
    let old_size: BTreeMap<&GroupId, usize> = previous.iter().map(|(id, members)| (id, members.len())).collect();
    let tally = |sizes: Vec<usize>| {
        let plural: Vec<usize> = sizes.into_iter().filter(|size| *size > 1).collect();
        Tally { contacts: plural.iter().sum(), groups: plural.len() }
    };
    let mut new_groups = 0;
    let mut grown_groups = 0;
    let mut joined = 0;
    for group in matching.groups.iter().filter(|g| g.members.len() > 1) {
        let before = group.id.as_ref().and_then(|id| old_size.get(id)).copied().unwrap_or(0);
        if before <= 1 {
            new_groups += 1;
        } else if group.members.len() > before {
            grown_groups += 1;
        }
        joined += group.members.iter().filter(|m| size_before.get(m) == Some(&1)).count();
    }
    let place: BTreeMap<&ContactId, usize> =
        next.iter().enumerate().flat_map(|(at, members)| members.iter().map(move |node| (&node.id, at))).collect();
    let parts = |members: &[ContactId]| members.iter().filter_map(|m| place.get(m)).collect::<BTreeSet<_>>().len();
    let splits = previous.iter().filter(|(_, members)| parts(members) > 1).count();
    let mut largest: Vec<LargeGroup> = next
        .iter()
        .filter(|members| members.len() > 1)
        .map(|members| LargeGroup {
            size: members.len(),
            contacts: members.iter().take(5).map(|n| n.id.clone()).collect(),
        })
        .collect();
    largest.sort_by_key(|group| std::cmp::Reverse(group.size));
    largest.truncate(10);
    Preview {
        before: tally(previous.iter().map(|(_, members)| members.len()).collect()),
        after: tally(next.iter().map(Vec::len).collect()),
        total_contacts,
        merges: new_groups + grown_groups,
        splits,
        joined_contacts: joined,
        new_groups,
        grown_groups,
        largest,
        hub_values: Vec::new(),
        samples: Vec::new(),
    }
}

fn samples(
    context: &Context,
    universe: &super::graph::ContactUniverse,
    previous: &[(GroupId, Vec<ContactId>)],
    groups: &[Vec<ContactId>],
) -> Vec<Sample> {
    let group_before: BTreeMap<&ContactId, &GroupId> =
        previous.iter().flat_map(|(group, members)| members.iter().map(move |m| (m, group))).collect();
    let mut found = Vec::new();
    for group in groups.iter().filter(|g| g.len() > 1) {
        let Some(stranger) = group.iter().skip(1).find(|m| group_before.get(m) != group_before.get(&group[0])) else {
            continue;
        };
        let Some(steps) = identity::explain::why(universe, &group[0], stranger) else { continue };
        let is_new = |step: &&identity::explain::Step<ContactId, RuleKey>| {
            group_before.get(&step.from) != group_before.get(&step.to)
        };
        let Some(step) = steps.iter().find(is_new) else { continue };
        let (rule, values) = match &step.by {
            By::Manual { .. } => (None, Vec::new()),
            By::Rule { rule, key } => {
                let names = field_names(context, rule);
                let values = key.values().into_iter().map(str::to_owned);
                (
                    context.rules.iter().position(|r| r.key == *rule),
                    names.into_iter().zip(values).map(|(field, value)| SharedValue { field, value }).collect(),
                )
            }
        };
        found.push(Sample { a: step.from.clone(), b: step.to.clone(), rule, values });
        if found.len() == 10 {
            break;
        }
    }
    found
}

fn field_names(context: &Context, rule: &str) -> Vec<String> {
    let rule = context.rules.iter().find(|r| r.key == rule);
    rule.map(|r| r.key_fields().into_iter().map(str::to_owned).collect()).unwrap_or_default()
}
