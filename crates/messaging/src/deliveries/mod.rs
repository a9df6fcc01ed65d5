//! The way out: claim, commit, send outside any transaction, record the attempt, end in an honest state (D6).

mod lanes;
mod store;

pub use lanes::Lane;

use crate::connections::{self, Connection, Health, HealthError};
use crate::contacts;
use crate::conversations::Place;
use crate::files;
use crate::inbound;
use crate::messages;
use crate::{Messaging, Refusal, Result};
use db::{Scope, Tx};
use lanes::{Room, Running};
use model::{
    AccountId, AuthorKind, ChannelKind, ConnectionId, ContactId, Content, Cx, Delivery, DeliveryId, DeliveryReason,
    DeliveryStatus, Env, FileId, Links, Message, MessageId, Outbound, OutboundFile, SendError, Sent, Thread, Timestamp,
    Topic,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};

/// Deliveries claimed at once.
const BATCH: i64 = 32;
/// Tries to reach a channel that does not answer at all, or always puts us off, over about a day.
const MAX_ATTEMPTS: i64 = 290;
const POLL: Duration = Duration::from_secs(1);
/// What is held waits until then, the year 5138, or until somebody releases it.
const HELD_UNTIL: Timestamp = Timestamp(100_000_000_000_000);

/// A claimed delivery.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    pub account_id: AccountId,
    pub id: DeliveryId,
    pub message_id: MessageId,
    pub connection_id: ConnectionId,
    pub contact_id: ContactId,
    pub attempts: i64,
    pub lane: Lane,
    /// Which part of the message goes next.
    pub part: i64,
}

/// The state a message of ours begins with in a kind of channel: what we keep ourselves is there at once.
pub fn first_status(channel: ChannelKind) -> DeliveryStatus {
    if channels::adapter(channel).capabilities().is_own_log { DeliveryStatus::Sent } else { DeliveryStatus::Queued }
}

/// Queues a message of ours for its channel, to be sent at once or not before a moment.
///
/// # Errors
/// When the storage fails.
pub async fn enqueue(cx: &mut Cx<'_>, message: &Message, lane: Lane, due: Option<Timestamp>) -> Result<()> {
    let due = due.unwrap_or_else(|| cx.env.now());
    store::insert(cx, message, lane, due, 0).await?;
    cx.tx.announce(Topic::Deliveries);
    Ok(())
}

/// Sends a failed or unknown message again because a person asked: a new delivery, really sent.
///
/// # Errors
/// When it is not in such a state.
pub async fn retry(cx: &mut Cx<'_>, message: &Message) -> Result<Message> {
    let status = message.delivery.as_ref().map(|d| d.status);
    if !matches!(status, Some(DeliveryStatus::Failed | DeliveryStatus::Unknown)) {
        let detail = "only a message that was not sent, or whose outcome is unknown, can be sent again".to_owned();
        return Err(Refusal::Conflict { code: "not_failed", detail });
    }
    set_state(cx, message, DeliveryStatus::Queued, None, None).await?;
    // A person asked for it, whoever said it first. What went out of it is not sent again.
    let part = store::stopped_at(cx.tx, cx.account, &message.id).await?;
    store::insert(cx, message, Lane::Person, cx.env.now(), part).await?;
    cx.tx.announce(Topic::Deliveries);
    messages::get(cx.tx, cx.account, &message.id).await
}

/// Keeps what waits of some messages from being sent until it is released: their mailing stands still. What is being sent ends as it ends.
///
/// # Errors
/// When the storage fails.
pub async fn hold(cx: &mut Cx<'_>, messages: &[MessageId]) -> Result<()> {
    store::set_next(cx.tx, cx.account, messages, HELD_UNTIL).await
}

/// Lets what was held be sent.
///
/// # Errors
/// When the storage fails.
pub async fn release(cx: &mut Cx<'_>, messages: &[MessageId]) -> Result<()> {
    store::set_next(cx.tx, cx.account, messages, cx.env.now()).await?;
    cx.tx.announce(Topic::Deliveries);
    Ok(())
}

/// Takes back those of some messages that wait and of which nothing went out yet: they fail as `withdrawn`. Answers which.
///
/// # Errors
/// When the storage fails.
pub async fn withdraw(cx: &mut Cx<'_>, ids: &[MessageId]) -> Result<Vec<MessageId>> {
    take_back(cx, ids, "the mailing was stopped before this message was sent").await
}

/// Takes back what a bot has waiting in a conversation, be it for its typing time or its turn: a person has come (one owner at a time).
///
/// # Errors
/// When the storage fails.
pub(crate) async fn withdraw_of_bot(cx: &mut Cx<'_>, place: &Place) -> Result<()> {
    let waiting =
        store::waiting_of_lane(cx.tx, cx.account, &place.contact_id, &place.conversation_id, Lane::Bot).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    take_back(cx, &waiting, "a person took the conversation before the bot's message was sent").await.map(drop)
}

async fn take_back(cx: &mut Cx<'_>, ids: &[MessageId], why: &str) -> Result<Vec<MessageId>> {
    events::lock(cx.tx, cx.account).await?;
    let mut withdrawn = Vec::new();
    for id in ids {
        if !store::withdraw(cx.tx, cx.account, id).await? {
            continue;
        }
        let message = messages::get(cx.tx, cx.account, id).await?;
        let reason = DeliveryReason { code: "withdrawn".to_owned(), detail: why.to_owned() };
        set_state(cx, &message, DeliveryStatus::Failed, Some(reason), None).await?;
        withdrawn.push(*id);
    }
    Ok(withdrawn)
}

/// Where a contact is written to on its channel.
pub(crate) async fn address_of(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<String> {
    store::address(tx, account, contact).await
}

/// Works until the process ends. Each delivery runs by itself: one that hangs holds up only its own contact.
pub async fn run(service: Arc<Messaging>) {
    let mut sending = JoinSet::new();
    let mut running = Running::default();
    loop {
        while let Some(done) = sending.try_join_next() {
            report(done, &mut running);
        }
        let claimed = match claim_due(&service, &running).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(error = %error, "deliveries could not be claimed, trying again");
                tokio::time::sleep(POLL).await;
                continue;
            }
        };
        let is_idle = claimed.is_empty();
        for due in claimed {
            let service = service.clone();
            running.begin(&due.connection_id, due.lane);
            sending.spawn(async move {
                let (connection, lane) = (due.connection_id, due.lane);
                // Caught here, so that the room it took is given back whatever becomes of it.
                let outcome = tokio::spawn(async move { send(&service, due).await }).await;
                (connection, lane, outcome)
            });
        }
        if is_idle {
            tokio::select! {
                () = service.deliveries_due.notified() => {}
                // Its end may free the next message of the same contact.
                Some(done) = sending.join_next() => report(done, &mut running),
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
}

type Done = (ConnectionId, Lane, std::result::Result<Result<()>, JoinError>);

fn report(done: std::result::Result<Done, JoinError>, running: &mut Running) {
    let Ok((connection, lane, outcome)) = done else { return };
    running.end(&connection, lane);
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error = %error, "a delivery could not be recorded; its lease runs out"),
        Err(error) => tracing::error!(error = %error, "a delivery panicked; its lease runs out"),
    }
}

async fn claim_due(service: &Messaging, running: &Running) -> Result<Vec<Due>> {
    let env = service.env.clone();
    let room = Room::of(running);
    let claimed = service.db.write(Scope::System, move |tx| {
        Box::pin(async move {
            // Alone in its transaction: accounts are locked in one order, or two nodes might wait for each other.
            if give_up_on_the_dead(tx, &env).await? {
                return Ok(Vec::new());
            }
            let claimed = claim(tx, &env, &room).await?;
            tell_sending(tx, &env, &claimed).await?;
            Ok(claimed)
        })
    });
    claimed.await
}

/// What a process that died was sending has an unknown outcome at once. Only for a process that knows to be alone on its database.
///
/// # Errors
/// When the storage fails.
pub async fn abandon_leases(tx: &mut Tx) -> Result<()> {
    store::end_leases(tx).await
}

/// What is due and may begin: people's first, then of every connection as much as its bots and mailings have room for.
async fn claim(tx: &mut Tx, env: &Env, room: &Room) -> Result<Vec<Due>> {
    let now = env.now();
    let mut claimed = Vec::new();
    if room.people > 0 {
        for due in store::due_of_people(tx, now, BATCH.min(count(room.people))).await? {
            claimed.extend(take(tx, env, due).await?);
        }
    }
    let mut left = room.lower.min(room.people.saturating_sub(claimed.len()));
    // Once round, from where the last claim ended, so that every connection has its turn.
    let (mut after, mut has_turned) = (room.after, false);
    while left > 0 {
        let next = store::next_lower_connection(tx, after).await?;
        let Some(connection) = next.filter(|id| !has_turned || *id <= room.after) else {
            if has_turned {
                break;
            }
            (after, has_turned) = (ConnectionId::from_bits(0), true);
            continue;
        };
        for due in store::due_of_lower(tx, &connection, now, count(room.lower_of(&connection).min(left))).await? {
            let taken = take(tx, env, due).await?;
            left -= usize::from(taken.is_some());
            claimed.extend(taken);
        }
        after = connection;
    }
    Ok(claimed)
}

fn count(room: usize) -> i64 {
    i64::try_from(room).unwrap_or(i64::MAX)
}

async fn take(tx: &mut Tx, env: &Env, due: Due) -> Result<Option<Due>> {
    let is_taken = store::take(tx, &due, env.now(), env.lease_end()).await?;
    Ok(is_taken.then(|| Due { attempts: due.attempts + 1, ..due }))
}

/// Tells that messages are being sent, account after account in one order on every node: each account's log is locked by it.
async fn tell_sending(tx: &mut Tx, env: &Env, claimed: &[Due]) -> Result<()> {
    let mut in_order: Vec<&Due> = claimed.iter().collect();
    in_order.sort_by_key(|a| a.account_id);
    for due in in_order {
        let message = messages::get(tx, &due.account_id, &due.message_id).await?;
        set_state(&mut Cx::new(tx, env, &due.account_id), &message, DeliveryStatus::Sending, None, None).await?;
    }
    Ok(())
}

/// A worker died between sending and recording: nobody can know whether the message arrived. True when there was such a one.
async fn give_up_on_the_dead(tx: &mut Tx, env: &Env) -> Result<bool> {
    let mut dead = store::dead(tx, env.now()).await?;
    dead.sort_by_key(|a| a.account_id);
    for dead in &dead {
        if !store::finish(tx, dead, env.now(), "unknown", "the program stopped while sending").await? {
            continue;
        }
        let message = messages::get(tx, &dead.account_id, &dead.message_id).await?;
        let reason = DeliveryReason { code: "interrupted".into(), detail: "the program stopped while sending".into() };
        set_state(&mut Cx::new(tx, env, &dead.account_id), &message, DeliveryStatus::Unknown, Some(reason), None)
            .await?;
    }
    Ok(!dead.is_empty())
}

async fn send(service: &Arc<Messaging>, due: Due) -> Result<()> {
    let account = due.account_id;
    let (wanted, now) = (due.clone(), service.env.now());
    let loaded = service
        .db
        .read(account, move |tx| {
            Box::pin(async move {
                if !store::is_held(tx, &wanted, now).await? {
                    return Err(lost(&wanted));
                }
                let message = messages::get(tx, &wanted.account_id, &wanted.message_id).await?;
                let connection = connections::get(tx, &wanted.account_id, &wanted.connection_id).await?;
                let address = store::address(tx, &wanted.account_id, &wanted.contact_id).await?;
                let adapter = channels::adapter(connection.kind);
                let thread = match adapter.capabilities().names_thread {
                    true => messages::thread_before(tx, &wanted.account_id, &message).await?,
                    // What it answers by name is named by its first part.
                    false => Thread {
                        answers: match message.reply_to.filter(|_| wanted.part == 0) {
                            Some(answered) => {
                                let bot = adapter.numbered_by(&connection.settings);
                                messages::named_at_channel(tx, &wanted.account_id, &answered, bot.as_deref()).await?
                            }
                            None => None,
                        },
                        ..Thread::default()
                    },
                };
                Ok::<_, Refusal>((message, connection, address, thread))
            })
        })
        .await?;
    let (message, connection, address, thread) = loaded;
    let mut parts = channels::adapter(connection.kind).parts(message.content.clone());
    let whole = count(parts.len());
    let is_last = whole <= due.part + 1;
    let part = parts.swap_remove(usize::try_from(due.part).unwrap_or(0).min(parts.len() - 1));
    let outcome = match outbound(service, &due, &message, part, address).await {
        Ok(outbound) => Ok(Outbound { thread, ..outbound }),
        Err(error) => Err(error),
    };
    let outcome = match outcome {
        Ok(outbound) => through_channel(service, &connection, &outbound).await,
        Err(error) => Err(error),
    };
    let outcome = outcome.map_err(|error| if due.part > 0 { of_part(error, due.part + 1, whole) } else { error });
    let env = service.env.clone();
    service
        .db
        .write(account, move |tx| {
            Box::pin(async move {
                let cx = &mut Cx::new(tx, &env, &due.account_id);
                match outcome {
                    Ok(_) if !is_last => go_on(cx, &due, &connection).await,
                    outcome => record(cx, &due, &message, &connection, outcome).await,
                }
            })
        })
        .await
}

async fn through_channel(
    service: &Messaging,
    connection: &Connection,
    outbound: &Outbound,
) -> std::result::Result<Sent, SendError> {
    if connection.is_demo() {
        return Ok(Sent { external_id: "demo".into() });
    }
    match service.link(connection) {
        Ok(link) => channels::adapter(connection.kind).send(&link, outbound).await,
        Err(error) => Err(SendError::NotReached { detail: error.to_string() }),
    }
}

async fn outbound(
    service: &Messaging,
    due: &Due,
    message: &Message,
    part: Content,
    address: String,
) -> std::result::Result<Outbound, SendError> {
    let mut files = Vec::with_capacity(part.attachments.len());
    for file in &part.attachments {
        let bytes = bytes_of(service, &due.account_id, file.id).await;
        let bytes = bytes.map_err(|e| SendError::Refused { code: "no_file".into(), detail: e.to_string() })?;
        let (name, mime, url) = (file.name.clone(), file.mime.clone(), service.env.file_link(&file.id, Links::Signed));
        let sides = file.width.zip(file.height);
        files.push(OutboundFile { name, mime, bytes: bytes.to_vec(), url, sides });
    }
    let Content { text, buttons, .. } = part;
    let is_automatic = message.author.kind == AuthorKind::Bot;
    let key = if due.part == 0 { due.id.to_string() } else { format!("{}-{}", due.id, due.part) };
    let subject = message.content.extra.as_ref().and_then(|extra| extra.subject.clone());
    let unsubscribe =
        (due.lane == Lane::Mailing).then(|| service.unsubscribe_link(&due.account_id, &due.contact_id)).flatten();
    let (message_id, thread) = (message.id, Thread::default());
    Ok(Outbound { key, message_id, address, text, files, buttons, thread, is_automatic, subject, unsubscribe })
}

async fn bytes_of(service: &Messaging, account: &AccountId, file: FileId) -> Result<bytes::Bytes> {
    let held = service.read(account, move |cx| Box::pin(async move { files::held_as(cx.tx, cx.account, &file).await }));
    service.files.read(account, &held.await?).await
}

/// Says that what went before arrived: the message as a whole is in the state of the part that did not (ADR 14).
fn of_part(error: SendError, part: i64, whole: i64) -> SendError {
    let told = |detail: String| format!("part {part} of {whole}: {detail}");
    match error {
        SendError::Later { after_seconds, detail } => SendError::Later { after_seconds, detail: told(detail) },
        SendError::NotReached { detail } => SendError::NotReached { detail: told(detail) },
        SendError::Refused { code, detail } => SendError::Refused { code, detail: told(detail) },
        SendError::Unknown { detail } => SendError::Unknown { detail: told(detail) },
    }
}

/// A part is out: the next follows, and the message is being sent until its last.
async fn go_on(cx: &mut Cx<'_>, due: &Due, connection: &Connection) -> Result<()> {
    let now = cx.env.now();
    if !store::advance(cx.tx, due, now).await? {
        return Err(lost(due));
    }
    cx.tx.announce(Topic::Deliveries);
    note_health(cx, connection, None).await
}

async fn record(
    cx: &mut Cx<'_>,
    due: &Due,
    message: &Message,
    connection: &Connection,
    outcome: std::result::Result<Sent, SendError>,
) -> Result<()> {
    let now = cx.env.now();
    // One error for every way it may end: what another node decided meanwhile stands, and this transaction is undone.
    let held = |is_held: bool| if is_held { Ok(()) } else { Err(lost(due)) };
    let reason = |code: &str, detail: &str| Some(DeliveryReason { code: code.to_owned(), detail: detail.to_owned() });
    match outcome {
        Ok(sent) => {
            held(store::finish(cx.tx, due, now, "sent", "").await?)?;
            let bot = channels::adapter(connection.kind).numbered_by(&connection.settings);
            let external_id = inbound::scoped(bot.as_deref(), &sent.external_id);
            set_state(cx, message, DeliveryStatus::Sent, None, Some(&external_id)).await?;
            note_health(cx, connection, None).await
        }
        Err(SendError::Later { after_seconds, detail }) if due.attempts < MAX_ATTEMPTS => {
            let next = now.plus_ms(i64::from(after_seconds) * 1000);
            held(store::put_back(cx.tx, due, now, next, &detail).await?)?;
            set_state(cx, message, DeliveryStatus::Queued, reason("rate_limited", &detail), None).await
        }
        Err(SendError::NotReached { detail }) if due.attempts < MAX_ATTEMPTS => {
            held(store::put_back(cx.tx, due, now, next_try(now, due.attempts), &detail).await?)?;
            set_state(cx, message, DeliveryStatus::Queued, reason("not_reached", &detail), None).await?;
            note_health(cx, connection, Some(("not_reached", &detail))).await
        }
        Err(SendError::Later { detail, .. }) => {
            held(store::finish(cx.tx, due, now, "failed", &detail).await?)?;
            set_state(cx, message, DeliveryStatus::Failed, reason("rate_limited", &detail), None).await
        }
        Err(SendError::NotReached { detail }) => {
            held(store::finish(cx.tx, due, now, "failed", &detail).await?)?;
            set_state(cx, message, DeliveryStatus::Failed, reason("not_reached", &detail), None).await
        }
        Err(SendError::Refused { code, detail }) => {
            held(store::finish(cx.tx, due, now, "failed", &detail).await?)?;
            set_state(cx, message, DeliveryStatus::Failed, reason(&code, &detail), None).await?;
            match code.as_str() {
                "blocked_by_client" => contacts::set_blocked(cx, &due.contact_id, true).await,
                "bad_token" => note_health(cx, connection, Some(("bad_token", &detail))).await,
                _ => Ok(()),
            }
        }
        Err(SendError::Unknown { detail }) => {
            held(store::finish(cx.tx, due, now, "unknown", &detail).await?)?;
            set_state(cx, message, DeliveryStatus::Unknown, reason("no_answer", &detail), None).await
        }
    }
}

/// A fault, not a refusal: this node stood still while its lease ran out.
fn lost(due: &Due) -> Refusal {
    let words = format!("delivery {} is no longer held by this node: its outcome was decided without it", due.id);
    db::DbError::other(words).into()
}

fn next_try(now: Timestamp, attempts: i64) -> Timestamp {
    now.plus_ms(jobs::backoff_ms(attempts))
}

async fn set_state(
    cx: &mut Cx<'_>,
    message: &Message,
    status: DeliveryStatus,
    reason: Option<DeliveryReason>,
    external_id: Option<&str>,
) -> Result<()> {
    let delivery = Delivery { status, reason, at: cx.env.now() };
    messages::set_delivery(cx, message, delivery, external_id).await?;
    Ok(())
}

async fn note_health(cx: &mut Cx<'_>, connection: &Connection, trouble: Option<(&str, &str)>) -> Result<()> {
    let error = trouble.map(|(code, detail)| HealthError { code: code.to_owned(), detail: detail.to_owned() });
    let is_known = connection.health.error == error;
    let is_fresh = connection.health.last_out_at.is_some_and(|at| cx.env.now().ms_since(at) < 60_000);
    if is_known && (is_fresh || error.is_some()) {
        return Ok(());
    }
    let last_out_at = if error.is_none() { Some(cx.env.now()) } else { connection.health.last_out_at };
    let health = Health { last_out_at, error, ..connection.health.clone() };
    connections::set_health(cx.tx, cx.account, &connection.id, &health).await
}
