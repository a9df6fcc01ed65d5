//! Work that follows what was committed, behind the path: whoever is behind is listed and goes on a step each, one that cannot go on holds up
//! no other, and between two looks the writer is left to live messages.

use model::{AccountId, Result};
use std::collections::HashMap;
use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

/// Events a second from which on the machine is taken to be full: what can be done later is done when there is time again.
const FLOOD: f64 = 3_000.0;

/// How often a follower looks.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// When nobody had more to do.
    pub idle: Duration,
    /// When somebody had.
    pub rest: Duration,
}

/// Somebody who follows.
pub trait Follower: Send {
    /// One who is behind: an account, a receiver.
    type Behind: Display + Send + Sync;
    /// What it is called in the log.
    const NAME: &'static str;

    /// Who is behind now.
    fn behind(&mut self) -> impl Future<Output = Result<Vec<Self::Behind>>> + Send;

    /// One step of one of them. Answers whether more is left.
    fn go_on(&mut self, behind: &Self::Behind) -> impl Future<Output = Result<bool>> + Send;
}

/// Follows until the process ends.
pub async fn run(mut follower: impl Follower, pace: Pace) {
    loop {
        let is_left = look(&mut follower).await;
        tokio::time::sleep(if is_left { pace.rest } else { pace.idle }).await;
    }
}

/// One look: a step of everybody who is behind. Answers whether more is left.
pub async fn look<F: Follower>(follower: &mut F) -> bool {
    let found = match follower.behind().await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(follower = F::NAME, error = %error, "a follower could not go on, trying again");
            return false;
        }
    };
    let mut is_left = false;
    for behind in found {
        match follower.go_on(&behind).await {
            Ok(is_more) => is_left |= is_more,
            Err(error) => {
                tracing::error!(follower = F::NAME, of = %behind, error = %error, "one could not go on, trying again");
            }
        }
    }
    is_left
}

/// How much is written to the logs.
#[derive(Debug)]
pub struct Traffic {
    /// Where each ended when it was looked at last.
    ends: HashMap<AccountId, (Instant, i64)>,
    /// When one was seen to have grown.
    grew_at: Instant,
}

impl Default for Traffic {
    /// Nothing is known yet: somebody may be writing.
    fn default() -> Self {
        Self { ends: HashMap::new(), grew_at: Instant::now() }
    }
}

impl Traffic {
    /// Whether no log has been seen to grow for so long.
    pub fn is_still_for(&self, long: Duration) -> bool {
        self.grew_at.elapsed() >= long
    }

    /// Whether the logs, which end there now, grew like in a flood since they were looked at last.
    pub fn is_flood(&mut self, ends: impl Iterator<Item = (AccountId, i64)>) -> bool {
        let now = Instant::now();
        let mut a_second = 0.0;
        for (account, newest) in ends {
            if let Some((at, end)) = self.ends.insert(account, (now, newest)) {
                if newest > end {
                    self.grew_at = now;
                }
                let seconds = now.duration_since(at).as_secs_f64().max(0.001);
                a_second += (newest - end) as f64 / seconds;
            }
        }
        a_second > FLOOD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Refusal;

    #[test]
    fn a_flood_is_known_by_how_logs_grow() {
        let mut traffic = Traffic::default();
        let [one, another] = [1, 2].map(AccountId::from_bits);
        assert!(!traffic.is_flood([(one, 1_000_000_000), (another, 0)].into_iter()), "where a log ends says nothing");
        assert!(!traffic.is_flood([(one, 1_000_000_000), (another, 0)].into_iter()), "nobody said anything");
        assert!(traffic.is_flood([(one, 2_000_000_000), (another, 0)].into_iter()));
    }

    #[test]
    fn it_is_still_when_nothing_has_grown_for_a_while() {
        let mut traffic = Traffic::default();
        let a_while = Duration::from_millis(20);
        let one = AccountId::from_bits(1);
        traffic.is_flood([(one, 1)].into_iter());
        assert!(!traffic.is_still_for(Duration::from_secs(3_600)), "nobody knows yet");
        std::thread::sleep(a_while);
        traffic.is_flood([(one, 1)].into_iter());
        assert!(traffic.is_still_for(a_while));
        traffic.is_flood([(one, 2)].into_iter());
        assert!(!traffic.is_still_for(Duration::from_secs(3_600)));
    }

    struct Three {
        steps: Vec<u8>,
    }

    impl Follower for Three {
        type Behind = u8;
        const NAME: &'static str = "test";

        async fn behind(&mut self) -> Result<Vec<u8>> {
            Ok(vec![1, 2, 3])
        }

        async fn go_on(&mut self, behind: &u8) -> Result<bool> {
            self.steps.push(*behind);
            if *behind == 2 { Err(Refusal::NotFound) } else { Ok(*behind == 3) }
        }
    }

    #[tokio::test]
    async fn one_that_cannot_go_on_holds_up_no_other() {
        let mut three = Three { steps: Vec::new() };
        assert!(look(&mut three).await, "the third has more");
        assert_eq!(three.steps, [1, 2, 3]);
    }
}
