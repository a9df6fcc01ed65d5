//! What an operator does with a conversation. Asking for the state that already is changes nothing and tells nothing.

use super::{Place, store, tell};
use crate::messages::{self, NewMessage};
use crate::{Result, messages::store as message_store};
use events::NewEvent;
use model::{ConversationId, ConversationStatus, Cx, DeliveryStatus, ProjectId, UserId};
use serde_json::json;

/// Gives the conversation to a user, or back to the queue.
///
/// # Errors
/// When the storage fails.
pub async fn assign(cx: &mut Cx<'_>, place: &Place, to: Option<(&UserId, &str)>, by: &str) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let before = super::get(cx.tx, cx.account, &place.conversation_id, None).await?;
    if before.assignee_id.as_ref() == to.map(|(id, _)| id) {
        return Ok(());
    }
    let status = match (before.status, to) {
        (ConversationStatus::New | ConversationStatus::Bot, Some(_)) => ConversationStatus::Open,
        (ConversationStatus::Open | ConversationStatus::Waiting, None) => ConversationStatus::New,
        (status, _) => status,
    };
    store::set_assignee(cx.tx, cx.account, &place.conversation_id, to.map(|(id, _)| id), status).await?;
    let data = json!({ "user_id": to.map(|(id, _)| id), "name": to.map(|(_, name)| name), "by": by });
    super::append(cx, place, NewMessage::event("conversation.assigned", data)).await?;
    tell(cx, &place.conversation_id, "conversation.updated").await
}

/// Closes the conversation.
///
/// # Errors
/// When the storage fails.
pub async fn close(cx: &mut Cx<'_>, place: &Place, by: &str) -> Result<()> {
    if place.status == ConversationStatus::Closed {
        return Ok(());
    }
    super::append(cx, place, NewMessage::event("conversation.closed", json!({ "name": by }))).await?;
    store::close(cx.tx, cx.account, &place.conversation_id, cx.env.now()).await?;
    tell(cx, &place.conversation_id, "conversation.updated").await
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
        return Err(crate::Refusal::Conflict { code: "another_open", detail });
    }
    store::reopen(cx.tx, cx.account, &place.conversation_id).await?;
    super::append(cx, place, NewMessage::event("conversation.reopened", json!({ "name": by }))).await?;
    tell(cx, &place.conversation_id, "conversation.updated").await
}

/// An operator has read up to `seq`. Their own other screens, and the client's ticks, follow.
///
/// # Errors
/// When the storage fails.
pub async fn mark_read(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ConversationId,
    reader: &UserId,
    seq: i64,
) -> Result<()> {
    let Some(client_count) = message_store::client_count_at(cx.tx, cx.account, id, seq).await? else { return Ok(()) };
    if !store::set_read(cx.tx, cx.account, id, reader, seq, client_count).await? {
        return Ok(());
    }
    let event = NewEvent {
        project_id: project.as_str(),
        kind: "conversation.read",
        conversation_id: Some(id.as_str()),
        contact_id: None,
        seq: Some(seq),
        for_client: false,
    };
    let data = json!({ "conversation_id": id, "user_id": reader, "seq": seq });
    events::append(cx, event, &data).await?;
    Ok(())
}

/// The client has read up to `seq` on their device.
///
/// # Errors
/// When the storage fails.
pub async fn read_by_client(cx: &mut Cx<'_>, id: &ConversationId, seq: i64) -> Result<()> {
    store::set_client_read(cx.tx, cx.account, id, seq).await?;
    messages::confirm_by_client(cx, id, seq, DeliveryStatus::Read).await
}
