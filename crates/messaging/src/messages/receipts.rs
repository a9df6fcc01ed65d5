//! Delivery states: only forward, each change told (rulings 9).

use super::store;
use crate::Result;
use crate::connections::Connection;
use crate::scenario_runs;
use model::{
    ConversationId, Cx, Delivery, DeliveryReason, DeliveryStatus, DeliveryUpdated, Event, Message, Receipt, ReceiptOf,
    Sender,
};

/// Characters kept of a channel's reason.
const LONGEST_REASON: usize = 500;

/// Sets the delivery state of a message and tells everyone, unless it already stood there.
///
/// # Errors
/// When the storage fails.
pub async fn set_delivery(
    cx: &mut Cx<'_>,
    message: &Message,
    delivery: Delivery,
    external_id: Option<&str>,
) -> Result<bool> {
    if !store::set_delivery(cx.tx, cx.account, &message.id, &delivery, external_id).await? {
        return Ok(false);
    }
    tell(cx, message, message.seq, &delivery).await?;
    if delivery.status == DeliveryStatus::Failed {
        scenario_runs::undelivered(cx, message).await?;
    }
    Ok(true)
}

/// What a channel says became of a message of ours. About a message of another connection it has no say. One that names a message by the
/// channel's own id may be here before the answer that gives us the id: while something is on its way to that person it waits, as its job.
///
/// # Errors
/// When the storage fails, or it is too early.
pub async fn take_receipt(cx: &mut Cx<'_>, connection: &Connection, sender: &Sender, receipt: &Receipt) -> Result<()> {
    let found = match &receipt.about {
        ReceiptOf::Ours(id) => store::by_id(cx.tx, cx.account, id).await?,
        // Some channels number each person's messages anew.
        ReceiptOf::Theirs(id) => store::said_to(cx.tx, cx.account, &connection.id, &sender.external_id, id).await?,
    };
    let Some(message) = found.filter(|message| message.connection_id == connection.id) else {
        let is_theirs = matches!(receipt.about, ReceiptOf::Theirs(_));
        if is_theirs && store::is_sending_to(cx.tx, cx.account, &connection.id, &sender.external_id).await? {
            let words = "a receipt came before the answer to what it is about: it waits for that";
            return Err(db::DbError::Unavailable(words.to_owned()).into());
        }
        return Ok(());
    };
    let detail = receipt.reason.as_deref().unwrap_or_default().chars().take(LONGEST_REASON).collect();
    let reason = DeliveryReason { code: "failed_at_channel".to_owned(), detail };
    let reason = (receipt.status == DeliveryStatus::Failed).then_some(reason);
    let delivery = Delivery { status: receipt.status, reason, at: cx.env.now() };
    set_delivery(cx, &message, delivery, None).await.map(drop)
}

/// The client's device confirms everything up to `seq` as delivered or read.
///
/// # Errors
/// When the storage fails.
pub async fn confirm_by_client(
    cx: &mut Cx<'_>,
    conversation: &ConversationId,
    up_to: i64,
    status: DeliveryStatus,
) -> Result<()> {
    let delivery = Delivery { status, reason: None, at: cx.env.now() };
    for (id, seq) in store::unconfirmed(cx.tx, cx.account, conversation, up_to, status).await? {
        let message = super::get(cx.tx, cx.account, &id).await?;
        if store::set_delivery(cx.tx, cx.account, &message.id, &delivery, None).await? {
            tell(cx, &message, seq, &delivery).await?;
        }
    }
    Ok(())
}

async fn tell(cx: &mut Cx<'_>, message: &Message, seq: i64, delivery: &Delivery) -> Result<()> {
    let updated = DeliveryUpdated {
        message_id: message.id,
        conversation_id: message.conversation_id,
        contact_id: message.contact_id,
        seq,
        delivery: delivery.clone(),
    };
    events::append(cx, &message.project_id, &Event::DeliveryUpdated(updated)).await.map(drop)
}
