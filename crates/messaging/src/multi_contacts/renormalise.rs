//! Values are compared by what a version of the normaliser made of them. A program that knows a newer version makes each project's
//! values anew, as a job (multi-contacts.md section 5).

use super::{Grouping, context, store};
use crate::jobs::Job;
use crate::project_jobs::{self, JobState};
use crate::{Messaging, Result};
use db::Tx;
use identity::normalise::NORM_VERSION;
use model::Env;
use serde_json::{Value, json};
use std::sync::Arc;

/// Kind of the job.
pub const RENORMALISE: &str = "renormalise";

/// Queues the job for every project whose values an older version made, unless it is queued already. Answers how many.
///
/// # Errors
/// When the storage fails.
pub async fn queue_outdated(tx: &mut Tx, env: &Env) -> Result<usize> {
    let outdated = store::projects_before_version(tx, NORM_VERSION).await?;
    for (account, project) in &outdated {
        project_jobs::start(tx, env, account, project, RENORMALISE, &Value::Null, None).await?;
    }
    Ok(outdated.len())
}

/// The worker: one transaction, so that nobody ever compares values of two versions.
///
/// # Errors
/// When the storage fails; then the job is tried again.
pub(crate) async fn run(service: &Arc<Messaging>, job: &Job) -> Result<()> {
    let (env, account, id) = (service.env.clone(), job.account_id.clone(), job.id.clone());
    let done = service.db.write_alone(job.account_id.as_str(), move |tx| {
        Box::pin(async move {
            let project = project_jobs::by_id(tx, &account, &id).await?.project_id;
            let mut grouping = Grouping::begin(tx, &env, &account, &project).await?;
            let norms = context::settings(tx, &account, &project).await?.norms();
            store::renormalise(tx, &account, &project, |kind, raw| context::normalise(kind, raw, &norms)).await?;
            grouping.rules_changed();
            let effect = grouping.finish(tx).await?.effect;
            store::set_norm_version(tx, &account, &project, NORM_VERSION).await?;
            let result = json!(effect);
            project_jobs::end(tx, &env, &account, &id, JobState::Done, Some(&result), None).await.map(drop)
        })
    });
    let outcome = done.await;
    project_jobs::or_failed(service, job, outcome).await
}
