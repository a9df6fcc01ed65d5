//! Client fields as an administrator edits them (R52-R57). Every edit takes the account's lock: two people at once lose nothing, and
//! nobody saves a rule with a field that goes meanwhile.

mod archive;
mod store;

pub use archive::{ArchivedField, REFRESH_SEARCH, archived, refresh_all, restore, run as run_refresh_search};

use crate::tags::{Named, segments_with_field};
use db::Tx;
use messaging::fields::{self, Field};
use messaging::multi_contacts::{self, Rule};
use model::{AccountId, Cx, FieldKind, Invalid, ProjectId, Refusal, Result};
use serde::{Deserialize, Serialize};

/// A field of the company's own, as it is asked for.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewField {
    /// 1 to 50 of `a-z 0-9 _`, beginning with a letter.
    key: String,
    title: String,
    kind: FieldKind,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    show_when_empty: bool,
    #[serde(default)]
    multi: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    exclusive: bool,
}

/// What is changed of a field; its key and kind stay.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateField {
    title: Option<String>,
    options: Option<Vec<String>>,
    show_when_empty: Option<bool>,
    multi: Option<bool>,
    required: Option<bool>,
    read_only: Option<bool>,
    exclusive: Option<bool>,
    hidden: Option<bool>,
}

/// Where a field is used: shown before it is deleted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Usage {
    /// Multi-contact rules that compare it.
    rules: Vec<Rule>,
    /// Segments that ask for it.
    segments: Vec<Named>,
    /// Values it holds.
    values: i64,
    /// Contacts that hold one.
    contacts: i64,
}

/// Adds a field at the end of the list.
///
/// # Errors
/// At `key`, `title` or `options`, or when the key is taken.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, new: NewField) -> Result<Field> {
    check_key(&new.key)?;
    check_title(&new.title)?;
    check_options(new.kind, &new.options)?;
    events::lock(cx.tx, cx.account).await?;
    let known = fields::all(cx.tx, cx.account, project).await?;
    if known.iter().any(|field| field.key == new.key) {
        return Err(Refusal::invalid("key", "taken", "there is a field with this key"));
    }
    let field = Field {
        key: new.key,
        title: new.title.trim().to_owned(),
        kind: new.kind,
        options: new.options,
        position: end_of(&known),
        show_when_empty: new.show_when_empty,
        multi: new.multi,
        required: new.required,
        read_only: new.read_only,
        exclusive: new.exclusive,
        built_in: false,
        hidden: false,
    };
    save(cx, project, &field).await?;
    Ok(field)
}

/// Changes a field.
///
/// # Errors
/// At `title` or `options`, or when there is no such field.
pub async fn update(cx: &mut Cx<'_>, project: &ProjectId, key: &str, change: UpdateField) -> Result<Field> {
    if let Some(title) = &change.title {
        check_title(title)?;
    }
    events::lock(cx.tx, cx.account).await?;
    let field = by_key(cx.tx, cx.account, project, key).await?;
    if let Some(options) = &change.options {
        check_options(field.kind, options)?;
    }
    let field = Field {
        title: change.title.map_or(field.title, |title| title.trim().to_owned()),
        options: change.options.unwrap_or(field.options),
        show_when_empty: change.show_when_empty.unwrap_or(field.show_when_empty),
        multi: change.multi.unwrap_or(field.multi),
        required: change.required.unwrap_or(field.required),
        read_only: change.read_only.unwrap_or(field.read_only),
        exclusive: change.exclusive.unwrap_or(field.exclusive),
        hidden: change.hidden.unwrap_or(field.hidden),
        ..field
    };
    save(cx, project, &field).await?;
    Ok(field)
}

/// Deletes an own field; it and its values go to the archive. A field that a rule uses stays.
///
/// # Errors
/// When there is no such field, it is built in, or a rule uses it.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, key: &str, by: Option<&str>) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let field = by_key(cx.tx, cx.account, project, key).await?;
    let conflict = |code, detail: &str| Err(Refusal::Conflict { code, detail: detail.to_owned() });
    if field.built_in {
        return conflict("built_in", "a built-in field can be hidden, not deleted");
    }
    if !rules_with(cx.tx, cx.account, project, &field).await?.is_empty() {
        return conflict("in_use", "a multi-contact rule uses this field: change the rule first");
    }
    archive::archive(cx, project, &field, by).await
}

/// Puts the fields in another order (R53): every key once.
///
/// # Errors
/// When a field is left out, named twice or not of this project.
pub async fn order(cx: &mut Cx<'_>, project: &ProjectId, keys: &[String]) -> Result<Vec<Field>> {
    events::lock(cx.tx, cx.account).await?;
    let mut ordered = fields::all(cx.tx, cx.account, project).await?;
    let place_of = |field: &Field| keys.iter().position(|key| *key == field.key);
    if keys.len() != ordered.len() || !ordered.iter().all(|field| place_of(field).is_some()) {
        return Err(Refusal::invalid("keys", "not_all", "name every field of the project once"));
    }
    ordered.sort_by_key(|field| place_of(field));
    for (position, field) in (0..).zip(&mut ordered) {
        field.position = position;
        fields::save(cx.tx, cx.account, project, field).await?;
    }
    events::settings_changed(cx, project, "fields").await?;
    Ok(ordered)
}

/// Where a field is used.
///
/// # Errors
/// When there is no such field.
pub async fn usage(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<Usage> {
    let field = by_key(tx, account, project, key).await?;
    let rules = rules_with(tx, account, project, &field).await?;
    let (values, contacts) = fields::count_values(tx, account, project, &field.key).await?;
    let segments = segments_with_field(tx, account, project, &field.key).await?;
    Ok(Usage { rules, segments, values, contacts })
}

async fn save(cx: &mut Cx<'_>, project: &ProjectId, field: &Field) -> Result<()> {
    fields::save(cx.tx, cx.account, project, field).await?;
    events::settings_changed(cx, project, "fields").await
}

async fn by_key(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<Field> {
    let known = fields::all(tx, account, project).await?;
    known.into_iter().find(|field| field.key == key).ok_or(Refusal::NotFound)
}

async fn rules_with(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &Field) -> Result<Vec<Rule>> {
    let mut rules = multi_contacts::list_rules(tx, account, project).await?;
    rules.retain(|rule| rule.fields.contains(&field.key));
    Ok(rules)
}

fn end_of(known: &[Field]) -> i64 {
    known.iter().map(|field| field.position + 1).max().unwrap_or(0)
}

fn check_options(kind: FieldKind, options: &[String]) -> Result<()> {
    fields::check_options(kind, options).map_err(refused)
}

fn check_key(key: &str) -> Result<()> {
    // `/fields/order` is where the order of all is put: a field of this name could not be changed or deleted.
    if key == "order" {
        return Err(Refusal::invalid("key", "reserved", "this key is taken by the API itself, try order_number"));
    }
    let starts_well = key.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let is_plain = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if starts_well && is_plain && key.len() <= 50 {
        return Ok(());
    }
    Err(Refusal::invalid("key", "wrong_form", "1 to 50 of a-z, 0-9 and _, beginning with a letter"))
}

fn check_title(title: &str) -> Result<()> {
    if (1..=80).contains(&title.trim().chars().count()) {
        return Ok(());
    }
    Err(Refusal::invalid("title", "wrong_form", "1 to 80 characters"))
}

fn refused(problem: Invalid) -> Refusal {
    Refusal::Invalid(vec![problem])
}
