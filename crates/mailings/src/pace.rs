//! How fast a connection is written to: a bucket that fills with time. Pure; the moment comes from the caller.

use model::{ConnectionId, Timestamp};
use std::collections::HashMap;

/// What may be saved up, in milliseconds of the pace: little, so that a minute never sees more than its limit and that.
const BURST_MS: i64 = 1_000;

/// The buckets of all connections.
#[derive(Debug, Default)]
pub struct Pace {
    buckets: HashMap<ConnectionId, Bucket>,
}

/// Thousandths of messages, times sixty thousand: whole numbers for any pace a minute.
#[derive(Debug)]
struct Bucket {
    filled_at: Timestamp,
    /// Milliseconds of the pace that are saved up.
    parts: i64,
}

impl Pace {
    /// How many messages may go out on a connection now, at so many a minute.
    pub fn room(&mut self, connection: ConnectionId, per_minute: u32, now: Timestamp) -> i64 {
        let one = one(per_minute);
        // A bucket begins with one message: the first does not wait.
        let bucket = self.buckets.entry(connection).or_insert(Bucket { filled_at: now, parts: one });
        // A clock that goes back fills nothing and takes nothing.
        let passed = now.ms_since(bucket.filled_at).max(0).saturating_mul(1000);
        bucket.filled_at = now;
        bucket.parts = bucket.parts.saturating_add(passed).min((BURST_MS * 1000).max(one));
        bucket.parts / one
    }

    /// So many went out.
    pub fn take(&mut self, connection: &ConnectionId, per_minute: u32, messages: usize) {
        let Some(bucket) = self.buckets.get_mut(connection) else { return };
        bucket.parts -= one(per_minute).saturating_mul(i64::try_from(messages).unwrap_or(i64::MAX));
    }
}

/// What one message costs, in microseconds.
fn one(per_minute: u32) -> i64 {
    60_000_000 / i64::from(per_minute.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn after_a_while_of_nothing_a_second_is_saved_up_and_no_more() {
        let (connection, mut pace) = (ConnectionId::from_bits(1), Pace::default());
        assert_eq!(pace.room(connection, 1_500, Timestamp(0)), 1);
        assert_eq!(pace.room(connection, 1_500, Timestamp(60_000)), 25);
        assert_eq!(pace.room(connection, 1_500, Timestamp(10_000)), 25, "a clock that goes back");
        pace.take(&connection, 1_500, 25);
        assert_eq!(pace.room(connection, 1_500, Timestamp(10_040)), 1);
    }

    proptest! {
        /// Whenever it is asked, a minute sees its pace within four parts of a hundred, and a second's saving at most.
        #[test]
        fn a_minute_keeps_its_pace(per_minute in 20..6_000_u32, steps in proptest::collection::vec(1..200_i64, 400..800)) {
            let (connection, mut pace) = (ConnectionId::from_bits(1), Pace::default());
            let (mut now, mut sent) = (0, 0);
            for step in &steps {
                now += step;
                let room = pace.room(connection, per_minute, Timestamp(now));
                pace.take(&connection, per_minute, usize::try_from(room).unwrap());
                sent += room;
            }
            let wanted = now * i64::from(per_minute) / 60_000;
            prop_assert!(sent <= wanted * 104 / 100 + 2, "{sent} of {wanted}");
            prop_assert!(sent >= wanted * 96 / 100 - 1, "{sent} of {wanted}");
        }
    }
}
