//! A message joins its conversation: the one place where anything that is ever said is numbered, stored and told.

use super::{Place, store};
use crate::messages::store::ToInsert;
use crate::messages::{self, NewMessage};
use crate::{Refusal, Result};
use db::Tx;
use model::{AccountId, AuthorKind, ContactId, Cx, Delivery, Event, Message, MessageId, MessageKind, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// An open conversation as it stands under the account's lock, with its counters.
#[derive(Debug, Clone)]
pub struct Standing {
    pub(super) place: Place,
    /// Its newest `seq`.
    pub(super) seq: i64,
    /// Messages of the client.
    pub(super) client_count: i64,
    /// Position of the newest message, once one was appended here.
    pub(super) position: Option<i64>,
    /// Whether a bot has answered in it: then nobody is waited for.
    pub(super) is_answered: bool,
}

impl Standing {
    /// Where a message goes.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// Numbers a new message gets.
pub(super) struct Counted {
    pub seq: i64,
    pub client_count: i64,
}

/// Appends a message to a conversation: the next `seq`, the next position, the event. Everything that is ever said enters here, or, where
/// many clients write at once, at [`append_all`].
///
/// # Errors
/// [`Refusal::Repeated`] when this author has sent this `client_id` before: undo the transaction and use [`messages::said_before`].
pub async fn append(cx: &mut Cx<'_>, place: &Place, new: NewMessage) -> Result<Message> {
    let position = events::next_position(cx.tx, cx.account).await?;
    let now = cx.env.now();
    let Counted { seq, client_count } = advance(cx.tx, cx.account, place, &new, position, now).await?;
    let external_id = new.external_id.clone();
    let message = message_of(cx, place, new, (seq, position), now);
    let row = ToInsert { message: &message, client_count, external_id: external_id.as_deref() };
    if messages::store::insert(cx.tx, cx.account, &[row]).await? == 0 {
        return Err(Refusal::Repeated);
    }
    events::record(cx, position, &message.project_id, &Event::MessageCreated(&message)).await?;
    Ok(message)
}

/// As [`append`], for messages of clients, and of bots that answer them, whose open conversations were found under the account's lock:
/// positions are taken at once, and each conversation is written once. Their order is the order of their numbers. None when one of them was sent before: then nothing is stored.
///
/// # Errors
/// When the storage fails, or a conversation is not among those found.
pub async fn append_all(
    cx: &mut Cx<'_>,
    mut standing: HashMap<ContactId, Standing>,
    new: Vec<(ContactId, NewMessage)>,
) -> Result<Option<Vec<Arc<Message>>>> {
    if new.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let count = new.len();
    let first = events::next_positions(cx.tx, cx.account, count).await?;
    let now = cx.env.now();
    let mut appended = Vec::with_capacity(count);
    for ((contact, new), position) in new.into_iter().zip(first..) {
        let here = standing.get_mut(&contact).ok_or(Refusal::NotFound)?;
        here.seq += 1;
        here.is_answered = new.author.kind == AuthorKind::Bot;
        here.client_count += i64::from(new.author.kind == AuthorKind::Client);
        here.position = Some(position);
        let external_id = new.external_id.clone();
        let message = Arc::new(message_of(cx, &here.place, new, (here.seq, position), now));
        appended.push((message, here.client_count, external_id));
    }
    let rows = appended.iter().map(|(message, client_count, external_id)| ToInsert {
        message,
        client_count: *client_count,
        external_id: external_id.as_deref(),
    });
    let rows: Vec<_> = rows.collect();
    let is_whole = messages::store::insert(cx.tx, cx.account, &rows).await? == rows.len();
    let appended: Vec<_> = appended.into_iter().map(|(message, ..)| message).collect();
    if !is_whole {
        messages::store::take_out(cx.tx, cx.account, &appended).await?;
        events::give_back_positions(cx.tx, cx.account, count).await?;
        return Ok(None);
    }
    store::advance_all(cx.tx, cx.account, standing.values().filter(|here| here.position.is_some()), now).await?;
    events::record_created(cx, &appended).await?;
    Ok(Some(appended))
}

fn message_of(cx: &Cx<'_>, place: &Place, new: NewMessage, (seq, position): (i64, i64), now: Timestamp) -> Message {
    Message {
        id: MessageId::new(cx.env.ids()),
        project_id: place.project_id,
        conversation_id: place.conversation_id,
        contact_id: place.contact_id,
        connection_id: place.connection_id,
        channel: place.channel,
        seq,
        position,
        author: new.author,
        kind: new.kind,
        content: new.content,
        delivery: new.delivery.map(|status| Delivery { status, reason: None, at: now }),
        client_id: new.client_id,
        reply_to: new.reply_to,
        created_at: now,
        edited_at: None,
    }
}

/// Gives a message its `seq` and brings the conversation up to date with it.
async fn advance(
    tx: &mut Tx,
    account: &AccountId,
    place: &Place,
    new: &NewMessage,
    position: i64,
    now: Timestamp,
) -> Result<Counted> {
    match (new.kind, new.author.kind) {
        (MessageKind::Message, AuthorKind::Client) => store::advance_by_client(tx, account, place, position, now).await,
        (MessageKind::Message, AuthorKind::Bot) => store::advance_by_bot(tx, account, place, position).await,
        (MessageKind::Message, _) => store::advance_by_us(tx, account, place, position).await,
        (MessageKind::Note, _) => store::advance_quietly(tx, account, place, position, true).await,
        (MessageKind::Event, _) => store::advance_quietly(tx, account, place, position, false).await,
    }
}
