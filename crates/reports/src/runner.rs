//! Reports at work, on one node at a time. Nobody waits for them: between two steps live messages have the writer.

use crate::follow::{self, Behind, Done};
use crate::store::follow as log;
use db::Scope;
use messaging::Messaging;
use messaging::follower::{self, Follower, Pace};
use model::{AccountId, ConversationId, Result};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PACE: Pace = Pace { idle: Duration::from_millis(400), rest: Duration::from_millis(5) };
/// After that a page has told where its client is.
const PAUSE: Duration = Duration::from_millis(300);
/// For each moment of work so many without.
const REST: u32 = 4;
const LONGEST_REST: Duration = Duration::from_millis(400);

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    follower::run(Reports { service, again: HashMap::new() }, PACE).await;
}

struct Reports {
    service: Arc<Messaging>,
    /// Conversations that are looked at once more, and since when they wait for it.
    again: HashMap<AccountId, (Instant, Vec<ConversationId>)>,
}

impl Follower for Reports {
    type Behind = Behind;
    const NAME: &'static str = "reports";

    async fn behind(&mut self) -> Result<Vec<Behind>> {
        let now = self.service.env.now();
        let due = self.again.iter().filter(|(_, (since, _))| since.elapsed() >= PAUSE);
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
        found.await
    }

    async fn go_on(&mut self, behind: &Behind) -> Result<bool> {
        let began = Instant::now();
        let is_due = self.again.get(&behind.account).is_some_and(|(since, _)| since.elapsed() >= PAUSE);
        let again = if is_due { self.again.remove(&behind.account) } else { None };
        let again = again.map(|(_, ids)| ids).unwrap_or_default();
        let done = follow::go_on(&self.service, behind, again).await;
        tokio::time::sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
        let Done { is_left, pageless } = done?;
        if !pageless.is_empty() {
            let waiting = self.again.entry(behind.account).or_insert_with(|| (Instant::now(), Vec::new()));
            waiting.1.extend(pageless);
        }
        Ok(is_left)
    }
}
