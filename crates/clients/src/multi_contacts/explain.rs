//! Why contacts are one client, and why not (multi-contacts.md section 5).

use crate::multi_contacts::store;
use db::Tx;
use identity::explain::{By, Held, HeldValues, Reason, Side};
use identity::keys::RuleKey;
use identity::normalise::Normalised;
use identity::partition::partition;
use messaging::fields;
use messaging::multi_contacts::context::Context;
use messaging::multi_contacts::{context, graph};
use model::{AccountId, ContactId, ProjectId, RuleId};
use model::{Refusal, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// One hop between two contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Link {
    /// One side.
    pub a: ContactId,
    /// The other.
    pub b: ContactId,
    /// Rule that joins them; null for a manual link.
    pub rule_id: Option<RuleId>,
    /// What coincides.
    pub field_values: Vec<SharedValue>,
    /// Rule or manual.
    pub kind: LinkKind,
    /// Whether every shared value is verified on both sides.
    pub verified: bool,
}

/// What joins two contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A rule.
    Rule,
    /// A decision by hand.
    Manual,
}

/// A value two contacts share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SharedValue {
    /// Field key.
    pub field: String,
    /// As compared.
    pub value: String,
}

/// The answer to "why".
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Why {
    /// Whether both are one client now.
    pub linked: bool,
    /// The shortest chain.
    pub path: Vec<Hop>,
    /// Why not, when they are not.
    #[schema(value_type = Vec<Object>)]
    pub reasons: Vec<Reason<ContactId>>,
}

/// One hop of the chain from the first contact asked for to the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Hop {
    /// Nearer to the first.
    pub from: ContactId,
    /// Nearer to the second.
    pub to: ContactId,
    /// A rule's id, or `manual`.
    pub rule_id: String,
    /// What coincides.
    pub values: Vec<SharedValue>,
}

/// Links that hold a contact's group together: one fewer than its members.
///
/// # Errors
/// When the storage fails.
pub async fn links_of(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &ContactId) -> Result<Vec<Link>> {
    let context = context::load(tx, account, project).await?;
    let (universe, _) = graph::universe_of(tx, account, project, &context, [*id]).await?;
    let members = store::same_group(tx, account, id).await?;
    let Some(oldest) = members.first().copied() else { return Ok(Vec::new()) };
    // The shortest chains from the oldest contact are a tree: every hop once.
    let mut hops = Vec::new();
    for member in members.iter().skip(1) {
        for step in identity::explain::why(&universe, &oldest, member).unwrap_or_default() {
            if !hops.contains(&step) {
                hops.push(step);
            }
        }
    }
    let mut links = Vec::with_capacity(hops.len());
    for step in hops {
        let link = match step.by {
            By::Manual { .. } => Link {
                a: step.from,
                b: step.to,
                rule_id: None,
                field_values: Vec::new(),
                kind: LinkKind::Manual,
                verified: true,
            },
            By::Rule { rule, key } => {
                let field_values = shared(&context, &rule, &key);
                let verified = is_verified(tx, account, &step.from, &field_values).await?
                    && is_verified(tx, account, &step.to, &field_values).await?;
                let rule_id = Some(context.id_of(&rule));
                Link { a: step.from, b: step.to, rule_id, field_values, kind: LinkKind::Rule, verified }
            }
        };
        links.push(link);
    }
    Ok(links)
}

async fn is_verified(tx: &mut Tx, account: &AccountId, id: &ContactId, shared: &[SharedValue]) -> Result<bool> {
    let values = store::usable_values(tx, account, id).await?;
    let has =
        |s: &SharedValue| values.get(&s.field).is_some_and(|held| held.iter().any(|v| v.norm == s.value && v.verified));
    Ok(shared.iter().all(has))
}

fn shared(context: &Context, rule: &str, key: &RuleKey) -> Vec<SharedValue> {
    let Some(rule) = context.rules.iter().find(|r| r.key == rule) else { return Vec::new() };
    let values = key.values();
    let pairs = rule.key_fields().into_iter().zip(values);
    pairs.map(|(field, value)| SharedValue { field: field.to_owned(), value: value.to_owned() }).collect()
}

/// Why two contacts are one client, or why not.
///
/// # Errors
/// When one of them is not of this project.
pub async fn why(tx: &mut Tx, account: &AccountId, project: &ProjectId, a: &ContactId, b: &ContactId) -> Result<Why> {
    for id in [a, b] {
        store::brief(tx, account, project, id).await?.ok_or(Refusal::NotFound)?;
    }
    let context = context::load(tx, account, project).await?;
    let (universe, _) = graph::universe_of(tx, account, project, &context, [*a, *b]).await?;
    let found = partition(&universe);
    let linked = found.groups.iter().any(|group| group.contains(a) && group.contains(b));
    if linked {
        let steps = identity::explain::why(&universe, a, b).unwrap_or_default();
        let hop = |step: identity::explain::Step<ContactId, RuleKey>| {
            let (rule_id, values) = match &step.by {
                By::Rule { rule, key } => (context.id_of(rule).to_string(), shared(&context, rule, key)),
                By::Manual { .. } => ("manual".to_owned(), Vec::new()),
            };
            Hop { from: step.from, to: step.to, rule_id, values }
        };
        return Ok(Why { linked, path: steps.into_iter().map(hop).collect(), reasons: Vec::new() });
    }
    let (values_a, values_b) = (held(tx, account, a).await?, held(tx, account, b).await?);
    let sides = (Side { id: a, values: &values_a }, Side { id: b, values: &values_b });
    let mut reasons = identity::explain::why_not(&universe, &context.blocked, &sides.0, &sides.1);
    // Rules that a job only prepares are nobody's reason.
    reasons.retain_mut(|reason| reason.rule_mut().is_none_or(|rule| context.ids.contains_key(rule)));
    for rule in reasons.iter_mut().filter_map(Reason::rule_mut) {
        *rule = context.id_of(rule).to_string();
    }
    Ok(Why { linked, path: Vec::new(), reasons })
}

async fn held(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<HeldValues> {
    let mut values: HeldValues = BTreeMap::new();
    for (field, _, norm, unusable, verified) in store::held_values(tx, account, id).await? {
        let norm = match norm {
            Some(norm) => Normalised::Usable(norm),
            None => Normalised::Unusable(fields::why_of(unusable.as_deref().unwrap_or_default())),
        };
        values.entry(field).or_default().push(Held { norm, verified });
    }
    Ok(values)
}
