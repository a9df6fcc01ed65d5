//! The index at work, on one node at a time: logs are followed, and those who were there before are walked through when no log is behind.

use crate::follow::{self, Behind, VERSION};
use crate::store::follow as log;
use crate::walk;
use db::Scope;
use messaging::Messaging;
use model::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So often it looks whether somebody said something.
const IDLE: Duration = Duration::from_millis(250);
/// For each moment of writing so many without: live messages have the writer.
const REST: u32 = 7;
/// A rest is no longer than that.
const LONGEST_REST: Duration = Duration::from_millis(300);

/// How much of the writer's time the index takes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    rest: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rest: REST }
    }
}

impl Pace {
    /// All of it, for a bench that waits for the index alone.
    pub fn eager() -> Self {
        Self { rest: 0 }
    }

    fn calm(self) -> Self {
        Self { rest: self.rest.min(1) }
    }

    pub(crate) fn begin(self) -> Instant {
        Instant::now()
    }

    pub(crate) async fn rest(self, began: Instant) {
        tokio::time::sleep((began.elapsed() * self.rest).min(LONGEST_REST)).await;
    }
}

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    loop {
        let is_left = match tick(&service, Pace::default()).await {
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

/// One step for every account that is behind. Answers whether more is left.
///
/// # Errors
/// When the storage fails.
pub async fn tick(service: &Arc<Messaging>, pace: Pace) -> Result<bool> {
    let found = service.db.read(Scope::System, |tx| Box::pin(async move { log::behind(tx, VERSION).await }));
    let (found, mut is_left) = (found.await?, false);
    // Nobody waits for the writer while nobody says anything.
    let is_quiet = found.iter().all(|behind| behind.position.is_none_or(|position| position >= behind.newest));
    let pace = if is_quiet { pace.calm() } else { pace };
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
