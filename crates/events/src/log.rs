//! The durable log: one row per change.

use crate::store::{self, EventData, EventRow};
use db::Tx;
use model::{
    About, AccountId, ContactId, Conversation, Cx, Env, Event, Links, Message, ProjectId, Refusal, Result,
    SettingsUpdated, Timestamp, Topic, json_of,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// Bytes around an event's data in a frame, and of a message of usual length.
const AROUND_DATA: usize = 192;
const USUAL_MESSAGE: usize = 768;

/// An event with its data as text: made ready ahead where many are written at once.
#[derive(Debug)]
pub struct Told<'a> {
    /// The event.
    pub event: Event<'a>,
    /// Its data ([`Event::data`]).
    pub data: &'a str,
}

fn row_of(position: i64, project: &ProjectId, event: &Event<'_>, data: EventData) -> EventRow {
    let About { conversation, contact, seq, for_client } = event.about();
    EventRow {
        position,
        project_id: *project,
        kind: event.kind().into(),
        conversation_id: conversation.copied(),
        contact_id: contact.copied(),
        seq,
        for_client,
        data,
    }
}

/// What the log keeps of an event: of a message only which one it is.
fn data_of(event: &Event<'_>) -> Result<EventData> {
    match event {
        Event::MessageCreated(message) | Event::MessageUpdated(message) => {
            Ok(EventData::Message(Arc::new((*message).clone())))
        }
        other => other.data().map(EventData::Text).map_err(|e| Refusal::stored(&e)),
    }
}

/// An event that was just committed, told to the hub so that it need not read the log again.
#[derive(Debug)]
pub struct Recorded {
    /// Whose log it is in.
    pub account_id: AccountId,
    /// The event.
    pub row: EventRow,
}

/// Takes the account's lock without using up a position: first of all in a use case that may turn out to change nothing.
///
/// # Errors
/// When the account is gone or the storage fails.
pub async fn lock(tx: &mut Tx, account: &AccountId) -> Result<()> {
    store::lock(tx, account).await
}

/// The next position. The account's row stays locked until the commit, so no reader can pass a later commit.
///
/// # Errors
/// When the account is gone or the storage fails.
pub async fn next_position(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    store::next_positions(tx, account, 1).await
}

/// As many positions as asked for, at once: the first of them.
///
/// # Errors
/// When the account is gone or the storage fails.
pub async fn next_positions(tx: &mut Tx, account: &AccountId, count: usize) -> Result<i64> {
    store::next_positions(tx, account, i64::try_from(count).unwrap_or(i64::MAX)).await
}

/// Gives back the newest positions, taken in this transaction and not written to.
///
/// # Errors
/// When the account is gone or the storage fails.
pub async fn give_back_positions(tx: &mut Tx, account: &AccountId, count: usize) -> Result<()> {
    store::next_positions(tx, account, i64::try_from(count).map_or(0, |count| -count)).await.map(drop)
}

/// Writes an event at a position taken before.
///
/// # Errors
/// When the storage fails.
pub async fn record(cx: &mut Cx<'_>, position: i64, project: &ProjectId, event: &Event<'_>) -> Result<()> {
    let data = data_of(event)?;
    write(cx, vec![row_of(position, project, event, data)]).await
}

/// As [`record`], for many events at `first` and the positions after it.
///
/// # Errors
/// When the storage fails.
pub async fn record_all<'a>(
    cx: &mut Cx<'_>,
    first: i64,
    project: &ProjectId,
    events: impl Iterator<Item = Told<'a>>,
) -> Result<()> {
    let rows =
        events.zip(first..).map(|(told, at)| row_of(at, project, &told.event, EventData::Text(told.data.to_owned())));
    write(cx, rows.collect()).await
}

/// Writes that these messages were made, each at its own position.
///
/// # Errors
/// When the storage fails.
pub async fn record_created(cx: &mut Cx<'_>, messages: &[Arc<Message>]) -> Result<()> {
    let rows = messages.iter().map(|message| {
        let data = EventData::Message(message.clone());
        row_of(message.position, &message.project_id, &Event::MessageCreated(message), data)
    });
    let rows = rows.collect();
    write(cx, rows).await
}

async fn write(cx: &mut Cx<'_>, rows: Vec<EventRow>) -> Result<()> {
    store::insert(cx.tx, cx.account, &rows, cx.env.now().0).await?;
    for row in rows {
        cx.tx.announce_fact(|| Topic::Events(*cx.account), Recorded { account_id: *cx.account, row });
    }
    Ok(())
}

/// Takes the next position and writes an event there.
///
/// # Errors
/// When the storage fails.
pub async fn append(cx: &mut Cx<'_>, project: &ProjectId, event: &Event<'_>) -> Result<i64> {
    let position = next_position(cx.tx, cx.account).await?;
    record(cx, position, project, event).await?;
    Ok(position)
}

/// Tells that settings of a project changed: `resource` is the last part of their path, such as `fields`.
///
/// # Errors
/// When the storage fails.
pub async fn settings_changed(cx: &mut Cx<'_>, project: &ProjectId, resource: &str) -> Result<()> {
    let event = Event::SettingsUpdated(SettingsUpdated { resource: resource.to_owned() });
    append(cx, project, &event).await.map(drop)
}

/// Events after a position, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn after(tx: &mut Tx, account: &AccountId, position: i64, limit: i64) -> Result<Vec<EventRow>> {
    store::after(tx, account, position, limit).await
}

/// The newest position, and the oldest one still kept.
///
/// # Errors
/// When the account is gone or the storage fails.
pub async fn bounds(tx: &mut Tx, account: &AccountId) -> Result<(i64, i64)> {
    store::bounds(tx, account).await
}

/// Contacts of a project that were made, changed or deleted after a position.
pub async fn changed_contacts(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    position: i64,
) -> Result<BTreeSet<ContactId>> {
    store::changed_contacts(tx, account, project, position).await
}

/// Forgets up to `limit` of the oldest events, those before a moment (rulings 45). Readers behind that get a `gap`. An event that a clock
/// gone wrong dated later keeps everything after it: too much is kept rather than too little (D11).
///
/// # Errors
/// When the storage fails.
pub async fn forget(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    let oldest = store::oldest(tx, account, limit).await?;
    let expired = oldest.iter().take_while(|(_, created_at)| *created_at < before.0);
    match expired.last() {
        Some((position, _)) => store::forget_up_to(tx, account, *position).await,
        None => Ok(0),
    }
}

/// What the sockets of a node are told of one event: the event's own text is made once for all of them.
pub(crate) struct Frames {
    /// For the desk.
    pub team: String,
    /// For programs, where links to files are others for them.
    pub signed: Option<String>,
    /// For the client, where one is to be told.
    pub visitor: Option<String>,
}

impl Frames {
    /// Those of an event, for the client, too, where `is_heard`.
    pub(crate) fn of(env: &Env, event: &EventRow, is_heard: bool) -> Self {
        let team = text_of(env, event, Links::Team);
        let signed = event.has_files().then(|| text_of(env, event, Links::Signed));
        Self {
            visitor: is_heard.then(|| visitor_frame_of(event, signed.as_deref().unwrap_or(&team))),
            signed: signed.map(|text| operator_frame_of(event, &text)),
            team: operator_frame_of(event, &team),
        }
    }
}

/// A frame of the operator socket for one event.
pub fn operator_frame(env: &Env, event: &EventRow, links: Links) -> String {
    operator_frame_of(event, &text_of(env, event, links))
}

/// Text joined, nothing parsed again.
fn operator_frame_of(event: &EventRow, data: &str) -> String {
    let EventRow { position, project_id, kind, .. } = event;
    let mut frame = String::with_capacity(data.len() + AROUND_DATA);
    let _ = write!(frame, r#"{{"type":"event","position":{position},"project_id":"{project_id}""#);
    ended(frame, kind, data)
}

/// The same for a visitor's socket.
fn visitor_frame_of(event: &EventRow, data: &str) -> String {
    let mut frame = String::with_capacity(data.len() + AROUND_DATA);
    frame.push_str(r#"{"type":"event""#);
    ended(frame, &event.kind, data)
}

fn ended(mut frame: String, kind: &str, data: &str) -> String {
    for part in [r#","kind":""#, kind, r#"","data":"#, data, "}"] {
        frame.push_str(part);
    }
    frame
}

/// What an event says, as JSON: the same as the resource's GET.
pub fn data_text<'d>(env: &Env, event: &'d EventRow) -> Cow<'d, str> {
    text_of(env, event, Links::Signed)
}

/// A message is told as its GET answers it. Nothing in one can fail to be JSON; were it so, the reader gets an empty one.
fn text_of<'d>(env: &Env, event: &'d EventRow, links: Links) -> Cow<'d, str> {
    match &event.data {
        EventData::Text(text) if event.has_files() => match serde_json::from_str::<Conversation>(text) {
            Ok(conversation) => {
                serde_json::to_string(&conversation.shown(env, links)).map_or(Cow::Borrowed(text), Cow::Owned)
            }
            // Of a form of before: the rest of it is worth telling.
            Err(_) => Cow::Borrowed(text),
        },
        EventData::Text(text) => Cow::Borrowed(text),
        EventData::Message(message) => {
            let text = match event.has_files() {
                true => json_of(&Message::clone(message).shown(env, links), USUAL_MESSAGE),
                false => json_of(&**message, USUAL_MESSAGE),
            };
            text.map_or(Cow::Borrowed("{}"), Cow::Owned)
        }
        EventData::Gone => Cow::Borrowed("{}"),
    }
}
