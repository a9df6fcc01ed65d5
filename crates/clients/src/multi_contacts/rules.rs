//! Rules, changed: added, edited, removed, and whole lists of them put in place of others (R15).

pub(super) use super::store::rules::{delete_row, leaving};

use super::store;
use db::Tx;
use messaging::fields;
use messaging::multi_contacts::rules as core;
use messaging::multi_contacts::{Rule, RuleMode};
use model::{AccountId, Cx, ProjectId, Refusal, Result, RuleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a rule is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// In a whole list of rules: the standing rule this one goes on from.
    pub id: Option<RuleId>,
    /// The caller's own key; made up when missing.
    pub key: Option<String>,
    /// Fields that must all coincide.
    pub fields: Vec<String>,
    /// Join, or only propose.
    #[serde(default)]
    pub mode: RuleMode,
    /// Works.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Takes verified values only.
    #[serde(default)]
    pub verified_only: bool,
    /// Its own limit instead of the project's.
    pub hub_limit: Option<u32>,
    /// Place in the list; at its end when missing.
    pub position: Option<i64>,
}

impl NewRule {
    /// Its fields, each once: a field named twice asks for nothing more.
    fn folded_fields(&self) -> Vec<String> {
        let mut fields: Vec<String> = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        fields
    }
}

fn yes() -> bool {
    true
}

/// Whether a wanted form of a rule makes the same keys.
pub(super) fn has_keys_of(rule: &Rule, wanted: &NewRule) -> bool {
    rule.fields == wanted.folded_fields() && rule.verified_only == wanted.verified_only
}

/// Refuses a list that goes on from a rule which does not stand in this project (security statement 2).
///
/// # Errors
/// When there is one.
pub async fn check_standing(tx: &mut Tx, account: &AccountId, project: &ProjectId, wanted: &[NewRule]) -> Result<()> {
    let standing = core::list(tx, account, project).await?;
    let is_unknown = |id: &RuleId| standing.iter().all(|rule| rule.id != *id);
    if wanted.iter().filter_map(|rule| rule.id.as_ref()).any(is_unknown) { Err(Refusal::NotFound) } else { Ok(()) }
}

/// Notes a rule that is to be, without any effect yet. Its own key may be another rule's until then.
pub(super) async fn prepare(cx: &mut Cx<'_>, project: &ProjectId, new: &NewRule) -> Result<RuleId> {
    let id = RuleId::new(cx.env.ids());
    let rule = Rule {
        key: id.to_string(),
        id,
        row: Some(id),
        fields: new.folded_fields(),
        mode: new.mode,
        enabled: false,
        verified_only: new.verified_only,
        hub_limit: new.hub_limit,
        position: 0,
    };
    write(cx.tx, cx.account, project, &rule).await?;
    store::rules::stage(cx.tx, cx.account, &id, "preparing").await?;
    Ok(id)
}

/// Takes a row out of the list; its keys go later, bit by bit.
async fn put_away(tx: &mut Tx, account: &AccountId, row: &RuleId) -> Result<()> {
    store::rules::take_out(tx, account, row).await?;
    store::rules::stage(tx, account, row, "leaving").await
}

/// Stores a new rule, or another form of the rule `id`. Groups are made anew by the caller.
///
/// # Errors
/// When it has no fields, an unknown one or one that cannot be compared, or its key is taken.
pub async fn save(cx: &mut Cx<'_>, project: &ProjectId, id: Option<&RuleId>, new: &NewRule) -> Result<Rule> {
    save_in(cx, project, (id, None), new).await
}

/// As [`save`], with the row that has its keys already.
async fn save_in(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    (id, row): (Option<&RuleId>, Option<&RuleId>),
    new: &NewRule,
) -> Result<Rule> {
    check(cx.tx, cx.account, project, new).await?;
    let rules = core::list(cx.tx, cx.account, project).await?;
    let id = id.copied().unwrap_or_else(|| RuleId::new(cx.env.ids()));
    let key = new.key.clone().unwrap_or_else(|| id.to_string());
    if rules.iter().any(|rule| rule.key == key && rule.id != id) {
        return Err(Refusal::invalid("key", "taken", "there is a rule with this key"));
    }
    let last = rules.iter().filter(|rule| rule.id != id).map(|rule| rule.position).max();
    let position = new.position.unwrap_or_else(|| last.map_or(0, |p| p + 1));
    let rule = Rule {
        id,
        row: row.copied(),
        key,
        fields: new.folded_fields(),
        mode: new.mode,
        enabled: new.enabled,
        verified_only: new.verified_only,
        hub_limit: new.hub_limit,
        position,
    };
    write(cx.tx, cx.account, project, &rule).await?;
    Ok(rule)
}

pub(super) async fn write(tx: &mut Tx, account: &AccountId, project: &ProjectId, rule: &Rule) -> Result<()> {
    let row = match &rule.row {
        Some(row) => *row,
        None => store::rules::row_of(tx, account, project, &rule.id).await?.unwrap_or(rule.id),
    };
    store::rules::write(tx, account, project, &row, rule).await
}

/// Refuses a rule that could never work.
///
/// # Errors
/// With the path of what is wrong.
pub(super) async fn check(tx: &mut Tx, account: &AccountId, project: &ProjectId, new: &NewRule) -> Result<()> {
    if new.fields.is_empty() {
        return Err(Refusal::invalid("fields", "empty", "a rule needs at least one field"));
    }
    if new.hub_limit.is_some_and(|limit| limit < 2) {
        return Err(Refusal::invalid(
            "hub_limit",
            "limit_too_small",
            "a limit is at least 2, or null for the project's",
        ));
    }
    if new.key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 100) {
        return Err(Refusal::invalid("key", "wrong_form", "1 to 100 characters"));
    }
    let known = fields::all(tx, account, project).await?;
    for key in &new.fields {
        let Some(field) = known.iter().find(|f| f.key == *key) else {
            return Err(Refusal::invalid("fields", "unknown_field", format!("there is no field {key}")));
        };
        if !fields::fits_rule(field.kind) {
            return Err(Refusal::invalid("fields", "not_for_rules", format!("field {key} cannot be compared")));
        }
    }
    Ok(())
}

/// Puts a whole list of rules in place of the standing ones, in the order given. A rule takes the row prepared for its place in the
/// list, if there is one; rules that are not in the list are put away, and so are rows that others take the place of.
///
/// # Errors
/// When one could never work, or names a rule that is not there.
pub(super) async fn replace_all(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    wanted: &[NewRule],
    prepared: &BTreeMap<usize, RuleId>,
    is_undo: bool,
) -> Result<()> {
    let standing = core::list(cx.tx, cx.account, project).await?;
    // An undo brings rules back that are gone, by their ids.
    if !is_undo {
        check_names(&standing, wanted)?;
    }
    for rule in standing.iter().filter(|s| !wanted.iter().any(|w| w.id.as_ref() == Some(&s.id))) {
        put_away(cx.tx, cx.account, rule.row()).await?;
    }
    for (index, (position, rule)) in (0i64..).zip(wanted).enumerate() {
        let kept = rule.id.as_ref().and_then(|id| standing.iter().find(|s| s.id == *id));
        let key = rule.key.clone().or_else(|| kept.map(|k| k.key.clone()));
        let position = if is_undo { rule.position } else { Some(position) };
        let new = NewRule { key, position, ..rule.clone() };
        let row = prepared.get(&index);
        if let (Some(kept), Some(_)) = (kept, row) {
            put_away(cx.tx, cx.account, kept.row()).await?;
        }
        save_in(cx, project, (rule.id.as_ref().or(row), row), &new).await?;
    }
    Ok(())
}

fn check_names(standing: &[Rule], wanted: &[NewRule]) -> Result<()> {
    for (index, rule) in wanted.iter().enumerate() {
        if let Some(id) = &rule.id
            && !standing.iter().any(|s| s.id == *id)
        {
            return Err(Refusal::invalid(&format!("rules.{index}.id"), "unknown_rule", "there is no such rule"));
        }
    }
    Ok(())
}

/// Removes a rule with its keys. Groups are made anew by the caller.
///
/// # Errors
/// When there is none in this project.
pub async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &RuleId) -> Result<()> {
    let row = store::rules::row_of(tx, account, project, id).await?.ok_or(Refusal::NotFound)?;
    delete_row(tx, account, &row).await
}
