//! A project's rules and settings as the core takes them.

use super::store;
use crate::{Refusal, Result};
use db::Tx;
use identity::keys::{HubLimit, Mode, Rule, ValueSet};
use identity::normalise::{DEFAULT_PLACEHOLDERS, NormSettings};
use identity::universe::Limits;
use model::{AccountId, ProjectId, RuleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything the partition of a project depends on, besides contacts and overrides.
pub struct Context {
    /// The core knows them by the rows of their keys.
    pub rules: Vec<Rule>,
    /// The ids that people know them by, by row.
    pub ids: BTreeMap<String, RuleId>,
    /// Guards.
    pub limits: Limits,
    /// Values that act as empty.
    pub blocked: ValueSet,
    /// Values without a hub limit.
    pub allowed: ValueSet,
}

impl Context {
    /// The id that people know a rule by.
    pub fn id_of(&self, row: &str) -> RuleId {
        let known = self.ids.get(row).copied();
        // A row is named by its own id.
        known.or_else(|| row.parse().ok()).unwrap_or(RuleId::from_bits(0))
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

/// Reads it.
///
/// # Errors
/// When there is no such project.
pub async fn load(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Context> {
    let settings = settings(tx, account, project).await?;
    let mut rules = super::rules::list(tx, account, project).await?;
    let ids = rules.iter().map(|rule| (rule.row().to_string(), rule.id)).collect();
    rules.extend(super::rules::preparing(tx, account, project).await?);
    let (blocked, allowed) = store::value_sets(tx, account, project).await?;
    let limits = Limits { hub_limit: settings.hub_limit, max_group: settings.max_group };
    Ok(Context { rules: rules.iter().map(core_rule).collect(), ids, limits, blocked, allowed })
}

/// A rule as the core takes it, known by the row of its keys.
pub fn core_rule(rule: &super::Rule) -> Rule {
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
    let row = store::settings(tx, account, project).await?;
    let (hub_limit, max_group, default_region, placeholders) = row.ok_or(Refusal::NotFound)?;
    let limit = |value: Option<i64>| value.and_then(|v| u32::try_from(v).ok());
    let placeholders = match placeholders {
        Some(json) => serde_json::from_str(&json).map_err(|e| Refusal::stored(&e))?,
        None => DEFAULT_PLACEHOLDERS.iter().map(|&p| p.to_owned()).collect(),
    };
    Ok(ProjectSettings { hub_limit: limit(hub_limit), max_group: limit(max_group), default_region, placeholders })
}
