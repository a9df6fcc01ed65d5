//! Changes of what joins contacts, taken back.

use super::log::{self, Draft, Snapshot, check_newest, get, new_line};
use super::store;
use super::{apply_rules, values};
use jobs::project::ProjectJob;
use messaging::multi_contacts::log::{ChangeKind, record};
use messaging::multi_contacts::{Effect, overrides};
use model::{Cx, LogId, OverrideId, ProjectId, Refusal, Result};

/// What an undo did, or the job that does it.
#[derive(Debug)]
pub enum Undone {
    /// It is done.
    Now(Effect),
    /// Rules or settings change as a job (ADR 9).
    Job(Box<ProjectJob>),
}

/// Brings a decision by hand back that was just taken back, in its old place among the others.
///
/// # Errors
/// [`Refusal::Conflict`] when that was not the newest change of a decision, [`Refusal::NotFound`] when there never was one of this id.
pub async fn restore(cx: &mut Cx<'_>, project: &ProjectId, id: &OverrideId, by: Option<&str>) -> Result<()> {
    let newest = store::log::newest_decision(cx.tx, cx.account, project).await?;
    if let Some(line_id) = newest {
        let line = get(cx.tx, cx.account, project, &line_id).await?;
        let gone = match (&line.before, &line.after) {
            (Snapshot::Override { decision, .. }, Snapshot::Override { decision: None, .. }) => decision.as_ref(),
            _ => None,
        };
        if gone.is_some_and(|gone| gone.id == *id) {
            return undo(cx, project, &line_id, by).await.map(drop);
        }
    }
    let is_known = store::log::names(cx.tx, cx.account, project, id).await?;
    Err(if is_known { log::not_newest() } else { Refusal::NotFound })
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
        (before @ Snapshot::Override { .. }, after @ Snapshot::Override { .. }) => {
            if let Snapshot::Override { decision: Some(made), .. } = &after {
                overrides::undo_in(cx.tx, &mut draft.grouping, &made.id).await?;
            }
            if let Snapshot::Override { decision: Some(undone), .. } = &before {
                overrides::restore_in(cx.tx, &mut draft.grouping, undone).await?;
            }
            let effect = draft.grouping.finish(cx.tx).await?.effect;
            record(cx, project, new_line(ChangeKind::Undo, &(after, before), effect, by, None)?).await?;
            Ok(Undone::Now(effect))
        }
        (Snapshot::Override { .. }, Snapshot::Config(_)) => Err(Refusal::NotFound),
    }
}
