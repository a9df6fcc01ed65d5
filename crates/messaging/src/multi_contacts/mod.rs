//! Multi-contacts (R1-R16): the database-backed caller of the pure `identity` core. Contacts and conversations never move; only
//! `contacts.group_id` is derived, so every change can be taken back (multi-contacts.md section 2).

mod arrivals;
pub mod context;
mod decisions;
pub mod graph;
pub mod grouping;
pub mod keys;
pub mod log;
mod log_line;
pub mod overrides;
pub mod rules;
pub mod standing;
pub mod store;
pub mod survey;
pub mod whole;

pub use context::{ProjectSettings, settings};
pub use decisions::{Decisions, link, undo as undo_override, unlink};
pub use grouping::{Effect, Grouping};
pub use overrides::{Override, OverrideKind};
pub use rules::{Rule, RuleMode, list as list_rules};
pub use standing::{StandingOverride, standing as standing_overrides};
pub use store::regrouping;

use crate::Result;
use db::Tx;
use model::{AccountId, Cx, ProjectId};

/// How many contacts stand in another group than a computation from scratch gives: none, unless something is wrong. While rules are
/// being applied groups are behind their rules, so nothing can be said: none, too.
///
/// # Errors
/// When the storage fails.
pub async fn out_of_place(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<usize> {
    if regrouping::is_alive(tx, account, project).await? {
        return Ok(0);
    }
    let context = context::load(tx, account, project).await?;
    let whole = whole::Whole::compute(tx, account, project, &context, None).await?;
    Ok(whole.changed_blocks().iter().flat_map(whole::Block::contacts).count())
}

/// Computes every key and every group of a project anew: after a change of rules, and as the check that the incremental state is
/// right. Answers how many contacts changed their group.
///
/// # Errors
/// When the storage fails.
pub async fn rebuild(cx: &mut Cx<'_>, project: &ProjectId) -> Result<usize> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    grouping.rules_changed();
    Ok(grouping.finish(cx.tx).await?.effect.moved)
}
