//! Delivery states: only forward, each change told (rulings 9).

use super::store;
use crate::Result;
use crate::events::{self, NewEvent};
use db::Tx;
use model::{AccountId, ConversationId, Delivery, DeliveryStatus, Env, Message, MessageId};
use serde::Serialize;

#[derive(Serialize)]
struct DeliveryUpdated<'a> {
    message_id: &'a MessageId,
    conversation_id: &'a ConversationId,
    seq: i64,
    delivery: &'a Delivery,
}

/// Sets the delivery state of a message and tells everyone, unless it already stood there.
///
/// # Errors
/// When the storage fails.
pub async fn set_delivery(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    message: &Message,
    delivery: Delivery,
    external_id: Option<&str>,
) -> Result<bool> {
    if !store::set_delivery(tx, account, &message.id, &delivery, external_id).await? {
        return Ok(false);
    }
    tell(tx, env, account, message, &message.id, message.seq, &delivery).await?;
    Ok(true)
}

/// The client's device confirms everything up to `seq` as delivered or read.
///
/// # Errors
/// When the storage fails.
pub async fn confirm_by_client(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    conversation: &ConversationId,
    up_to: i64,
    status: DeliveryStatus,
) -> Result<()> {
    let delivery = Delivery { status, reason: None, at: env.now() };
    for (id, seq) in store::unconfirmed(tx, account, conversation, up_to, status).await? {
        let message = super::get(tx, account, &MessageId::from_stored(id)).await?;
        if store::set_delivery(tx, account, &message.id, &delivery, None).await? {
            tell(tx, env, account, &message, &message.id, seq, &delivery).await?;
        }
    }
    Ok(())
}

async fn tell(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    message: &Message,
    id: &MessageId,
    seq: i64,
    delivery: &Delivery,
) -> Result<()> {
    let event = NewEvent {
        project_id: message.project_id.as_str(),
        kind: "delivery.updated",
        conversation_id: Some(message.conversation_id.as_str()),
        contact_id: Some(message.contact_id.as_str()),
        seq: Some(seq),
        for_client: false,
    };
    let data = DeliveryUpdated { message_id: id, conversation_id: &message.conversation_id, seq, delivery };
    events::append(tx, env, account, event, &data).await?;
    Ok(())
}
