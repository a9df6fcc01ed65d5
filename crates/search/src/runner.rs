//! The index at work, on one node at a time: logs are followed, and those who were there before are walked through when no log is behind.

use crate::follow::{self, Behind, VERSION};
use crate::store::follow as log;
use crate::walk;
use db::Scope;
use messaging::Messaging;
pub use messaging::follower::Traffic;
use model::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So often it looks whether somebody said something.
const IDLE: Duration = Duration::from_millis(250);
/// For each moment of writing so many without: live messages have the writer.
const REST: u32 = 7;
/// A rest is no longer than that.
const LONGEST_REST: Duration = Duration::from_millis(300);
/// Rests in a flood.
const FLOOD_REST: u32 = 42;
const LONGEST_FLOOD_REST: Duration = Duration::from_secs(4);

/// Rows in one transaction while others write: two milliseconds for which a message may have to wait.
const ROWS: usize = 25;
/// Nobody has for so long.
const STILL: Duration = Duration::from_secs(2);
/// While nobody does: fewer and larger ones are less work.
const CALM_ROWS: usize = 400;

/// How much of the writer's time the index takes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    rest: u32,
    longest: Duration,
    rows: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rest: REST, longest: LONGEST_REST, rows: ROWS }
    }
}

impl Pace {
    /// All of it, where nobody else wants it.
    pub fn eager() -> Self {
        Self { rest: 0, rows: CALM_ROWS, ..Self::default() }
    }

    fn calm(self) -> Self {
        Self { rest: self.rest.min(1), rows: CALM_ROWS, ..self }
    }

    fn in_flood(self) -> Self {
        Self { rest: self.rest * FLOOD_REST / REST, longest: LONGEST_FLOOD_REST, ..self }
    }

    /// Rows that are written in one transaction.
    pub(crate) fn rows(self) -> usize {
        self.rows
    }

    pub(crate) fn begin(self) -> Instant {
        Instant::now()
    }

    pub(crate) async fn rest(self, began: Instant) {
        tokio::time::sleep((began.elapsed() * self.rest).min(self.longest)).await;
    }
}

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    let mut traffic = Traffic::default();
    loop {
        let is_left = match tick(&service, Pace::default(), &mut traffic).await {
            Ok(is_left) => is_left,
            Err(error) => {
                tracing::error!(error = %error, "the index of search could not go on, trying again");
                false
            }
        };
        if !is_left {
            tokio::time::sleep(IDLE).await;
        }
    }
}

/// Follows whatever stands in the logs and walks through everybody, for an installation that nobody writes in meanwhile.
///
/// # Errors
/// When the storage fails.
pub async fn catch_up(service: &Arc<Messaging>) -> Result<()> {
    let mut traffic = Traffic::default();
    while tick(service, Pace::eager(), &mut traffic).await? {}
    Ok(())
}

/// One step for every account that is behind. Answers whether more is left.
///
/// # Errors
/// When the storage fails.
pub async fn tick(service: &Arc<Messaging>, pace: Pace, traffic: &mut Traffic) -> Result<bool> {
    let found = service.db.read(Scope::System, |tx| Box::pin(async move { log::behind(tx, VERSION).await }));
    let (found, mut is_left) = (found.await?, false);
    let is_flood = traffic.is_flood(found.iter().map(|behind| (behind.account, behind.newest)));
    // Nobody waits for the writer while nobody has said anything for a while. Between two messages of somebody who goes on there is no such while.
    let is_quiet = traffic.is_still_for(STILL)
        && found.iter().all(|behind| behind.position.is_none_or(|position| position >= behind.newest));
    let pace = match is_flood {
        _ if is_quiet => pace.calm(),
        true => pace.in_flood(),
        false => pace,
    };
    for behind in found {
        match one(service, &behind, pace).await {
            Ok(is_more) => is_left |= is_more,
            // One that cannot go on holds up no other.
            Err(error) => {
                tracing::error!(account.id = %behind.account, error = %error, "an account's index of search could not go on, trying again");
            }
        }
    }
    Ok(is_left)
}

async fn one(service: &Arc<Messaging>, behind: &Behind, pace: Pace) -> Result<bool> {
    if follow::go_on(service, behind, &pace).await? {
        return Ok(true);
    }
    walk::go_on(service, behind, &pace).await
}
