//! What other rules would do, on the real data, without changing any of it (multi-contacts.md section 5 "Preview").

use super::{ConflictSample, NewRule, SharedValue, exclusive};
use crate::multi_contacts::rules;
use crate::multi_contacts::store;
use db::Tx;
use identity::explain::{By, Step};
use identity::keys::{Rule as CoreRule, RuleKey, hash_hex, rule_keys};
use identity::universe::Limits;
use messaging::fields;
use messaging::multi_contacts::context::{Context, ProjectSettings, core_rule};
use messaging::multi_contacts::survey::{Held, Norms, RuleKeys};
use messaging::multi_contacts::whole::{Block, Whole, values_of};
use messaging::multi_contacts::{Rule, context};
use model::Result;
use model::{AccountId, ContactId, Cx, Env, FieldKind, ProjectId, RuleId};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Contacts in a component from which a sample pair is explained.
const LARGEST_EXPLAINED: usize = 500;
/// Pairs that are shown.
const SAMPLES: usize = 10;

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
    /// Values that rules which only propose would show to operators: held in several groups, and by no more than the hub limit.
    pub proposals: usize,
    /// Pairs that would be separated.
    #[serde(skip)]
    pub separated: Vec<(ContactId, ContactId)>,
    /// Groups that would hold two values of an exclusive field.
    #[serde(skip)]
    pub conflicts: usize,
    /// Some of them.
    #[serde(skip)]
    pub conflict_samples: Vec<ConflictSample>,
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
    cx: &mut Cx<'_>,
    project: &ProjectId,
    wanted: &[NewRule],
    settings: Option<&ProjectSettings>,
) -> Result<Preview> {
    let standing = context::settings(cx.tx, cx.account, project).await?;
    let settings = settings.cloned().unwrap_or_else(|| standing.clone());
    let mut proposed = Vec::with_capacity(wanted.len());
    for (position, rule) in (0i64..).zip(wanted) {
        rules::check(cx.tx, cx.account, project, rule).await?;
        proposed.push(proposed_rule(cx.env, rule, position));
    }
    let (blocked, allowed) = store::value_sets(cx.tx, cx.account, project).await?;
    let limits = Limits { hub_limit: settings.hub_limit, max_group: settings.max_group };
    let rules = proposed.iter().map(core_rule).collect();
    let context = Context { rules, ids: BTreeMap::new(), limits, blocked, allowed };
    let norms = new_norms(cx.tx, cx.account, project, &standing, &settings).await?;
    let norms = norms.as_deref();
    let whole = Whole::compute(cx.tx, cx.account, project, &context, norms).await?;
    let blocks = whole.changed_blocks();
    let mut summary = summarise(&whole, &blocks);
    summary.hub_values = hub_values(cx.tx, cx.account, &context, &whole, norms).await?;
    summary.samples = samples(cx.tx, cx.account, &context, &whole, &blocks, norms).await?;
    summary.proposals = proposals(&context, &whole);
    summary.separated = separated(&whole, &blocks);
    (summary.conflicts, summary.conflict_samples) =
        exclusive::conflicts(cx.tx, cx.account, project, &whole, norms).await?;
    Ok(summary)
}

fn proposals(context: &Context, whole: &Whole) -> usize {
    let proposing = context.rules.iter().zip(&whole.keys).filter(|(rule, _)| rule.enabled && !rule.joins());
    let of_rule = |(rule, keys): (&CoreRule, &RuleKeys)| {
        let limit = rule.limit(context.limits.hub_limit).map_or(usize::MAX, |limit| limit as usize);
        let count = |held: &[Held], limit: usize| {
            let mut held = held.to_vec();
            held.sort_unstable();
            let label = |key: &Held| whole.labels[key.contact as usize];
            let is_shown = |of_value: &&[Held]| {
                of_value.len() <= limit && of_value.iter().any(|one| label(one) != label(&of_value[0]))
            };
            held.chunk_by(|a, b| { a.hash } == { b.hash }).filter(is_shown).count()
        };
        count(&keys.limited, limit) + count(&keys.exempt, usize::MAX)
    };
    proposing.map(of_rule).sum()
}

/// Ten pairs of one group each that would not be in one group any more.
fn separated(whole: &Whole, blocks: &[Block]) -> Vec<(ContactId, ContactId)> {
    let pair = |members: &Vec<u32>| {
        let label = |at: u32| whole.labels[at as usize];
        let first = *members.iter().min_by_key(|at| whole.survey.contacts[**at as usize].seq)?;
        let other = *members.iter().find(|at| label(**at) != label(first))?;
        Some((whole.survey.contact_id(first), whole.survey.contact_id(other)))
    };
    blocks.iter().flat_map(|block| &block.previous).filter_map(|(_, members)| pair(members)).take(SAMPLES).collect()
}

fn proposed_rule(env: &Env, rule: &NewRule, position: i64) -> Rule {
    Rule {
        id: RuleId::new(env.ids()),
        row: None,
        key: rule.key.clone().unwrap_or_default(),
        fields: rule.fields.clone(),
        mode: rule.mode,
        enabled: rule.enabled,
        verified_only: rule.verified_only,
        hub_limit: rule.hub_limit,
        position,
    }
}

/// How values would compare under settings that are not stored; none when they compare as they do now.
async fn new_norms(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    standing: &ProjectSettings,
    settings: &ProjectSettings,
) -> Result<Option<Box<Norms<'static>>>> {
    if standing.default_region == settings.default_region && standing.placeholders == settings.placeholders {
        return Ok(None);
    }
    let kinds: BTreeMap<String, FieldKind> =
        fields::all(tx, account, project).await?.into_iter().map(|field| (field.key, field.kind)).collect();
    let norms = settings.norms();
    Ok(Some(Box::new(move |field, raw| fields::normalise(*kinds.get(field)?, raw, &norms).0)))
}

fn summarise(whole: &Whole, blocks: &[Block]) -> Preview {
    let mut old_size = vec![0usize; whole.survey.groups.len()];
    let mut new_size = vec![0usize; whole.labels.len()];
    for (contact, &label) in whole.survey.contacts.iter().zip(&whole.labels) {
        old_size[contact.group as usize] += 1;
        new_size[label as usize] += 1;
    }
    let tally = |sizes: &[usize]| {
        let plural = sizes.iter().filter(|size| **size > 1);
        Tally { contacts: plural.clone().sum(), groups: plural.count() }
    };
    let (mut new_groups, mut grown_groups, mut joined_contacts, mut splits) = (0, 0, 0, 0);
    for block in blocks {
        let size_of: BTreeMap<u128, usize> = block.previous.iter().map(|(id, members)| (*id, members.len())).collect();
        for group in block.matching().groups.iter().filter(|group| group.members.len() > 1) {
            let before = group.id.and_then(|id| size_of.get(&id)).copied().unwrap_or(0);
            new_groups += usize::from(before <= 1);
            grown_groups += usize::from(before > 1 && group.members.len() > before);
            let was_alone = |at: &&u32| old_size[whole.survey.contacts[**at as usize].group as usize] == 1;
            joined_contacts += group.members.iter().filter(was_alone).count();
        }
        let parts =
            |members: &[u32]| members.iter().map(|at| whole.labels[*at as usize]).collect::<BTreeSet<_>>().len();
        splits += block.previous.iter().filter(|(_, members)| parts(members) > 1).count();
    }
    Preview {
        before: tally(&old_size),
        after: tally(&new_size),
        total_contacts: whole.survey.contacts.len(),
        merges: new_groups + grown_groups,
        splits,
        joined_contacts,
        new_groups,
        grown_groups,
        largest: largest(whole, &new_size),
        hub_values: Vec::new(),
        samples: Vec::new(),
        proposals: 0,
        separated: Vec::new(),
        conflicts: 0,
        conflict_samples: Vec::new(),
    }
}

/// The ten largest groups, each with its oldest contacts.
fn largest(whole: &Whole, sizes: &[usize]) -> Vec<LargeGroup> {
    let mut labels: Vec<usize> = (0..sizes.len()).filter(|&label| sizes[label] > 1).collect();
    labels.sort_by_key(|&label| (Reverse(sizes[label]), label));
    labels.truncate(10);
    let group = |&label: &usize| {
        // A group lies within the raw component of any of its contacts.
        let component = whole.component_of(u32::try_from(label).unwrap_or(u32::MAX));
        let mut members: Vec<u32> =
            component.iter().copied().filter(|at| whole.labels[*at as usize] as usize == label).collect();
        members.sort_by_key(|at| whole.survey.contacts[*at as usize].seq);
        LargeGroup {
            size: sizes[label],
            contacts: members.into_iter().take(5).map(|at| whole.survey.contact_id(at)).collect(),
        }
    };
    labels.iter().map(group).collect()
}

/// The most shared of the values that would join nobody.
async fn hub_values(
    tx: &mut Tx,
    account: &AccountId,
    context: &Context,
    whole: &Whole,
    norms: Option<&Norms<'_>>,
) -> Result<Vec<HubValue>> {
    let mut hubs: Vec<_> = whole.hubs.iter().collect();
    hubs.sort_by_key(|(rule, hub)| (Reverse(hub.holders), *rule, hub.hash));
    let mut found = Vec::new();
    for (at, hub) in hubs.into_iter().take(20) {
        let rule = &context.rules[*at];
        let Some(key) = whole.keys[*at].limited.iter().find(|key| { key.hash } == hub.hash) else { continue };
        let values = values_of(tx, account, &whole.survey.contact_id(key.contact), norms).await?;
        let hash = hash_hex(hub.hash);
        let Some(key) = rule_keys(rule, &values, &context.blocked).into_iter().find(|key| key.hash == hash) else {
            continue;
        };
        found.push(HubValue {
            fields: field_names(context, &rule.key),
            value: key.values().into_iter().map(str::to_owned).collect(),
            holders: hub.holders,
        });
    }
    Ok(found)
}

/// Ten pairs that would be joined. Larger components are left out: explaining one pair would read them whole.
async fn samples(
    tx: &mut Tx,
    account: &AccountId,
    context: &Context,
    whole: &Whole,
    blocks: &[Block],
    norms: Option<&Norms<'_>>,
) -> Result<Vec<Sample>> {
    let group_of = |at: u32| whole.survey.contacts[at as usize].group;
    let mut found = Vec::new();
    let groups = blocks.iter().flat_map(|block| &block.next).filter(|group| group.len() > 1);
    for group in groups.filter(|group| whole.component_of(group[0].id).len() <= LARGEST_EXPLAINED) {
        let first = group[0].id;
        let Some(stranger) = group.iter().find(|node| group_of(node.id) != group_of(first)) else { continue };
        let universe = whole.universe_of(tx, account, context, first, norms).await?;
        let (a, b) = (whole.survey.contact_id(first), whole.survey.contact_id(stranger.id));
        let steps = identity::explain::why(&universe, &a, &b).unwrap_or_default();
        let place = |id: &ContactId| whole.survey.find(id.bits());
        let is_new =
            |step: &&Step<ContactId, RuleKey>| place(&step.from).map(group_of) != place(&step.to).map(group_of);
        let Some(step) = steps.iter().find(is_new) else { continue };
        found.push(sample(context, step));
        if found.len() == SAMPLES {
            break;
        }
    }
    Ok(found)
}

fn sample(context: &Context, step: &Step<ContactId, RuleKey>) -> Sample {
    let (a, b) = (step.from, step.to);
    let By::Rule { rule, key } = &step.by else { return Sample { a, b, rule: None, values: Vec::new() } };
    let pairs = field_names(context, rule).into_iter().zip(key.values());
    Sample {
        a,
        b,
        rule: context.rules.iter().position(|r| r.key == *rule),
        values: pairs.map(|(field, value)| SharedValue { field, value: value.to_owned() }).collect(),
    }
}

fn field_names(context: &Context, rule: &str) -> Vec<String> {
    let rule = context.rules.iter().find(|r| r.key == rule);
    rule.map(|r| r.key_fields().into_iter().map(str::to_owned).collect()).unwrap_or_default()
}
