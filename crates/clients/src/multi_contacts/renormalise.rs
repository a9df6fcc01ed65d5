//! Values are compared by what a version of the normaliser made of them. A program that knows a newer version makes each project's
//! values anew, as a job (multi-contacts.md section 5).

use super::{norms, values};
use crate::multi_contacts::store;
use db::Tx;
use identity::normalise::NORM_VERSION;
use jobs::Job;
use jobs::project::{self as project_jobs, JobState};
use messaging::Messaging;
use messaging::multi_contacts::{Grouping, context};
use model::{Cx, Env};
use model::{Refusal, Result};
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
        let cx = &mut Cx::new(tx, env, account);
        project_jobs::start(cx, project, RENORMALISE, &Value::Null, None).await?;
        // Phones are looked for as they are compared.
        crate::fields::refresh_all(cx, project).await?;
    }
    Ok(outdated.len())
}

/// Contacts that are looked at one by one; for more of them everybody is regrouped.
const FEW: usize = 2_000;

/// The worker: what differs is found first, and changed in one transaction, so that nobody ever compares values of two versions.
///
/// # Errors
/// When the storage fails; then the job is tried again.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    let (service, job) = (&service, &job);
    let (_account, id) = (job.account_id, job.id);
    let found = service.read(&job.account_id, move |cx| {
        Box::pin(async move {
            let project = project_jobs::by_id(cx.tx, cx.account, &id).await?.project_id;
            let settings = context::settings(cx.tx, cx.account, &project).await?;
            let found = norms::outdated(cx.tx, cx.account, &project, &settings).await?;
            Ok::<_, Refusal>((project, settings, found))
        })
    });
    let (project, settings, found) = found.await?;
    let (env, account, id) = (service.env.clone(), job.account_id, job.id);
    let done = service.db.write_alone(job.account_id, move |tx| {
        Box::pin(async move {
            let mut grouping = Grouping::begin(tx, &env, &account, &project).await?;
            if context::settings(tx, &account, &project).await? != settings {
                return Err(Refusal::Db(db::DbError::other("the settings were changed meanwhile")));
            }
            let before = norms::change(tx, &account, &project, &settings, &found).await?;
            let has_other_states = values::compare_anew(tx, &account, &project).await?;
            if before.len() > FEW || has_other_states {
                grouping.rules_changed();
            } else {
                for (contact, before) in &before {
                    grouping.values_changed(tx, contact, before).await?;
                }
            }
            let effect = grouping.finish(tx).await?.effect;
            store::set_norm_version(tx, &account, &project, NORM_VERSION).await?;
            let result = json!(effect);
            project_jobs::end(&mut Cx::new(tx, &env, &account), &id, JobState::Done, Some(&result), None)
                .await
                .map(drop)
        })
    });
    done.await
}
