//! Contacts that people name in writing: by a phone, an address, a `@name` or an id, as they happen to write it.

use super::store;
use crate::{Result, fields, multi_contacts};
use identity::normalise::{FieldKind as Kind, normalise};
use model::{ContactId, Cx, FieldKind, ProjectId};
use std::collections::{BTreeSet, HashMap};

/// The contacts of a project that each of some texts means; none for one of whom nobody is known.
///
/// # Errors
/// When the storage fails.
pub async fn find(cx: &mut Cx<'_>, project: &ProjectId, texts: &[String]) -> Result<Vec<Vec<ContactId>>> {
    let norms = multi_contacts::settings(cx.tx, cx.account, project).await?.norms();
    let compared = |text: &str| -> BTreeSet<String> {
        let read = [Kind::Phone, Kind::Email].map(|kind| normalise(kind, text, &norms).usable().map(str::to_owned));
        read.into_iter().flatten().collect()
    };
    let of_kind = |kind: FieldKind| matches!(kind, FieldKind::Phone | FieldKind::Email);
    let all_fields = fields::all(cx.tx, cx.account, project).await?;
    let keys: Vec<String> = all_fields.into_iter().filter(|field| of_kind(field.kind)).map(|field| field.key).collect();
    let all: BTreeSet<String> = texts.iter().flat_map(|text| compared(text)).collect();
    let mut known: HashMap<String, Vec<ContactId>> = HashMap::new();
    for (norm, id) in store::written::by_norms(cx.tx, cx.account, project, &keys, &all).await? {
        known.entry(norm).or_default().push(id);
    }
    let names: BTreeSet<String> = texts.iter().flat_map(|text| names_of(text)).collect();
    for (name, id) in store::written::by_names(cx.tx, cx.account, project, &names).await? {
        known.entry(name).or_default().push(id);
    }
    let ids: Vec<ContactId> = texts.iter().filter_map(|text| text.trim().parse().ok()).collect();
    let ids: BTreeSet<ContactId> =
        store::written::of_project(cx.tx, cx.account, project, &ids).await?.into_iter().map(|(id,)| id).collect();
    let meant = |text: &String| {
        let mut found: BTreeSet<ContactId> =
            text.trim().parse().ok().filter(|id| ids.contains(id)).into_iter().collect();
        let written = compared(text).into_iter().chain(names_of(text));
        found.extend(written.filter_map(|text| known.get(&text)).flatten());
        found.into_iter().collect()
    };
    Ok(texts.iter().map(meant).collect())
}

/// As handles are kept: as it is written, and with the `@` that people leave out.
fn names_of(text: &str) -> Vec<String> {
    let text = text.trim();
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut names = vec![text.to_owned()];
    names.extend(is_name.then(|| format!("@{text}")));
    names
}
