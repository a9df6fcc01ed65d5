//! What was said is changed or taken away afterwards: here, and where the client reads it. The call of the channel stands between two
//! transactions and may come twice: the same change twice is one (ADR 38).

use super::{check_content, forget, store};
use crate::connections::{self, Connection};
use crate::{Messaging, Refusal, Result, conversations, deliveries, files, inbound};
use channels::{Revises, Said};
use model::{
    AccountId, ActorId, AuthorKind, Content, Cx, Deleted, DeliveryStatus, Event, Message, MessageId, MessageKind,
    ProjectId, SendError,
};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Who revises.
#[derive(Debug, Clone)]
pub struct Reviser {
    /// User or key.
    pub id: ActorId,
    /// Name to show.
    pub name: String,
    /// May take away what others of ours have said.
    pub may_all: bool,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// Another text.
    Edit(String),
    /// Nothing is left of it.
    Delete,
}

/// Where it has to be done first.
pub struct AtChannel {
    connection: Connection,
    address: String,
    external_id: String,
}

/// Whether a message may be revised so, and the channel that has to be told first; none where our own log is what the client reads.
///
/// # Errors
/// `not_yours`, `already_deleted`, `not_sent_yet`, `outcome_unknown`, `no_edits`, `too_old_to_edit`, `several_parts`; for a bad text; when
/// there is no such message in this project.
pub async fn begin(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &MessageId,
    by: &Reviser,
    revision: &Revision,
) -> Result<Option<AtChannel>> {
    let message = super::get(cx.tx, cx.account, id).await?;
    if message.project_id != *project || message.kind == MessageKind::Event {
        return Err(Refusal::NotFound);
    }
    check_author(&message, by, revision)?;
    if message.content.deleted.is_some() {
        return Err(conflict("already_deleted", "it is deleted already"));
    }
    let now = revised(&message, by, revision, cx)?;
    if message.kind == MessageKind::Note {
        return Ok(None);
    }
    let adapter = channels::adapter(message.channel);
    let can = adapter.capabilities();
    match message.delivery.as_ref().map(|delivery| delivery.status) {
        Some(DeliveryStatus::Queued | DeliveryStatus::Sending) => {
            return Err(conflict("not_sent_yet", "it is on its way: wait until it is sent"));
        }
        Some(DeliveryStatus::Unknown) => {
            return Err(conflict("outcome_unknown", "nobody knows whether it arrived: send it again, or leave it"));
        }
        // The client has never had it.
        Some(DeliveryStatus::Failed) if *revision == Revision::Delete => return Ok(None),
        Some(DeliveryStatus::Failed) => {
            return Err(conflict("not_sent", "it was not sent: write it anew"));
        }
        Some(DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read) | None => {}
    }
    match can.revises {
        Revises::Never => return Err(conflict("no_edits", "this channel changes nothing that was said")),
        Revises::Hours(hours) if cx.env.now().0 - message.created_at.0 > i64::from(hours) * HOUR_MS => {
            return Err(conflict("too_old_to_edit", "the channel changes only what was said lately"));
        }
        Revises::Hours(_) | Revises::Always => {}
    }
    if can.is_own_log {
        return Ok(None);
    }
    if adapter.parts(message.content.clone()).len() > 1 || adapter.parts(now).len() > 1 {
        return Err(conflict("several_parts", "in this channel it is several messages"));
    }
    let connection = connections::get(cx.tx, cx.account, &message.connection_id).await?;
    if connection.is_demo() {
        return Ok(None);
    }
    let external_id = store::channel_id(cx.tx, cx.account, id).await?;
    let numbered_by = adapter.numbered_by(&connection.settings);
    let external_id = external_id.as_deref().and_then(|id| inbound::unscoped(numbered_by.as_deref(), id));
    let Some(external_id) = external_id.map(str::to_owned) else {
        return Err(conflict("no_edits", "the channel no longer knows this message"));
    };
    let address = deliveries::address_of(cx.tx, cx.account, &message.contact_id).await?;
    Ok(Some(AtChannel { connection, address, external_id }))
}

/// Tells the channel.
///
/// # Errors
/// `channel_refused` with its words; `channel_unreachable` where the same may be tried again.
pub async fn through_channel(service: &Messaging, at: &AtChannel, revision: &Revision, now: &Content) -> Result<()> {
    let unreachable = |detail: String| conflict("channel_unreachable", &detail);
    let link = service.link(&at.connection).map_err(|error| unreachable(error.to_string()))?;
    let adapter = channels::adapter(at.connection.kind);
    let said = Said { address: &at.address, external_id: &at.external_id };
    let told = match revision {
        Revision::Edit(_) => adapter.edit(&link, &said, now).await,
        Revision::Delete => adapter.take_back(&link, &said).await,
    };
    told.map_err(|error| match error {
        SendError::Refused { detail, .. } => conflict("channel_refused", &detail),
        SendError::Later { .. } | SendError::NotReached { .. } | SendError::Unknown { .. } => {
            unreachable(error.to_string())
        }
    })
}

/// Writes it down, once the channel has it. What was done to the message meanwhile is not undone.
///
/// # Errors
/// `already_deleted`; when it is gone with its client.
pub async fn finish(cx: &mut Cx<'_>, id: &MessageId, by: &Reviser, revision: &Revision) -> Result<Message> {
    events::lock(cx.tx, cx.account).await?;
    let mut message = super::get(cx.tx, cx.account, id).await?;
    if message.content.deleted.is_some() {
        return match revision {
            Revision::Delete => Ok(message),
            Revision::Edit(_) => Err(conflict("already_deleted", "it was deleted meanwhile")),
        };
    }
    let now = revised(&message, by, revision, cx)?;
    if now == message.content {
        return Ok(message);
    }
    message.content = now;
    let content = serde_json::to_string(&message.content).map_err(|e| Refusal::stored(&e))?;
    match revision {
        Revision::Edit(_) => {
            message.edited_at = Some(cx.env.now());
            store::set_text(cx.tx, cx.account, id, &content, cx.env.now()).await?;
        }
        Revision::Delete => {
            store::set_content(cx.tx, cx.account, id, &content).await?;
            files::let_go(cx, id).await?;
        }
    }
    events::append(cx, &message.project_id, &Event::MessageUpdated(&message)).await?;
    // What the list shows of it last is told anew; what the log said of it there before goes, too.
    conversations::tell(cx, &message.conversation_id).await?;
    if *revision == Revision::Delete {
        forget::start(cx, &message).await?;
    }
    Ok(message)
}

/// The content of a message that begins to be revised.
///
/// # Errors
/// For a bad text.
pub fn revised(message: &Message, by: &Reviser, revision: &Revision, cx: &Cx<'_>) -> Result<Content> {
    match revision {
        Revision::Edit(text) => {
            let content = Content { text: text.trim().to_owned(), ..message.content.clone() };
            check_content(&content)?;
            if message.kind == MessageKind::Message {
                crate::outgoing::check_channel(channels::adapter(message.channel).capabilities(), &content)?;
            }
            Ok(content)
        }
        Revision::Delete => {
            let deleted = Deleted { by: by.name.clone(), at: cx.env.now() };
            Ok(Content { deleted: Some(Box::new(deleted)), ..Content::default() })
        }
    }
}

/// What the content of a message would be, for its channel.
///
/// # Errors
/// As [`begin`].
pub async fn planned(cx: &mut Cx<'_>, id: &MessageId, by: &Reviser, revision: &Revision) -> Result<Content> {
    let message = super::get(cx.tx, cx.account, id).await?;
    revised(&message, by, revision, cx)
}

fn check_author(message: &Message, by: &Reviser, revision: &Revision) -> Result<()> {
    let is_own = message.author.kind == AuthorKind::Operator && message.author.id == Some(by.id);
    let is_ours = matches!(message.author.kind, AuthorKind::Operator | AuthorKind::Bot);
    let may = match revision {
        Revision::Edit(_) => is_own,
        Revision::Delete => is_own || (is_ours && by.may_all),
    };
    if may { Ok(()) } else { Err(conflict("not_yours", "only its author may, and an administrator may delete it")) }
}

fn conflict(code: &'static str, detail: &str) -> Refusal {
    Refusal::Conflict { code, detail: detail.to_owned() }
}

/// Whether an account's message is of this conversation and can be answered by name.
///
/// # Errors
/// When it is not.
pub async fn answerable(
    tx: &mut db::Tx,
    account: &AccountId,
    conversation: &model::ConversationId,
    id: &MessageId,
) -> Result<()> {
    let refused = || Refusal::invalid("reply_to", "unknown", "no such message in this conversation");
    let message = store::by_id(tx, account, id).await?.ok_or_else(refused)?;
    let fits = message.conversation_id == *conversation
        && message.kind != MessageKind::Event
        && message.content.deleted.is_none();
    if fits { Ok(()) } else { Err(refused()) }
}
