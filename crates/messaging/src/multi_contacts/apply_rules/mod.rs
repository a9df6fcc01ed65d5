//! A whole list of rules put in place of the standing one, as a job that can be watched (multi-contacts.md section 5).

use super::log::{ChangeKind, Draft, Effect};
use super::{NewRule, SettingsChange, context, rules};
use crate::jobs::Job;
use crate::project_jobs::{self, GoOn, JobState, Progress, ProjectJob};
use crate::{Messaging, MessagingError, Result};
use db::Tx;
use model::{AccountId, Env, ProjectId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

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

/// Puts the list in place and regroups everybody, in this transaction.
///
/// # Errors
/// When a rule could never work, or names one that is gone.
pub async fn apply_now(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    wanted: &Wanted,
    by: Option<&str>,
) -> Result<Effect> {
    let draft = Draft::begin(tx, env, account, project).await?;
    rules::replace_all(tx, env, account, project, &wanted.rules).await?;
    if let Some(change) = &wanted.settings {
        let settings = change.clone().over(context::settings(tx, account, project).await?);
        context::save_settings(tx, account, project, &settings).await?;
    }
    draft.finish(tx, ChangeKind::Rules, by, wanted.note.as_deref()).await
}

/// The worker.
///
/// # Errors
/// When the storage fails; then the job is tried again.
pub(crate) async fn run(service: &Arc<Messaging>, job: &Job) -> Result<()> {
    let (env, account, id) = (service.env.clone(), job.account_id.clone(), job.id.clone());
    let done = service.db.write(job.account_id.as_str(), move |tx| {
        Box::pin(async move {
            let asked = project_jobs::by_id(tx, &account, &id).await?;
            let go_on = project_jobs::report(tx, &env, &account, &id, Progress { done: 0, total: Some(1) }).await?;
            if go_on == GoOn::Cancelled {
                project_jobs::end(tx, &env, &account, &id, JobState::Cancelled, None, None).await?;
                return Ok(());
            }
            let wanted: Wanted = serde_json::from_value(asked.input).map_err(|e| MessagingError::stored(&e))?;
            let by = asked.created_by.as_deref();
            let effect = apply_now(tx, &env, &account, &asked.project_id, &wanted, by).await?;
            project_jobs::report(tx, &env, &account, &id, Progress { done: 1, total: Some(1) }).await?;
            project_jobs::end(tx, &env, &account, &id, JobState::Done, Some(&json!(effect)), None).await?;
            Ok::<_, MessagingError>(())
        })
    });
    project_jobs::or_failed(service, job, done.await).await
}
