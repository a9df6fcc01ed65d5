//! Several conversations of one visitor, where the project allows them: one is open, the others are closed and can be gone back to
//! (rulings 38, [ADR 28]).
//!
//! [ADR 28]: ../../../../docs/adr/0028-conversations-of-a-visitor.md

use super::{Party, Place, begin, ending, open_or_continue, reopen, store};
use crate::{Result, messages, scenario_runs};
use ::scenario::End;
use db::Tx;
use model::{AccountId, ContactId, ConversationId, ConversationStatus, Cx, Message, Timestamp};

/// The conversation that a client means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Talk {
    /// The one that goes on.
    #[default]
    Current,
    /// Another one.
    New,
    /// One of theirs, open or closed.
    Of(ConversationId),
}

/// Makes the conversation that a client means the open one. Another that is open ends: what a bot did in it stops, and its thread says that the
/// client, `by`, turned to another. One that is not this client's is as if none was named.
///
/// # Errors
/// When the storage fails.
pub async fn turn_to(cx: &mut Cx<'_>, party: &Party, talk: Talk, by: &str) -> Result<Place> {
    if talk == Talk::Current {
        return open_or_continue(cx, party).await;
    }
    events::lock(cx.tx, cx.account).await?;
    let meant = match talk {
        Talk::Of(id) => {
            store::place(cx.tx, cx.account, &id).await?.filter(|place| place.contact_id == party.contact_id)
        }
        _ => None,
    };
    if matches!(talk, Talk::Of(_)) && meant.is_none() {
        return open_or_continue(cx, party).await;
    }
    if let Some(open) = store::open_place(cx.tx, cx.account, &party.contact_id).await? {
        if meant.as_ref().is_some_and(|place| place.conversation_id == open.conversation_id) {
            return Ok(open);
        }
        leave(cx, &open, by).await?;
    }
    let Some(place) = meant else { return begin(cx, party, ConversationStatus::New).await };
    reopen(cx, &place, by).await?;
    Ok(store::place(cx.tx, cx.account, &place.conversation_id).await?.unwrap_or(place))
}

async fn leave(cx: &mut Cx<'_>, open: &Place, by: &str) -> Result<()> {
    scenario_runs::stop(cx, open, End::Stopped).await?;
    // What a run did at its end may have closed it.
    let Some(open) = store::place(cx.tx, cx.account, &open.conversation_id).await? else { return Ok(()) };
    ending::end(cx, &open, "conversation.left", by).await
}

/// A conversation as its client sees it in a list.
#[derive(Debug, Clone)]
pub struct TalkRow {
    /// Which.
    pub id: ConversationId,
    /// Whether it has ended.
    pub is_closed: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// What was said last, by whomever; none where nothing was said.
    pub last: Option<Message>,
    /// Our messages that the client has not read.
    pub unread: i64,
    /// Its place in the order of the list.
    pub position: i64,
}

/// Conversations of a client, the one that changed last first, before a position.
///
/// # Errors
/// When the storage fails.
pub async fn of_contact(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    before: i64,
    limit: i64,
) -> Result<Vec<TalkRow>> {
    let mut rows = Vec::new();
    for found in store::of_contact(tx, account, contact, before, limit).await? {
        let store::Talked { id, status, created_at, read_seq, position } = found;
        let last = messages::page(tx, account, &id, i64::MAX, true, 1).await?.into_iter().next();
        let unread = messages::unread_by_client(tx, account, &id, read_seq).await?;
        rows.push(TalkRow { id, is_closed: status == ConversationStatus::Closed, created_at, last, unread, position });
    }
    Ok(rows)
}
