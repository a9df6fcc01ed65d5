//! Webhooks at work, on one node at a time: each receiver is told by a task of its own, so that one who does not answer holds up no other.

use crate::store::messages;
use crate::store::webhooks::{self, AtWork};
use crate::{follow, send};
use db::Scope;
use futures_util::StreamExt;
use messaging::Messaging;
use messaging::follower::{self, Follower, Pace};
use model::{AccountId, Result, WebhookId};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const PACE: Pace = Pace { idle: Duration::from_millis(250), rest: Duration::from_millis(20) };
/// Messages of a receiver under way at once.
const AT_ONCE: usize = 8;
/// Messages taken for a receiver before the next look at the table.
const BATCH: i64 = 64;

/// Works until the process ends. A message that was under way then is told again, under its own id.
pub async fn run(service: Arc<Messaging>) {
    follower::run(Webhooks { service, now: AtWorkNow::default() }, PACE).await;
}

struct Webhooks {
    service: Arc<Messaging>,
    now: AtWorkNow,
}

/// The receivers that are being told now.
#[derive(Default)]
struct AtWorkNow {
    tasks: JoinSet<WebhookId>,
    ids: HashSet<WebhookId>,
}

impl AtWorkNow {
    fn let_go(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            match ended {
                Ok((_, id)) => drop(self.ids.remove(&id)),
                Err(error) => {
                    // Which one it was is not known: those that are still told are told twice for a moment, under the same ids.
                    tracing::error!(error = %error, "telling a webhook panicked");
                    self.ids.clear();
                }
            }
        }
    }
}

impl fmt::Display for AtWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

impl Follower for Webhooks {
    type Behind = AtWork;
    const NAME: &'static str = "webhooks";

    async fn behind(&mut self) -> Result<Vec<AtWork>> {
        self.now.let_go();
        let moment = self.service.env.now();
        let found =
            self.service.db.read(Scope::System, move |tx| Box::pin(async move { webhooks::at_work(tx, moment).await }));
        found.await
    }

    async fn go_on(&mut self, behind: &AtWork) -> Result<bool> {
        one(&self.service, behind, &mut self.now).await
    }
}

async fn one(service: &Arc<Messaging>, webhook: &AtWork, now: &mut AtWorkNow) -> Result<bool> {
    let is_left = follow::go_on(service, webhook).await?;
    if webhook.is_due && now.ids.insert(webhook.id) {
        let (service, account, id) = (service.clone(), webhook.account, webhook.id);
        now.tasks.spawn(async move {
            if let Err(error) = tell(&service, account, id).await {
                tracing::error!(webhook.id = %id, error = %error, "a webhook could not be told, trying again");
            }
            id
        });
    }
    Ok(is_left)
}

/// Tells a receiver what is due, some at a time, in the order of the log.
async fn tell(service: &Arc<Messaging>, account: AccountId, id: WebhookId) -> Result<()> {
    let found = service.read(&account, move |cx| {
        Box::pin(async move {
            let Some(webhook) = webhooks::on(cx.tx, cx.account, &id).await? else { return Ok(None) };
            let due = messages::due(cx, &id, BATCH).await?;
            Ok::<_, model::Refusal>(Some((webhook, due)))
        })
    });
    let Some((webhook, due)) = found.await? else { return Ok(()) };
    let told = futures_util::stream::iter(due)
        .map(|message| send::tell(service, account, &webhook, message))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<Result<()>>>();
    told.await.into_iter().collect()
}
