//! Frames that the server writes to live sockets: JSON text, told apart by `type` (api.md section 3). What pages send is read leniently by
//! the socket's own crate (`inbox`, `edge`).

use crate::{
    ActorId, Author, Availability, ContactId, ConversationId, Event, Message, MessageId, ProjectId, Timestamp, UserId,
};
use serde::Serialize;

/// A frame of the operators' socket, `/api/v1/live`.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OperatorFrame<'a> {
    /// The answer to `auth`.
    Hello {
        /// Who is signed in.
        user: LiveUser<'a>,
        /// The newest position of the log.
        position: i64,
        /// Contacts that have the site open now.
        online_contacts: &'a [ContactId],
    },
    /// Something of the log.
    Event {
        /// Its place.
        position: i64,
        /// Project.
        project_id: ProjectId,
        /// What.
        #[serde(flatten)]
        event: Event<'a>,
    },
    /// The log does not reach back that far: take a snapshot and go on from here.
    Gap {
        /// The newest position.
        position: i64,
    },
    /// A message was committed.
    Ack {
        /// The sender's id of it.
        client_id: &'a str,
        /// Ours.
        id: &'a MessageId,
        /// Where it went.
        conversation_id: &'a ConversationId,
        /// Its place there.
        seq: i64,
        /// The message.
        message: &'a Message,
    },
    /// Something was refused.
    Error(LiveError<'a>),
    /// Somebody writes.
    Typing {
        /// Where.
        conversation_id: &'a ConversationId,
        /// With whom.
        contact_id: &'a ContactId,
        /// Who.
        author: Author,
        /// What is not sent yet, where the project shows it.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
    },
    /// A colleague looks at a conversation.
    Viewing {
        /// Which.
        conversation_id: &'a ConversationId,
        /// Who.
        user: LivePerson<'a>,
    },
    /// You have written on another device: what, `GET drafts` says.
    Draft {
        /// Where.
        conversation_id: &'a ConversationId,
        /// When.
        changed_at: Timestamp,
    },
    /// You have read or closed announcements on another device: `GET announcements/current` says which are left.
    AnnouncementsRead {},
    /// A colleague says something else of himself.
    Availability {
        /// Who.
        user_id: UserId,
        /// What.
        availability: Availability,
    },
    /// Somebody came or went.
    Presence(Presence<'a>),
    /// Who is on the site of this project is not as it was: `GET visitors` says how. Once a second at most.
    Visitors {
        /// Whose site.
        project_id: ProjectId,
    },
}

/// A frame of a visitor's socket, `/w/v1/live`.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitorFrame<'a> {
    /// The answer to `auth`.
    Hello {
        /// Proves the visitor from now on.
        visitor_token: &'a str,
        /// The visitor's contact, once there is one (rulings 36).
        contact_id: Option<&'a ContactId>,
        /// Version of what `/w/v1/config` says.
        config_version: i64,
        /// The visitor's conversation.
        conversation: Option<VisitorConversation>,
        /// Somebody of the team is here.
        operators_online: bool,
        /// Messages of ours that were not read.
        unread: i64,
    },
    /// Something of the visitor's own conversation.
    Event {
        /// What.
        #[serde(flatten)]
        event: Event<'a>,
    },
    /// A message was committed.
    Ack {
        /// The sender's id of it.
        client_id: &'a str,
        /// Ours.
        id: &'a MessageId,
        /// Where it went.
        conversation_id: &'a ConversationId,
        /// Its place there.
        seq: i64,
        /// When.
        created_at: Timestamp,
    },
    /// Something was refused.
    Error(LiveError<'a>),
    /// An operator writes.
    Typing {
        /// Who.
        author: VisitorSees<'a>,
    },
    /// The team has read up to here.
    Read {
        /// Place in the conversation.
        seq: i64,
    },
    /// The team has closed the conversation.
    Closed {
        /// Which.
        conversation_id: &'a ConversationId,
    },
    /// The visitor waits for somebody of a team that gives its conversations out.
    Queue {
        /// Which conversation.
        conversation_id: &'a ConversationId,
        /// Place in the queue, from 1; 0 when it waits there no more.
        place: i64,
    },
    /// What a press of a menu button did.
    Launched {
        /// The page's id of the press.
        client_id: &'a str,
        /// The visitor's contact.
        contact_id: &'a ContactId,
        /// Its scenario speaks.
        started: bool,
        /// Why it does not: `busy`, an operator has the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
    },
    /// The team has written to a visitor who had said nothing: there is a contact now.
    Called {
        /// The visitor's contact.
        contact_id: &'a ContactId,
    },
    /// Fields were taken.
    Fields {
        /// The page's id of the call.
        client_id: Option<&'a str>,
        /// The visitor's contact.
        contact_id: &'a ContactId,
        /// Always.
        ok: bool,
    },
}

/// Who is signed in on a socket.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LiveUser<'a> {
    /// User or key.
    #[schema(value_type = String)]
    pub id: ActorId,
    /// Name.
    pub name: &'a str,
    /// `owner`, `admin`, `operator`; null for a key.
    pub role: Option<&'static str>,
}

/// A colleague.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LivePerson<'a> {
    /// User or key.
    #[schema(value_type = String)]
    pub id: ActorId,
    /// Name.
    pub name: &'a str,
}

/// What a visitor sees of an operator.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct VisitorSees<'a> {
    /// Name.
    pub name: &'a str,
}

/// A visitor's conversation, as `hello` names it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct VisitorConversation {
    /// Conversation id.
    pub id: ConversationId,
    /// Its newest place.
    pub seq: i64,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LiveError<'a> {
    /// The id of the message or call that was refused, when it had one.
    pub client_id: Option<&'a str>,
    /// Stable word.
    pub code: &'a str,
    /// For people.
    pub detail: &'a str,
    /// Seconds to wait before it is worth sending again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// Somebody came or went.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Presence<'a> {
    /// A colleague.
    User {
        /// User.
        #[schema(value_type = crate::UserId)]
        user_id: ActorId,
        /// Is here.
        online: bool,
    },
    /// A visitor of the site.
    Contact {
        /// Contact.
        contact_id: &'a ContactId,
        /// Is here.
        online: bool,
    },
}

/// Bytes of a frame of usual length.
const USUAL_FRAME: usize = 256;

macro_rules! frames {
    ($($type:ident),+) => {$(
        impl $type<'_> {
            /// The frame as it goes over the socket. Nothing in a frame can fail to be JSON; were it so, the reader gets an empty one.
            pub fn text(&self) -> String {
                crate::json_of(self, USUAL_FRAME).unwrap_or_else(|| "{}".to_owned())
            }
        }
    )+};
}

frames!(OperatorFrame, VisitorFrame);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SettingsUpdated;

    #[test]
    fn frames_say_their_type_and_events_lie_open_in_them() {
        let event = Event::SettingsUpdated(SettingsUpdated { resource: "fields".into() });
        let project_id = ProjectId::from_bits(1);
        let frame = OperatorFrame::Event { position: 7, project_id, event };
        let wanted = serde_json::json!({
            "type": "event", "position": 7, "project_id": project_id, "kind": "settings.updated", "data": { "resource": "fields" },
        });
        assert_eq!(serde_json::from_str::<serde_json::Value>(&frame.text()).unwrap(), wanted);
        let contact = ContactId::from_bits(2);
        let presence = OperatorFrame::Presence(Presence::Contact { contact_id: &contact, online: true });
        assert_eq!(presence.text(), format!(r#"{{"type":"presence","contact_id":"{contact}","online":true}}"#));
        let refused =
            VisitorFrame::Error(LiveError { client_id: None, code: "invalid", detail: "no", retry_after: None });
        assert_eq!(refused.text(), r#"{"type":"error","client_id":null,"code":"invalid","detail":"no"}"#);
    }
}
