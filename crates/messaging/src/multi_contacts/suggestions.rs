//! Pairs that a rule of mode `suggest` proposes to the operator (rulings 37).

use super::explain::SharedValue;
use super::{context, store};
use crate::{MessagingError, Result, contacts};
use db::{Tx, sql};
use identity::keys::{Mode, is_exempt};
use identity::universe::hub_cap;
use model::{AccountId, Contact, ContactId, Env, ProjectId, RuleId};
use serde::Serialize;
use std::collections::BTreeSet;

/// A contact that may be the same person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    /// The other contact.
    pub contact: Contact,
    /// Rule that proposes it.
    pub rule_id: RuleId,
    /// What coincides.
    pub field_values: Vec<SharedValue>,
}

/// Contacts outside the group of this one that a rule proposes for it; refused pairs are left out.
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
    let mut passed: BTreeSet<ContactId> = store::same_group(tx, account, id).await?.into_iter().collect();
    passed.extend(refused_with(tx, account, id).await?);
    let mut found = Vec::new();
    let keys = super::keys::keys_of(&context, &store::usable_values(tx, account, id).await?);
    let mut proposing: Vec<_> = context.rules.iter().filter(|r| r.enabled && r.mode == Mode::Suggest).collect();
    proposing.sort_by(|a, b| a.cmp_place(b));
    for rule in proposing {
        for key in keys.iter().filter(|key| key.rule == rule.key) {
            let cap = hub_cap(rule, is_exempt(rule, key, &context.allowed), context.limits).map_or(50, i64::from);
            let holders = store::holders(tx, account, key, cap + 1).await?;
            if holders.len() > usize::try_from(cap).unwrap_or(usize::MAX) {
                continue;
            }
            for other in holders {
                if !passed.insert(other.clone()) {
                    continue;
                }
                let values = rule.key_fields().into_iter().zip(key.values());
                found.push(Suggestion {
                    contact: contacts::get(tx, account, &other).await?,
                    rule_id: context.id_of(&rule.key),
                    field_values: values
                        .map(|(field, value)| SharedValue { field: field.to_owned(), value: value.to_owned() })
                        .collect(),
                });
            }
        }
    }
    Ok(found)
}

async fn refused_with(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT CASE WHEN a = $2 THEN b ELSE a END FROM refused_pairs WHERE account_id = $1 AND (a = $2 OR b = $2)"
    );
    let rows = query.bind(account.as_str()).bind(id.as_str()).all::<(String,)>(tx).await?;
    Ok(rows.into_iter().map(|(other,)| ContactId::from_stored(other)).collect())
}

/// Remembers that two contacts are not the same person: the pair is not proposed again.
///
/// # Errors
/// When one of them is not of this project.
pub async fn refuse(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
    other: &ContactId,
    by: Option<&str>,
) -> Result<()> {
    for contact in [id, other] {
        contacts::get_in(tx, account, project, contact).await?;
    }
    if id == other {
        return Err(MessagingError::invalid("other_id", "self_link", "a contact cannot be compared with itself"));
    }
    let (a, b) = if id < other { (id, other) } else { (other, id) };
    let query = sql!(
        "INSERT INTO refused_pairs (account_id, a, b, refused_by, refused_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, a, b) DO NOTHING"
    );
    query.bind(account.as_str()).bind(a.as_str()).bind(b.as_str()).bind(by).bind(env.now().0).execute(tx).await?;
    Ok(())
}
