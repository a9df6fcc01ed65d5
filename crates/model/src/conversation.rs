//! A dialogue of one contact on one connection.

use crate::words;
use crate::{
    ChannelKind, ConnectionId, ContactId, ConversationId, DepartmentId, GroupId, LooksLike, Message, ProjectId,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

/// A conversation as the API and the event log show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Conversation {
    /// Conversation id.
    pub id: ConversationId,
    /// Project.
    pub project_id: ProjectId,
    /// The client's contact.
    pub contact_id: ContactId,
    /// The channel.
    pub connection_id: ConnectionId,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// Status.
    pub status: ConversationStatus,
    /// Who serves it.
    pub assignee_id: Option<UserId>,
    /// The department whose queue it is in.
    #[serde(default)]
    pub department_id: Option<DepartmentId>,
    /// Client messages the reader has not seen; absent in events, where there is no one reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<i64>,
    /// The newest message or note.
    pub last_message: Option<Message>,
    /// `seq` of the newest entry.
    pub seq: i64,
    /// Position of the last change in the account's log.
    pub position: i64,
    /// Since when the client waits for an answer.
    pub waiting_since: Option<Timestamp>,
    /// Begun.
    pub created_at: Timestamp,
    /// Closed.
    pub closed_at: Option<Timestamp>,
    /// Until when it is put off; null while it is not, and for one put off until its client writes.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
    /// What a list row needs to know of the client.
    pub contact: ConversationContact,
    /// Held by a test user.
    pub test: bool,
    /// Demo data.
    pub demo: bool,
}

/// The client of a conversation, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConversationContact {
    /// Contact id.
    pub id: ContactId,
    /// Name, when known.
    pub name: Option<String>,
    /// `@name`, `Посетитель 48107` and the like.
    pub handle: String,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// Its multi-contact.
    pub multi_contact_id: GroupId,
    /// Contacts in that multi-contact.
    pub multi_contact_size: i64,
    /// Tags, in the order they were given.
    #[serde(default)]
    pub tags: Vec<String>,
    /// As [`Contact::looks_like`](crate::Contact::looks_like).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<LooksLike>,
}

/// Statuses (`experience.md` section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// A scenario runs.
    Bot,
    /// Nobody took it yet.
    New,
    /// In work.
    Open,
    /// An operator's answer is the last message.
    Waiting,
    /// Put off.
    Snoozed,
    /// Done.
    Closed,
}

words!(ConversationStatus {
    Bot = "bot", New = "new", Open = "open", Waiting = "waiting", Snoozed = "snoozed", Closed = "closed",
});
