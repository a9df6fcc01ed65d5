//! What the durable log tells: every kind of event there is, with the data it carries. Data of an event is the same JSON as the resource's
//! GET (api.md section 3), but for what only one reader has.

use crate::{
    ActorId, AnnouncementId, Contact, ContactId, Conversation, ConversationId, Delivery, GroupId, Message, MessageId,
    MessageKind, ProjectId, ProjectJob,
};
use serde::Serialize;

/// An event of an account's log. A new kind is a variant here, a reducer in `web/packages/chat` and a line in its guide
/// (`docs/guides/add-an-event.md`).
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", content = "data")]
pub enum Event<'a> {
    /// A message, note or event line joined a conversation.
    #[serde(rename = "message.created")]
    MessageCreated(&'a Message),
    /// Its author changed it.
    #[serde(rename = "message.updated")]
    MessageUpdated(&'a Message),
    /// The way out of a message went on.
    #[serde(rename = "delivery.updated")]
    DeliveryUpdated(DeliveryUpdated),
    /// A conversation began.
    #[serde(rename = "conversation.created")]
    ConversationCreated(&'a Conversation),
    /// Its status, assignee or place changed.
    #[serde(rename = "conversation.updated")]
    ConversationUpdated(&'a Conversation),
    /// An operator read it.
    #[serde(rename = "conversation.read")]
    ConversationRead(ConversationRead),
    /// A contact was made.
    #[serde(rename = "contact.created")]
    ContactCreated(&'a Contact),
    /// Its values, tags or name changed.
    #[serde(rename = "contact.updated")]
    ContactUpdated(&'a Contact),
    /// It is gone, with its conversations.
    #[serde(rename = "contact.deleted")]
    ContactDeleted(ContactDeleted),
    /// Contacts changed their multi-contacts.
    #[serde(rename = "multi_contact.changed")]
    MultiContactChanged(MultiContactChanged),
    /// Settings of a project changed.
    #[serde(rename = "settings.updated")]
    SettingsUpdated(SettingsUpdated),
    /// Long work went on, or ended.
    #[serde(rename = "job.updated")]
    JobUpdated(&'a ProjectJob),
    /// Somebody announced something, or is going to.
    #[serde(rename = "announcement.created")]
    AnnouncementCreated(AnnouncementTold),
    /// An announcement was changed, ended or taken away.
    #[serde(rename = "announcement.updated")]
    AnnouncementUpdated(AnnouncementTold),
    /// What was told here was erased with its client. Never appended: it takes the place of what was.
    #[serde(rename = "erased")]
    Erased {},
}

/// The delivery of a message as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DeliveryUpdated {
    /// Message.
    pub message_id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its contact, for the log alone.
    #[serde(skip)]
    pub contact_id: ContactId,
    /// Its place in the conversation.
    pub seq: i64,
    /// State, reason and since when.
    pub delivery: Delivery,
}

/// How far an operator has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ConversationRead {
    /// Conversation.
    pub conversation_id: ConversationId,
    /// Who read.
    #[schema(value_type = crate::UserId)]
    pub user_id: ActorId,
    /// Up to where.
    pub seq: i64,
}

/// A contact that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ContactDeleted {
    /// Contact id.
    pub id: ContactId,
}

/// Groups that are new or different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MultiContactChanged {
    /// Those with members.
    pub groups: Vec<ChangedGroup>,
    /// Ids that have no group of two or more now (rulings 29).
    pub dissolved: Vec<GroupId>,
}

/// A group that is new or different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = RegroupedContacts)]
pub struct ChangedGroup {
    /// Multi-contact id.
    pub id: GroupId,
    /// What happened to it.
    pub change: GroupChange,
    /// Members, oldest first.
    pub contact_ids: Vec<ContactId>,
}

/// What happened to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupChange {
    /// Of newcomers.
    New,
    /// Contacts came in.
    Join,
    /// Several groups became one.
    Merge,
    /// Contacts left.
    Leave,
    /// It fell apart.
    Split,
}

impl GroupChange {
    /// Of a group with so many members, made of so many groups of two or more, whose contacts went elsewhere in this number.
    pub fn of(plural_sources: usize, gone: usize, members: usize) -> Self {
        match (plural_sources, gone) {
            (2.., _) => Self::Merge,
            (_, 0) => Self::Join,
            (_, 2..) if members > 1 => Self::Split,
            _ => Self::Leave,
        }
    }
}

/// Which settings changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SettingsUpdated {
    /// The last part of their path, such as `fields`.
    pub resource: String,
}

/// An announcement, by its id alone: not everybody who hears of it is meant, and each reads what he may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AnnouncementTold {
    /// Announcement id.
    pub id: AnnouncementId,
}

/// Who may see an event, and what of: the columns of the log beside its data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct About<'a> {
    /// Conversation, for those who watch one.
    pub conversation: Option<&'a ConversationId>,
    /// Contact, for the visitor's own socket.
    pub contact: Option<&'a ContactId>,
    /// `seq` of a message.
    pub seq: Option<i64>,
    /// Whether the client may see it.
    pub for_client: bool,
}

impl Event<'_> {
    /// Its kind's word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MessageCreated(_) => "message.created",
            Self::MessageUpdated(_) => "message.updated",
            Self::DeliveryUpdated(_) => "delivery.updated",
            Self::ConversationCreated(_) => "conversation.created",
            Self::ConversationUpdated(_) => "conversation.updated",
            Self::ConversationRead(_) => "conversation.read",
            Self::ContactCreated(_) => "contact.created",
            Self::ContactUpdated(_) => "contact.updated",
            Self::ContactDeleted(_) => "contact.deleted",
            Self::MultiContactChanged(_) => "multi_contact.changed",
            Self::SettingsUpdated(_) => "settings.updated",
            Self::JobUpdated(_) => "job.updated",
            Self::AnnouncementCreated(_) => "announcement.created",
            Self::AnnouncementUpdated(_) => "announcement.updated",
            Self::Erased {} => "erased",
        }
    }

    /// The project that its own data name.
    pub fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::MessageCreated(message) | Self::MessageUpdated(message) => Some(&message.project_id),
            Self::ConversationCreated(conversation) | Self::ConversationUpdated(conversation) => {
                Some(&conversation.project_id)
            }
            Self::ContactCreated(contact) | Self::ContactUpdated(contact) => Some(&contact.project_id),
            Self::JobUpdated(job) => Some(&job.project_id),
            Self::DeliveryUpdated(_)
            | Self::ConversationRead(_)
            | Self::ContactDeleted(_)
            | Self::MultiContactChanged(_)
            | Self::SettingsUpdated(_)
            | Self::AnnouncementCreated(_)
            | Self::AnnouncementUpdated(_)
            | Self::Erased {} => None,
        }
    }

    /// What it is about.
    pub fn about(&self) -> About<'_> {
        match self {
            Self::MessageCreated(message) | Self::MessageUpdated(message) => About {
                conversation: Some(&message.conversation_id),
                contact: Some(&message.contact_id),
                seq: Some(message.seq),
                for_client: message.kind == MessageKind::Message,
            },
            Self::DeliveryUpdated(updated) => About {
                conversation: Some(&updated.conversation_id),
                contact: Some(&updated.contact_id),
                seq: Some(updated.seq),
                for_client: false,
            },
            Self::ConversationCreated(conversation) | Self::ConversationUpdated(conversation) => About {
                conversation: Some(&conversation.id),
                contact: Some(&conversation.contact_id),
                ..About::default()
            },
            Self::ConversationRead(read) => {
                About { conversation: Some(&read.conversation_id), seq: Some(read.seq), ..About::default() }
            }
            Self::ContactCreated(contact) | Self::ContactUpdated(contact) => {
                About { contact: Some(&contact.id), ..About::default() }
            }
            Self::ContactDeleted(gone) => About { contact: Some(&gone.id), ..About::default() },
            Self::MultiContactChanged(_)
            | Self::SettingsUpdated(_)
            | Self::JobUpdated(_)
            | Self::AnnouncementCreated(_)
            | Self::AnnouncementUpdated(_)
            | Self::Erased {} => About::default(),
        }
    }

    /// Its data as JSON text, as it is stored and sent.
    ///
    /// # Errors
    /// When something in it cannot be JSON.
    pub fn data(&self) -> serde_json::Result<String> {
        match self {
            Self::MessageCreated(message) | Self::MessageUpdated(message) => serde_json::to_string(message),
            Self::DeliveryUpdated(updated) => serde_json::to_string(updated),
            Self::ConversationCreated(conversation) | Self::ConversationUpdated(conversation) => {
                serde_json::to_string(conversation)
            }
            Self::ConversationRead(read) => serde_json::to_string(read),
            Self::ContactCreated(contact) | Self::ContactUpdated(contact) => serde_json::to_string(contact),
            Self::ContactDeleted(gone) => serde_json::to_string(gone),
            Self::MultiContactChanged(changed) => serde_json::to_string(changed),
            Self::SettingsUpdated(updated) => serde_json::to_string(updated),
            Self::JobUpdated(job) => serde_json::to_string(job),
            Self::AnnouncementCreated(told) | Self::AnnouncementUpdated(told) => serde_json::to_string(told),
            Self::Erased {} => Ok("{}".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_under_its_kind_with_its_data() {
        let updated = Event::SettingsUpdated(SettingsUpdated { resource: "fields".into() });
        let whole = serde_json::json!({ "kind": updated.kind(), "data": { "resource": "fields" } });
        assert_eq!(serde_json::to_value(&updated).unwrap(), whole);
        assert_eq!(updated.data().unwrap(), r#"{"resource":"fields"}"#);
    }

    #[test]
    fn what_happened_to_a_group_follows_from_where_its_members_were() {
        assert_eq!(GroupChange::of(2, 0, 5), GroupChange::Merge);
        assert_eq!(GroupChange::of(1, 0, 3), GroupChange::Join);
        assert_eq!(GroupChange::of(1, 1, 3), GroupChange::Leave);
        assert_eq!(GroupChange::of(1, 2, 2), GroupChange::Split);
    }
}
