//! Values that an administrator blocked or allowed, and those the hub limit suspends (rulings 25, 26).

pub(super) use super::store::values::decided;

use super::{SharedValue, conflicts, log, store};
use db::Tx;
use messaging::fields;
use messaging::multi_contacts::Effect;
use messaging::multi_contacts::context;
use model::{AccountId, Cx, ProjectId, Timestamp, words};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A value with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ValueState {
    /// Field.
    pub field: String,
    /// Value.
    pub value: String,
    /// Live contacts that hold it.
    pub holders: i64,
    /// State.
    pub state: State,
    /// Field and value by themselves; several where a rule compares several fields.
    pub parts: Vec<SharedValue>,
    /// Which guard suspends it.
    pub guard: Option<Guard>,
}

impl ValueState {
    /// A key that joins nobody.
    pub(super) fn suspended(parts: Vec<SharedValue>, holders: i64, guard: Guard) -> Self {
        let joined = |of: fn(&SharedValue) -> &str| parts.iter().map(of).collect::<Vec<_>>().join(" · ");
        let (field, value) = (joined(|part| &part.field), joined(|part| &part.value));
        Self { field, value, holders, state: State::Suspended, parts, guard: Some(guard) }
    }
}

/// Guards that suspend a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// More contacts hold it than the hub limit.
    Hub,
    /// With it the group would be larger than the limit.
    Size,
}

/// States of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Over the hub limit: joins nobody for now.
    Suspended,
    /// Acts as empty.
    Blocked,
    /// Has no hub limit.
    Allowed,
}

words!(State { Suspended = "suspended", Blocked = "blocked", Allowed = "allowed" });

/// A value that an administrator decided about, with the text that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decided {
    /// Field.
    pub field: String,
    /// As it was given.
    pub value: String,
    /// As it is compared.
    pub norm: String,
    /// Blocked or allowed.
    pub state: State,
    /// User or key.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Timestamp,
}

/// Puts these decisions in place of the standing ones.
pub(super) async fn replace(tx: &mut Tx, account: &AccountId, project: &ProjectId, wanted: &[Decided]) -> Result<()> {
    store::values::clear(tx, account, project).await?;
    for decided in wanted {
        store::values::insert(tx, account, project, decided).await?;
    }
    Ok(())
}

/// Blocked, allowed and suspended values of a project.
///
/// # Errors
/// When the storage fails.
pub async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ValueState>> {
    let mut all = Vec::new();
    let decided = decided(tx, account, project).await?;
    let values = decided.iter().map(|one| (one.field.clone(), one.norm.clone())).collect();
    let holders = store::holders_of_values(tx, account, project, &values).await?;
    for Decided { field, value, norm, state, .. } in decided {
        let holders = holders.get(&(field.clone(), norm)).map_or(0, BTreeSet::len);
        let holders = i64::try_from(holders).unwrap_or(i64::MAX);
        let parts = vec![SharedValue { field: field.clone(), value: value.clone() }];
        all.push(ValueState { field, value, holders, state, parts, guard: None });
    }
    all.extend(suspended(tx, account, project).await?);
    all.extend(conflicts::cut_by_size(tx, account, project).await?);
    Ok(all)
}

/// Keys over the hub limit, as field and value; several fields are joined with a dot.
///
/// # Errors
/// When the storage fails.
pub async fn suspended(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ValueState>> {
    let context = context::load(tx, account, project).await?;
    let mut found = Vec::new();
    for rule in context.rules.iter().filter(|rule| rule.joins()) {
        let Some(limit) = rule.limit(context.limits.hub_limit) else { continue };
        for (text, holders) in store::values::keys_over(tx, account, &rule.key, limit).await? {
            let values = identity::keys::parse_key_text(&text).unwrap_or_default();
            let is_allowed = rule
                .key_fields()
                .iter()
                .zip(&values)
                .any(|(f, v)| context.allowed.contains(&((*f).to_owned(), (*v).to_owned())));
            if !is_allowed {
                let parts = rule.key_fields().into_iter().zip(&values);
                let parts =
                    parts.map(|(field, value)| SharedValue { field: field.to_owned(), value: (*value).to_owned() });
                found.push(ValueState::suspended(parts.collect(), holders, Guard::Hub));
            }
        }
    }
    Ok(found)
}

/// Blocks or allows a value in any spelling; what it is compared by. Groups are made anew by the caller.
///
/// # Errors
/// For an unknown field, or a value that cannot be compared.
pub async fn set(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    field: &str,
    value: &str,
    is_blocked: bool,
    by: Option<&str>,
) -> Result<String> {
    let decided = Decided {
        field: field.to_owned(),
        value: value.to_owned(),
        norm: norm_of(cx.tx, cx.account, project, field, value).await?,
        state: if is_blocked { State::Blocked } else { State::Allowed },
        set_by: by.map(str::to_owned),
        set_at: cx.env.now(),
    };
    store::values::insert(cx.tx, cx.account, project, &decided).await?;
    Ok(decided.norm)
}

/// Takes a block or an allowance back; what the value is compared by. Groups are made anew by the caller.
///
/// # Errors
/// For an unknown field, or a value that cannot be compared.
pub async fn unset(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    field: &str,
    value: &str,
    is_blocked: Option<bool>,
) -> Result<String> {
    // The field may be gone by now, and an undo have brought the decision back: then it is known by its text.
    let norm = match norm_of(tx, account, project, field, value).await {
        Err(Refusal::Invalid(_)) => norm_of_decision(tx, account, project, field, value).await?,
        found => found?,
    };
    let state = match is_blocked {
        Some(true) => "blocked",
        Some(false) => "allowed",
        None => "",
    };
    store::values::delete(tx, account, project, field, &norm, state).await?;
    Ok(norm)
}

/// Forgets what was decided about the values of a field that goes. No rule uses it, so no group changes.
///
/// # Errors
/// When the storage fails.
pub async fn forget_values_of(cx: &mut Cx<'_>, project: &ProjectId, field: &str, by: Option<&str>) -> Result<()> {
    let before = log::config(cx.tx, cx.account, project).await?;
    store::values::delete_of_field(cx.tx, cx.account, project, field).await?;
    log::record_config(cx, project, before, Effect::default(), by).await
}

/// Blocked and allowed values follow the settings: what they are compared by is made anew. Whether any of them changed. One that never
/// matches any more stays as it is, for the day it does again.
pub(super) async fn compare_anew(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let standing = decided(tx, account, project).await?;
    let mut wanted: Vec<Decided> = Vec::with_capacity(standing.len());
    for state in &standing {
        let norm = match norm_of(tx, account, project, &state.field, &state.value).await {
            Ok(norm) => norm,
            Err(Refusal::Invalid(_)) => state.norm.clone(),
            Err(error) => return Err(error),
        };
        // Two spellings may have become one.
        let is_same = |other: &Decided| (&other.field, &other.norm, other.state) == (&state.field, &norm, state.state);
        if !wanted.iter().any(is_same) {
            wanted.push(Decided { norm, ..state.clone() });
        }
    }
    let is_changed = wanted != standing;
    if is_changed {
        replace(tx, account, project, &wanted).await?;
    }
    Ok(is_changed)
}

/// What a value that was decided about is compared by; refused when nothing was.
async fn norm_of_decision(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    field: &str,
    value: &str,
) -> Result<String> {
    let decided = decided(tx, account, project).await?.into_iter();
    let found = decided.filter(|one| one.field == field).find(|one| one.value == value || one.norm == value);
    let unknown = || Refusal::invalid("value", "unusable", "nothing was decided about this value");
    found.map(|one| one.norm).ok_or_else(unknown)
}

async fn norm_of(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &str, value: &str) -> Result<String> {
    let known = fields::all(tx, account, project).await?;
    let unknown = || Refusal::invalid("field", "unknown_field", format!("there is no field {field}"));
    let field = known.iter().find(|f| f.key == field).ok_or_else(unknown)?;
    let settings = context::settings(tx, account, project).await?;
    let (norm, _) = fields::normalise(field.kind, value, &settings.norms());
    norm.ok_or_else(|| Refusal::invalid("value", "unusable", "this value never matches anyway"))
}
