//! Webhooks at work, on one node at a time: each receiver is told by a task of its own, so that one who does not answer holds up no other.

use crate::store::messages;
use crate::store::webhooks::{self, AtWork};
use crate::{follow, send};
use db::Scope;
use futures_util::StreamExt;
use messaging::Messaging;
use model::{AccountId, Result, WebhookId};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// So often it looks.
const IDLE: Duration = Duration::from_millis(250);
/// Between two stretches of a log: live messages have the writer.
const REST: Duration = Duration::from_millis(20);
/// Messages of a receiver under way at once.
const AT_ONCE: usize = 8;
/// Messages taken for a receiver before the next look at the table.
const BATCH: i64 = 64;

/// Works until the process ends. A message that was under way then is told again, under its own id.
pub async fn run(service: Arc<Messaging>) {
    let mut at_work = AtWorkNow::default();
    loop {
        let is_left = match tick(&service, &mut at_work).await {
            Ok(is_left) => is_left,
            Err(error) => {
                tracing::error!(error = %error, "webhooks could not go on, trying again");
                false
            }
        };
        tokio::time::sleep(if is_left { REST } else { IDLE }).await;
    }
}

/// The receivers that are being told now.
#[derive(Default)]
pub struct AtWorkNow {
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

    /// Waits until everybody who is being told has been.
    pub async fn rest(&mut self) {
        while self.tasks.join_next().await.is_some() {}
        self.ids.clear();
    }
}

/// One look at every webhook. Answers whether more of a log is left to be read.
///
/// # Errors
/// When the storage fails.
pub async fn tick(service: &Arc<Messaging>, now: &mut AtWorkNow) -> Result<bool> {
    now.let_go();
    let moment = service.env.now();
    let found = service.db.read(Scope::System, move |tx| Box::pin(async move { webhooks::at_work(tx, moment).await }));
    let mut is_left = false;
    for webhook in found.await? {
        // One that cannot go on holds up no other.
        match one(service, &webhook, now).await {
            Ok(is_more) => is_left |= is_more,
            Err(error) => {
                tracing::error!(webhook.id = %webhook.id, error = %error, "a webhook could not go on, trying again");
            }
        }
    }
    Ok(is_left)
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
