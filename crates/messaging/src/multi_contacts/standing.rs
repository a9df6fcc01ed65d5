//! Which decisions by hand hold, and which gave way to a newer one about the same pair (rulings 27, ADR 19).

use super::{Override, OverrideKind, overrides, store};
use crate::Result;
use db::Tx;
use model::{AccountId, ContactId, GroupId, OverrideId, ProjectId};
use serde::Serialize;
use std::collections::BTreeMap;

/// A decision by hand as it stands among the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StandingOverride {
    /// What was decided.
    #[serde(flatten)]
    pub decision: Override,
    /// It has a say. One that has none waits: it is back when what it gave way to is undone.
    pub holds: bool,
    /// Those of `others` about whom it has none: a newer decision speaks of the pair, or of others whom links tie to the two.
    pub gave_way: Vec<ContactId>,
    /// The newest decision that it gave way to, if one is known.
    pub gave_way_to: Option<OverrideId>,
}

/// The project's decisions, newest first, each with what became of it.
///
/// # Errors
/// When the storage fails.
pub async fn standing(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<StandingOverride>> {
    let all = overrides::list(tx, account, project).await?;
    let mut named: Vec<ContactId> =
        all.iter().flat_map(|one| one.others.iter().copied().chain([one.subject])).collect();
    named.sort_unstable();
    named.dedup();
    let briefs = store::briefs(tx, account, project, &named).await?;
    let groups = briefs.into_iter().map(|(id, _, group)| (id, group)).collect();
    Ok(all.iter().map(|one| stands(one, &all, &groups)).collect())
}

/// What gave way to a decision: that had a say before, and has less of one since.
pub fn gave_way_to(id: &OverrideId, before: &[StandingOverride], after: &[StandingOverride]) -> Vec<Override> {
    let has_less = |now: &&StandingOverride| {
        let was = before.iter().find(|was| was.decision.id == now.decision.id);
        now.gave_way_to == Some(*id)
            && was.is_some_and(|was| now.gave_way.iter().any(|other| !was.gave_way.contains(other)))
    };
    after.iter().filter(has_less).map(|now| now.decision.clone()).collect()
}

/// `all` is newest first.
fn stands(one: &Override, all: &[Override], groups: &BTreeMap<ContactId, GroupId>) -> StandingOverride {
    let newer = || all.iter().filter(|other| other.created_seq > one.created_seq);
    let mut causes: Vec<&Override> = Vec::new();
    let mut gave_way = Vec::new();
    for other in &one.others {
        let later = newer().find(|decision| decision.speaks_of(&one.subject, other));
        let here = (groups.get(&one.subject), groups.get(other));
        let are_together = matches!(here, (Some(a), Some(b)) if a == b);
        let are_known = here.0.is_some() && here.1.is_some();
        let is_undone = match one.kind {
            OverrideKind::Unlink => are_together,
            // An older link gives way where it would lead to somebody whom its end was parted from since.
            OverrideKind::Link => are_known && !are_together,
        };
        if later.is_none() && !is_undone {
            continue;
        }
        gave_way.push(*other);
        // Without a word about this very pair it was a decision somewhere between the two.
        let is_near = |id: &ContactId| *id == one.subject || id == other || groups.get(id) == here.0;
        let between = || newer().find(|decision| decision.kind != one.kind && is_near(&decision.subject));
        causes.extend(later.or_else(between));
    }
    // Decisions about the deleted are inert; they take no part in whether the rest holds.
    let holds = one.others.iter().any(|other| groups.contains_key(other) && !gave_way.contains(other));
    let is_inert = !one.others.iter().any(|other| groups.contains_key(other)) || !groups.contains_key(&one.subject);
    StandingOverride {
        decision: one.clone(),
        holds: holds || is_inert,
        gave_way,
        gave_way_to: causes.into_iter().max_by_key(|cause| cause.created_seq).map(|cause| cause.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Timestamp;

    const A: ContactId = ContactId::from_bits(1);
    const B: ContactId = ContactId::from_bits(2);
    const C: ContactId = ContactId::from_bits(3);

    fn decided(kind: OverrideKind, seq: u8, subject: ContactId, others: &[ContactId]) -> Override {
        Override {
            id: OverrideId::from_bits(seq.into()),
            kind,
            subject,
            others: others.to_vec(),
            created_seq: seq.into(),
            created_by: None,
            note: None,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn an_unlink_of_two_that_was_lifted_for_one_holds_for_the_other() {
        let link = decided(OverrideKind::Link, 1, A, &[B]);
        let unlink = decided(OverrideKind::Unlink, 2, B, &[A, C]);
        let again = decided(OverrideKind::Link, 3, B, &[A]);
        let all = [again.clone(), unlink.clone(), link.clone()];
        let groups = [(A, 1), (B, 1), (C, 2)].map(|(id, group)| (id, GroupId::from_bits(group))).into();
        let found = |one| stands(one, &all, &groups);
        assert!(found(&again).holds);
        let lifted = found(&unlink);
        assert_eq!((lifted.holds, lifted.gave_way, lifted.gave_way_to), (true, vec![A], Some(again.id)));
        let old = found(&link);
        assert_eq!((old.holds, old.gave_way_to), (false, Some(again.id)));
    }

    #[test]
    fn a_link_that_would_lead_to_somebody_parted_later_says_that_it_gave_way() {
        let (link, unlink) = (decided(OverrideKind::Link, 1, A, &[B]), decided(OverrideKind::Unlink, 2, A, &[C]));
        let all = [unlink.clone(), link.clone()];
        let groups = [(A, 1), (B, 2), (C, 2)].map(|(id, group)| (id, GroupId::from_bits(group))).into();
        let found = stands(&link, &all, &groups);
        assert_eq!((found.holds, found.gave_way, found.gave_way_to), (false, vec![B], Some(unlink.id)));
    }
}
