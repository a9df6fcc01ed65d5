//! Frames of the operators' socket.

use crate::send::DraftContent;
use axum::extract::ws::{CloseFrame, Message};
use http_kit::{Actor, ApiError, Principal};
use model::{ContactId, ConversationId, MessageKind, ProjectId};
use serde::Deserialize;
use serde_json::{Value, json};

/// What an operator's page sends. Unknown fields are ignored (api.md section 3).
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Incoming {
    Auth { csrf: Option<String>, api_key: Option<String> },
    Subscribe { projects: Vec<ProjectId>, from: i64 },
    Message(MessageFrame),
    Typing { conversation_id: ConversationId },
    Viewing { conversation_id: ConversationId },
    Read { conversation_id: ConversationId, seq: i64 },
    Presence {},
}

#[derive(Debug, Deserialize)]
pub(super) struct MessageFrame {
    pub client_id: String,
    pub conversation_id: Option<ConversationId>,
    pub contact_id: Option<ContactId>,
    #[serde(default)]
    pub content: DraftContent,
    pub kind: Option<MessageKind>,
    pub seen_seq: Option<i64>,
}

pub(super) fn hello(principal: &Principal, position: i64, online: &[ContactId]) -> Message {
    let role = match &principal.actor {
        Actor::User { role, .. } => json!(role),
        Actor::Key { .. } => Value::Null,
    };
    let user = json!({ "id": principal.id(), "name": principal.name(), "role": role });
    text(&json!({ "type": "hello", "user": user, "position": position, "online_contacts": online }))
}

pub(super) fn error(client_id: Option<&str>, error: &ApiError) -> Message {
    text(&json!({ "type": "error", "client_id": client_id, "code": error.code(), "detail": error.detail() }))
}

pub(super) fn text(value: &Value) -> Message {
    Message::Text(value.to_string().into())
}

pub(super) fn close(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame { code, reason: reason.into() }))
}
