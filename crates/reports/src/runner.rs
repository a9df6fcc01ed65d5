//! Reports at work, on one node at a time. Nobody waits for them: between two steps live messages have the writer.

use crate::follow::{self, Behind};
use crate::store::follow as log;
use db::Scope;
use messaging::Messaging;
use messaging::follower::{self, Follower, Pace};
use model::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PACE: Pace = Pace { idle: Duration::from_millis(400), rest: Duration::from_millis(5) };
/// For each moment of work so many without.
const REST: u32 = 4;
const LONGEST_REST: Duration = Duration::from_millis(400);

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    follower::run(Reports { service }, PACE).await;
}

struct Reports {
    service: Arc<Messaging>,
}

impl Follower for Reports {
    type Behind = Behind;
    const NAME: &'static str = "reports";

    async fn behind(&mut self) -> Result<Vec<Behind>> {
        let now = self.service.env.now();
        self.service.db.read(Scope::System, move |tx| Box::pin(async move { log::behind(tx, now).await })).await
    }

    async fn go_on(&mut self, behind: &Behind) -> Result<bool> {
        let began = Instant::now();
        let is_left = follow::go_on(&self.service, behind).await;
        tokio::time::sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
        is_left
    }
}
