//! The identity of groups: which group of the new partition keeps which id (section 4 "Identity", ruling 29).

use crate::universe::{ContactNode, Id};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// A group of the new partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched<G, C> {
    /// The id it keeps; `None`: the caller hands out a new one (null in a preview).
    pub id: Option<G>,
    /// Members, as given.
    pub members: Vec<C>,
    /// Two or more members, and its id or members differ from before: belongs in the answer of a change set.
    pub is_changed: bool,
}

/// The answer of [`match_ids`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching<G, C> {
    /// The new groups in the order given.
    pub groups: Vec<Matched<G, C>>,
    /// Retired ids with where they lead; `None` if every member is gone.
    pub redirects: BTreeMap<G, Option<Redirect<C>>>,
    /// Ids that had two or more members and have no group of two or more now (ruling 29), sorted.
    pub dissolved: Vec<G>,
}

/// Where a retired id leads: to the group of its oldest living member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect<C> {
    /// That member.
    pub oldest: C,
    /// The index (in [`Matching::groups`]) of its group.
    pub group: usize,
}

impl<G, C> Matching<G, C> {
    /// Ids that no group has any more, each with the oldest of its living members.
    pub fn retired(&self) -> impl Iterator<Item = (&G, &C)> {
        self.redirects.iter().filter_map(|(id, to)| Some((id, &to.as_ref()?.oldest)))
    }
}

/// Indexes of an old group and a new component.
type Pair = (usize, usize);
/// Number of common members, and the oldest of them.
type Weight<'c, C> = (u32, (u64, &'c C));

/// Match the old groups with the new components: pairs by number of common members, largest first, each once; ties go to
/// the pair with the oldest common contact, then to the older identity.
///
/// `previous` holds every group that had a member among the contacts of `next` or among those deleted since, complete.
/// `next` lists members with their age. The order of `G` must be the order in which ids were handed out.
pub fn match_ids<G: Id, C: Id>(previous: &[(G, Vec<C>)], next: &[Vec<ContactNode<C>>]) -> Matching<G, C> {
    let mut place: HashMap<&C, (usize, u64)> = HashMap::new();
    for (at, members) in next.iter().enumerate() {
        for node in members {
            place.insert(&node.id, (at, node.created_seq));
        }
    }
    let mut pairs: HashMap<Pair, Weight<'_, C>> = HashMap::new();
    for (old, (_, members)) in previous.iter().enumerate() {
        for contact in members {
            let Some(&(new, age)) = place.get(contact) else { continue };
            let (common, oldest) = pairs.entry((old, new)).or_insert((0, (age, contact)));
            *common += 1;
            *oldest = (*oldest).min((age, contact));
        }
    }
    let mut ranked: Vec<_> = pairs.into_iter().collect();
    ranked.sort_by_key(|((old, new), (common, oldest))| (Reverse(*common), *oldest, &previous[*old].0, *new));
    let mut new_of_old: Vec<Option<usize>> = vec![None; previous.len()];
    let mut old_of_new: Vec<Option<usize>> = vec![None; next.len()];
    for ((old, new), _) in ranked {
        if new_of_old[old].is_none() && old_of_new[new].is_none() {
            new_of_old[old] = Some(new);
            old_of_new[new] = Some(old);
        }
    }
    let groups = next.iter().zip(&old_of_new).map(|(members, old)| matched(previous, members, *old)).collect();
    let mut redirects = BTreeMap::new();
    let mut dissolved = Vec::new();
    for ((id, members), new) in previous.iter().zip(&new_of_old) {
        if new.is_none() {
            let living = members.iter().filter_map(|c| place.get(c).map(|&(new, age)| (age, c, new)));
            let oldest = living.min();
            redirects.insert(id.clone(), oldest.map(|(_, c, group)| Redirect { oldest: c.clone(), group }));
        }
        let is_plural_now = new.is_some_and(|new| next[new].len() > 1);
        if members.len() > 1 && !is_plural_now {
            dissolved.push(id.clone());
        }
    }
    dissolved.sort();
    Matching { groups, redirects, dissolved }
}

fn matched<G: Id, C: Id>(previous: &[(G, Vec<C>)], members: &[ContactNode<C>], old: Option<usize>) -> Matched<G, C> {
    let ids: Vec<C> = members.iter().map(|node| node.id.clone()).collect();
    let is_same = old.is_some_and(|old| {
        let mut before: Vec<&C> = previous[old].1.iter().collect();
        let mut now: Vec<&C> = ids.iter().collect();
        before.sort();
        now.sort();
        before == now
    });
    let is_changed = ids.len() > 1 && !is_same;
    Matched { id: old.map(|old| previous[old].0.clone()), members: ids, is_changed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(groups: &[&[u32]]) -> Vec<Vec<ContactNode<u32>>> {
        let node = |&id: &u32| ContactNode { id, created_seq: u64::from(id) };
        groups.iter().map(|group| group.iter().map(node).collect()).collect()
    }

    fn ids(matching: &Matching<u32, u32>) -> Vec<Option<u32>> {
        matching.groups.iter().map(|group| group.id).collect()
    }

    #[test]
    fn the_larger_part_keeps_the_id() {
        let found = match_ids(&[(7, vec![1, 2, 3])], &next(&[&[1], &[2, 3]]));
        assert_eq!(ids(&found), [None, Some(7)]);
        assert!(found.groups[1].is_changed && !found.groups[0].is_changed);
        assert!(found.dissolved.is_empty() && found.redirects.is_empty());
    }

    #[test]
    fn equal_parts_go_by_the_oldest_contact() {
        let found = match_ids(&[(7, vec![1, 2, 3, 4])], &next(&[&[2, 3], &[1, 4]]));
        assert_eq!(ids(&found), [None, Some(7)]);
    }

    #[test]
    fn merged_groups_keep_the_larger_then_the_one_with_the_oldest_contact() {
        let found = match_ids(&[(5, vec![4]), (9, vec![1, 2])], &next(&[&[1, 2, 4]]));
        assert_eq!(ids(&found), [Some(9)]);
        assert_eq!(found.redirects, BTreeMap::from([(5, Some(Redirect { oldest: 4, group: 0 }))]));
        assert!(found.dissolved.is_empty(), "a lone contact's id does not dissolve");
        let found = match_ids(&[(5, vec![4]), (9, vec![1])], &next(&[&[1, 4]]));
        assert_eq!(ids(&found), [Some(9)]);
    }

    #[test]
    fn the_id_stays_with_a_lone_rest_and_is_dissolved() {
        let found = match_ids(&[(7, vec![1, 2])], &next(&[&[1], &[2]]));
        assert_eq!(ids(&found), [Some(7), None]);
        assert_eq!(found.dissolved, [7]);
    }

    #[test]
    fn each_id_is_used_once() {
        // 7 lost its larger part's competition: 8 takes {1,2,3,5}, 7 keeps {4}
        let found = match_ids(&[(7, vec![1, 4]), (8, vec![2, 3, 5])], &next(&[&[1, 2, 3, 5], &[4]]));
        assert_eq!(ids(&found), [Some(8), Some(7)]);
        assert_eq!(found.dissolved, [7]);
    }

    #[test]
    fn a_retired_id_follows_its_oldest_living_member() {
        let found = match_ids(&[(3, vec![1, 2]), (4, vec![5, 6, 7]), (9, vec![8])], &next(&[&[1, 2, 5, 6, 7]]));
        assert_eq!(ids(&found), [Some(4)]);
        assert_eq!(found.redirects, BTreeMap::from([(3, Some(Redirect { oldest: 1, group: 0 })), (9, None)]));
        assert_eq!(found.dissolved, [3]);
    }

    #[test]
    fn an_unchanged_group_is_not_in_the_answer() {
        let found = match_ids(&[(7, vec![2, 1])], &next(&[&[1, 2]]));
        assert!(!found.groups[0].is_changed);
    }
}
