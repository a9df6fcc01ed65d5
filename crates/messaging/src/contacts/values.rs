//! Values of a contact's fields: who said what, and which of them may match.

use super::held::Held;
use super::store::values::Compared;
use super::{history, search, store};
use crate::fields::{self, Field};
use crate::multi_contacts::Grouping;
use crate::{Refusal, Result, multi_contacts, scenario_runs};
use db::Tx;
use identity::keys::{Value, Values};
use identity::normalise::NormSettings;
use model::{AccountId, Contact, ContactId, Cx, FieldValue, ProjectId, Timestamp, ValueSource};
use std::collections::BTreeMap;

/// The field whose value is the contact's name.
const NAME: &str = "name";

/// Every value of a contact by field.
///
/// # Errors
/// When the storage fails.
pub async fn all_of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<BTreeMap<String, Vec<FieldValue>>> {
    let held = store::values::held(tx, account, id).await?;
    Ok(held.into_iter().map(|(field, held)| (field, held.told())).collect())
}

/// Values given for some fields; an empty list clears a field.
pub type Given = BTreeMap<String, Vec<String>>;

/// Who gives values.
#[derive(Debug, Clone)]
pub struct Giver {
    /// Kind of source.
    pub source: ValueSource,
    /// User or connection id.
    pub set_by: Option<String>,
    /// Whether the values are attested (rulings 35).
    pub is_verified: bool,
}

/// A project's fields and how their values compare, read once for many contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Fields.
    pub fields: Vec<Field>,
    pub(super) norms: NormSettings,
}

impl Known {
    /// Reads them.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn load(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Self> {
        Ok(Self {
            fields: fields::all(tx, account, project).await?,
            norms: multi_contacts::settings(tx, account, project).await?.norms(),
        })
    }

    /// The text that a value of a field is compared by, if it can match anything.
    pub(super) fn compared(&self, field: &str, value: &str) -> Option<String> {
        let field = self.fields.iter().find(|known| known.key == field)?;
        fields::normalise(field.kind, value, &self.norms).0
    }
}

/// Sets values of a contact and joins or splits multi-contacts accordingly. Answers the fields that changed.
///
/// A claim never overwrites a verified value or an operator's: in a field of several values it is added, else it is kept in the
/// history beside what stands (rulings 35). Any other giver replaces what stands.
///
/// # Errors
/// When a field is unknown or a value has the wrong form; then nothing is changed.
pub async fn set(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ContactId,
    given: &Given,
    giver: &Giver,
) -> Result<Vec<String>> {
    let changed = begin_with(cx, project, id, given, giver).await?;
    scenario_runs::field_changed(cx, project, id, &changed, giver.source).await?;
    Ok(changed)
}

/// As [`set`], for what a contact begins with: no change that a scenario waits for.
///
/// # Errors
/// As [`set`].
pub(crate) async fn begin_with(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ContactId,
    given: &Given,
    giver: &Giver,
) -> Result<Vec<String>> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let known = Known::load(cx.tx, cx.account, project).await?;
    let done = set_in(cx.tx, &mut grouping, &known, id, given, giver).await?;
    grouping.finish(cx.tx).await?;
    Ok(done.changed)
}

/// What became of given values.
#[derive(Debug, Default)]
pub struct Done {
    /// Fields that hold something else now.
    pub changed: Vec<String>,
    /// Fields whose stronger value stands: what was claimed is in their history.
    pub kept: Vec<String>,
}

/// As [`set`], within a change of more.
pub async fn set_in(
    tx: &mut Tx,
    grouping: &mut Grouping<'_>,
    known: &Known,
    id: &ContactId,
    given: &Given,
    giver: &Giver,
) -> Result<Done> {
    let (env, account) = (grouping.env, grouping.account);
    let wanted = checked(known, given)?;
    let mut standing = store::values::held(tx, account, id).await?;
    let mut done = Done::default();
    let mut usable_before = Values::new();
    for (field, values) in wanted {
        let before = standing.remove(&field.key).unwrap_or_default();
        if is_claim_beside(known, field, &before.shown, &values, giver) {
            history::keep_claim(&mut Cx::new(tx, env, account), id, &field.key, &values, giver).await?;
            done.kept.push(field.key.clone());
            continue;
        }
        let shown = merge(field, &before, values, giver, env.now(), &known.norms);
        if shown == before.shown {
            continue;
        }
        if done.changed.is_empty() {
            usable_before = grouping.values_of(tx, id).await?;
        }
        let after = before.with(field, shown, giver, &known.norms);
        history::keep(&mut Cx::new(tx, env, account), id, &field.key, (&before, &after), giver).await?;
        replace(tx, account, id, field, &after, &known.norms).await?;
        done.changed.push(field.key.clone());
    }
    if !done.changed.is_empty() {
        follow(tx, grouping, id, &done.changed, &usable_before).await?;
    }
    Ok(done)
}

/// Everything else follows values that changed.
async fn follow(
    tx: &mut Tx,
    grouping: &mut Grouping<'_>,
    id: &ContactId,
    changed: &[String],
    usable_before: &Values,
) -> Result<()> {
    let (env, account) = (grouping.env, grouping.account);
    // The name a channel gave was overwritten when this one was entered: the next message brings it back.
    if changed.iter().any(|key| key == NAME) {
        store::clear_name(tx, account, id).await?;
    }
    refresh_search(tx, account, id).await?;
    super::tell(&mut Cx::new(tx, env, account), id).await?;
    grouping.values_changed(tx, id, usable_before).await
}

/// Puts back what a field held before its last change, with who said so. `standing` is what that change made of it.
///
/// # Errors
/// [`Refusal::Conflict`] when something else stands there by now.
pub async fn undo(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ContactId,
    key: &str,
    standing: &[String],
    giver: &Giver,
) -> Result<()> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let known = Known::load(cx.tx, cx.account, project).await?;
    let field = known.fields.iter().find(|field| field.key == key).ok_or(Refusal::NotFound)?;
    let before = store::values::held(cx.tx, cx.account, id).await?.remove(key).unwrap_or_default();
    if !before.shown.iter().map(|value| &value.value).eq(standing) {
        let detail = "the field holds something else by now".to_owned();
        return Err(Refusal::Conflict { code: "changed_since", detail });
    }
    let after = history::before_last(cx.tx, cx.account, id, key, before.shown.is_empty()).await?;
    if after == before {
        return Ok(());
    }
    let usable_before = grouping.values_of(cx.tx, id).await?;
    history::keep(cx, id, key, (&before, &after), giver).await?;
    replace(cx.tx, cx.account, id, field, &after, &known.norms).await?;
    follow(cx.tx, &mut grouping, id, &[key.to_owned()], &usable_before).await?;
    grouping.finish(cx.tx).await.map(drop)
}

/// Whether a claim says something else than the stronger value that stands.
fn is_claim_beside(known: &Known, field: &Field, before: &[FieldValue], values: &[String], giver: &Giver) -> bool {
    if giver.is_verified || field.multi || !before.iter().any(is_strong) {
        return false;
    }
    let compared = |value: &str| fields::normalise(field.kind, value, &known.norms).0;
    let says = |standing: &FieldValue, value: &str| {
        standing.value == value || compared(value).is_some_and(|norm| compared(&standing.value) == Some(norm))
    };
    !values.iter().all(|value| before.iter().any(|standing| says(standing, value)))
}

/// A value that no claim overwrites (rulings 35). That it is none does not make it the word of somebody who cannot prove it.
pub(super) fn is_strong(value: &FieldValue) -> bool {
    value.verified || value.source == ValueSource::Operator || (value.unusable.is_some() && value.source.is_verified())
}

/// The values of a contact that has none yet.
pub fn first(known: &Known, given: &Given, giver: &Giver, now: Timestamp) -> Result<BTreeMap<String, Vec<FieldValue>>> {
    let wanted = checked(known, given)?.into_iter();
    let none = Held::default();
    let first =
        wanted.map(|(field, values)| (field.key.clone(), merge(field, &none, values, giver, now, &known.norms)));
    Ok(first.filter(|(_, values)| !values.is_empty()).collect())
}

fn compared(field: &Field, value: &FieldValue, norms: &NormSettings) -> Compared {
    let (norm, unusable) = fields::normalise(field.kind, &value.value, norms);
    Compared { norm, unusable }
}

/// What each value of known fields is compared by, in their order, and what of them can match.
pub fn compare(known: &Known, fields: &BTreeMap<String, Vec<FieldValue>>) -> (Vec<Compared>, Values) {
    let mut all = Vec::new();
    let mut usable = Values::new();
    for (key, values) in fields {
        let Some(field) = known.fields.iter().find(|field| field.key == *key) else { continue };
        for value in values {
            let compared = compared(field, value, &known.norms);
            if let Some(norm) = &compared.norm {
                let value = Value { norm: norm.clone(), verified: value.verified };
                usable.entry(key.clone()).or_default().push(value);
            }
            all.push(compared);
        }
    }
    (all, usable)
}

/// Writes the values of new contacts, without telling anybody.
pub(super) async fn insert_first(tx: &mut Tx, account: &AccountId, contacts: &[(&Contact, &[Compared])]) -> Result<()> {
    let mut rows = Vec::new();
    for (contact, compared) in contacts {
        let values =
            contact.fields.iter().flat_map(|(field, values)| (0..).zip(values).map(move |placed| (field, placed)));
        for ((field, (place, value)), compared) in values.zip(*compared) {
            rows.push(store::values::row_of(&contact.id, field, place, (value, false), compared));
        }
    }
    store::values::insert(tx, account, &rows).await
}

/// The values one by one: a cell may hold two numbers, where the field takes several.
fn apart(known: &Known, field: &Field, values: &[String]) -> Vec<String> {
    if !field.multi {
        return values.to_vec();
    }
    let several = |value: &String| fields::several(field.kind, value, &known.norms);
    values.iter().flat_map(several).collect()
}

fn checked<'k>(known: &'k Known, given: &Given) -> Result<Vec<(&'k Field, Vec<String>)>> {
    let mut problems = Vec::new();
    let mut wanted = Vec::new();
    for (key, values) in given {
        match known.fields.iter().find(|f| f.key == *key) {
            None => problems.push(crate::Invalid::new(
                &format!("fields.{key}"),
                "unknown_field",
                "there is no such field in this project",
            )),
            Some(field) => match fields::check_values(field, &apart(known, field, values)) {
                Ok(cleaned) => wanted.push((field, cleaned)),
                Err(problem) => problems.push(problem),
            },
        }
    }
    if problems.is_empty() { Ok(wanted) } else { Err(Refusal::Invalid(problems)) }
}

fn merge(
    field: &Field,
    held: &Held,
    values: Vec<String>,
    giver: &Giver,
    now: Timestamp,
    norms: &NormSettings,
) -> Vec<FieldValue> {
    let make = |value: String| {
        let unusable = fields::unusable(field.kind, &value, norms);
        FieldValue {
            value,
            // Nobody attests what is no value.
            verified: giver.is_verified && unusable.is_none(),
            source: giver.source,
            set_by: giver.set_by.clone(),
            set_at: now,
            unusable,
            still_compared: Vec::new(),
        }
    };
    let before = held.shown.as_slice();
    let is_claim = !giver.is_verified;
    if giver.source == ValueSource::IdentityToken && field.multi {
        // The site attests one number; others that are attested, too, stay true.
        let mut after: Vec<FieldValue> =
            before.iter().filter(|v| is_strong(v) && !values.contains(&v.value)).cloned().collect();
        after.extend(values.into_iter().map(|value| kept_or(held, make(value))));
        return after;
    }
    if !is_claim {
        return values.into_iter().map(|value| kept_or(held, make(value))).collect();
    }
    let strong: Vec<FieldValue> = before.iter().filter(|v| is_strong(v)).cloned().collect();
    if !strong.is_empty() && !field.multi {
        return before.to_vec();
    }
    let mut after = strong;
    for value in values {
        if !after.iter().any(|v| v.value == value) {
            after.push(kept_or(held, make(value)));
        }
    }
    after
}

/// The standing entry when it says the same and is at least as strong, so that a repeat changes nothing. One that stood behind an unusable
/// value is itself again.
fn kept_or(held: &Held, made: FieldValue) -> FieldValue {
    let is_as_strong = |v: &FieldValue| v.verified || (!made.verified && (is_strong(v) || !is_strong(&made)));
    let standing = held.all().find(|(v, _)| v.value == made.value && is_as_strong(v));
    standing.map_or(made, |(standing, _)| standing.clone())
}

async fn replace(
    tx: &mut Tx,
    account: &AccountId,
    id: &ContactId,
    field: &Field,
    held: &Held,
    norms: &NormSettings,
) -> Result<()> {
    store::values::clear(tx, account, id, &field.key).await?;
    let compared: Vec<_> = held.all().map(|(value, _)| compared(field, value, norms)).collect();
    let placed = (0..).zip(held.all()).zip(&compared);
    let rows: Vec<_> = placed
        .map(|((place, value), compared)| store::values::row_of(id, &field.key, place, value, compared))
        .collect();
    store::values::insert(tx, account, &rows).await
}

/// Name and search words of the contact row follow its values.
///
/// # Errors
/// When the storage fails.
pub async fn refresh_search(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<()> {
    let contact = super::get(tx, account, id).await?;
    let name = name_in(&contact.fields).or(contact.name);
    let norms = multi_contacts::settings(tx, account, &contact.project_id).await?.norms();
    let search = search::stored(name.as_deref(), &contact.handle, &contact.fields, &norms);
    store::set_name_and_search(tx, account, id, name.as_deref(), &search).await
}

/// The name that a contact's values give it.
pub(super) fn name_in(fields: &BTreeMap<String, Vec<FieldValue>>) -> Option<String> {
    fields.get(NAME).and_then(|values| values.first()).map(|value| value.value.clone())
}

/// Values by field from JSON: a text, number or yes/no, a list of them, or null.
///
/// # Errors
/// For an object or a nested list.
pub fn given_from_json(given: &BTreeMap<String, serde_json::Value>) -> Result<Given> {
    let one = |key: &str, value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Ok(text.clone()),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(Refusal::invalid(&format!("fields.{key}"), "wrong_form", "a text, a list of texts, or null")),
    };
    let mut all = Given::new();
    for (key, value) in given {
        let values = match value {
            serde_json::Value::Null => Vec::new(),
            serde_json::Value::Array(list) => list.iter().map(|v| one(key, v)).collect::<Result<Vec<_>>>()?,
            single => vec![one(key, single)?],
        };
        all.insert(key.clone(), values);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::FieldKind;

    fn value(text: &str, verified: bool, source: ValueSource) -> FieldValue {
        let (set_by, unusable, still_compared) = (None, None, Vec::new());
        FieldValue { value: text.into(), verified, source, set_by, set_at: Timestamp(1), unusable, still_compared }
    }

    fn merged(field: &Field, before: &[FieldValue], value: &str, source: ValueSource) -> Vec<FieldValue> {
        let held = Held { shown: before.to_vec(), behind: Vec::new() };
        merge(field, &held, vec![value.into()], &giver(source), Timestamp(2), &NormSettings::default())
    }

    fn giver(source: ValueSource) -> Giver {
        Giver { source, set_by: None, is_verified: source.is_verified() }
    }

    #[test]
    fn a_claim_is_added_beside_a_verified_phone_and_never_replaces_it() {
        let phone = Field::built_in_for_test("phone", FieldKind::Phone, true);
        let before = vec![value("+79125550142", true, ValueSource::Channel)];
        let after = merged(&phone, &before, "+79990000000", ValueSource::Javascript);
        assert_eq!(after.len(), 2);
        assert_eq!(after[0], before[0]);
        assert!(!after[1].verified);
    }

    #[test]
    fn a_claim_does_not_overwrite_an_operators_name() {
        let name = Field::built_in_for_test("name", FieldKind::Text, false);
        let before = vec![value("Марина", true, ValueSource::Operator)];
        let after = merged(&name, &before, "Мария", ValueSource::Javascript);
        assert_eq!(after, before);
    }

    #[test]
    fn an_operator_replaces_whatever_stands_and_a_repeat_changes_nothing() {
        let phone = Field::built_in_for_test("phone", FieldKind::Phone, true);
        let (one, two) = ("+79125550141", "+79125550142");
        let before = vec![value(one, false, ValueSource::Javascript), value(two, true, ValueSource::Channel)];
        let after = merged(&phone, &before, two, ValueSource::Operator);
        assert_eq!(after, vec![before[1].clone()]);
        assert_eq!(merged(&phone, &after, two, ValueSource::Operator), after);
    }

    #[test]
    fn nobody_verifies_a_value_that_is_none() {
        let phone = Field::built_in_for_test("phone", FieldKind::Phone, true);
        for source in [ValueSource::Operator, ValueSource::Api, ValueSource::IdentityToken, ValueSource::Channel] {
            let after = merged(&phone, &[], "12", source);
            assert_eq!((after[0].verified, after[0].unusable), (false, Some(model::Unusable::Invalid)), "{source:?}");
            assert_eq!(merged(&phone, &after, "12", source), after, "a repeat changes nothing");
        }
    }
}
