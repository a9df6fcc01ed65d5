//! What joins contacts as one whole, who changed it and what that did; the last change can be undone.

use super::values;
use super::values::{Decided, State};
use db::{DbError, FromRow, Row, Tx, sql};
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

impl FromRow for LogLine {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        fn json<T: serde::de::DeserializeOwned>(text: &str) -> std::result::Result<T, DbError> {
            serde_json::from_str(text).map_err(|e| DbError::other(format!("multi-contact log: {e}")))
        }
        Ok(Self {
            id: LogId::from_stored(row.get(0)?),
            kind: ChangeKind::from_stored(row.text(1)?)?,
            before: json(&row.get::<String>(2)?)?,
            after: json(&row.get::<String>(3)?)?,
            result: json(&row.get::<String>(4)?)?,
            note: row.get(5)?,
            by: row.get(6)?,
            at: Timestamp(row.get(7)?),
        })
    }
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

/// Lines of a project's log, newest first, before a line.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    before: &str,
    limit: i64,
) -> Result<Vec<LogLine>> {
    let query = sql!(
        "SELECT id, kind, state_before, state_after, result, note, created_by, created_at FROM multi_contact_log
         WHERE account_id = $1 AND project_id = $2 AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4"
    );
    Ok(query.bind(account.as_str()).bind(project.as_str()).bind(before).bind(limit).all(tx).await?)
}

/// The lines that can be undone now: the newest change of rules, settings and values, and the newest decision by hand. Neither touches
/// what the other does.
///
/// # Errors
/// When the storage fails.
pub async fn undoable(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<LogId>> {
    // Only the newest few lines are read: an undo says of which sort it is by what it holds.
    let configuration = sql!(
        "SELECT id FROM multi_contact_log WHERE account_id = $1 AND project_id = $2
         AND (kind IN ('rules', 'settings', 'value') OR (kind = 'undo' AND state_before NOT LIKE '{\"of\":\"override\"%'))
         ORDER BY id DESC LIMIT 1"
    );
    let decisions = sql!(
        "SELECT id FROM multi_contact_log WHERE account_id = $1 AND project_id = $2
         AND (kind = 'override' OR (kind = 'undo' AND state_before LIKE '{\"of\":\"override\"%'))
         ORDER BY id DESC LIMIT 1"
    );
    let mut newest = Vec::new();
    for query in [configuration, decisions] {
        let found = query.bind(account.as_str()).bind(project.as_str()).optional::<(String,)>(tx).await?;
        newest.extend(found.map(|(id,)| LogId::from_stored(id)));
    }
    Ok(newest)
}

pub(super) async fn get(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &LogId) -> Result<LogLine> {
    let query = sql!(
        "SELECT id, kind, state_before, state_after, result, note, created_by, created_at FROM multi_contact_log
         WHERE account_id = $1 AND project_id = $2 AND id = $3"
    );
    let found = query.bind(account.as_str()).bind(project.as_str()).bind(id.as_str()).optional(tx).await?;
    found.ok_or(Refusal::NotFound)
}

/// Refuses to undo any but the newest change of its sort.
pub(super) async fn check_newest(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &LogId) -> Result<()> {
    if undoable(tx, account, project).await?.contains(id) {
        return Ok(());
    }
    let detail = "only the last change can be undone: something was changed after this one".to_owned();
    Err(Refusal::Conflict { code: "not_newest", detail })
}
