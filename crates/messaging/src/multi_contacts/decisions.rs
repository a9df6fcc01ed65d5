//! What operators decide by hand, each with its line in the log, which says what gave way.

use super::{Effect, Grouping, Override, StandingOverride, log, overrides, standing};
use crate::Result;
use db::Tx;
use model::{AccountId, ContactId, Cx, OverrideId, ProjectId};

/// Decisions about to be made or taken back in one change, from the look at what stands to their lines in the log.
#[derive(Default)]
pub struct Decisions {
    before: Vec<StandingOverride>,
    sides: Vec<(Option<Override>, Option<Override>)>,
}

impl Decisions {
    /// Notes what stands.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn begin(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Self> {
        Ok(Self { before: standing::standing(tx, account, project).await?, sides: Vec::new() })
    }

    /// A decision was made.
    pub fn made(&mut self, decision: Override) {
        self.sides.push((None, Some(decision)));
    }

    /// A decision was taken back.
    pub fn undone(&mut self, decision: Override) {
        self.sides.push((Some(decision), None));
    }

    /// Writes the lines, once the groups are made anew.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn record(self, cx: &mut Cx<'_>, project: &ProjectId, effect: Effect, by: Option<&str>) -> Result<()> {
        if self.sides.is_empty() {
            return Ok(());
        }
        let after = standing::standing(cx.tx, cx.account, project).await?;
        let side = |decision: Option<Override>, before: &[StandingOverride], after: &[StandingOverride]| {
            let gave_way = decision.as_ref().map(|one| standing::gave_way_to(&one.id, before, after));
            log::Side { decision, gave_way: gave_way.unwrap_or_default() }
        };
        for (undone, made) in self.sides {
            // What comes back is what had given way.
            let sides = (side(undone, &after, &self.before), side(made, &self.before, &after));
            log::record_override(cx, project, sides, effect, by).await?;
        }
        Ok(())
    }
}

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
    let mut decisions = Decisions::begin(cx.tx, cx.account, project).await?;
    let (id, made) = overrides::link_in(cx.tx, &mut grouping, a, b, by, note).await?;
    let effect = grouping.finish(cx.tx).await?.effect;
    made.into_iter().for_each(|made| decisions.made(made));
    decisions.record(cx, project, effect, by).await?;
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
    let mut decisions = Decisions::begin(cx.tx, cx.account, project).await?;
    let (id, made) = overrides::unlink_in(cx.tx, &mut grouping, contact, by, note).await?;
    let effect = grouping.finish(cx.tx).await?.effect;
    made.into_iter().for_each(|made| decisions.made(made));
    decisions.record(cx, project, effect, by).await?;
    Ok(id)
}

/// Takes a decision back.
///
/// # Errors
/// When there is none of this id in this project.
pub async fn undo(cx: &mut Cx<'_>, project: &ProjectId, id: &OverrideId, by: Option<&str>) -> Result<()> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let mut decisions = Decisions::begin(cx.tx, cx.account, project).await?;
    decisions.undone(overrides::undo_in(cx.tx, &mut grouping, id).await?);
    let effect = grouping.finish(cx.tx).await?.effect;
    decisions.record(cx, project, effect, by).await
}
