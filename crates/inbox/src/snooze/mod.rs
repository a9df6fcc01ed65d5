//! A conversation put off (Отложен): until a moment, or until its client writes; the client's word wakes it either way, and so do closing it
//! and giving it to somebody. The timer that wakes it says which putting-off it belongs to, so that one that was left behind, by a second
//! putting-off, a restart or a clock that jumped, wakes nothing else.

mod store;

use jobs::{Handler, Job, Timer, Workers};
use messaging::Messaging;
use messaging::conversations::{self, Place};
use messaging::messages::NewMessage;
use model::{Conversation, ConversationId, ConversationStatus, Cx, Refusal, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

const WAKE: &str = "conversation_wake";
/// Nobody means to come back later than that.
const FARTHEST_MS: i64 = 366 * 24 * 60 * 60 * 1000;

/// How long a conversation is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until this moment, or the client's word before it.
    Moment(Timestamp),
    /// Until the client writes.
    Reply,
}

/// Which putting-off a timer ends.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Due {
    conversation: ConversationId,
    until: Timestamp,
}

/// Registers the kinds of jobs of the inbox.
pub fn register_jobs(workers: Workers, service: &Arc<Messaging>) -> Workers {
    workers.on(WAKE, Handler::new(service.working(ring)))
}

/// Puts a conversation off; one that is put off gets the new time.
///
/// # Errors
/// At `until` for a moment that has passed or is too far away; `conversation_closed`; `bot_has_it` while a scenario speaks in it.
pub(crate) async fn put_off(cx: &mut Cx<'_>, place: &Place, until: Until, by: &str) -> Result<()> {
    let until = match until {
        Until::Moment(moment) => Some(checked(moment, cx.env.now())?),
        Until::Reply => None,
    };
    let before = standing(cx, place).await?;
    match before.status {
        ConversationStatus::Closed => {
            let detail = "the conversation is closed: open it again first".to_owned();
            return Err(Refusal::Conflict { code: "conversation_closed", detail });
        }
        ConversationStatus::Bot => {
            let detail = "a scenario speaks in this conversation: take it first".to_owned();
            return Err(Refusal::Conflict { code: "bot_has_it", detail });
        }
        ConversationStatus::Snoozed if before.snoozed_until == until => return Ok(()),
        ConversationStatus::New
        | ConversationStatus::Open
        | ConversationStatus::Waiting
        | ConversationStatus::Snoozed => {}
    }
    store::put_off(cx.tx, cx.account, &before.id, until).await?;
    let key = before.id.to_string();
    match until {
        Some(until) => {
            let payload = serde_json::to_string(&Due { conversation: before.id, until });
            let payload = payload.map_err(|error| Refusal::stored(&error))?;
            jobs::set_timer(cx, Timer { kind: WAKE, key: &key, due: until, payload: &payload }).await?;
        }
        None => {
            jobs::cancel_timer(cx.tx, cx.account, WAKE, &key).await?;
        }
    }
    let data = json!({ "name": by, "until": until });
    conversations::append(cx, place, NewMessage::event("conversation.snoozed", data)).await?;
    conversations::tell(cx, &before.id).await
}

fn checked(moment: Timestamp, now: Timestamp) -> Result<Timestamp> {
    match moment.ms_since(now) {
        ..=0 => Err(Refusal::invalid("until", "in_the_past", "a moment that is still to come")),
        1..=FARTHEST_MS => Ok(moment),
        _ => Err(Refusal::invalid("until", "too_far", "within a year")),
    }
}

/// Somebody wants it back before its time: it is again what it was.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn wake(cx: &mut Cx<'_>, place: &Place, by: &str) -> Result<()> {
    let before = standing(cx, place).await?;
    if before.status != ConversationStatus::Snoozed {
        return Ok(());
    }
    store::give_back(cx.tx, cx.account, &before.id).await?;
    jobs::cancel_timer(cx.tx, cx.account, WAKE, &before.id.to_string()).await?;
    let line = NewMessage::event("conversation.unsnoozed", json!({ "name": by }));
    conversations::append(cx, place, line).await?;
    conversations::tell(cx, &before.id).await
}

/// The time has come.
async fn ring(service: Arc<Messaging>, job: Job) -> Result<()> {
    let due: Due = serde_json::from_str(&job.payload).map_err(|error| Refusal::stored(&error))?;
    let account = job.account_id;
    let done = service.write(&account, move |cx| {
        let id = job.id;
        Box::pin(async move {
            end(cx, &due).await?;
            jobs::must_finish(cx, &id).await
        })
    });
    done.await
}

/// Whoever has it finds it unread; in nobody's, everybody does.
async fn end(cx: &mut Cx<'_>, due: &Due) -> Result<()> {
    let place = match conversations::place_anywhere(cx.tx, cx.account, &due.conversation).await {
        // Its client was erased.
        Err(Refusal::NotFound) => return Ok(()),
        found => found?,
    };
    let before = standing(cx, &place).await?;
    if before.status != ConversationStatus::Snoozed || before.snoozed_until != Some(due.until) {
        return Ok(());
    }
    store::come_back(cx.tx, cx.account, &before.id).await?;
    store::mark_unread(cx.tx, cx.account, &before.id, before.assignee_id.as_ref()).await?;
    let line = NewMessage::event("conversation.woken", json!({ "user_id": before.assignee_id }));
    conversations::append(cx, &place, line).await?;
    conversations::tell(cx, &before.id).await
}

/// As it is under the account's lock.
async fn standing(cx: &mut Cx<'_>, place: &Place) -> Result<Conversation> {
    events::lock(cx.tx, cx.account).await?;
    conversations::get(cx.tx, cx.account, &place.conversation_id, None).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_moment_of_the_coming_year_is_taken() {
        let now = Timestamp(1_700_000_000_000);
        assert!(checked(now, now).is_err());
        assert!(checked(now.plus_ms(1), now).is_ok());
        assert!(checked(now.plus_ms(FARTHEST_MS), now).is_ok());
        assert!(checked(now.plus_ms(FARTHEST_MS + 1), now).is_err());
    }
}
