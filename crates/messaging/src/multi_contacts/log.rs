//! What joins contacts as one whole, who changed it and what that did; the last change can be undone.

use super::context::Context;
use super::values::{Decided, State};
use super::{Grouping, Override, ProjectSettings, Rule, apply_rules, context, overrides, rules, values};
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, sql};
use identity::keys::ValueSet;
use jobs::project::ProjectJob;
use model::{AccountId, Cx, Env, LogId, ProjectId, Timestamp};
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

/// What a change did to the groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Effect {
    /// Contacts that changed their group.
    pub moved: usize,
    /// Groups made of several.
    pub merges: usize,
    /// Groups that fell apart.
    pub splits: usize,
}

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Rules, perhaps with settings.
    Rules,
    /// Settings.
    Settings,
    /// A value was blocked, allowed or neither.
    Value,
    /// A link or unlink by hand.
    Override,
    /// The change before was undone.
    Undo,
}

impl ChangeKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Settings => "settings",
            Self::Value => "value",
            Self::Override => "override",
            Self::Undo => "undo",
        }
    }
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
            kind: match row.get::<String>(1)?.as_str() {
                "rules" => ChangeKind::Rules,
                "settings" => ChangeKind::Settings,
                "value" => ChangeKind::Value,
                "override" => ChangeKind::Override,
                _ => ChangeKind::Undo,
            },
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
    grouping: Grouping<'a>,
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
        record(&mut Cx::new(tx, env, account), project, kind, &sides, effect, by, note).await?;
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
        rules: rules::list(tx, account, project).await?,
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
    record(cx, project, kind, &sides, effect, by, None).await?;
    events::settings_changed(cx, project, "multi-contact-rules").await
}

/// Writes a line about a decision by hand.
pub(super) async fn record_override(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    (before, after): (Option<Override>, Option<Override>),
    effect: Effect,
    by: Option<&str>,
) -> Result<()> {
    let note = after.as_ref().and_then(|decision| decision.note.clone());
    let sides = (Snapshot::Override { decision: before }, Snapshot::Override { decision: after });
    record(cx, project, ChangeKind::Override, &sides, effect, by, note.as_deref()).await.map(drop)
}

#[allow(clippy::too_many_arguments)] // One row, written once.
pub(super) async fn record(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    kind: ChangeKind,
    (before, after): &(Snapshot, Snapshot),
    effect: Effect,
    by: Option<&str>,
    note: Option<&str>,
) -> Result<LogId> {
    fn json(value: &impl Serialize) -> Result<String> {
        serde_json::to_string(value).map_err(|e| Refusal::stored(&e))
    }
    let id = LogId::new(cx.env.ids());
    sql!(
        "INSERT INTO multi_contact_log (account_id, id, project_id, kind, state_before, state_after, result, note, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(cx.account.as_str())
    .bind(id.as_str())
    .bind(project.as_str())
    .bind(kind.as_str())
    .bind(json(before)?)
    .bind(json(after)?)
    .bind(json(&effect)?)
    .bind(note)
    .bind(by)
    .bind(cx.env.now().0)
    .execute(cx.tx)
    .await?;
    Ok(id)
}

/// Writes what a change did in the end into its line.
pub(super) async fn set_result(tx: &mut Tx, account: &AccountId, line: &LogId, effect: Effect) -> Result<()> {
    let result = serde_json::to_string(&effect).map_err(|e| Refusal::stored(&e))?;
    let query = sql!("UPDATE multi_contact_log SET result = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(line.as_str()).bind(result).execute(tx).await?;
    Ok(())
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

/// What an undo did, or the job that does it.
#[derive(Debug)]
pub enum Undone {
    /// It is done.
    Now(Effect),
    /// Rules or settings change as a job (ADR 9).
    Job(Box<ProjectJob>),
}

/// Refuses to undo any but the newest change of its sort.
pub(super) async fn check_newest(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &LogId) -> Result<()> {
    if undoable(tx, account, project).await?.contains(id) {
        return Ok(());
    }
    let detail = "only the last change can be undone: something was changed after this one".to_owned();
    Err(Refusal::Conflict { code: "not_newest", detail })
}

/// Undoes the newest change of its sort. Undoing an undo brings the change back.
///
/// # Errors
/// [`Refusal::Conflict`] when the line is not the newest one.
pub async fn undo(cx: &mut Cx<'_>, project: &ProjectId, id: &LogId, by: Option<&str>) -> Result<Undone> {
    let mut draft = Draft::begin(cx.tx, cx.env, cx.account, project).await?;
    let line = get(cx.tx, cx.account, project, id).await?;
    check_newest(cx.tx, cx.account, project, id).await?;
    match (line.before, line.after) {
        (Snapshot::Config(before), Snapshot::Config(after)) if before.values_changed_to(&after).is_none() => {
            let job = apply_rules::start_undo(cx, project, id, &before, by).await?;
            Ok(Undone::Job(Box::new(job)))
        }
        (Snapshot::Config(before), _) => {
            values::replace(cx.tx, cx.account, project, &before.values).await?;
            draft.finish(cx.tx, ChangeKind::Undo, by, None).await.map(Undone::Now)
        }
        (Snapshot::Override { decision: before }, Snapshot::Override { decision: after }) => {
            if let Some(made) = &after {
                overrides::undo_in(cx.tx, &mut draft.grouping, &made.id).await?;
            }
            if let Some(undone) = &before {
                overrides::restore_in(cx.tx, &mut draft.grouping, undone).await?;
            }
            let effect = draft.grouping.finish(cx.tx).await?.effect;
            let sides = (Snapshot::Override { decision: after }, Snapshot::Override { decision: before });
            record(cx, project, ChangeKind::Undo, &sides, effect, by, None).await?;
            Ok(Undone::Now(effect))
        }
        (Snapshot::Override { .. }, Snapshot::Config(_)) => Err(Refusal::NotFound),
    }
}
