//! A whole list of rules put in place of the standing one, as a job that can be watched, beside live traffic (multi-contacts.md
//! section 5, ADR 9).

mod keys;
mod regroup;
mod steps;

use super::log::Effect;
use super::{NewRule, SettingsChange, rules};
use crate::jobs::Job;
use crate::project_jobs::{self, GoOn, ProjectJob};
use crate::{Messaging, MessagingError, Result};
use db::{Dialect, Tx};
use model::{AccountId, Env, JobId, LogId, ProjectId, RuleId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use steps::Changed;

/// Kind of the job.
pub const APPLY_RULES: &str = "apply_rules";

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
}

/// Checks the list and queues the job.
///
/// # Errors
/// When a rule could never work.
pub async fn start_apply(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    wanted: &Wanted,
    by: Option<&str>,
) -> Result<ProjectJob> {
    for (index, rule) in wanted.rules.iter().enumerate() {
        rules::check(tx, account, project, rule).await.map_err(|error| within(error, &format!("rules.{index}")))?;
    }
    let input = serde_json::to_value(wanted).map_err(|e| MessagingError::stored(&e))?;
    project_jobs::start(tx, env, account, project, APPLY_RULES, &input, by).await
}

fn within(error: MessagingError, path: &str) -> MessagingError {
    match error {
        MessagingError::Invalid(mut problems) => {
            for problem in &mut problems {
                problem.path = format!("{path}.{}", problem.path);
            }
            MessagingError::Invalid(problems)
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
    by: Option<String>,
}

/// The worker: keys of new rules beside live traffic, one step in which the rules change, groups beside live traffic.
///
/// # Errors
/// When the storage fails; then the job is tried again from where it stood.
pub(crate) async fn run(service: &Arc<Messaging>, job: &Job) -> Result<()> {
    let outcome = work(service, job).await;
    if outcome.as_ref().is_err_and(|error| !matches!(error, MessagingError::Db(_))) {
        steps::abandon(service, job).await?;
    }
    project_jobs::or_failed(service, job, outcome).await
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
