//! Once a night every project's groups are computed anew and compared with those that stand (multi-contacts.md section 2). They should
//! never differ; where they do, it is said aloud and mended.

use crate::projects;
use messaging::{Messaging, multi_contacts};
use model::{AccountId, Cx, ProjectId, Refusal};
use std::sync::Arc;
use std::time::Duration;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// 01:30 UTC: night from Kaliningrad to Yekaterinburg, and before the working day further east.
const HOUR_MS: i64 = 90 * 60 * 1000;

/// Works until the process ends, or another node does it. Who begins within the hour does not know whether the node before it came to the
/// end, and looks at once: looking twice costs little.
pub(crate) async fn run(service: Arc<Messaging>) {
    let mut wait = until_first(service.env.now().0);
    loop {
        tokio::time::sleep(wait).await;
        wait = until_night(service.env.now().0);
        if let Err(error) = check(&service).await {
            tracing::warn!(error = %error, "the nightly check of multi-contacts failed, trying again tomorrow");
        }
    }
}

fn until_first(now_ms: i64) -> Duration {
    let since_night = (now_ms - HOUR_MS).rem_euclid(DAY_MS);
    if since_night < DAY_MS / 24 { Duration::ZERO } else { until_night(now_ms) }
}

fn until_night(now_ms: i64) -> Duration {
    let left = DAY_MS - (now_ms - HOUR_MS).rem_euclid(DAY_MS);
    Duration::from_millis(left.unsigned_abs())
}

/// Compares every project's groups with a computation from scratch; projects where contacts were found in a wrong group, with how many.
/// A project that cannot be looked at leaves the others theirs.
///
/// # Errors
/// When the storage fails before the first of them.
pub async fn check(service: &Messaging) -> Result<Vec<(ProjectId, usize)>, Refusal> {
    let mut wrong = Vec::new();
    for (account, project) in projects::all(&service.db).await? {
        match check_one(service, &account, &project).await {
            Ok(0) => {}
            Ok(found) => wrong.push((project, found)),
            Err(error) => {
                tracing::warn!(project.id = %project, error = %error, "the groups of a project could not be checked");
            }
        }
    }
    Ok(wrong)
}

async fn check_one(service: &Messaging, account: &AccountId, project: &ProjectId) -> Result<usize, Refusal> {
    let id = *project;
    let look = service
        .read(account, move |cx| Box::pin(async move { multi_contacts::out_of_place(cx.tx, cx.account, &id).await }));
    let found = look.await?;
    if found == 0 {
        return Ok(0);
    }
    tracing::error!(project.id = %project, contacts = found, "contacts stood in a wrong multi-contact: computed anew");
    let (env, owner, id) = (service.env.clone(), *account, *project);
    let mended = service.db.write_alone(account, move |tx| {
        Box::pin(async move { multi_contacts::rebuild(&mut Cx::new(tx, &env, &owner), &id).await })
    });
    mended.await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_takes_over_in_the_hour_of_the_check_does_it_at_once() {
        assert_eq!(until_first(HOUR_MS), Duration::ZERO);
        assert_eq!(until_first(HOUR_MS + DAY_MS / 24 - 1), Duration::ZERO);
        assert_eq!(until_first(HOUR_MS + DAY_MS / 24), until_night(HOUR_MS + DAY_MS / 24));
        assert_eq!(until_first(0), until_night(0));
    }

    #[test]
    fn the_check_waits_for_the_next_night() {
        assert_eq!(until_night(0), Duration::from_millis(HOUR_MS.unsigned_abs()));
        assert_eq!(until_night(HOUR_MS), Duration::from_millis(DAY_MS.unsigned_abs()), "not twice in one night");
        assert_eq!(until_night(HOUR_MS + 1), Duration::from_millis(DAY_MS.unsigned_abs() - 1));
    }
}
