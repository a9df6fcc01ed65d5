//! Newcomers that join standing groups without a look at anybody else's keys (identity::arrival): most of what an import brings.

use super::keys::Newcomer;
use super::store;
use crate::Result;
use db::Tx;
use identity::arrival::{Joint, unions};
use identity::universe::ContactNode;
use model::{AccountId, ContactId, GroupId, ProjectId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the keys of newcomers do to the groups.
#[derive(Default)]
pub struct Joined {
    /// Standing groups that newcomers join, complete.
    pub before: BTreeMap<GroupId, Vec<ContactNode<ContactId>>>,
    /// Groups after, with newcomers and those that stood.
    pub components: Vec<Vec<ContactNode<ContactId>>>,
    /// Newcomers whose surroundings must be looked at after all.
    pub dirty: Vec<ContactId>,
}

/// Joins newcomers to the groups of those who held their keys before, as far as no guard has a say. Stored groups must be up to date.
pub async fn join(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    max_group: Option<u32>,
    newcomers: &[Newcomer],
    joints: Vec<Joint<ContactId, ContactId>>,
) -> Result<Joined> {
    let mut joined = Joined::default();
    if joints.is_empty() {
        return Ok(joined);
    }
    let holders: BTreeSet<&ContactId> = joints.iter().filter_map(|joint| joint.standing.as_ref()).collect();
    let holders: Vec<ContactId> = holders.into_iter().copied().collect();
    let briefs = store::briefs(tx, account, project, &holders).await?;
    let group_of: HashMap<ContactId, GroupId> = briefs.into_iter().map(|(id, _, group)| (id, group)).collect();
    let guarded = store::guarded_among(tx, account, &holders).await?;
    let guarded: BTreeSet<&GroupId> = guarded.iter().filter_map(|id| group_of.get(id)).collect();
    let groups: BTreeSet<&GroupId> = group_of.values().collect();
    let groups: Vec<GroupId> = groups.into_iter().copied().collect();
    let mut standing = store::members_of(tx, account, &groups).await?;

    let nodes: HashMap<&ContactId, ContactNode<ContactId>> = newcomers.iter().map(|new| (&new.id, node(new))).collect();
    let joints: Vec<Joint<ContactId, GroupId>> = joints.into_iter().map(|joint| by_group(joint, &group_of)).collect();
    for union in unions(&joints) {
        let size = |group: &GroupId| standing.get(group).map_or(0, Vec::len);
        let total = union.newcomers.len() + union.groups.iter().map(size).sum::<usize>();
        let is_too_large = max_group.is_some_and(|limit| total > limit as usize);
        if is_too_large || union.groups.iter().any(|group| guarded.contains(group)) {
            joined.dirty.extend(union.newcomers);
            continue;
        }
        let mut members = Vec::with_capacity(total);
        for group in union.groups {
            let Some(stood) = standing.remove(&group) else { continue };
            members.extend(stood.iter().cloned());
            joined.before.insert(group, stood);
        }
        members.extend(union.newcomers.iter().filter_map(|id| nodes.get(id).cloned()));
        members.sort_by(|a, b| (a.created_seq, &a.id).cmp(&(b.created_seq, &b.id)));
        joined.components.push(members);
    }
    Ok(joined)
}

fn node(newcomer: &Newcomer) -> ContactNode<ContactId> {
    ContactNode { id: newcomer.id, created_seq: u64::try_from(newcomer.seq).unwrap_or(0) }
}

fn by_group(joint: Joint<ContactId, ContactId>, group_of: &HashMap<ContactId, GroupId>) -> Joint<ContactId, GroupId> {
    let standing = joint.standing.and_then(|holder| group_of.get(&holder).copied());
    Joint { newcomers: joint.newcomers, standing }
}
