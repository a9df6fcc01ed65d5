//! A message joins its conversation: the one place where anything that is ever said is numbered, stored and told.

use super::{Place, store};
use crate::messages::{self, NewMessage};
use crate::{Refusal, Result};
use db::Tx;
use model::{AccountId, AuthorKind, Cx, Delivery, Message, MessageId, MessageKind, Timestamp};

/// Numbers a new message gets.
pub(super) struct Counted {
    pub seq: i64,
    pub client_count: i64,
}

/// Appends a message to a conversation: the next `seq`, the next position, the event. Everything that is ever said enters here.
///
/// # Errors
/// [`Refusal::Repeated`] when this author has sent this `client_id` before: undo the transaction and use [`messages::repeated`].
pub async fn append(cx: &mut Cx<'_>, place: &Place, new: NewMessage) -> Result<Message> {
    let position = events::next_position(cx.tx, cx.account).await?;
    let now = cx.env.now();
    let counted = advance(cx.tx, cx.account, place, &new, position, now).await?;
    let message = Message {
        id: MessageId::new(cx.env.ids()),
        project_id: place.project_id.clone(),
        conversation_id: place.conversation_id.clone(),
        contact_id: place.contact_id.clone(),
        connection_id: place.connection_id.clone(),
        channel: place.channel,
        seq: counted.seq,
        position,
        author: new.author,
        kind: new.kind,
        content: new.content,
        delivery: new.delivery.map(|status| Delivery { status, reason: None, at: now }),
        client_id: new.client_id,
        reply_to: new.reply_to,
        created_at: now,
        edited_at: None,
    };
    if !messages::store::insert(cx.tx, cx.account, &message, counted.client_count, new.external_id.as_deref()).await? {
        return Err(Refusal::Repeated);
    }
    let event = messages::event_of(&message, "message.created");
    events::record(cx, position, event, &message).await?;
    Ok(message)
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
        (MessageKind::Message, _) => store::advance_by_us(tx, account, place, position).await,
        (MessageKind::Note, _) => store::advance_quietly(tx, account, place, position, true).await,
        (MessageKind::Event, _) => store::advance_quietly(tx, account, place, position, false).await,
    }
}
