//! Multi-contacts (R1-R16): the database-backed caller of the pure `identity` core. Contacts and conversations never move; only
//! `contacts.group_id` is derived, so every change can be taken back (multi-contacts.md section 2).

mod changes;
mod context;
mod explain;
mod graph;
mod overrides;
mod preview;
mod rules;
mod store;
mod values;

pub use changes::{
    Answer, Change, ChangeRefused, ChangedGroup, ContactChange, RuleChange, SettingsChange, apply as apply_changes,
    field_values_of,
};
pub use context::{ProjectSettings, normalise, save_settings, settings};
pub use explain::{Link, LinkKind, SharedValue, Why, links_of, why};
pub use overrides::{Override, OverrideKind, link, list as list_overrides, undo as undo_override, unlink};
pub use preview::{Preview, preview};
pub use rules::{NewRule, Rule, RuleMode, delete as delete_rule, list as list_rules, save as save_rule};
pub use store::{joined_by, page};
pub use values::{State, ValueState, list as list_values, set as set_value_state, unset as unset_value_state};

use crate::Result;
use context::Context;
use db::Tx;
use graph::Dirty;
use identity::keys::RuleKey;
use model::{AccountId, ContactId, Env, GroupId, ProjectId};

/// Joins or splits groups after a contact's values changed.
///
/// # Errors
/// When the storage fails.
pub async fn values_changed(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
) -> Result<()> {
    let context = context::load(tx, account, project).await?;
    let dirty = rekey(tx, account, &context, id).await?;
    if !dirty.is_empty() {
        graph::regroup(tx, env, account, project, &context, dirty).await?;
    }
    Ok(())
}

/// Brings a contact's keys up to date with its values; who must be looked at because of it.
async fn rekey(tx: &mut Tx, account: &AccountId, context: &Context, id: &ContactId) -> Result<Dirty> {
    let values = store::usable_values(tx, account, id).await?;
    let before = store::keys_of(tx, account, id).await?;
    let after: Vec<RuleKey> =
        context.rules.iter().flat_map(|rule| identity::keys::rule_keys(rule, &values, &context.blocked)).collect();
    let (removed, added) = identity::dirty::diff_keys(&before, &after);
    let mut dirty = Dirty::default();
    if removed.is_empty() && added.is_empty() {
        return Ok(dirty);
    }
    dirty.contacts.insert(id.clone());
    for key in &removed {
        let degree = store::degree(tx, account, key).await?;
        store::delete_key(tx, account, key, id).await?;
        dirty.add_key(tx, account, context, key, degree, degree - 1).await?;
    }
    for key in &added {
        let degree = store::degree(tx, account, key).await?;
        store::insert_key(tx, account, key, id).await?;
        dirty.add_key(tx, account, context, key, degree, degree + 1).await?;
    }
    Ok(dirty)
}

/// Who must be looked at when a contact goes away: asked before it is deleted.
///
/// # Errors
/// When the storage fails.
pub async fn neighbours(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Leaving> {
    let mut contacts: Vec<ContactId> = store::same_group(tx, account, id).await?;
    for key in store::keys_of(tx, account, id).await? {
        contacts.extend(store::holders(tx, account, &key, store::MANY).await?);
    }
    let group = store::group_of(tx, account, id).await?;
    Ok(Leaving { id: id.clone(), group, contacts })
}

/// A contact about to be deleted and those it may have held together.
#[derive(Debug)]
pub struct Leaving {
    id: ContactId,
    group: Option<GroupId>,
    contacts: Vec<ContactId>,
}

/// Groups anew after a contact was deleted.
///
/// # Errors
/// When the storage fails.
pub async fn regroup(tx: &mut Tx, env: &Env, account: &AccountId, project: &ProjectId, leaving: Leaving) -> Result<()> {
    let context = context::load(tx, account, project).await?;
    let mut dirty = Dirty::default();
    dirty.contacts.extend(leaving.contacts.into_iter().filter(|c| *c != leaving.id));
    dirty.gone.extend(leaving.group.map(|group| (group, leaving.id)));
    graph::regroup(tx, env, account, project, &context, dirty).await?;
    Ok(())
}

/// Computes every key and every group of a project anew: after a change of rules, and as the check that the incremental state is
/// right. Answers how many contacts changed their group.
///
/// # Errors
/// When the storage fails.
pub async fn rebuild(tx: &mut Tx, env: &Env, account: &AccountId, project: &ProjectId) -> Result<usize> {
    crate::events::lock(tx, account).await?;
    let context = context::load(tx, account, project).await?;
    store::delete_all_keys(tx, account, project).await?;
    for (contact, values) in store::all_usable_values(tx, account, project).await? {
        for rule in &context.rules {
            for key in identity::keys::rule_keys(rule, &values, &context.blocked) {
                store::insert_key(tx, account, &key, &contact).await?;
            }
        }
    }
    Ok(graph::regroup_all(tx, env, account, project, &context).await?.changed)
}
