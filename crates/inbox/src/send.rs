//! An operator writes: the same use case behind the HTTP call and the socket frame.

use crate::mentions;
use http_kit::{Actor, Principal};
use messaging::conversations::{self, Place};
use messaging::messages::Again;
use messaging::outgoing::{self, Saying};
use messaging::{Messaging, connections, contacts, files, messages, scenario_runs};
use model::{
    Button, ContactId, Content, ConversationId, Cx, FileId, Message, MessageId, MessageKind, ProjectId, Refusal,
    Result, UserId,
};
use serde::Deserialize;

/// What an operator sends.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    /// Made by the sender: one visible effect each.
    pub client_id: String,
    /// What it says.
    pub content: DraftContent,
    /// The newest `seq` the sender saw in this conversation.
    pub seen_seq: Option<i64>,
    /// Another contact of the same multi-contact, to answer in its channel.
    pub contact_id: Option<ContactId>,
    /// Kept for callers that name the connection; it must be the contact's.
    pub connection_id: Option<model::ConnectionId>,
    /// The message of the same conversation that it answers by name.
    #[serde(default)]
    pub reply_to: Option<MessageId>,
}

/// What a message says, with files by id.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftContent {
    /// Text.
    #[serde(default)]
    pub text: String,
    /// Uploaded files.
    #[serde(default)]
    pub attachments: Vec<FileId>,
    /// Rows of buttons.
    #[serde(default)]
    pub buttons: Vec<Vec<Button>>,
    /// Colleagues of this project whom a note names, its `text` with `@` and their names; they are told.
    #[serde(default)]
    pub mentions: Vec<UserId>,
}

/// Where a draft starts from.
#[derive(Debug, Clone)]
pub(crate) enum From {
    /// An open thread.
    Conversation(ConversationId),
    /// A contact, whatever its conversation.
    Contact(ContactId),
}

/// Sends a message or writes a note; the message as it is shown. A repeated `client_id` answers the first message.
///
/// # Errors
/// `stale`, closed channel, foreign ids, bad content.
pub(crate) async fn send(
    service: &Messaging,
    by: &Principal,
    project: &ProjectId,
    from: From,
    draft: Draft,
    kind: MessageKind,
) -> Result<Message> {
    if draft.client_id.is_empty() || draft.client_id.len() > 100 || draft.client_id.contains('\0') {
        return Err(Refusal::invalid("client_id", "wrong_form", "1 to 100 characters of your own choice"));
    }
    let (principal, project) = (by.clone(), *project);
    let again = again(by, &draft, kind);
    let looked_up = again.clone();
    let sent = service.write(&by.account_id, move |cx| {
        Box::pin(async move {
            match messages::said_before(cx.tx, cx.account, &looked_up).await? {
                Some(first) => Ok(first),
                None => store(cx, &principal, &project, from, draft, kind).await,
            }
        })
    });
    match sent.await {
        // Both came at once, and the other was stored in between.
        Err(refusal @ (Refusal::Repeated | Refusal::NotFound)) => {
            let first = service.read(&by.account_id, move |cx| {
                Box::pin(async move { messages::said_before(cx.tx, cx.account, &again).await })
            });
            first.await?.ok_or(refusal)
        }
        other => other,
    }
    .map(|message| message.shown(&service.env, by.links()))
}

fn again(by: &Principal, draft: &Draft, kind: MessageKind) -> Again {
    let DraftContent { text, attachments, buttons, mentions: _ } = draft.content.clone();
    Again { author: by.id(), client_id: draft.client_id.clone(), kind, text, files: attachments, buttons }
}

async fn store(
    cx: &mut Cx<'_>,
    by: &Principal,
    project: &ProjectId,
    from: From,
    draft: Draft,
    kind: MessageKind,
) -> Result<Message> {
    let mut place = place_of(cx, project, from, &draft, kind).await?;
    if let Some(seen) = draft.seen_seq.filter(|_| kind == MessageKind::Message) {
        messages::refuse_if_stale(cx.tx, cx.account, &place.conversation_id, by.id(), seen).await?;
    }
    if let Actor::User { id, name, .. } = &by.actor
        && kind == MessageKind::Message
    {
        place = crate::conversations::take_by_answer(cx, place, id, name).await?;
    }
    if kind == MessageKind::Message {
        place = scenario_runs::make_way(cx, place).await?;
    }
    if let Some(answered) = &draft.reply_to {
        messages::revise::answerable(cx.tx, cx.account, &place.conversation_id, answered).await?;
    }
    let attachments =
        files::attach(cx.tx, cx.account, project, &by.id().to_string(), &draft.content.attachments).await?;
    let mentions = mentions::checked(cx, project, kind, draft.content.mentions).await?;
    let DraftContent { text, buttons, .. } = draft.content;
    let content = Content { text, attachments, buttons, mentions, ..Content::default() };
    let author = outgoing::operator(by.id(), by.name());
    let saying =
        Saying { kind, client_id: Some(draft.client_id), reply_to: draft.reply_to, ..Saying::new(author, content) };
    let message = outgoing::say(cx, &place, saying).await?;
    mentions::note(cx, &message).await?;
    Ok(message)
}

/// Where the draft goes: this conversation, or another channel of the same multi-contact (rulings 40).
async fn place_of(cx: &mut Cx<'_>, project: &ProjectId, from: From, draft: &Draft, kind: MessageKind) -> Result<Place> {
    let (here, target) = match from {
        From::Conversation(id) => {
            let place = conversations::place(cx.tx, cx.account, project, &id).await?;
            let target = draft.contact_id.filter(|id| *id != place.contact_id);
            (Some(place), target)
        }
        From::Contact(id) => (None, Some(id)),
    };
    let place = match (here, target) {
        (Some(place), None) if kind != MessageKind::Message => return Ok(place),
        (Some(place), None) => {
            let party = contacts::party(cx.tx, cx.account, project, &place.contact_id).await?;
            // A closed thread is continued the way the client would continue it.
            conversations::open_or_continue(cx, &party).await?
        }
        (here, Some(target)) => {
            if let Some(here) = here {
                let group = contacts::group_of(cx.tx, cx.account, &here.contact_id).await?;
                if !group.iter().any(|contact| contact.id == target) {
                    return Err(Refusal::NotFound);
                }
            }
            let party = contacts::party(cx.tx, cx.account, project, &target).await?;
            conversations::open_or_continue(cx, &party).await?
        }
        (None, None) => return Err(Refusal::NotFound),
    };
    if let Some(named) = draft.connection_id.filter(|id| *id != place.connection_id) {
        if connections::get(cx.tx, cx.account, &named).await?.project_id != *project {
            return Err(Refusal::NotFound);
        }
        return Err(Refusal::invalid("connection_id", "other_connection", "this contact is on another connection"));
    }
    if kind == MessageKind::Message
        && let Some(reason) = contacts::closed_reason(cx.tx, cx.account, &place.contact_id).await?
    {
        return Err(Refusal::ChannelClosed(reason));
    }
    Ok(place)
}

/// The project of a conversation or contact that the principal sees.
///
/// # Errors
/// When it is absent or hidden.
pub(crate) async fn project_of(service: &Messaging, by: &Principal, from: &From) -> Result<ProjectId> {
    let wanted = from.clone();
    let found = service.read(&by.account_id, move |cx| {
        Box::pin(async move {
            match wanted {
                From::Conversation(id) => Ok(conversations::place_anywhere(cx.tx, cx.account, &id).await?.project_id),
                From::Contact(id) => Ok::<_, Refusal>(contacts::get(cx.tx, cx.account, &id).await?.project_id),
            }
        })
    });
    let project = found.await?;
    if by.sees(&project) { Ok(project) } else { Err(Refusal::NotFound) }
}
