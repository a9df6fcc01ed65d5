//! The words every crate shares: ids, time, message content, what a channel brings in and takes out, and the shapes that the
//! API and the event log both speak (`docs/API.md`). Data only: serde, no I/O. The surroundings of a use case
//! ([`Env`]) travel from here, too.

mod availability;
mod channel;
mod click_link;
mod clock;
mod contact;
mod content;
mod conversation;
mod cx;
mod event;
mod file_link;
mod ids;
mod inbound;
mod job;
mod json;
pub mod live;
mod message;
pub mod never;
mod node;
mod outbound;
mod refusal;
mod shared_clock;
mod time;
mod topic;
mod unsubscribe_link;
mod visitor;
mod words;

pub use availability::Availability;
pub use channel::ChannelKind;
pub use click_link::Click;
pub use clock::{Clock, Env, IdSource, Presence, RandomIds, SystemClock};
pub use contact::{Contact, FieldKind, FieldValue, LooksLike, PastValue, Unusable, ValueSource, What};
pub use content::{Attachment, Button, ButtonKind, Content, Deleted, EventNote, Extra, LetterNote, NamedLink, Quoted};
pub use conversation::{Conversation, ConversationContact, ConversationStatus};
pub use cx::Cx;
pub use event::{
    About, AnnouncementTold, ChangedGroup, ContactDeleted, ConversationRead, DeliveryUpdated, Event, GroupChange,
    MultiContactChanged, SettingsUpdated,
};
pub use file_link::{LinkFault, Links};
pub use ids::{
    AccountId, ActorId, AnnouncementId, ApiKeyId, AutoActionId, BadId, CannedReplyId, ConnectionId, ContactId,
    ConversationId, DeliveryId, DepartmentId, FileId, GroupId, HistoryId, JobId, LogId, MailingId, MenuButtonId,
    MessageId, OverrideId, ProjectId, PushSubscriptionId, ReportSessionId, RuleId, RunId, SavedViewId, ScenarioId,
    ScenarioSecretId, SegmentId, SessionId, SuggestId, TagId, UserId, VisitorId, WebhookId, WebhookMessageId,
};
pub use inbound::{Inbound, InboundEvent, InboundFile, Receipt, ReceiptOf, Sender};
pub use job::{JobState, Progress, ProjectJob};
pub use json::json_of;
pub use message::{Author, AuthorKind, Delivery, DeliveryReason, DeliveryStatus, Message, MessageKind};
pub use node::NodeId;
pub use outbound::{Outbound, OutboundFile, SendError, Sent, Thread};
pub use refusal::{Invalid, Refusal, Result};
pub use shared_clock::{ClockedIds, SharedClock, SteadyClock};
pub use time::Timestamp;
pub use topic::Topic;
pub use visitor::{PageSeen, TypedText, VisitorNow};
