//! Where a tag is named: a rename reaches clients, and these go on asking for the old word.

use super::store::{self, Found};
use db::Tx;
use messaging::tags::{self, key_of};
use model::{AccountId, Cx, ProjectId, Result, TagId};
use serde::Serialize;
use serde_json::Value;

/// Where a tag of the list is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TagUsage)]
pub struct Usage {
    /// Clients' contacts that have it.
    pub contacts: i64,
    /// Scenarios that give, take or ask for it, as they are edited.
    pub scenarios: Vec<Named>,
    /// Mailings that have not ended and ask for it.
    pub mailings: Vec<Named>,
    /// Segments that ask for it.
    pub segments: Vec<Named>,
    /// Auto-actions that give or ask for it.
    pub auto_actions: Vec<Named>,
    /// Views of the team that list by it.
    pub views: Vec<Named>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TagUser)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// Where a tag of the list is used.
///
/// # Errors
/// When there is none.
pub async fn usage(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId) -> Result<Usage> {
    let tag = tags::get(cx, project, id).await?.name;
    let (tx, account) = (&mut *cx.tx, cx.account);
    Ok(Usage {
        contacts: store::holders(tx, account, project, &tag).await?,
        scenarios: naming(store::scenarios(tx, account, project).await?, &tag),
        mailings: naming(store::mailings(tx, account, project).await?, &tag),
        segments: naming(store::segments(tx, account, project).await?, &tag),
        auto_actions: naming(store::auto_actions(tx, account, project).await?, &tag),
        views: naming(store::views(tx, account, project).await?, &tag),
    })
}

/// Segments that ask for a field.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn segments_with_field(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    key: &str,
) -> Result<Vec<Named>> {
    let found = store::segments(tx, account, project).await?.into_iter();
    Ok(found.filter(|(_, _, audience)| asks_for(audience, key)).map(|(id, name, _)| Named { id, name }).collect())
}

/// Whether a condition of an audience names a field.
fn asks_for(audience: &Value, key: &str) -> bool {
    match audience {
        Value::Array(items) => items.iter().any(|item| asks_for(item, key)),
        Value::Object(members) => {
            members.get("field").and_then(Value::as_str) == Some(key) || members.values().any(|one| asks_for(one, key))
        }
        _ => false,
    }
}

fn naming(found: Vec<Found>, tag: &str) -> Vec<Named> {
    let key = key_of(tag);
    let names = found.into_iter().filter(|(_, _, document)| is_named(document, &key, false));
    let called = |name: String, document: &Value| match name.is_empty() {
        true => document["title"].as_str().unwrap_or_default().to_owned(),
        false => name,
    };
    names.map(|(id, name, document)| Named { id, name: called(name, &document) }).collect()
}

/// Whether a document names a tag: a text that is the tag, where tags are spoken of. Documents are of several kinds, and in all of them a
/// place of tags is under a name with `tag`, or beside one that says so.
fn is_named(document: &Value, key: &str, of_tags: bool) -> bool {
    match document {
        Value::String(text) => of_tags && key_of(text.trim()) == key,
        Value::Array(items) => items.iter().any(|item| is_named(item, key, of_tags)),
        Value::Object(members) => {
            let says = |name: &str| members.get(name).and_then(Value::as_str).is_some_and(|word| word.contains("tag"));
            let of_tags = of_tags || says("type") || says("fact") || says("kind");
            members.iter().any(|(name, member)| is_named(member, key, of_tags || name.contains("tag")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_is_found_in_a_group_of_conditions_too() {
        let audience = json!({ "all": [{ "channel": "site" }, { "any": [{ "field": "city", "op": "is_filled" }] }] });
        assert!(asks_for(&audience, "city"));
        assert!(!asks_for(&audience, "is_filled") && !asks_for(&json!({ "all": [{ "tag": "city" }] }), "city"));
    }

    #[test]
    fn a_tag_is_found_wherever_tags_are_spoken_of() {
        let named = |document: Value| is_named(&document, &key_of("Опт"), false);
        assert!(named(json!({ "blocks": [{ "type": "tag", "settings": { "add": ["опт"], "remove": [] } }] })));
        assert!(named(json!({ "branches": [{ "all": [{ "tag": "ОПТ" }] }] })));
        assert!(named(json!({ "audience": { "all": [{ "any": [{ "tag": "Опт" }] }] } })));
        assert!(named(json!({ "conditions": { "all": [{ "fact": "tag", "op": "is", "value": "опт" }] } })));
        assert!(named(json!({ "actions": [{ "type": "set_tag", "tag": "Опт" }] })));
        assert!(named(json!({ "folder": "all", "tag": "Опт" })));
        assert!(!named(json!({ "blocks": [{ "type": "message", "settings": { "text": "Опт" } }] })), "a word, no tag");
        assert!(!named(json!({ "tag": "Оптовик" })));
    }
}
