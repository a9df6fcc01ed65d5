//! How much of something a stranger may do: so much at once, and so much a minute (GCRA, crate `governor`).

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// So much at once, and so much a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// At once.
    pub burst: u32,
    /// Each minute after that.
    pub a_minute: u32,
}

/// What everybody has left of one thing. Whoever they are is given as a number: a hash of who it is.
pub struct Budget {
    left: DefaultKeyedRateLimiter<u64>,
    clock: DefaultClock,
    burst: NonZeroU32,
}

impl Budget {
    /// One for everybody.
    pub fn new(allowance: Allowance) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let burst = at_least_one(allowance.burst);
        let quota = Quota::per_minute(at_least_one(allowance.a_minute)).allow_burst(burst);
        Self { left: RateLimiter::keyed(quota), clock: DefaultClock::default(), burst }
    }

    /// Takes so much of what `who` has left. More than fits at once costs everything there is.
    ///
    /// # Errors
    /// The seconds to wait, when less is left; then nothing is taken.
    pub fn take(&self, who: u64, amount: u32) -> Result<(), u64> {
        let Some(amount) = NonZeroU32::new(amount) else { return Ok(()) };
        match self.left.check_key_n(&who, amount.min(self.burst)) {
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(self.clock.now()).as_secs() + 1),
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
