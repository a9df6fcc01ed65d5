//! How much of something a stranger may do: so much at once, and so much a minute (GCRA, crate `governor`).

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use rustix::time::{ClockId, clock_gettime};
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU32;
use std::ops::Add;
use std::time::Duration;

/// So much at once, and so much a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// At once.
    pub burst: u32,
    /// Each minute after that.
    pub a_minute: u32,
}

type Left = RateLimiter<u64, DashMapStateStore<u64, BuildHasherDefault<Hashed>>, Ticks, NoOpMiddleware<Moment>>;

/// What everybody has left of one thing. Whoever they are is given as a number: a hash of who it is, by a key that nobody knows.
pub struct Budget {
    left: Left,
    burst: NonZeroU32,
}

impl Budget {
    /// One for everybody.
    pub fn new(allowance: Allowance) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let burst = at_least_one(allowance.burst);
        let quota = Quota::per_minute(at_least_one(allowance.a_minute)).allow_burst(burst);
        Self { left: RateLimiter::dashmap_with_clock_and_hasher(quota, Ticks, BuildHasherDefault::default()), burst }
    }

    /// Takes so much of what `who` has left. More than fits at once costs everything there is.
    ///
    /// # Errors
    /// The seconds to wait, when less is left; then nothing is taken.
    pub fn take(&self, who: u64, amount: u32) -> Result<(), u64> {
        let Some(amount) = NonZeroU32::new(amount) else { return Ok(()) };
        match self.left.check_key_n(&who, amount.min(self.burst)) {
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(Ticks.now()).as_secs() + 1),
        }
    }

    /// Forgets who has everything left again.
    pub fn forget_idle(&self) {
        self.left.retain_recent();
        self.left.shrink_to_fit();
    }

    /// How many are remembered.
    pub fn remembered(&self) -> usize {
        self.left.len()
    }
}

/// The numbers are hashes.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// No number comes this way; were it so, they would share what they have.
    fn write(&mut self, _bytes: &[u8]) {}
}

/// The system's tick, some milliseconds long: budgets are looked at several times a message, and nothing here is told apart by less.
#[derive(Debug, Clone, Copy)]
struct Ticks;

#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::MonotonicCoarse;
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

impl Clock for Ticks {
    type Instant = Moment;

    fn now(&self) -> Moment {
        let now = clock_gettime(CLOCK);
        Moment(Duration::new(now.tv_sec.try_into().unwrap_or(0), now.tv_nsec.try_into().unwrap_or(0)))
    }
}

/// Since some time before the program began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Duration);

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, later: Nanos) -> Self {
        Self(self.0 + Duration::from(later))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        self.0.checked_sub(duration.into()).map_or(*self, Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_much_at_once_for_each_and_then_a_time_to_wait() {
        let budget = Budget::new(Allowance { burst: 3, a_minute: 1 });
        for who in [1, 2] {
            assert!((0..3).all(|_| budget.take(who, 1).is_ok()));
            assert!((50..=61).contains(&budget.take(who, 1).unwrap_err()));
        }
        assert!(budget.take(3, 1000).is_ok(), "what never fits costs everything");
        assert!(budget.take(3, 1).is_err());
        assert_eq!(budget.take(1, 0), Ok(()));
    }

    #[test]
    fn who_has_everything_again_is_forgotten() {
        let budget = Budget::new(Allowance { burst: 1, a_minute: 60_000 });
        for who in 0..100 {
            let _ = budget.take(who, 1);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        budget.forget_idle();
        assert_eq!(budget.remembered(), 0);
    }
}
