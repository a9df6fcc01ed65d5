//! What a mailing is sent for: whom it brought there, looked for now and then for as long as its goal lasts. Only readings; what is found is
//! written in small pieces, so no message waits for it.

pub use crate::document::Goal;

use crate::audience::{Leaf, Op};
use crate::mailing::Row;
use crate::store::goals;
use db::Scope;
use messaging::Messaging;
use model::{GroupId, Result, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// So often it is looked at most; where much is looked through, seldomer.
const EVERY: Duration = Duration::from_secs(2);
/// Of the time at most one part in so many is spent looking.
const SHARE: u32 = 50;

/// When the next look is due after one that took so long.
pub fn pause_after(took: Duration) -> Duration {
    EVERY.max(took * SHARE)
}
/// Days a goal may last.
const MOST_DAYS: u32 = 90;
/// Rows of one transaction.
const PIECE: usize = 200;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl Goal {
    /// What is wrong with it.
    pub fn wrong(&self) -> Option<&'static str> {
        if !(1..=MOST_DAYS).contains(&self.within_days) {
            return Some("a goal lasts 1 to 90 days");
        }
        match (&self.field, &self.scenario_id, &self.block) {
            (Some(_), None, None) => {
                // An empty field, or one that is something else, was so before it was sent.
                let is_reached = |op: Op| !matches!(op, Op::IsEmpty | Op::IsNot | Op::NotContains | Op::NotIn);
                if !self.op.is_some_and(is_reached) {
                    return Some(
                        "a goal is a value that a field gets: is_filled, is, contains, starts_with, ends_with, at_least, at_most, below, in",
                    );
                }
                self.as_leaf().is_wrong().then_some("name the value")
            }
            (None, Some(_), Some(block)) if !block.trim().is_empty() && self.op.is_none() && self.value.is_none() => {
                None
            }
            _ => Some("a goal is a field with `op` and `value`, or a scenario with a block"),
        }
    }

    fn as_leaf(&self) -> Leaf {
        Leaf { field: self.field.clone(), op: self.op, value: self.value.clone(), ..Leaf::default() }
    }

    /// How long it lasts for one person, in milliseconds.
    pub fn lasts_ms(&self) -> i64 {
        i64::from(self.within_days) * DAY_MS
    }

    /// Whether a value is what it asks for.
    fn is_met_by(&self, value: &str) -> bool {
        self.as_leaf().is_met_by(value)
    }
}

/// Looks after everything whose goal lasts.
///
/// # Errors
/// When the storage fails.
pub async fn all(service: &Arc<Messaging>) -> Result<()> {
    let now = service.env.now();
    let found = service.db.read(Scope::System, move |tx| Box::pin(async move { goals::lasting(tx, now).await }));
    for mailing in found.await? {
        one(service, &mailing).await?;
    }
    Ok(())
}

async fn one(service: &Arc<Messaging>, mailing: &Row) -> Result<()> {
    let Some(goal) = mailing.document.goal.clone() else { return Ok(()) };
    let (id, project) = (mailing.id, mailing.project_id);
    let read = service.read(&mailing.account_id, move |cx| {
        Box::pin(async move {
            let mut reached: BTreeMap<GroupId, Timestamp> = BTreeMap::new();
            let found = match (&goal.field, &goal.scenario_id, &goal.block) {
                (Some(field), _, _) => {
                    let set = goals::values_set(cx.tx, cx.account, &id, field, goal.lasts_ms()).await?;
                    set.into_iter()
                        .filter(|(_, value, _)| goal.is_met_by(value))
                        .map(|(who, _, at)| (who, at))
                        .collect()
                }
                (None, Some(scenario), Some(block)) => {
                    goals::blocks_entered(cx.tx, cx.account, (&id, scenario, block), goal.lasts_ms()).await?
                }
                _ => Vec::new(),
            };
            for (who, at) in found {
                let first = reached.entry(who).or_insert(Timestamp(at));
                *first = (*first).min(Timestamp(at));
            }
            Ok::<_, model::Refusal>(reached.into_iter().collect::<Vec<_>>())
        })
    });
    let reached = read.await?;
    if reached.is_empty() {
        return Ok(());
    }
    for piece in reached.chunks(PIECE).map(<[_]>::to_vec) {
        let written = service
            .write(&mailing.account_id, move |cx| Box::pin(async move { goals::reached(cx, &id, &piece).await }));
        written.await?;
    }
    let told = service
        .write(&mailing.account_id, move |cx| Box::pin(async move { crate::use_cases::tell(cx, &project).await }));
    told.await
}
