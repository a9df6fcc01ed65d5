//! A message was deleted: the log names messages and keeps none, but what it told of their conversation had the last one in it. A job walks
//! over what was told since, a piece at a time, and takes it out.

use crate::{Messaging, Refusal, Result};
use db::DbError;
use jobs::Job;
use model::{Cx, Message, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Kind of the job.
pub(crate) const KIND: &str = "forget_preview";
/// Positions of the log looked through in one transaction.
const POSITIONS: i64 = 5_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Walk {
    message: MessageId,
    conversation: model::ConversationId,
    from: i64,
    to: i64,
}

/// Queues it.
pub(super) async fn start(cx: &mut Cx<'_>, message: &Message) -> Result<()> {
    let to = events::next_position(cx.tx, cx.account).await?;
    events::give_back_positions(cx.tx, cx.account, 1).await?;
    let (message, conversation, from) = (message.id, message.conversation_id, message.position);
    let walk = Walk { message, conversation, from, to };
    let payload = serde_json::to_string(&walk).map_err(|error| Refusal::stored(&error))?;
    jobs::enqueue(cx, KIND, &message.to_string(), &payload).await.map(drop)
}

/// The worker. It may begin anew: what was taken out is not there to be taken out again.
pub(crate) async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    let walk: Walk = serde_json::from_str(&job.payload).map_err(|error| DbError::other(error.to_string()))?;
    let mut from = walk.from;
    while from <= walk.to {
        let (walk, upto) = (walk.clone(), from + POSITIONS);
        let done = service.write(&job.account_id, move |cx| {
            let walk = walk.clone();
            Box::pin(async move {
                let told = events::told_of(cx.tx, cx.account, &walk.conversation, (from, upto)).await?;
                for (position, data) in told {
                    if let Some(data) = without(&data, &walk.message)? {
                        events::retell(cx.tx, cx.account, position, &data).await?;
                    }
                }
                Ok::<_, Refusal>(())
            })
        });
        done.await?;
        from = upto;
    }
    let ended = service.write(&job.account_id, move |cx| Box::pin(async move { jobs::finish(cx, &job.id).await }));
    ended.await.map(drop)
}

/// What was told of a conversation without this message's words; none where it does not have them.
fn without(data: &str, message: &MessageId) -> Result<Option<String>> {
    let mut told: Value = serde_json::from_str(data).map_err(|error| Refusal::stored(&error))?;
    let Some(last) = told.get_mut("last_message").filter(|last| last["id"] == message.to_string()) else {
        return Ok(None);
    };
    if last["content"]["text"] == "" {
        return Ok(None);
    }
    last["content"] = serde_json::json!({ "text": "", "attachments": [], "buttons": [] });
    Ok(Some(told.to_string()))
}
