//! What a provider brought: stored raw with its dedupe key and a job in one transaction, then processed once (rulings 7, D5).

mod files;
mod store;

pub(crate) use files::is_stand_in;
pub use store::forget;

use crate::connections::{self, Connection};
use crate::{Messaging, Refusal, Result, intake};
use channels::{Polled, Raw};
use db::Tx;
use jobs::Job;
use model::{AccountId, ConnectionId, Contact, Cx, Inbound, InboundEvent, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

pub(crate) const KIND: &str = "inbound";

#[derive(Clone, Serialize, Deserialize)]
struct Payload {
    connection_id: ConnectionId,
    dedupe_key: String,
}

/// Stores what a channel brought. Answers how much of it is new: providers repeat themselves.
///
/// # Errors
/// When the storage fails; then the provider must be told to come again.
pub async fn journal(cx: &mut Cx<'_>, connection: &Connection, updates: &[Raw]) -> Result<usize> {
    let adapter = channels::adapter(connection.kind);
    let mut new = 0;
    for update in updates {
        let key = scoped(adapter.numbered_by(&connection.settings).as_deref(), &update.key);
        if !store::insert(cx, &connection.id, &key, &update.body.to_string()).await? {
            continue;
        }
        new += 1;
        let sender = adapter.sender(&update.body);
        let payload = Payload { connection_id: connection.id, dedupe_key: key };
        let payload = serde_json::to_string(&payload).map_err(|e| Refusal::stored(&e))?;
        jobs::enqueue(cx, KIND, &order_key(&connection.id, &sender), &payload).await?;
    }
    Ok(new)
}

/// Stores a polled batch and the place to go on from, together.
///
/// # Errors
/// When the storage fails; then the same updates are asked for again.
pub async fn journal_polled(cx: &mut Cx<'_>, connection: &Connection, polled: &Polled) -> Result<()> {
    journal(cx, connection, &polled.updates).await?;
    connections::set_poll_offset(cx.tx, connection, polled.next).await
}

/// A number of the other side's, told apart from the same number of the bot before or after it.
pub(crate) fn scoped(numbered_by: Option<&str>, id: &str) -> String {
    numbered_by.map_or_else(|| id.to_owned(), |bot| format!("{bot}{OF}{id}"))
}

/// The channel's own id again; none when it was another bot's.
pub(crate) fn unscoped<'a>(numbered_by: Option<&str>, id: &'a str) -> Option<&'a str> {
    match numbered_by {
        None => Some(id),
        Some(bot) => id.strip_prefix(bot)?.strip_prefix(OF),
    }
}

/// Between the bot and its number.
const OF: char = '/';

/// Gives the messages of an update the scope under which the update was stored: the connection may have another bot by now.
fn with_scope(event: InboundEvent, dedupe_key: &str, is_scoped: bool) -> InboundEvent {
    let Some((bot, _)) = dedupe_key.split_once(OF).filter(|_| is_scoped) else { return event };
    let scope = |id: &str| scoped(Some(bot), id);
    match event {
        InboundEvent::Message { external_id, text, files, buttons, extra, reply_to } => {
            let (external_id, reply_to) = (scope(&external_id), reply_to.as_deref().map(scope));
            InboundEvent::Message { external_id, text, files, buttons, extra, reply_to }
        }
        InboundEvent::Edited { external_id, text, files, extra } => {
            InboundEvent::Edited { external_id: scope(&external_id), text, files, extra }
        }
        other => other,
    }
}

/// What one person brings over a connection is processed one after the other.
fn order_key(connection: &ConnectionId, sender: &str) -> String {
    format!("{connection}/{sender}")
}

/// Processes a stored update: files first (they need the network), then everything else in one transaction with the end of the job.
/// One that cannot be read is set aside at once, with its reason, and blocks nobody (rulings 66).
pub(crate) async fn process(service: Arc<Messaging>, job: Job) -> Result<()> {
    let payload: Payload = serde_json::from_str(&job.payload).map_err(|e| Refusal::stored(&e))?;
    let wanted = payload.clone();
    let loaded =
        service.read(&job.account_id, move |cx| Box::pin(async move { load(cx.tx, cx.account, &wanted).await }));
    let (connection, raw) = loaded.await?;
    let adapter = channels::adapter(connection.kind);
    let inbound = adapter.parse(&raw).map_err(|e| Refusal::invalid("update", "unreadable", e.to_string()))?;
    let is_scoped = adapter.numbered_by(&connection.settings).is_some();
    let inbound = inbound.map(|inbound| {
        let event = with_scope(inbound.event, &payload.dedupe_key, is_scoped);
        Inbound { event, ..inbound }
    });
    let attachments = match &inbound {
        Some(Inbound { event, sender, .. }) if !event.files().is_empty() => {
            let fetcher = files::Fetcher::new(&service, &connection, &sender.external_id, job.attempts)?;
            fetcher.fetch_all(event.files()).await?
        }
        _ => Vec::new(),
    };
    let press = match &inbound {
        Some(Inbound { event: InboundEvent::Pressed { callback_id, .. }, .. }) => Some(callback_id.clone()),
        _ => None,
    };
    let (id, own) = (job.id, connection.clone());
    let done = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            if let Some(inbound) = inbound {
                note_last_in(cx, &own).await?;
                intake::process(cx, &own, inbound, attachments).await?;
            }
            jobs::must_finish(cx, &id).await
        })
    });
    done.await?;
    if let Some(press) = press {
        adapter.confirm_press(&service.link(&connection)?, &press).await;
    }
    Ok(())
}

/// Whether an error of [`process`] is the update's own: another try would meet it again.
pub(crate) fn is_unreadable(error: &Refusal) -> bool {
    matches!(error, Refusal::Invalid(_))
}

async fn load(tx: &mut Tx, account: &AccountId, payload: &Payload) -> Result<(Connection, Value)> {
    let connection = connections::get(tx, account, &payload.connection_id).await?;
    let body = store::body(tx, account, &payload.connection_id, &payload.dedupe_key).await?;
    let update = serde_json::from_str(&body).map_err(|e| Refusal::stored(&e))?;
    Ok((connection, update))
}

/// What a channel brought, as it came, of a message of its; none when it is no longer kept, or was never raw.
///
/// # Errors
/// When the storage fails.
pub async fn of_message(cx: &mut Cx<'_>, message: &MessageId) -> Result<Option<Value>> {
    let body = store::of_message(cx, message).await?;
    body.map(|body| serde_json::from_str(&body).map_err(|e| Refusal::stored(&e))).transpose()
}

/// Health is a note for people: once a minute is enough.
async fn note_last_in(cx: &mut Cx<'_>, connection: &Connection) -> Result<()> {
    let now = cx.env.now();
    let is_fresh = connection.health.last_in_at.is_some_and(|at| now.ms_since(at) < 60_000);
    if is_fresh {
        return Ok(());
    }
    let health = connections::Health { last_in_at: Some(now), ..connection.health.clone() };
    connections::set_health(cx.tx, cx.account, &connection.id, &health).await
}

/// Empties the raw updates that came from a contact over its connection and takes back the work on them. Their keys stay: a provider
/// that repeats itself must not bring them again. Answers how many there were.
///
/// # Errors
/// When the storage fails.
pub async fn erase(cx: &mut Cx<'_>, contact: &Contact) -> Result<u64> {
    let adapter = channels::adapter(contact.channel);
    let stored = store::mentioning(cx, &contact.connection_id, &contact.external_id).await?;
    let is_own = |body: &str| {
        let raw: Value = serde_json::from_str(body).unwrap_or_default();
        adapter.sender(&raw) == contact.external_id
    };
    let own = stored.iter().filter(|(_, body)| is_own(body));
    let keys: Vec<&str> = own.map(|(key, _)| key.as_str()).collect();
    let emptied = store::empty(cx, &contact.connection_id, &keys).await?;
    jobs::forget_order(cx.tx, cx.account, KIND, &order_key(&contact.connection_id, &contact.external_id)).await?;
    Ok(emptied)
}
