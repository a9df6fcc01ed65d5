//! What operators decide by hand, each with its line in the log.

use super::{Grouping, log, overrides};
use crate::Result;
use model::{ContactId, Cx, OverrideId, ProjectId};

/// Says that two contacts are one client. Asking again changes nothing.
///
/// # Errors
/// When a contact is not of this project, or both are the same.
pub async fn link(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    a: &ContactId,
    b: &ContactId,
    by: Option<&str>,
    note: Option<&str>,
) -> Result<OverrideId> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let (id, made) = overrides::link_in(cx.tx, &mut grouping, a, b, by, note).await?;
    let effect = grouping.finish(cx.tx).await?.effect;
    if made.is_some() {
        log::record_override(cx, project, (None, made), effect, by).await?;
    }
    Ok(id)
}

/// Says that a contact is another client than the rest of its group.
///
/// # Errors
/// When it is alone, unless an unlink of it stands already.
pub async fn unlink(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    contact: &ContactId,
    by: Option<&str>,
    note: Option<&str>,
) -> Result<OverrideId> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let (id, made) = overrides::unlink_in(cx.tx, &mut grouping, contact, by, note).await?;
    let effect = grouping.finish(cx.tx).await?.effect;
    if made.is_some() {
        log::record_override(cx, project, (None, made), effect, by).await?;
    }
    Ok(id)
}

/// Takes a decision back.
///
/// # Errors
/// When there is none of this id in this project.
pub async fn undo(cx: &mut Cx<'_>, project: &ProjectId, id: &OverrideId, by: Option<&str>) -> Result<()> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let gone = overrides::undo_in(cx.tx, &mut grouping, id).await?;
    let effect = grouping.finish(cx.tx).await?.effect;
    log::record_override(cx, project, (Some(gone), None), effect, by).await
}
