//! A whole list of rules put in place of the standing one, as a job that can be watched, beside live traffic (multi-contacts.md
//! section 5, ADR 9).

mod keys;
mod regroup;
mod steps;

use super::log::{self, Config};
use super::values::Decided;
use super::{NewRule, SettingsChange};
use crate::multi_contacts::rules;
use db::{Dialect, Tx};
use jobs::Job;
use jobs::project::{self as project_jobs, GoOn, ProjectJob};
use messaging::Messaging;
use messaging::multi_contacts::Effect;
use messaging::multi_contacts::ProjectSettings;
use model::{AccountId, Cx, Env, JobId, LogId, ProjectId, RuleId};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use steps::Changed;

/// Kind of the job.
pub const APPLY_RULES: &str = "apply_rules";
/// Kind of a job that takes such a change back.
pub const UNDO_RULES: &str = "undo_rules";

/// What is wanted.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Every rule, in order.
    pub rules: Vec<NewRule>,
    /// Settings to change with them.
    #[serde(default)]
    pub settings: Option<SettingsChange>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// What the list of rules said it stands for when it was looked at: refused when something else stands by now.
    #[serde(default)]
    pub basis: Option<String>,
}

/// Checks the list and queues the job.
///
/// # Errors
/// When a rule could never work.
pub async fn start_apply(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    wanted: &Wanted,
    by: Option<&str>,
) -> Result<ProjectJob> {
    log::check_basis(cx.tx, cx.account, project, wanted.basis.as_deref()).await?;
    rules::check_standing(cx.tx, cx.account, project, &wanted.rules).await?;
    check_rules(cx.tx, cx.account, project, &wanted.rules).await?;
    let input = serde_json::to_value(wanted).map_err(|e| Refusal::stored(&e))?;
    project_jobs::start(cx, project, APPLY_RULES, &input, by).await
}

/// Queues the job that puts back what stood before a change.
pub(super) async fn start_undo(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    line: &LogId,
    before: &Config,
    by: Option<&str>,
) -> Result<ProjectJob> {
    check_rules(cx.tx, cx.account, project, &wanted_again(before).rules).await?;
    let input = serde_json::to_value(UndoInput { line: *line }).map_err(|e| Refusal::stored(&e))?;
    project_jobs::start(cx, project, UNDO_RULES, &input, by).await
}

async fn check_rules(tx: &mut Tx, account: &AccountId, project: &ProjectId, wanted: &[NewRule]) -> Result<()> {
    for (index, rule) in wanted.iter().enumerate() {
        rules::check(tx, account, project, rule).await.map_err(|error| within(error, &format!("rules.{index}")))?;
    }
    Ok(())
}

/// What a job that takes a change back is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct UndoInput {
    line: LogId,
}

/// What stands before a change, wanted again.
fn wanted_again(before: &Config) -> Wanted {
    let ProjectSettings { hub_limit, max_group, default_region, placeholders } = before.settings.clone();
    let settings = SettingsChange {
        hub_limit: Some(hub_limit),
        max_group: Some(max_group),
        default_region: Some(default_region),
        placeholders: Some(placeholders),
    };
    let rules = before.rules.iter().cloned().map(|rule| NewRule {
        id: Some(rule.id),
        key: Some(rule.key),
        fields: rule.fields,
        mode: rule.mode,
        enabled: rule.enabled,
        verified_only: rule.verified_only,
        hub_limit: rule.hub_limit,
        position: Some(rule.position),
    });
    Wanted { rules: rules.collect(), settings: Some(settings), note: None, basis: None }
}

fn within(error: Refusal, path: &str) -> Refusal {
    match error {
        Refusal::Invalid(mut problems) => {
            for problem in &mut problems {
                problem.path = format!("{path}.{}", problem.path);
            }
            Refusal::Invalid(problems)
        }
        other => other,
    }
}

/// Where a job stands, kept with its progress: a job that was killed goes on from here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stage {
    /// Prepared rows by the place of their rule in the list.
    prepared: BTreeMap<usize, RuleId>,
    /// The line of the log, once the new rules are in force.
    line: Option<LogId>,
    /// What was done so far.
    effect: Effect,
}

/// A job being worked on.
struct Run<'s> {
    service: &'s Arc<Messaging>,
    task: Task,
    stage: Stage,
}

impl Run<'_> {
    /// How much of a step of SQLite's one of this database may hold. On PostgreSQL each row costs more, and whoever writes a message
    /// waits for the account's lock meanwhile.
    fn size_of_step(&self, rows_on_sqlite: usize) -> usize {
        match self.service.db.dialect() {
            Dialect::Sqlite => rows_on_sqlite,
            Dialect::Postgres => rows_on_sqlite / 4,
        }
    }
}

/// What every step needs.
#[derive(Clone)]
struct Task {
    env: Env,
    account: AccountId,
    project: ProjectId,
    id: JobId,
    wanted: Arc<Wanted>,
    /// Set when a change is taken back.
    undo: Option<Arc<Undo>>,
    by: Option<String>,
}

/// A change that is taken back.
struct Undo {
    line: LogId,
    /// Decisions about values as they were before.
    values: Vec<Decided>,
}

/// The worker: keys of new rules beside live traffic, one step in which the rules change, groups beside live traffic.
///
/// # Errors
/// When the storage fails; then the job is tried again from where it stood.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    let outcome = work(&service, &job).await;
    if outcome.as_ref().is_err_and(|error| !matches!(error, Refusal::Db(_))) {
        steps::abandon(&service, &job).await?;
    }
    outcome
}

async fn work(service: &Arc<Messaging>, job: &Job) -> Result<()> {
    let Some((task, stage)) = steps::begin(service, job).await? else { return Ok(()) };
    let mut run = Run { service, task, stage };
    if run.stage.line.is_none() {
        if run.write_keys().await? == GoOn::Cancelled {
            return run.cancel().await;
        }
        match run.change_rules().await? {
            Changed::Yes => {}
            Changed::Nothing => return run.end().await,
            Changed::Cancelled => return run.cancel().await,
        }
    }
    run.regroup().await?;
    run.clear_away().await?;
    run.end().await
}
