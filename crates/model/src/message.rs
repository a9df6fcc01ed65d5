//! A message and the honest state of its way out.

use crate::words;
use crate::{ActorId, ChannelKind, ConnectionId, ContactId, Content, ConversationId, MessageId, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};

/// A message as the API, the sockets and the event log show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Message {
    /// Message id.
    pub id: MessageId,
    /// Project.
    pub project_id: ProjectId,
    /// Conversation it belongs to.
    pub conversation_id: ConversationId,
    /// The client's contact.
    pub contact_id: ContactId,
    /// The channel it came or went through.
    pub connection_id: ConnectionId,
    /// Kind of that channel.
    pub channel: ChannelKind,
    /// Place in the conversation, 1..n without gaps (D3).
    pub seq: i64,
    /// Place in the account's event log when it was written.
    pub position: i64,
    /// Who wrote it.
    pub author: Author,
    /// Message, note or event.
    pub kind: MessageKind,
    /// What it says.
    pub content: Content,
    /// The way out; null for what stays inside or came in.
    pub delivery: Option<Delivery>,
    /// The sender's own id: one visible effect each (D2).
    pub client_id: Option<String>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Written.
    pub created_at: Timestamp,
    /// Changed by its author.
    pub edited_at: Option<Timestamp>,
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Author {
    /// Side.
    pub kind: AuthorKind,
    /// User, contact or scenario id.
    #[schema(value_type = Option<String>)]
    pub id: Option<ActorId>,
    /// Name to show.
    pub name: Option<String>,
}

/// The four sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// The company's client.
    Client,
    /// A user of ours.
    Operator,
    /// A scenario.
    Bot,
    /// The product itself.
    System,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Seen by the client.
    Message,
    /// Seen by the team only.
    Note,
    /// A line about what happened.
    Event,
}

/// The state of a message's way out (rulings 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Delivery {
    /// State.
    pub status: DeliveryStatus,
    /// Why it failed or is unknown.
    pub reason: Option<DeliveryReason>,
    /// Since when.
    pub at: Timestamp,
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeliveryReason {
    /// Stable word: `blocked_by_client`, `rate_limited` ...
    pub code: String,
    /// The channel's own words.
    pub detail: String,
}

/// States of a delivery, in the order they may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Waits for its turn.
    Queued,
    /// Handed to the channel, no answer yet.
    Sending,
    /// The outcome cannot be known: the operator decides (D6).
    Unknown,
    /// Refused for good.
    Failed,
    /// Taken by the channel.
    Sent,
    /// On the client's device.
    Delivered,
    /// Seen by the client.
    Read,
}

words!(AuthorKind { Client = "client", Operator = "operator", Bot = "bot", System = "system" });
words!(MessageKind { Message = "message", Note = "note", Event = "event" });
words!(DeliveryStatus {
    Queued = "queued", Sending = "sending", Unknown = "unknown", Failed = "failed", Sent = "sent", Delivered = "delivered",
    Read = "read",
});
