//! What an operator does with a conversation. Asking for the state that already is changes nothing and tells nothing.

use super::{Place, store, tell};
use crate::events::{self, NewEvent};
use crate::messages::{self, NewMessage};
use crate::{Result, messages::store as message_store};
use db::Tx;
use model::{AccountId, ConversationId, ConversationStatus, DeliveryStatus, Env, ProjectId, UserId};
use serde_json::json;

/// Gives the conversation to a user, or back to the queue.
///
/// # Errors
/// When the storage fails.
pub async fn assign(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    place: &Place,
    to: Option<(&UserId, &str)>,
    by: &str,
) -> Result<()> {
    events::lock(tx, account).await?;
    let before = super::get(tx, account, &place.conversation_id, None).await?;
    if before.assignee_id.as_ref() == to.map(|(id, _)| id) {
        return Ok(());
    }
    let status = match (before.status, to) {
        (ConversationStatus::New | ConversationStatus::Bot, Some(_)) => ConversationStatus::Open,
        (ConversationStatus::Open | ConversationStatus::Waiting, None) => ConversationStatus::New,
        (status, _) => status,
    };
    store::set_assignee(tx, account, &place.conversation_id, to.map(|(id, _)| id), status).await?;
    let data = json!({ "user_id": to.map(|(id, _)| id), "name": to.map(|(_, name)| name), "by": by });
    messages::append(tx, env, account, place, NewMessage::event("conversation.assigned", data)).await?;
    tell(tx, env, account, &place.conversation_id, "conversation.updated").await
}

/// Closes the conversation.
///
/// # Errors
/// When the storage fails.
pub async fn close(tx: &mut Tx, env: &Env, account: &AccountId, place: &Place, by: &str) -> Result<()> {
    if place.status == ConversationStatus::Closed {
        return Ok(());
    }
    messages::append(tx, env, account, place, NewMessage::event("conversation.closed", json!({ "name": by }))).await?;
    store::close(tx, account, &place.conversation_id, env.now()).await?;
    tell(tx, env, account, &place.conversation_id, "conversation.updated").await
}

/// Opens a closed conversation again, unless the contact has begun another one since.
///
/// # Errors
/// `another_open` when there is one.
pub async fn reopen(tx: &mut Tx, env: &Env, account: &AccountId, place: &Place, by: &str) -> Result<()> {
    if place.status != ConversationStatus::Closed {
        return Ok(());
    }
    events::lock(tx, account).await?;
    if super::open_place(tx, account, &place.contact_id).await?.is_some() {
        let detail = "the client already has a newer open conversation in this channel".to_owned();
        return Err(crate::Refusal::Conflict { code: "another_open", detail });
    }
    store::reopen(tx, account, &place.conversation_id).await?;
    messages::append(tx, env, account, place, NewMessage::event("conversation.reopened", json!({ "name": by })))
        .await?;
    tell(tx, env, account, &place.conversation_id, "conversation.updated").await
}

/// An operator has read up to `seq`. Their own other screens, and the client's ticks, follow.
///
/// # Errors
/// When the storage fails.
pub async fn mark_read(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    id: &ConversationId,
    reader: &UserId,
    seq: i64,
) -> Result<()> {
    let Some(client_count) = message_store::client_count_at(tx, account, id, seq).await? else { return Ok(()) };
    if !store::set_read(tx, account, id, reader, seq, client_count).await? {
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
    events::append(tx, env, account, event, &data).await?;
    Ok(())
}

/// The client has read up to `seq` on their device.
///
/// # Errors
/// When the storage fails.
pub async fn read_by_client(tx: &mut Tx, env: &Env, account: &AccountId, id: &ConversationId, seq: i64) -> Result<()> {
    store::set_client_read(tx, account, id, seq).await?;
    messages::confirm_by_client(tx, env, account, id, seq, DeliveryStatus::Read).await
}
