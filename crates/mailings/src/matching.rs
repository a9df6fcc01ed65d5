//! A list of phones, addresses and names into contacts: what a CSV becomes (section 1 of `mailings.md`).

use crate::store::people;
use identity::normalise::normalise;
use messaging::{fields, multi_contacts};
use model::{ContactId, Cx, FieldKind, ProjectId, Refusal, Result};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let norms = multi_contacts::settings(cx.tx, cx.account, project).await?.norms();
    let compared = |value: &str| -> BTreeSet<String> {
        let kinds = [identity::normalise::FieldKind::Phone, identity::normalise::FieldKind::Email];
        let read = kinds.map(|kind| normalise(kind, value, &norms).usable().map(str::to_owned));
        read.into_iter().flatten().collect()
    };
    let kinds = [FieldKind::Phone, FieldKind::Email];
    let keys = fields::all(cx.tx, cx.account, project).await?.into_iter().filter(|field| kinds.contains(&field.kind));
    let keys: Vec<String> = keys.map(|field| field.key).collect();
    let all: BTreeSet<String> = values.iter().flat_map(|value| compared(value)).collect();
    let mut by_text: HashMap<String, Vec<ContactId>> = HashMap::new();
    for (norm, id) in people::by_norms(cx.tx, cx.account, project, &keys, &all).await? {
        by_text.entry(norm).or_default().push(id);
    }
    let written: BTreeSet<String> = values.iter().map(|value| value.trim().to_owned()).collect();
    for (text, id) in people::by_names(cx.tx, cx.account, project, &written).await? {
        by_text.entry(text).or_default().push(id);
    }
    let mut found: BTreeMap<ContactId, ()> = BTreeMap::new();
    let mut matches = Matches::default();
    for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.trim().is_empty()) {
        let mut ids: Vec<ContactId> = value.trim().parse().ok().into_iter().collect();
        let texts = compared(value).into_iter().chain([value.trim().to_owned()]);
        ids.extend(texts.filter_map(|text| by_text.get(&text)).flatten());
        if ids.is_empty() {
            matches.unmatched.push(Unmatched { row: at + 1, value: value.clone() });
        }
        found.extend(ids.into_iter().map(|id| (id, ())));
    }
    let ids: Vec<ContactId> = found.into_keys().collect();
    let named: HashMap<ContactId, String> =
        people::names(cx.tx, cx.account, project, &ids).await?.into_iter().collect();
    for (at, value) in values.iter().enumerate() {
        // An id that is nobody's of this project.
        let id: Option<ContactId> = value.trim().parse().ok();
        if id.is_some_and(|id| !named.contains_key(&id)) {
            matches.unmatched.push(Unmatched { row: at + 1, value: value.clone() });
        }
    }
    matches.unmatched.sort_by_key(|row| row.row);
    let known = ids.into_iter().filter_map(|id| named.get(&id).map(|name| Matched { id, name: name.clone() }));
    matches.contacts = known.collect();
    Ok(matches)
}
