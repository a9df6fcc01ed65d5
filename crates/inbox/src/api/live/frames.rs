//! Frames of the operators' socket.

use crate::send::DraftContent;
use axum::extract::ws::Message;
use http_kit::{Actor, ApiError, Principal};
use model::live::{LiveError, LiveUser, OperatorFrame};
use model::{ContactId, ConversationId, MessageId, MessageKind, ProjectId};
use serde::Deserialize;

/// What an operator's page sends. Unknown fields are ignored (api.md section 3).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = OperatorCall)]
pub enum Incoming {
    /// The first frame: `csrf` beside the session's cookie, or a key.
    Auth {
        /// What the session's `X-Otklik-CSRF` says.
        csrf: Option<String>,
        /// API key.
        api_key: Option<String>,
    },
    /// Tell what happens in these projects, from a position on.
    Subscribe {
        /// Projects.
        projects: Vec<ProjectId>,
        /// The last position known.
        from: i64,
    },
    /// Say something.
    Message(MessageFrame),
    /// The operator writes.
    Typing {
        /// Where.
        conversation_id: ConversationId,
    },
    /// The operator looks at a conversation.
    Viewing {
        /// Which.
        conversation_id: ConversationId,
    },
    /// The operator has read.
    Read {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Up to where.
        seq: i64,
    },
    /// Taken, and without effect yet.
    Presence {},
}

/// A message or note over the socket.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = OperatorMessage)]
pub struct MessageFrame {
    /// Made by the sender: one visible effect each.
    pub client_id: String,
    /// An open thread.
    pub conversation_id: Option<ConversationId>,
    /// Or a contact, whatever its conversation.
    pub contact_id: Option<ContactId>,
    /// What it says.
    #[serde(default)]
    pub content: DraftContent,
    /// A message when missing.
    pub kind: Option<MessageKind>,
    /// The newest `seq` the sender saw.
    pub seen_seq: Option<i64>,
    /// The message of the same conversation that it answers by name.
    pub reply_to: Option<MessageId>,
}

pub(super) fn hello(principal: &Principal, position: i64, online: &[ContactId]) -> Message {
    let role = match &principal.actor {
        Actor::User { role, .. } => Some(role.as_str()),
        Actor::Key { .. } => None,
    };
    let user = LiveUser { id: principal.id(), name: principal.name(), role };
    text(&OperatorFrame::Hello { user, position, online_contacts: online })
}

pub(super) fn error(client_id: Option<&str>, error: &ApiError) -> Message {
    text(&OperatorFrame::Error(LiveError {
        client_id,
        code: error.code(),
        detail: error.detail(),
        retry_after: error.retry_after(),
    }))
}

pub(super) fn text(frame: &OperatorFrame<'_>) -> Message {
    Message::Text(frame.text().into())
}
