//! The end of a conversation, and what its client has read. Asking for the state that already is changes nothing and tells nothing.

use super::{Place, store, tell};
use crate::messages::{self, NewMessage};
use crate::{Refusal, Result};
use model::{ConversationId, ConversationStatus, Cx, DeliveryStatus};
use serde_json::json;

/// Closes the conversation.
///
/// # Errors
/// When the storage fails.
pub async fn close(cx: &mut Cx<'_>, place: &Place, by: &str) -> Result<()> {
    end(cx, place, "conversation.closed", by).await
}

/// As [`close`]; the thread says it with this event.
pub(super) async fn end(cx: &mut Cx<'_>, place: &Place, event: &str, by: &str) -> Result<()> {
    if place.status == ConversationStatus::Closed {
        return Ok(());
    }
    super::append(cx, place, NewMessage::event(event, json!({ "name": by }))).await?;
    store::close(cx.tx, cx.account, &place.conversation_id, cx.env.now()).await?;
    tell(cx, &place.conversation_id).await
}

/// Opens a closed conversation again, unless the contact has begun another one since.
///
/// # Errors
/// `another_open` when there is one.
pub async fn reopen(cx: &mut Cx<'_>, place: &Place, by: &str) -> Result<()> {
    if place.status != ConversationStatus::Closed {
        return Ok(());
    }
    events::lock(cx.tx, cx.account).await?;
    if super::open_place(cx.tx, cx.account, &place.contact_id).await?.is_some() {
        let detail = "the client already has a newer open conversation in this channel".to_owned();
        return Err(Refusal::Conflict { code: "another_open", detail });
    }
    store::reopen(cx.tx, cx.account, &place.conversation_id).await?;
    super::append(cx, place, NewMessage::event("conversation.reopened", json!({ "name": by }))).await?;
    tell(cx, &place.conversation_id).await
}

/// The client has read up to `seq` on their device.
///
/// # Errors
/// When the storage fails.
pub async fn read_by_client(cx: &mut Cx<'_>, id: &ConversationId, seq: i64) -> Result<()> {
    // The account's lock before the conversation's, as everywhere: two use cases never wait for each other.
    events::lock(cx.tx, cx.account).await?;
    store::set_client_read(cx.tx, cx.account, id, seq).await?;
    messages::confirm_by_client(cx, id, seq, DeliveryStatus::Read).await
}
