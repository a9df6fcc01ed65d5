//! A project's rules and settings as the core takes them.

use super::{norms, store, values};
use crate::{Refusal, Result};
use db::{Tx, sql};
use identity::keys::{HubLimit, Mode, Rule, ValueSet};
use identity::normalise::{DEFAULT_PLACEHOLDERS, FieldKind as CoreKind, NormSettings, Normalised, Why};
use identity::universe::Limits;
use model::{AccountId, FieldKind, ProjectId, RuleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything the partition of a project depends on, besides contacts and overrides.
pub(super) struct Context {
    /// The core knows them by the rows of their keys.
    pub rules: Vec<Rule>,
    /// The ids that people know them by, by row.
    pub ids: BTreeMap<String, RuleId>,
    pub limits: Limits,
    pub blocked: ValueSet,
    pub allowed: ValueSet,
}

impl Context {
    /// The id that people know a rule by.
    pub fn id_of(&self, row: &str) -> RuleId {
        self.ids.get(row).cloned().unwrap_or_else(|| RuleId::from_stored(row.to_owned()))
    }
}

/// Multi-contact settings of a project (rulings 25, 33).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProjectSettings {
    /// Contacts that may share a value before it joins nobody; null for no limit.
    pub hub_limit: Option<u32>,
    /// Contacts in a multi-contact at most; null for no limit.
    pub max_group: Option<u32>,
    /// Region of phone numbers without a country.
    pub default_region: String,
    /// Values that mean "nothing".
    pub placeholders: Vec<String>,
}

impl ProjectSettings {
    /// What values are compared by: made once for many values.
    pub fn norms(&self) -> NormSettings {
        NormSettings::new(Some(&self.default_region), self.placeholders.iter().map(String::as_str))
    }
}

pub(super) async fn load(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Context> {
    let settings = settings(tx, account, project).await?;
    let mut rules = super::rules::list(tx, account, project).await?;
    let ids = rules.iter().map(|rule| (rule.row().to_string(), rule.id.clone())).collect();
    rules.extend(super::rules::preparing(tx, account, project).await?);
    let (blocked, allowed) = store::value_sets(tx, account, project).await?;
    let limits = Limits { hub_limit: settings.hub_limit, max_group: settings.max_group };
    Ok(Context { rules: rules.iter().map(core_rule).collect(), ids, limits, blocked, allowed })
}

pub(super) fn core_rule(rule: &super::Rule) -> Rule {
    Rule {
        key: rule.row().to_string(),
        fields: rule.fields.clone(),
        position: rule.position,
        enabled: rule.enabled,
        verified_only: rule.verified_only,
        mode: if rule.mode == super::RuleMode::AtOnce { Mode::AtOnce } else { Mode::Suggest },
        hub_limit: rule.hub_limit.map_or(HubLimit::Project, HubLimit::At),
    }
}

/// The project's settings.
///
/// # Errors
/// When there is no such project.
pub async fn settings(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<ProjectSettings> {
    let query = sql!(
        "SELECT hub_limit, max_group, default_region, placeholders FROM projects WHERE account_id = $1 AND id = $2"
    );
    type SettingsRow = (Option<i64>, Option<i64>, String, Option<String>);
    let row: Option<SettingsRow> = query.bind(account.as_str()).bind(project.as_str()).optional(tx).await?;
    let (hub_limit, max_group, default_region, placeholders) = row.ok_or(Refusal::NotFound)?;
    let limit = |value: Option<i64>| value.and_then(|v| u32::try_from(v).ok());
    let placeholders = match placeholders {
        Some(json) => serde_json::from_str(&json).map_err(|e| Refusal::stored(&e))?,
        None => DEFAULT_PLACEHOLDERS.iter().map(|&p| p.to_owned()).collect(),
    };
    Ok(ProjectSettings { hub_limit: limit(hub_limit), max_group: limit(max_group), default_region, placeholders })
}

/// Stores changed settings and what every value is compared by under them; the groups are made anew by the caller.
///
/// # Errors
/// For a limit below 2 or an unknown region.
pub async fn save_settings(tx: &mut Tx, account: &AccountId, project: &ProjectId, new: &ProjectSettings) -> Result<()> {
    store_settings(tx, account, project, new).await?;
    norms::make_anew(tx, account, project, new).await?;
    values::compare_anew(tx, account, project).await.map(drop)
}

/// Stores changed settings alone.
pub(super) async fn store_settings(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    new: &ProjectSettings,
) -> Result<()> {
    if [new.hub_limit, new.max_group].into_iter().flatten().any(|limit| limit < 2) {
        return Err(Refusal::invalid("settings", "limit_too_small", "a limit is at least 2, or null for none"));
    }
    if !NormSettings::knows_region(&new.default_region) {
        return Err(Refusal::invalid(
            "settings.default_region",
            "unknown_region",
            "two letters of a country, such as RU",
        ));
    }
    let placeholders = serde_json::to_string(&new.placeholders).map_err(|e| Refusal::stored(&e))?;
    let query = sql!(
        "UPDATE projects SET hub_limit = $3, max_group = $4, default_region = $5, placeholders = $6
         WHERE account_id = $1 AND id = $2"
    );
    query
        .bind(account.as_str())
        .bind(project.as_str())
        .bind(new.hub_limit)
        .bind(new.max_group)
        .bind(&new.default_region)
        .bind(placeholders)
        .execute(tx)
        .await?;
    Ok(())
}

/// The text of a value that is compared, or why it never matches.
pub fn normalise(kind: FieldKind, raw: &str, norms: &NormSettings) -> (Option<String>, Option<&'static str>) {
    match identity::normalise::normalise(core_kind(kind), raw, norms) {
        Normalised::Usable(norm) => (Some(norm), None),
        Normalised::Unusable(why) => (None, Some(why_word(why))),
    }
}

fn why_word(why: Why) -> &'static str {
    match why {
        Why::Empty => "empty",
        Why::Placeholder => "placeholder",
        Why::Invalid => "invalid",
        Why::Garbage => "garbage",
    }
}

/// The reason stored beside an unusable value.
pub(super) fn why_of(word: &str) -> Why {
    match word {
        "empty" => Why::Empty,
        "placeholder" => Why::Placeholder,
        "garbage" => Why::Garbage,
        _ => Why::Invalid,
    }
}

/// Whether a rule may use a field of this kind (rulings 31).
pub(super) fn fits_rule(kind: FieldKind) -> bool {
    core_kind(kind).fits_rule()
}

fn core_kind(kind: FieldKind) -> CoreKind {
    match kind {
        FieldKind::Text => CoreKind::Text,
        FieldKind::LongText => CoreKind::LongText,
        FieldKind::Number => CoreKind::Number,
        FieldKind::Date => CoreKind::Date,
        FieldKind::Datetime => CoreKind::DateTime,
        FieldKind::Bool => CoreKind::Bool,
        FieldKind::List => CoreKind::List,
        FieldKind::MultiList => CoreKind::MultiList,
        FieldKind::Phone => CoreKind::Phone,
        FieldKind::Email => CoreKind::Email,
        FieldKind::Link => CoreKind::Link,
        FieldKind::Id => CoreKind::Id,
    }
}
