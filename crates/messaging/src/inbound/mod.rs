//! What a provider brought: stored raw with its dedupe key and a job in one transaction, then processed once (rulings 7, D5).

mod store;

pub use store::forget;

use crate::connections::{self, Connection};
use crate::{Messaging, Refusal, Result, files, intake};
use bytes::Bytes;
use channels::telegram::{self, Telegram};
use db::Tx;
use jobs::Job;
use model::{AccountId, Attachment, ConnectionId, Cx, Env, Inbound, InboundEvent, InboundFile, SendError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use vault::Secret;

pub(crate) const KIND: &str = "inbound";

#[derive(Serialize, Deserialize)]
struct Payload {
    connection_id: ConnectionId,
    dedupe_key: String,
}

/// Stores one update. False when it was stored before: the provider repeats itself.
///
/// # Errors
/// When the storage fails; then the provider must be told to come again.
pub async fn journal(cx: &mut Cx<'_>, connection: &Connection, update: &Value) -> Result<bool> {
    let Some(dedupe_key) = telegram::dedupe_key(update) else {
        return Err(Refusal::invalid("update_id", "missing", "this is not an update"));
    };
    if !store::insert(cx, &connection.id, &dedupe_key, &update.to_string()).await? {
        return Ok(false);
    }
    let order_key = format!("{}/{}", connection.id, telegram::sender_of(update));
    let payload = Payload { connection_id: connection.id.clone(), dedupe_key };
    let payload = serde_json::to_string(&payload).map_err(|e| Refusal::stored(&e))?;
    jobs::enqueue(cx, KIND, &order_key, &payload).await?;
    Ok(true)
}

/// Stores a polled batch and the place to go on from, together.
///
/// # Errors
/// When the storage fails; then the same updates are asked for again.
pub async fn journal_all(cx: &mut Cx<'_>, connection: &Connection, updates: &[Value]) -> Result<i64> {
    let mut next = connection.poll_offset;
    for update in updates {
        journal(cx, connection, update).await?;
        next = next.max(update.get("update_id").and_then(Value::as_i64).unwrap_or(0) + 1);
    }
    connections::set_poll_offset(cx.tx, cx.account, &connection.id, next).await?;
    Ok(next)
}

/// Processes a stored update: files first (they need the network), then everything else in one transaction with the end of the job.
pub(crate) async fn process(service: Arc<Messaging>, job: Job) -> Result<()> {
    let (service, job) = (&service, &job);
    let payload: Payload = serde_json::from_str(&job.payload).map_err(|e| Refusal::stored(&e))?;
    let (connection, update) = service
        .read(&job.account_id, move |cx| Box::pin(async move { load(cx.tx, cx.account, &payload).await }))
        .await?;
    let inbound = telegram::parse(&update).map_err(|e| Refusal::stored(&e))?;
    let bot = bot_of(service, &connection)?;
    let attachments = match &inbound {
        Some(Inbound { event: InboundEvent::Message { files, .. }, sender, .. }) => {
            fetch(service, &connection, &bot, files, &sender.external_id, job.attempts).await?
        }
        _ => Vec::new(),
    };
    let callback = match &inbound {
        Some(Inbound { event: InboundEvent::Pressed { callback_id, .. }, .. }) => Some(callback_id.clone()),
        _ => None,
    };
    let id = job.id.clone();
    service
        .write(&job.account_id, move |cx| {
            Box::pin(async move {
                if let Some(inbound) = inbound {
                    note_last_in(cx.tx, cx.env, &connection).await?;
                    intake::process(cx, &connection, inbound, attachments).await?;
                }
                jobs::finish(cx.tx, cx.account, &id).await.map(drop)
            })
        })
        .await?;
    if let Some(callback_id) = callback
        && let Err(error) = bot.answer_callback(&callback_id).await
    {
        tracing::debug!(error = %error, "a press was not confirmed in time");
    }
    Ok(())
}

async fn load(tx: &mut Tx, account: &AccountId, payload: &Payload) -> Result<(Connection, Value)> {
    let connection = connections::get(tx, account, &payload.connection_id).await?;
    let body = store::body(tx, account, &payload.connection_id, &payload.dedupe_key).await?;
    let update = serde_json::from_str(&body).map_err(|e| Refusal::stored(&e))?;
    Ok((connection, update))
}

/// Health is a note for people: once a minute is enough.
async fn note_last_in(tx: &mut Tx, env: &Env, connection: &Connection) -> Result<()> {
    let is_fresh = connection.health.last_in_at.is_some_and(|at| env.now().ms_since(at) < 60_000);
    if is_fresh {
        return Ok(());
    }
    let health = connections::Health { last_in_at: Some(env.now()), ..connection.health.clone() };
    connections::set_health(tx, &connection.account_id, &connection.id, &health).await
}

/// The client of a connection's bot, with its token opened.
pub(crate) fn bot_of(service: &Messaging, connection: &Connection) -> Result<Telegram> {
    let base = connection.settings.get("base_url").and_then(Value::as_str).unwrap_or(telegram::PUBLIC_BASE_URL);
    let token = connection.open(service.env.vault())?.token.unwrap_or_else(|| Secret::new(""));
    Ok(Telegram::new(service.egress.clone(), base, token))
}

async fn fetch(
    service: &Arc<Messaging>,
    connection: &Connection,
    bot: &Telegram,
    files: &[InboundFile],
    sender: &str,
    attempts: i64,
) -> Result<Vec<Attachment>> {
    let mut fetched = Vec::with_capacity(files.len());
    for file in files {
        match bot.download(&file.external_id, files::MAX_UPLOAD).await {
            Ok(bytes) => fetched.push(store(service, connection, file, sender, bytes).await?),
            Err(SendError::Refused { detail, .. }) => {
                fetched.push(missing(service, connection, file, sender, &detail).await?);
            }
            // After some tries the text is worth more than the file.
            Err(error) if attempts >= 4 => {
                fetched.push(missing(service, connection, file, sender, &error.to_string()).await?);
            }
            Err(error) => return Err(db::DbError::Unavailable(error.to_string()).into()),
        }
    }
    Ok(fetched)
}

async fn store(
    service: &Arc<Messaging>,
    connection: &Connection,
    file: &InboundFile,
    sender: &str,
    bytes: Bytes,
) -> Result<Attachment> {
    let (account, project) = (&connection.account_id, &connection.project_id);
    let saved = match service.files.save(&service.env, account, project, sender, &file.name, bytes).await {
        Ok(saved) => saved,
        Err(Refusal::Invalid(problems)) => {
            let words = problems.first().map(|p| p.message.clone()).unwrap_or_default();
            return Box::pin(missing(service, connection, file, sender, &words)).await;
        }
        Err(error) => return Err(error),
    };
    let attachment = saved.attachment().clone();
    service.write(account, move |cx| Box::pin(async move { files::record(cx, &saved).await })).await?;
    Ok(attachment)
}

/// A note in place of a file that could not be had: the operator sees that there was one, and why it is missing.
async fn missing(
    service: &Arc<Messaging>,
    connection: &Connection,
    file: &InboundFile,
    sender: &str,
    why: &str,
) -> Result<Attachment> {
    let words = format!("{}: файл не получен / file not received ({why})", file.name);
    let stand_in = InboundFile { name: format!("{}.txt", file.name), ..file.clone() };
    Box::pin(store(service, connection, &stand_in, sender, Bytes::from(words))).await
}
