//! The durable log becomes messages: what happened in a project, for each webhook that wants to hear of it. Nothing of it makes a message of a
//! client wait.

use crate::send;
use crate::store::webhooks::AtWork;
use crate::store::{log, messages, webhooks};
use crate::webhook::OffReason;
use messaging::Messaging;
use model::Result;

/// Places of the log that are read at once.
const PAGE: i64 = 500;
/// More than that is not kept for a receiver that takes nothing.
const MOST_WAITING: i64 = 100_000;

/// The next stretch of the log for one webhook. Answers whether more is left.
///
/// # Errors
/// When the storage fails; then it is tried again from where it stood.
pub(crate) async fn go_on(service: &Messaging, at_work: &AtWork) -> Result<bool> {
    let (id, after) = (at_work.id, at_work.position);
    let to = at_work.newest.min(after + PAGE);
    if after >= to {
        return Ok(false);
    }
    let written = service.write(&at_work.account, move |cx| {
        Box::pin(async move {
            // As it is now: it may have been changed, switched off or deleted since it was listed.
            let Some(webhook) = webhooks::on(cx.tx, cx.account, &id).await? else { return Ok(()) };
            let mut places = log::between(cx.tx, cx.account, after, to).await?;
            places.retain(|place| place.project_id == webhook.project_id && webhook.kinds.contains(&place.kind));
            if !places.is_empty() {
                messages::insert(cx, &id, &places).await?;
                if messages::waiting(cx.tx, cx.account, &id, MOST_WAITING).await? > MOST_WAITING {
                    return send::switch_off(cx, &id, OffReason::Behind).await;
                }
            }
            webhooks::follow_from(cx.tx, cx.account, &id, to).await
        })
    });
    written.await?;
    Ok(to < at_work.newest)
}
