//! The one way out. Whatever is said to a client, by a person, a bot or a mailing, is said by [`say`]: it alone appends, binds files,
//! queues the delivery and lets the conversation follow. What bots answer to many site visitors at once is held to the same by [`checked`],
//! and has no files, no delivery and nothing to follow (`scenario_runs::together`).

use crate::deliveries::{self, Lane};
use crate::messages::NewMessage;
use crate::{Refusal, Result, conversations, files, messages};
use channels::{Capabilities, Unfit};
use conversations::Place;
use model::{ActorId, Author, AuthorKind, Content, Cx, DeliveryStatus, Message, MessageId, MessageKind, Timestamp};

/// What is to be said.
#[derive(Debug, Clone)]
pub struct Saying {
    /// Who says it.
    pub author: Author,
    /// To the client, or a note for the team.
    pub kind: MessageKind,
    /// Text, files that are attached already, buttons.
    pub content: Content,
    /// The sender's own id for it (D2).
    pub client_id: Option<String>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Who waits for whom on the way out.
    pub lane: Lane,
    /// Not to be sent before this moment.
    pub due: Option<Timestamp>,
    /// Said and settled in another place or time (demo data, a history taken over): nothing is sent.
    pub settled: Option<DeliveryStatus>,
}

impl Saying {
    /// A message of an author's, to be sent at once, in the author's own lane.
    pub fn new(author: Author, content: Content) -> Self {
        let lane = Lane::of(author.kind);
        let kind = MessageKind::Message;
        Self { author, kind, content, client_id: None, reply_to: None, lane, due: None, settled: None }
    }
}

/// Says something in a conversation.
///
/// # Errors
/// [`Refusal::Invalid`] for what no message or not this channel can carry; [`Refusal::ChannelClosed`] when the channel cannot be written
/// to at all; [`Refusal::Repeated`] when this author has used this client id before.
pub async fn say(cx: &mut Cx<'_>, place: &Place, saying: Saying) -> Result<Message> {
    let (lane, due) = (saying.lane, saying.due);
    let new = checked(place, saying)?;
    let (files, side, delivery) = (new.content.attachments.clone(), new.author.kind, new.delivery);
    let message = conversations::append(cx, place, new).await?;
    files::bind(cx.tx, cx.account, &files, &message.id).await?;
    if let Some(first) = delivery {
        if first == DeliveryStatus::Queued {
            deliveries::enqueue(cx, &message, lane, due).await?;
        }
        conversations::follow_message(cx, place, side).await?;
    }
    Ok(message)
}

/// What is to be said, as a message that this place can carry.
///
/// # Errors
/// As [`say`].
pub(crate) fn checked(place: &Place, saying: Saying) -> Result<NewMessage> {
    messages::check_content(&saying.content)?;
    let is_for_client = saying.kind == MessageKind::Message;
    if is_for_client {
        check_channel(channels::adapter(place.channel).capabilities(), &saying.content)?;
    }
    let first = saying.settled.unwrap_or_else(|| deliveries::first_status(place.channel));
    Ok(NewMessage {
        author: saying.author,
        kind: saying.kind,
        content: saying.content,
        client_id: saying.client_id,
        external_id: None,
        delivery: is_for_client.then_some(first),
        reply_to: saying.reply_to,
    })
}

/// What a channel can do is held to here, whoever speaks.
pub(crate) fn check_channel(capabilities: &Capabilities, content: &Content) -> Result<()> {
    if !capabilities.can_send {
        return Err(Refusal::ChannelClosed("no_way_out"));
    }
    let largest_file = content.attachments.iter().map(|file| file.size).max().unwrap_or(0);
    let fits = capabilities.check(&content.text, largest_file, !content.buttons.is_empty());
    fits.map_err(|Unfit { path, code, words }| Refusal::invalid(path, code, words))
}

/// The author of what a user of ours says.
pub fn operator(id: ActorId, name: &str) -> Author {
    Author { kind: AuthorKind::Operator, id: Some(id), name: Some(name.to_owned()) }
}
