//! How many frames one socket may send (security statement 21).

use std::time::{Duration, Instant};

/// Two thousand frames a second for ever. No person and no page of ours comes near it; the benchmark's busiest sockets, which keep 32
/// messages in flight each, reach some hundreds. It is there to stop a program that has lost its way.
const EACH: Duration = Duration::from_micros(500);
/// Four thousand frames at once: a queue that was kept while offline.
const BURST: Duration = Duration::from_secs(2);

/// The pace of one socket: the moment up to which its frames are paid for.
#[derive(Debug, Clone, Copy)]
pub struct FrameRate(Instant);

impl FrameRate {
    /// A socket that has sent nothing yet.
    pub fn new(now: Instant) -> Self {
        Self(now)
    }

    /// Counts a frame; false when there were too many, and the socket is to be closed with 1013.
    pub fn takes(&mut self, now: Instant) -> bool {
        let paid = self.0.max(now) + EACH;
        if paid > now + BURST {
            return false;
        }
        self.0 = paid;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames taken out of so many, sent evenly over a time.
    fn taken(count: u32, over: Duration) -> u32 {
        let begin = Instant::now();
        let mut rate = FrameRate::new(begin);
        (0..count).map(|n| u32::from(rate.takes(begin + over / count * n))).sum()
    }

    #[test]
    fn a_burst_is_taken_and_no_more() {
        assert_eq!(taken(5000, Duration::from_nanos(1)), 4000);
    }

    #[test]
    fn a_steady_pace_up_to_the_rate_is_taken_for_ever_and_a_faster_one_is_not() {
        let minute = Duration::from_secs(60);
        assert_eq!(taken(2000 * 60, minute), 2000 * 60);
        assert!(taken(2500 * 60, minute) < 2100 * 60);
    }
}
