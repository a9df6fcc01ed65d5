//! Reports at work, on one node at a time. Nobody waits for them: between two steps live messages have the writer.

use crate::follow::{self, Behind};
use crate::store::follow as log;
use db::Scope;
use messaging::Messaging;
use messaging::follower::{self, Follower, Pace, Traffic};
use model::{AccountId, ConversationId, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PACE: Pace = Pace { idle: Duration::from_millis(400), rest: Duration::from_millis(5) };
/// After that a page has told where its client is.
const PAUSE: Duration = Duration::from_millis(300);
/// So often a page is asked for.
const MOST_LOOKS: u32 = 10;
/// For each moment of work so many without.
const REST: u32 = 4;
const LONGEST_REST: Duration = Duration::from_millis(400);
/// Rests in a flood: what was said in it is counted when there is time again.
const FLOOD_REST: u32 = 42;
const LONGEST_FLOOD_REST: Duration = Duration::from_secs(4);

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    follower::run(Reports::new(service, [REST, FLOOD_REST]), PACE).await;
}

/// Follows whatever stands in the logs, for an installation that nobody writes in meanwhile.
pub async fn catch_up(service: Arc<Messaging>) {
    let mut reports = Reports::new(service, [0, 0]);
    while follower::look(&mut reports).await {}
}

struct Reports {
    service: Arc<Messaging>,
    /// Moments without work for each with, as usual and in a flood.
    rests: [u32; 2],
    traffic: Traffic,
    is_flood: bool,
    /// Conversations that are looked at again, each with when, and how often it was.
    again: HashMap<AccountId, HashMap<ConversationId, (Instant, u32)>>,
}

impl Reports {
    fn new(service: Arc<Messaging>, rests: [u32; 2]) -> Self {
        Self { service, rests, traffic: Traffic::default(), is_flood: false, again: HashMap::new() }
    }

    async fn rest(&self, began: Instant) {
        let [usual, in_flood] = self.rests;
        let (rest, longest) = if self.is_flood { (in_flood, LONGEST_FLOOD_REST) } else { (usual, LONGEST_REST) };
        tokio::time::sleep((began.elapsed() * rest).min(longest)).await;
    }
}

impl Follower for Reports {
    type Behind = Behind;
    const NAME: &'static str = "reports";

    async fn behind(&mut self) -> Result<Vec<Behind>> {
        let now = self.service.env.now();
        let now_is = Instant::now();
        let is_due = |of: &HashMap<ConversationId, (Instant, u32)>| of.values().any(|(at, _)| *at <= now_is);
        let due = self.again.iter().filter(|(_, of)| is_due(of));
        let again: Vec<AccountId> = due.map(|(account, _)| *account).collect();
        let found = self.service.db.read(Scope::System, move |tx| {
            Box::pin(async move {
                let mut behind = log::behind(tx, now).await?;
                for account in again {
                    if !behind.iter().any(|one| one.account == account) {
                        behind.extend(log::place(tx, &account).await?);
                    }
                }
                Ok::<_, model::Refusal>(behind)
            })
        });
        let found = found.await?;
        self.is_flood = self.traffic.is_flood(found.iter().map(|behind| (behind.account, behind.newest)));
        Ok(found)
    }

    async fn go_on(&mut self, behind: &Behind) -> Result<bool> {
        let began = Instant::now();
        let mut waiting = self.again.remove(&behind.account).unwrap_or_default();
        let due: HashMap<_, _> = waiting.extract_if(|_, (at, _)| *at <= began).collect();
        let again = due.keys().copied().collect();
        let done = follow::go_on(&self.service, behind, again).await;
        self.rest(began).await;
        let pageless = done.as_ref().map(|done| done.pageless.clone()).unwrap_or_default();
        for id in pageless {
            let times = due.get(&id).map_or(0, |(_, times)| times + 1);
            if times < MOST_LOOKS {
                waiting.insert(id, (Instant::now() + PAUSE, times));
            }
        }
        if !waiting.is_empty() {
            self.again.insert(behind.account, waiting);
        }
        let is_left = done?.is_left;
        Ok(is_left)
    }
}
