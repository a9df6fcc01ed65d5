//! Pairs that a rule of mode `suggest` proposes to the operator (rulings 37).

use super::explain::SharedValue;
use crate::multi_contacts::store;
use db::Tx;
use identity::keys::{Mode, is_exempt};
use identity::universe::hub_cap;
use messaging::contacts;
use messaging::multi_contacts::context;
use model::{AccountId, Contact, ContactId, Cx, ProjectId, RuleId};
use model::{Refusal, Result};
use serde::Serialize;
use std::collections::BTreeSet;

/// Proposals in one answer: more than anybody decides about at once.
const MOST: usize = 100;

/// A contact that may be the same person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// The contact of the multi-contact that it coincides with.
    pub member_id: ContactId,
    /// The other contact.
    pub contact: Contact,
    /// Rule that proposes it.
    pub rule_id: RuleId,
    /// What coincides.
    pub field_values: Vec<SharedValue>,
}

/// Contacts that a rule proposes for this one or any other of its multi-contact, each once: for the contact asked about if it can be,
/// else for the oldest. What was refused for one of them is refused for the client.
///
/// # Errors
/// When the contact is not of this project.
pub async fn suggestions(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
) -> Result<Vec<Suggestion>> {
    contacts::get_in(tx, account, project, id).await?;
    let context = context::load(tx, account, project).await?;
    let mut members = store::same_group(tx, account, id).await?;
    // A stable sort: the others stay in their order.
    members.sort_by_key(|member| member != id);
    let mut passed: BTreeSet<ContactId> = members.iter().copied().collect();
    passed.extend(store::refused_with(tx, account, &members).await?);
    let values = store::usable_values_of(tx, account, &members).await?;
    let mut proposing: Vec<_> = context.rules.iter().filter(|r| r.enabled && r.mode == Mode::Suggest).collect();
    proposing.sort_by(|a, b| a.cmp_place(b));
    // Members share keys: each is looked up once, for the first who has it.
    let mut looked_up = BTreeSet::new();
    let mut found = Vec::new();
    for member in &members {
        let Some(values) = values.get(member) else { continue };
        let keys = messaging::multi_contacts::keys::keys_of(&context, values);
        for rule in &proposing {
            for key in keys.iter().filter(|key| key.rule == rule.key) {
                if !looked_up.insert(key.clone()) {
                    continue;
                }
                let cap = hub_cap(rule, is_exempt(rule, key, &context.allowed), context.limits).map_or(50, i64::from);
                let holders = store::holders(tx, account, key, cap + 1).await?;
                if holders.len() > usize::try_from(cap).unwrap_or(usize::MAX) {
                    continue;
                }
                let values = rule.key_fields().into_iter().zip(key.values());
                let field_values: Vec<_> = values
                    .map(|(field, value)| SharedValue { field: field.to_owned(), value: value.to_owned() })
                    .collect();
                for other in holders {
                    if found.len() == MOST {
                        return Ok(found);
                    }
                    if !passed.insert(other) {
                        continue;
                    }
                    found.push(Suggestion {
                        member_id: *member,
                        contact: contacts::get(tx, account, &other).await?,
                        rule_id: context.id_of(&rule.key),
                        field_values: field_values.clone(),
                    });
                }
            }
        }
    }
    Ok(found)
}

/// Remembers that two contacts are not the same person: the pair is not proposed again.
///
/// # Errors
/// When one of them is not of this project.
pub async fn refuse(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ContactId,
    other: &ContactId,
    by: Option<&str>,
) -> Result<()> {
    let (a, b) = pair(cx, project, id, other).await?;
    store::insert_refused(cx, &a, &b, by).await?;
    tell(cx, a, b).await
}

/// Forgets that, so that the pair is proposed again.
///
/// # Errors
/// When one of them is not of this project.
pub async fn unrefuse(cx: &mut Cx<'_>, project: &ProjectId, id: &ContactId, other: &ContactId) -> Result<()> {
    let (a, b) = pair(cx, project, id, other).await?;
    store::delete_refused(cx.tx, cx.account, &a, &b).await?;
    tell(cx, a, b).await
}

/// Two contacts of the project in the order in which pairs are kept.
async fn pair(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ContactId,
    other: &ContactId,
) -> Result<(ContactId, ContactId)> {
    for contact in [id, other] {
        contacts::get_in(cx.tx, cx.account, project, contact).await?;
    }
    if id == other {
        return Err(Refusal::invalid("other_id", "self_link", "a contact cannot be compared with itself"));
    }
    Ok((*id.min(other), *id.max(other)))
}

/// Colleagues who look at either of them see that it is decided.
async fn tell(cx: &mut Cx<'_>, a: ContactId, b: ContactId) -> Result<()> {
    for contact in [a, b] {
        contacts::tell(cx, &contact).await?;
    }
    Ok(())
}
