//! Conversations: at most one open per contact (rulings 38), a status the team shares. What operators do with
//! them, and their lists, are `inbox::conversations`.

mod append;
mod ending;
mod run;
mod store;
mod talk;

pub use append::{Standing, append, append_all};
pub use ending::{close, read_by_client, reopen};
pub use run::give_back_to_run;
pub(crate) use run::{assign_by_bot, close_of_run, give_to_run, hand_over, take_from_run};
pub use store::ConversationRow;
pub use store::set_holder;
pub use talk::{Talk, TalkRow, of_contact, turn_to};

use crate::{Refusal, Result};
use db::Tx;
use model::{
    AccountId, ActorId, AuthorKind, ChannelKind, ConnectionId, ContactId, Conversation, ConversationId,
    ConversationStatus, Cx, Event, ProjectId, RunId, UserId,
};
use std::collections::HashMap;

/// A message within this time of closing reopens the conversation; later a new one begins (rulings 38).
pub const REOPEN_WITHIN_MS: i64 = 24 * 60 * 60 * 1000;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Project.
    pub project_id: ProjectId,
    /// Conversation.
    pub conversation_id: ConversationId,
    /// The client's contact.
    pub contact_id: ContactId,
    /// Its connection.
    pub connection_id: ConnectionId,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// Status before the message.
    pub status: ConversationStatus,
    /// Who has it.
    pub assignee_id: Option<UserId>,
    /// The scenario at work in it.
    pub run_id: Option<RunId>,
}

/// The contact a conversation is to be found for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Project.
    pub project_id: ProjectId,
    /// Contact.
    pub contact_id: ContactId,
    /// Connection.
    pub connection_id: ConnectionId,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// Demo data.
    pub demo: bool,
}

/// Finds the contact's open conversation, reopens one closed lately, or begins a new one. Tells about the last two.
///
/// # Errors
/// When the storage fails.
pub async fn open_or_continue(cx: &mut Cx<'_>, party: &Party) -> Result<Place> {
    open_or_continue_as(cx, party, ConversationStatus::New).await
}

/// As [`open_or_continue`]; a conversation that begins or is reopened here has this status: `bot` where a scenario speaks first.
///
/// # Errors
/// When the storage fails.
pub async fn open_or_continue_as(cx: &mut Cx<'_>, party: &Party, born: ConversationStatus) -> Result<Place> {
    if let Some(place) = store::open_place(cx.tx, cx.account, &party.contact_id).await? {
        return Ok(place);
    }
    // From here on a row is made: the lock first, so that two first messages at once make one conversation.
    events::lock(cx.tx, cx.account).await?;
    if let Some(place) = store::open_place(cx.tx, cx.account, &party.contact_id).await? {
        return Ok(place);
    }
    let since = cx.env.now().plus_ms(-REOPEN_WITHIN_MS);
    if let Some(place) = store::closed_since(cx.tx, cx.account, &party.contact_id, since).await? {
        store::reopen(cx.tx, cx.account, &place.conversation_id).await?;
        if born == ConversationStatus::Bot {
            store::set_status(cx.tx, cx.account, &place.conversation_id, born).await?;
        }
        tell(cx, &place.conversation_id).await?;
        return Ok(Place { status: born, ..place });
    }
    begin(cx, party, born).await
}

/// Begins a conversation with a contact who has no other that is open, under the account's lock.
async fn begin(cx: &mut Cx<'_>, party: &Party, born: ConversationStatus) -> Result<Place> {
    let id = ConversationId::new(cx.env.ids());
    store::insert(cx, &id, party, born).await?;
    tell_created(cx, &id).await?;
    Ok(Place {
        project_id: party.project_id,
        conversation_id: id,
        contact_id: party.contact_id,
        connection_id: party.connection_id,
        channel: party.channel,
        status: born,
        assignee_id: None,
        run_id: None,
    })
}

/// The open conversations of some contacts with their counters, to be appended to at once ([`append_all`]). Read under the account's lock
/// ([`events::lock`]) it holds until the commit.
///
/// # Errors
/// When the storage fails.
pub async fn standing(cx: &mut Cx<'_>, contacts: &[ContactId]) -> Result<HashMap<ContactId, Standing>> {
    let found = store::standing(cx.tx, cx.account, contacts).await?;
    Ok(found.into_iter().map(|here| (here.place.contact_id, here)).collect())
}

/// Where a message of a known conversation goes.
///
/// # Errors
/// When there is none in this project.
pub async fn place(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &ConversationId) -> Result<Place> {
    let place = store::place(tx, account, id).await?.filter(|p| p.project_id == *project);
    place.ok_or(Refusal::NotFound)
}

/// Where a message of a conversation goes, whatever its project: the caller checks the reader's right to that project.
///
/// # Errors
/// When there is none in this account.
pub async fn place_anywhere(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Place> {
    store::place(tx, account, id).await?.ok_or(Refusal::NotFound)
}

/// The open conversation of a contact, if any.
///
/// # Errors
/// When the storage fails.
pub async fn open_place(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<Option<Place>> {
    store::open_place(tx, account, contact).await
}

/// The contact's newest conversation, open or closed.
///
/// # Errors
/// When the storage fails.
pub async fn newest_of(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Option<(ConversationId, i64, i64)>> {
    store::newest_of(tx, account, contact).await
}

/// Whether a conversation is the first of its contact.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn is_first(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    id: &ConversationId,
) -> Result<bool> {
    Ok(!store::has_other(tx, account, contact, id).await?)
}

/// Status after a message, when it changes it: a client's message wakes a conversation, ours makes it wait.
pub fn status_after(status: ConversationStatus, author: AuthorKind) -> Option<ConversationStatus> {
    use ConversationStatus::{Closed, New, Open, Snoozed, Waiting};
    match (status, author) {
        (Waiting | Snoozed, AuthorKind::Client) => Some(Open),
        (New | Open | Snoozed, AuthorKind::Operator) => Some(Waiting),
        (Closed, AuthorKind::Client | AuthorKind::Operator) => Some(Open),
        _ => None,
    }
}

/// Applies [`status_after`] and tells about it. A client whose first words answer what was said in nobody's name, an invitation or an
/// auto-action's words, waits for somebody: the conversation is new, where whoever answers takes it.
///
/// # Errors
/// When the storage fails.
pub async fn follow_message(cx: &mut Cx<'_>, place: &Place, author: AuthorKind) -> Result<()> {
    let Some(mut next) = status_after(place.status, author) else { return Ok(()) };
    let is_nobodys = next == ConversationStatus::Open && author == AuthorKind::Client && place.assignee_id.is_none();
    if is_nobodys
        && store::has_first_words(cx.tx, cx.account, &place.conversation_id).await?
        && store::answer_assigns(cx.tx, cx.account, &place.project_id).await?
    {
        next = ConversationStatus::New;
    }
    store::set_status(cx.tx, cx.account, &place.conversation_id, next).await?;
    tell(cx, &place.conversation_id).await
}

/// Whether whoever answers a conversation of nobody's in this project takes it.
///
/// # Errors
/// When the storage fails.
pub async fn answer_assigns(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    store::answer_assigns(tx, account, project).await
}

/// One conversation as a reader sees it; without a reader, without unread marks.
///
/// # Errors
/// When there is none in this account.
pub async fn get(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    reader: Option<ActorId>,
) -> Result<Conversation> {
    store::get(tx, account, id, reader).await?.ok_or(Refusal::NotFound)
}

/// Tells of the conversation as it stands.
///
/// # Errors
/// When the storage fails.
pub async fn tell(cx: &mut Cx<'_>, id: &ConversationId) -> Result<()> {
    let (position, conversation) = moved(cx, id).await?;
    events::record(cx, position, &conversation.project_id, &Event::ConversationUpdated(&conversation)).await
}

async fn tell_created(cx: &mut Cx<'_>, id: &ConversationId) -> Result<()> {
    let (position, conversation) = moved(cx, id).await?;
    events::record(cx, position, &conversation.project_id, &Event::ConversationCreated(&conversation)).await
}

/// Takes the next position for a conversation: it is the newest in lists now.
async fn moved(cx: &mut Cx<'_>, id: &ConversationId) -> Result<(i64, Conversation)> {
    let position = events::next_position(cx.tx, cx.account).await?;
    store::set_position(cx.tx, cx.account, id, position).await?;
    Ok((position, get(cx.tx, cx.account, id, None).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConversationStatus::{Bot, Closed, New, Open, Waiting};

    #[test]
    fn our_answer_waits_and_the_clients_message_wakes() {
        assert_eq!(status_after(New, AuthorKind::Operator), Some(Waiting));
        assert_eq!(status_after(Waiting, AuthorKind::Client), Some(Open));
        assert_eq!(status_after(Closed, AuthorKind::Client), Some(Open));
    }

    #[test]
    fn a_bot_does_not_take_a_conversation_from_the_queue() {
        assert_eq!(status_after(New, AuthorKind::Bot), None);
        assert_eq!(status_after(Bot, AuthorKind::Client), None);
        assert_eq!(status_after(Open, AuthorKind::System), None);
    }
}
