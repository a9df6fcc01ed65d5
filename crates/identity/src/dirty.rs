//! Which contacts are dirty after a change: the start of [`crate::closure::Closure`].
//!
//! Always dirty: every contact whose values, keys or life changed (deleted ones too, for their old group). Besides:
//!
//! - per key whose holders, limit, exemption or rule changed: [`dirt_of_key`];
//! - per override made or undone: [`dirt_of_decision`];
//! - `max_group` changed: one holder of each key suspended by size, and one member of each group larger than the smaller
//!   of the two limits;
//! - a rule added, removed, edited or switched: each of its old and new keys through [`dirt_of_key`].
//!
//! Everything is stated for the difference between the state before a whole change set and the state after it, but may
//! just as well be collected change by change: more dirty contacts never change the result.

use crate::keys::RuleKey;
use crate::universe::Decision;
use std::collections::BTreeSet;

/// A key before or after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// Live holders; 0 when the key does not exist.
    pub degree: u32,
    /// The hub limit in force ([`crate::universe::hub_cap`]).
    pub cap: Option<u32>,
    /// Its rule exists and joins ([`crate::keys::Rule::joins`]).
    pub joins: bool,
}

impl KeyState {
    /// A key that does not exist or whose rule does not join.
    pub const NONE: Self = Self { degree: 0, cap: None, joins: false };

    fn is_active(self) -> bool {
        self.joins && self.cap.is_none_or(|cap| self.degree <= cap)
    }
}

/// Who is dirty because of one key, besides the contacts that got or lost it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dirt {
    /// Nobody.
    Nobody,
    /// Any one contact that still holds it, if there is one: the others are reached through the key.
    OneHolder,
    /// All contacts that hold it now: it began or ceased to link them.
    AllHolders,
}

/// Who is dirty because of one changed key (section 4 step 2).
#[must_use]
pub fn dirt_of_key(before: KeyState, after: KeyState) -> Dirt {
    match (before.is_active(), after.is_active()) {
        (false, false) => Dirt::Nobody,
        (true, true) => Dirt::OneHolder,
        (true, false) | (false, true) => Dirt::AllHolders,
    }
}

/// Who is dirty because an override was made or undone.
pub fn dirt_of_decision<C: Clone>(decision: &Decision<C>) -> Vec<C> {
    match decision {
        Decision::Link { a, b } => vec![a.clone(), b.clone()],
        Decision::Unlink { subject, .. } => vec![subject.clone()],
    }
}

/// The keys a contact lost and got. Both empty: the values were only spelled anew, nothing happened (section 4 step 1).
#[must_use]
pub fn diff_keys(old: &[RuleKey], new: &[RuleKey]) -> (Vec<RuleKey>, Vec<RuleKey>) {
    let before: BTreeSet<&RuleKey> = old.iter().collect();
    let after: BTreeSet<&RuleKey> = new.iter().collect();
    let removed = before.difference(&after).map(|&key| key.clone()).collect();
    let added = after.difference(&before).map(|&key| key.clone()).collect();
    (removed, added)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(degree: u32) -> KeyState {
        KeyState { degree, cap: Some(3), joins: true }
    }

    #[test]
    fn crossing_the_limit_touches_every_holder() {
        assert_eq!(dirt_of_key(state(3), state(4)), Dirt::AllHolders);
        assert_eq!(dirt_of_key(state(4), state(3)), Dirt::AllHolders);
        assert_eq!(dirt_of_key(state(2), state(3)), Dirt::OneHolder);
        assert_eq!(dirt_of_key(state(5), state(4)), Dirt::Nobody);
        assert_eq!(dirt_of_key(state(5), KeyState { cap: None, ..state(5) }), Dirt::AllHolders);
        assert_eq!(dirt_of_key(state(2), KeyState::NONE), Dirt::AllHolders);
        assert_eq!(dirt_of_key(state(5), KeyState::NONE), Dirt::Nobody);
    }
}
