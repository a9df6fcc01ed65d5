//! A list of phones, addresses and names into contacts: what a CSV becomes (section 1 of `mailings.md`).

use crate::store::people;
use messaging::contacts::written;
use model::{ContactId, Cx, ProjectId, Refusal, Result};
use serde::Serialize;
use std::collections::BTreeSet;

/// Values of one list at most.
pub const MOST: usize = 10_000;

/// What a list became.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingMatches)]
pub struct Matches {
    /// Contacts that were found, each once.
    pub contacts: Vec<Matched>,
    /// Rows of whom nobody is known.
    pub unmatched: Vec<Unmatched>,
}

/// A contact that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingMatch)]
pub struct Matched {
    /// Contact id.
    pub id: ContactId,
    /// Name, or the handle.
    pub name: String,
}

/// A row of whom nobody is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingUnmatched)]
pub struct Unmatched {
    /// Its number, from 1.
    pub row: usize,
    /// As it was given.
    pub value: String,
}

/// Finds whom a list means: by contact id, phone, e-mail address or `@name`, as people write them.
///
/// # Errors
/// `too_many`.
pub async fn find(cx: &mut Cx<'_>, project: &ProjectId, values: &[String]) -> Result<Matches> {
    if values.len() > MOST {
        return Err(Refusal::invalid("values", "too_many", format!("at most {MOST} rows at once")));
    }
    let meant = written::find(cx, project, values).await?;
    let mut matches = Matches::default();
    for (at, (value, ids)) in values.iter().zip(&meant).enumerate() {
        if ids.is_empty() && !value.trim().is_empty() {
            matches.unmatched.push(Unmatched { row: at + 1, value: value.clone() });
        }
    }
    let ids: BTreeSet<ContactId> = meant.into_iter().flatten().collect();
    let ids: Vec<ContactId> = ids.into_iter().collect();
    let mut named: Vec<(ContactId, String)> = people::names(cx.tx, cx.account, project, &ids).await?;
    named.sort_unstable();
    matches.contacts = named.into_iter().map(|(id, name)| Matched { id, name }).collect();
    Ok(matches)
}
