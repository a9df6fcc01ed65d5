//! One time for all nodes of a database: the database's (D11, D18). Clocks of machines may be minutes apart, and may be set while we work.

use crate::{Clock, IdSource, RandomIds, SystemClock, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use uuid::{ContextV7, Uuid};

/// The machine's clock as it stood at the start, going on evenly whatever becomes of it.
#[derive(Debug)]
pub struct SteadyClock {
    start: Timestamp,
    started: Instant,
}

impl SteadyClock {
    /// From now on.
    pub fn start() -> Self {
        Self { start: SystemClock.now(), started: Instant::now() }
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        self.start.plus_ms(i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX))
    }
}

/// A node's own clock, set by the database's.
pub struct SharedClock {
    own: Arc<dyn Clock>,
    behind_ms: AtomicI64,
}

impl SharedClock {
    /// A clock that was not set yet.
    pub fn over(own: Arc<dyn Clock>) -> Self {
        Self { own, behind_ms: AtomicI64::new(0) }
    }

    /// The node's own time, as if the clock had never been set.
    pub fn own_now(&self) -> Timestamp {
        self.own.now()
    }

    /// Sets it: it was this time when the node's own clock said that.
    pub fn set(&self, time: Timestamp, own: Timestamp) {
        self.behind_ms.store(time.ms_since(own), Ordering::Relaxed);
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.own.now().plus_ms(self.behind_ms.load(Ordering::Relaxed))
    }
}

/// Ids whose order follows a clock: of two nodes, the later id is the greater one.
pub struct ClockedIds {
    clock: Arc<dyn Clock>,
    order: Mutex<ContextV7>,
}

impl ClockedIds {
    /// Ids by this clock.
    pub fn by(clock: Arc<dyn Clock>) -> Self {
        Self { clock, order: Mutex::new(ContextV7::new()) }
    }
}

impl IdSource for ClockedIds {
    fn next_ordered(&self) -> u128 {
        let now = u64::try_from(self.clock.now().0).unwrap_or(0);
        let nanos = u32::try_from(now % 1000).unwrap_or(0) * 1_000_000;
        // A poisoned lock only means that another thread panicked between two ids.
        let order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*order, now / 1000, nanos)).as_u128()
    }

    fn next_random(&self) -> u128 {
        RandomIds.next_random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Standing(i64);

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp(self.0)
        }
    }

    #[test]
    fn a_clock_that_was_set_tells_the_time_it_was_set_to() {
        let clock = SharedClock::over(Arc::new(Standing(120_000)));
        assert_eq!(clock.now(), Timestamp(120_000));
        clock.set(Timestamp(5), Timestamp(120_000));
        assert_eq!((clock.now(), clock.own_now()), (Timestamp(5), Timestamp(120_000)));
    }

    #[test]
    fn ids_follow_the_clock_and_rise_within_a_millisecond() {
        let clock = Arc::new(SharedClock::over(Arc::new(Standing(1_790_000_000_000))));
        let ids = ClockedIds::by(clock.clone());
        let made: Vec<u128> = (0..10_000).map(|_| ids.next_ordered()).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        let ahead = ClockedIds::by(Arc::new(Standing(1_790_000_000_000 + 1000)));
        assert!(ahead.next_ordered() > *made.last().unwrap());
        assert_eq!(ahead.next_ordered() >> 80, 1_790_000_001_000);
    }
}
