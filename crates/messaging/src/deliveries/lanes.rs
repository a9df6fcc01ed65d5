//! Who waits for whom: people first, then bots, then mailings (rulings 64).

use model::{AuthorKind, ConnectionId};
use std::collections::HashMap;

/// A lane of deliveries. A lower one never delays a higher one of the same connection by more than one send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// What a person says.
    Person,
    /// What a scenario says.
    Bot,
    /// What a mailing says.
    Mailing,
}

impl Lane {
    /// The lane of an author's own messages; a mailing says so itself.
    pub fn of(author: AuthorKind) -> Self {
        match author {
            AuthorKind::Client | AuthorKind::Operator => Self::Person,
            AuthorKind::Bot | AuthorKind::System => Self::Bot,
        }
    }

    /// Its number in storage: the first lane has the smallest.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Person => 0,
            Self::Bot => 1,
            Self::Mailing => 2,
        }
    }

    pub(crate) fn from_stored(number: i64) -> Result<Self, db::DbError> {
        match number {
            0 => Ok(Self::Person),
            1 => Ok(Self::Bot),
            2 => Ok(Self::Mailing),
            other => Err(db::DbError::other(format!("unknown Lane in storage: {other}"))),
        }
    }
}

/// Deliveries under way at once on this node.
const MAX_RUNNING: usize = 128;
/// Of those, what bots and mailings may take: the rest is kept for people.
const MAX_LOWER: usize = 96;
/// Of those, what one connection's bots and mailings may take, so that one mailing leaves room for everybody else's.
const MAX_LOWER_OF_CONNECTION: usize = 16;

/// The deliveries under way on this node.
#[derive(Debug)]
pub(super) struct Running {
    total: usize,
    lower: HashMap<ConnectionId, usize>,
    /// The connection whose bot or mailing was served last.
    last_lower: ConnectionId,
}

impl Default for Running {
    fn default() -> Self {
        Self { total: 0, lower: HashMap::new(), last_lower: ConnectionId::from_bits(0) }
    }
}

impl Running {
    /// Room for people's deliveries.
    pub fn room(&self) -> usize {
        MAX_RUNNING.saturating_sub(self.total)
    }

    /// Room for deliveries of bots and mailings of any connection.
    pub fn lower_room(&self) -> usize {
        MAX_LOWER.saturating_sub(self.lower.values().sum()).min(self.room())
    }

    /// As [`lower_room`](Self::lower_room), of one connection.
    pub fn lower_room_of(&self, connection: &ConnectionId) -> usize {
        let taken = self.lower.get(connection).copied().unwrap_or(0);
        MAX_LOWER_OF_CONNECTION.saturating_sub(taken).min(self.lower_room())
    }

    pub fn begin(&mut self, connection: &ConnectionId, lane: Lane) {
        self.total += 1;
        if lane > Lane::Person {
            *self.lower.entry(*connection).or_default() += 1;
            self.last_lower = *connection;
        }
    }

    pub fn end(&mut self, connection: &ConnectionId, lane: Lane) {
        self.total = self.total.saturating_sub(1);
        if lane == Lane::Person {
            return;
        }
        let Some(count) = self.lower.get_mut(connection) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.lower.remove(connection);
        }
    }
}

/// The room there is, as one claim may use it.
#[derive(Debug, Clone)]
pub(super) struct Room {
    /// For people.
    pub people: usize,
    /// For bots and mailings.
    pub lower: usize,
    /// The connection after which bots and mailings have their turn.
    pub after: ConnectionId,
    lower_of: HashMap<ConnectionId, usize>,
}

impl Room {
    pub fn of(running: &Running) -> Self {
        let lower_of = running.lower.keys().map(|id| (*id, running.lower_room_of(id))).collect();
        Self { people: running.room(), lower: running.lower_room(), after: running.last_lower, lower_of }
    }

    /// For bots and mailings of one connection.
    pub fn lower_of(&self, connection: &ConnectionId) -> usize {
        self.lower_of.get(connection).copied().unwrap_or(MAX_LOWER_OF_CONNECTION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailing_leaves_room_for_people_and_for_other_connections() {
        let (one, other) = (ConnectionId::from_bits(1), ConnectionId::from_bits(2));
        let mut running = Running::default();
        while running.lower_room_of(&one) > 0 {
            running.begin(&one, Lane::Mailing);
        }
        assert_eq!(running.lower_room_of(&other), MAX_LOWER_OF_CONNECTION);
        for n in 3..100 {
            while running.lower_room_of(&ConnectionId::from_bits(n)) > 0 {
                running.begin(&ConnectionId::from_bits(n), Lane::Bot);
            }
        }
        assert_eq!((running.lower_room(), running.room()), (0, MAX_RUNNING - MAX_LOWER));
        running.end(&one, Lane::Mailing);
        assert_eq!(running.lower_room_of(&one), 1);
    }

    #[test]
    fn lanes_are_stored_by_numbers_in_their_order() {
        for lane in [Lane::Person, Lane::Bot, Lane::Mailing] {
            assert_eq!(Lane::from_stored(lane.number()).unwrap(), lane);
        }
        assert!(Lane::Person < Lane::Bot && Lane::Bot < Lane::Mailing);
        assert!(Lane::from_stored(7).is_err());
    }
}
