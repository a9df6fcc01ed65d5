//! When a message is tried again, and when a receiver is given up (D7; Standard Webhooks, "Retries" and "Disabling").

use model::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// After the first try, at once: how long until each later one.
const LATER: [i64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/// A receiver that has taken nothing for so long is switched off.
pub(crate) const GIVEN_UP_AFTER_MS: i64 = 5 * 24 * HOUR;
/// A receiver that asks for time gets so much at most.
const LONGEST_QUIET_S: u32 = 3600;
/// What a receiver gets that asks for time and does not say how much.
const USUAL_QUIET_S: u32 = 60;

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken.
    Taken,
    /// HTTP 410: the receiver wants nothing more.
    Gone,
    /// The receiver asks for time: 429, 502, 504, or any failure with `Retry-After`.
    Slower {
        /// Seconds, if it said.
        after: Option<u32>,
    },
    /// Anything else, a redirect among it: nobody knows who would be told.
    Failed,
}

impl Outcome {
    /// Of an answer's status and `Retry-After`.
    pub fn of(status: u16, retry_after: Option<u32>) -> Self {
        match status {
            200..=299 => Self::Taken,
            410 => Self::Gone,
            429 | 502 | 504 => Self::Slower { after: retry_after },
            400..=599 if retry_after.is_some() => Self::Slower { after: retry_after },
            _ => Self::Failed,
        }
    }

    /// How long the whole receiver is left alone; nothing where it did not ask.
    pub fn quiet_ms(self) -> Option<i64> {
        match self {
            Self::Slower { after } => {
                Some(i64::from(after.unwrap_or(USUAL_QUIET_S).clamp(1, LONGEST_QUIET_S)) * SECOND)
            }
            Self::Taken | Self::Gone | Self::Failed => None,
        }
    }
}

/// When a message that failed is tried again; none after its last try. `tries` counts the one that failed, `random` spreads what failed at
/// once over a fifth of the time, a tenth before and a tenth after.
pub(crate) fn next(tries: i64, now: Timestamp, random: u128) -> Option<Timestamp> {
    let at = usize::try_from(tries.max(1) - 1).ok()?;
    let wait = *LATER.get(at)?;
    let share = i64::try_from(random % 2001).unwrap_or(0) - 1000;
    Some(now.plus_ms(wait + wait * share / 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_tries_over_three_days_and_then_no_more() {
        let mut now = Timestamp(0);
        let mut tries = 1;
        while let Some(at) = next(tries, now, 1000) {
            now = at;
            tries += 1;
        }
        assert_eq!((tries, now.0), (10, 5 * SECOND + 35 * MINUTE + 75 * HOUR));
    }

    #[test]
    fn answers_are_read_as_the_standard_says() {
        use Outcome::*;
        for status in [200, 201, 204, 299] {
            assert_eq!(Outcome::of(status, None), Taken);
        }
        for status in [199, 301, 302, 304, 400, 401, 404, 500, 503, 600] {
            assert_eq!(Outcome::of(status, None), Failed, "{status}");
        }
        assert_eq!(Outcome::of(410, Some(5)), Gone);
        for status in [429, 502, 504] {
            assert_eq!(Outcome::of(status, None).quiet_ms(), Some(60 * SECOND), "{status}");
        }
        assert_eq!(Outcome::of(503, Some(7)).quiet_ms(), Some(7 * SECOND));
        assert_eq!(Outcome::of(429, Some(0)).quiet_ms(), Some(SECOND));
        assert_eq!(Outcome::of(429, Some(u32::MAX)).quiet_ms(), Some(HOUR));
        assert_eq!(Outcome::of(200, Some(7)).quiet_ms(), None);
    }

    proptest! {
        #[test]
        fn what_failed_at_once_is_spread_by_a_tenth_and_never_comes_early(tries in -3_i64..20, random: u128) {
            let now = Timestamp(1_790_000_000_000);
            match next(tries, now, random) {
                Some(at) => {
                    let wait = LATER[usize::try_from(tries.max(1) - 1).unwrap()];
                    prop_assert!((at.ms_since(now) - wait).abs() <= wait / 10);
                }
                None => prop_assert!(tries > 9),
            }
        }
    }
}
