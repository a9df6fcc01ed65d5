//! Who gets a conversation that is nobody's: candidates in, one of them and the reason out. Pure.

use super::Mode;
use model::UserId;

/// Somebody who could be given it: there, available, and of the department.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// Open conversations of this person in the project.
    pub open: i64,
    /// How many there may be; none for no limit.
    pub max_open: Option<i64>,
    /// When the last one was given by distribution; none for never.
    pub last_given_at: Option<i64>,
}

impl Candidate {
    /// Whether there is room for one more.
    pub fn has_room(&self) -> bool {
        self.max_open.is_none_or(|most| self.open < most)
    }
}

/// Why it was this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Had the client before.
    LastOperator,
    /// Was next.
    InTurn,
    /// Has the fewest.
    LeastBusy,
}

impl Reason {
    /// The word in the event line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LastOperator => "last_operator",
            Self::InTurn => "in_turn",
            Self::LeastBusy => "least_busy",
        }
    }
}

/// Chooses among those who have room and were not asked: whoever had the client before, where that counts, else the next in turn or the least
/// busy. Of several alike it is who waits longest since the last one, and of those the first by id.
pub fn choose(
    mode: Mode,
    last_operator: Option<UserId>,
    candidates: &[Candidate],
    asked: &[UserId],
) -> Option<(UserId, Reason)> {
    let free = || candidates.iter().filter(|one| one.has_room() && !asked.contains(&one.user));
    if mode == Mode::Everyone {
        return None;
    }
    if let Some(known) = last_operator.filter(|last| free().any(|one| one.user == *last)) {
        return Some((known, Reason::LastOperator));
    }
    // Who was never given one waits longest.
    let waits = |one: &Candidate| (one.last_given_at.unwrap_or(i64::MIN), one.user);
    match mode {
        Mode::Everyone => None,
        Mode::RoundRobin => free().min_by_key(|one| waits(one)).map(|one| (one.user, Reason::InTurn)),
        Mode::LeastBusy => free().min_by_key(|one| (one.open, waits(one))).map(|one| (one.user, Reason::LeastBusy)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user(n: u128) -> UserId {
        UserId::from_bits(n)
    }

    fn one(n: u128, open: i64, max_open: Option<i64>, last_given_at: Option<i64>) -> Candidate {
        Candidate { user: user(n), open, max_open, last_given_at }
    }

    #[test]
    fn the_least_busy_is_chosen_and_of_two_alike_who_waits_longest() {
        let team = [one(1, 3, None, Some(1)), one(2, 1, None, Some(9)), one(3, 1, None, Some(5))];
        assert_eq!(choose(Mode::LeastBusy, None, &team, &[]), Some((user(3), Reason::LeastBusy)));
        assert_eq!(choose(Mode::LeastBusy, None, &team, &[user(3)]), Some((user(2), Reason::LeastBusy)));
    }

    #[test]
    fn in_turn_the_next_is_who_was_given_one_longest_ago_whatever_is_open() {
        let team = [one(1, 0, None, Some(7)), one(2, 9, None, Some(3)), one(3, 0, None, None)];
        assert_eq!(choose(Mode::RoundRobin, None, &team, &[]), Some((user(3), Reason::InTurn)));
        assert_eq!(choose(Mode::RoundRobin, None, &team[..2], &[]), Some((user(2), Reason::InTurn)));
    }

    #[test]
    fn whoever_had_the_client_before_goes_first_while_there_is_room() {
        let team = [one(1, 2, Some(2), None), one(2, 0, None, None)];
        assert_eq!(choose(Mode::LeastBusy, Some(user(2)), &team, &[]), Some((user(2), Reason::LastOperator)));
        assert_eq!(choose(Mode::LeastBusy, Some(user(1)), &team, &[]), Some((user(2), Reason::LeastBusy)));
        assert_eq!(choose(Mode::LeastBusy, Some(user(7)), &team, &[]), Some((user(2), Reason::LeastBusy)), "not here");
    }

    #[test]
    fn where_everybody_takes_for_himself_nobody_is_chosen() {
        assert_eq!(choose(Mode::Everyone, Some(user(1)), &[one(1, 0, None, None)], &[]), None);
    }

    fn team() -> impl Strategy<Value = Vec<Candidate>> {
        let candidate = (0..6_i64, proptest::option::of(0..6_i64), proptest::option::of(0..50_i64));
        proptest::collection::vec(candidate, 0..8).prop_map(|all| {
            let numbered = all.into_iter().zip(1..);
            numbered.map(|((open, max_open, given), n)| one(n, open, max_open, given)).collect()
        })
    }

    fn mode() -> impl Strategy<Value = Mode> {
        prop_oneof![Just(Mode::RoundRobin), Just(Mode::LeastBusy)]
    }

    proptest! {
        /// Nobody over his limit, nobody twice, and nobody waits while somebody could have it.
        #[test]
        fn somebody_gets_it_whenever_somebody_can_and_never_beyond_a_limit(
            mode in mode(), team in team(), asked in proptest::collection::vec(1..8_u128, 0..4), last in proptest::option::of(1..8_u128),
        ) {
            let asked: Vec<UserId> = asked.into_iter().map(user).collect();
            let free: Vec<_> = team.iter().filter(|one| one.has_room() && !asked.contains(&one.user)).collect();
            match choose(mode, last.map(user), &team, &asked) {
                Some((chosen, _)) => prop_assert!(free.iter().any(|one| one.user == chosen)),
                None => prop_assert!(free.is_empty()),
            }
        }

        /// In which order the team is read does not matter.
        #[test]
        fn the_order_of_the_candidates_does_not_matter(mode in mode(), team in team(), last in proptest::option::of(1..8_u128)) {
            let mut turned = team.clone();
            turned.reverse();
            prop_assert_eq!(choose(mode, last.map(user), &team, &[]), choose(mode, last.map(user), &turned, &[]));
        }

        /// In turn, a team without limits is given a round before anybody is given two.
        #[test]
        fn a_round_goes_to_everybody_once(size in 1..8_u128, rounds in 1..4_i64) {
            let mut team: Vec<_> = (1..=size).map(|n| one(n, 0, None, None)).collect();
            for at in 0..rounds * i64::try_from(size).unwrap() {
                let (chosen, _) = choose(Mode::RoundRobin, None, &team, &[]).unwrap();
                let given = team.iter_mut().find(|one| one.user == chosen).unwrap();
                (given.open, given.last_given_at) = (given.open + 1, Some(at));
            }
            prop_assert!(team.iter().all(|one| one.open == rounds));
        }
    }
}
