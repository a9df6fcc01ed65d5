//! Multi-contacts as an administrator edits them: rules, settings, values and decisions, previewed, applied, explained and undone. The core
//! that runs inside a message's transaction is `messaging::multi_contacts`.

mod apply_rules;
mod brief;
mod changes;
mod conflicts;
mod exclusive;
mod explain;
mod log;
mod norms;
mod preview;
mod renormalise;
mod rules;
pub(crate) mod settings;
mod store;
mod suggestions;
mod undo;
mod values;

pub use apply_rules::{APPLY_RULES, UNDO_RULES, Wanted, run as run_apply, start_apply};
pub use brief::ContactBrief;
pub use changes::{
    Answer, Change, ChangeRefused, ChangedGroup, ContactChange, RuleChange, SettingsChange, apply as apply_changes,
};
pub use conflicts::{Conflict, conflicts};
pub use exclusive::ConflictSample;
pub use explain::{Link, LinkKind, SharedValue, Why, links_of, why};
pub use log::{Config, Draft, LogLine, Snapshot, check_basis, config, list as list_log, undoable};
pub use preview::{Preview, preview};
pub use renormalise::{RENORMALISE, queue_outdated, run as run_renormalise};
pub use rules::{NewRule, check_standing, delete as delete_rule, save as save_rule};
pub use settings::save as save_settings;
pub use store::{GroupFilter, current_id, joined_by, page};
pub use suggestions::{Suggestion, refuse, suggestions, unrefuse};
pub use undo::{Undone, restore as restore_override, undo as undo_change};
pub(crate) use values::forget_values_of;
pub use values::{
    Decided, Guard, State, ValueState, list as list_values, set as set_value_state, suspended as suspended_values,
    unset as unset_value_state,
};
