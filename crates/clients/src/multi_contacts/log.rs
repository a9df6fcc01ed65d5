//! What joins contacts as one whole, who changed it and what that did; the last change can be undone.

pub(super) use super::store::log::get;
pub use super::store::log::list;

use super::values::{Decided, State};
use super::{store, values};
use db::Tx;
use identity::keys::ValueSet;
use messaging::multi_contacts::context::Context;
use messaging::multi_contacts::rules as core_rules;
use messaging::multi_contacts::{
    Effect, Grouping, Override, ProjectSettings, Rule, context,
    log::ChangeKind,
    log::{NewLine, record},
};
use model::{AccountId, Cx, Env, LogId, ProjectId, Timestamp};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Everything an administrator decides about joining.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Config {
    /// Rules in order.
    pub rules: Vec<Rule>,
    /// Settings.
    pub settings: ProjectSettings,
    /// Blocked and allowed values.
    pub values: Vec<Decided>,
}

impl Config {
    /// Marks the state of rules and settings: what an administrator looks at before changing them.
    pub fn basis(&self) -> Result<String> {
        let text = serde_json::to_string(&(&self.rules, &self.settings)).map_err(|e| Refusal::stored(&e))?;
        let digest = Sha256::digest(text.as_bytes());
        Ok(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The values decided about otherwise in `after`; none when more than that differs.
    pub(super) fn values_changed_to(&self, after: &Self) -> Option<ValueSet> {
        if (&self.rules, &self.settings) != (&after.rules, &after.settings) {
            return None;
        }
        let states = |config: &Self| -> BTreeSet<(String, String, bool)> {
            let values = config.values.iter();
            values.map(|one| (one.field.clone(), one.norm.clone(), one.state == State::Blocked)).collect()
        };
        let changed = states(self).symmetric_difference(&states(after)).cloned().collect::<Vec<_>>();
        Some(changed.into_iter().map(|(field, norm, _)| (field, norm)).collect())
    }
}

/// One side of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Snapshot {
    /// Rules, settings and values.
    Config(Config),
    /// A decision by hand, or none.
    Override {
        /// The decision that stood.
        decision: Option<Override>,
        /// Older decisions about the same pairs that had given way to it.
        #[serde(default)]
        gave_way: Vec<Override>,
    },
}

/// A line of the log.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LogLine {
    /// Line id.
    pub id: LogId,
    /// What was changed.
    pub kind: ChangeKind,
    /// How it was.
    pub before: Snapshot,
    /// How it became.
    pub after: Snapshot,
    /// What that did.
    pub result: Effect,
    /// Why, in the words of who did it.
    pub note: Option<String>,
    /// User or key.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A change of what joins contacts, from the look at what stands to the line in the log.
pub struct Draft<'a> {
    pub(super) grouping: Grouping<'a>,
    context: Context,
    before: Config,
}

impl<'a> Draft<'a> {
    /// Takes the account's lock and notes what stands.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn begin(tx: &mut Tx, env: &'a Env, account: &'a AccountId, project: &'a ProjectId) -> Result<Self> {
        let mut grouping = Grouping::begin(tx, env, account, project).await?;
        let context = grouping.before_deciding(tx).await?;
        let before = config(tx, account, project).await?;
        Ok(Self { grouping, context, before })
    }

    /// Regroups whom the change touches and writes the line. A change that changed nothing leaves none.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn finish(
        mut self,
        tx: &mut Tx,
        kind: ChangeKind,
        by: Option<&str>,
        note: Option<&str>,
    ) -> Result<Effect> {
        let (env, account, project) = (self.grouping.env, self.grouping.account, self.grouping.project);
        let after = config(tx, account, project).await?;
        if after == self.before {
            return Ok(Effect::default());
        }
        match self.before.values_changed_to(&after) {
            Some(values) => self.grouping.values_decided(tx, &self.context, &values).await?,
            None => self.grouping.rules_changed(),
        }
        let effect = self.grouping.finish(tx).await?.effect;
        let sides = (Snapshot::Config(self.before), Snapshot::Config(after));
        record(&mut Cx::new(tx, env, account), project, new_line(kind, &sides, effect, by, note)?).await?;
        events::settings_changed(&mut Cx::new(tx, env, account), project, "multi-contact-rules").await?;
        Ok(effect)
    }
}

/// What joins contacts of a project now.
///
/// # Errors
/// When the storage fails.
pub async fn config(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Config> {
    Ok(Config {
        rules: core_rules::list(tx, account, project).await?,
        settings: context::settings(tx, account, project).await?,
        values: values::decided(tx, account, project).await?,
    })
}

/// Refuses a change that was made looking at other rules and settings than those that stand.
///
/// # Errors
/// [`Refusal::Conflict`] when they were changed since.
pub async fn check_basis(tx: &mut Tx, account: &AccountId, project: &ProjectId, basis: Option<&str>) -> Result<()> {
    let Some(basis) = basis else { return Ok(()) };
    if config(tx, account, project).await?.basis()? == basis {
        return Ok(());
    }
    let detail = "the rules or settings were changed since you looked at them: load them again".to_owned();
    Err(Refusal::Conflict { code: "outdated_preview", detail })
}

/// Writes a line about a set of changes, when rules, settings or decided values are not what they were `before`.
pub(super) async fn record_config(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    before: Config,
    effect: Effect,
    by: Option<&str>,
) -> Result<()> {
    let after = config(cx.tx, cx.account, project).await?;
    if after == before {
        return Ok(());
    }
    let kind = match (before.rules == after.rules, before.settings == after.settings) {
        (false, _) => ChangeKind::Rules,
        (true, false) => ChangeKind::Settings,
        (true, true) => ChangeKind::Value,
    };
    let sides = (Snapshot::Config(before), Snapshot::Config(after));
    record(cx, project, new_line(kind, &sides, effect, by, None)?).await?;
    events::settings_changed(cx, project, "multi-contact-rules").await
}

/// A line of the log with both sides of a change.
pub(super) fn new_line<'a>(
    kind: ChangeKind,
    (before, after): &(Snapshot, Snapshot),
    effect: Effect,
    by: Option<&'a str>,
    note: Option<&'a str>,
) -> Result<NewLine<'a>> {
    let json = |side: &Snapshot| serde_json::to_string(side).map_err(|e| Refusal::stored(&e));
    Ok(NewLine { kind, before: json(before)?, after: json(after)?, effect, by, note })
}

/// The lines that can be undone now: the newest change of rules, settings and values, and the newest decision by hand. Neither touches
/// what the other does.
///
/// # Errors
/// When the storage fails.
pub async fn undoable(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<LogId>> {
    let configuration = store::log::newest_configuration(tx, account, project).await?;
    let decision = store::log::newest_decision(tx, account, project).await?;
    Ok(configuration.into_iter().chain(decision).collect())
}

/// Refuses to undo any but the newest change of its sort.
pub(super) async fn check_newest(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &LogId) -> Result<()> {
    if undoable(tx, account, project).await?.contains(id) {
        return Ok(());
    }
    Err(not_newest())
}

/// Why a change is not undone.
pub(super) fn not_newest() -> Refusal {
    let detail = "only the last change can be undone: something was changed after this one".to_owned();
    Refusal::Conflict { code: "not_newest", detail }
}
