//! Multi-contacts (R1-R16): the database-backed caller of the pure `identity` core. Contacts and conversations never move; only
//! `contacts.group_id` is derived, so every change can be taken back (multi-contacts.md section 2).

mod apply_rules;
mod arrivals;
mod brief;
mod changes;
mod conflicts;
mod context;
mod exclusive;
mod explain;
mod graph;
mod grouping;
mod keys;
mod log;
mod norms;
mod overrides;
mod preview;
mod regrouping;
mod renormalise;
mod rules;
mod store;
mod suggestions;
mod survey;
mod values;
mod whole;

pub(crate) use apply_rules::{APPLY_RULES, UNDO_RULES, run as run_apply};
pub use apply_rules::{Wanted, start_apply};
pub use brief::ContactBrief;
pub use changes::{
    Answer, Change, ChangeRefused, ChangedGroup, ContactChange, RuleChange, SettingsChange, apply as apply_changes,
    field_values_of,
};
pub use conflicts::{Conflict, conflicts};
pub use context::{ProjectSettings, normalise, save_settings, settings};
pub use exclusive::ConflictSample;
pub use explain::{Link, LinkKind, SharedValue, Why, links_of, why};
pub use log::{
    ChangeKind, Config, Draft, Effect, LogLine, Snapshot, Undone, check_basis, config, list as list_log,
    undo as undo_change, undoable,
};
pub use overrides::{Override, OverrideKind, link, list as list_overrides, undo as undo_override, unlink};
pub use preview::{Preview, preview};
pub use renormalise::{RENORMALISE, queue_outdated};
pub use rules::{NewRule, Rule, RuleMode, delete as delete_rule, list as list_rules, save as save_rule};
pub use store::{GroupFilter, current_id, joined_by, page};
pub use suggestions::{Suggestion, refuse, suggestions};
pub(crate) use values::forget_values_of;
pub use values::{
    Decided, Guard, State, ValueState, list as list_values, set as set_value_state, suspended as suspended_values,
    unset as unset_value_state,
};

pub(crate) use grouping::Grouping;
pub(crate) use renormalise::run as run_renormalise;

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
