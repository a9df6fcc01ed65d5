//! Conversations as operators work with them: lists, folders, who has one, who has read it. How a conversation begins, takes a message
//! and ends is the path's (`messaging::conversations`), for a bot ends one, too.

mod actions;
mod store;
mod together;
mod transfer;

pub(crate) use actions::take_by_answer;
pub use actions::{Assignment, accept, assign, close, mark_read};
pub(crate) use store::colleague;
pub use store::{counts, of_multi_contact};
pub(crate) use together::count;
pub use together::{Row, Rows, list_apart, list_together};
pub use transfer::{Target, Transfer, transfer};

use db::Cursor;
use model::{Conversation, DepartmentId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// A folder of the conversation list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConversationFolder)]
pub enum Folder {
    /// Assigned to the reader, and not put off.
    Mine,
    /// Nobody took it.
    New,
    /// In work or waiting for the client.
    Open,
    /// A scenario runs.
    Bot,
    /// Put off until a time, or until the client writes.
    Snoozed,
    /// With a note that names the reader, who has not read it.
    Mentions,
    /// Done.
    Closed,
    /// Everything that is not closed.
    #[default]
    All,
}

/// In what order a list shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConversationOrder)]
pub enum Order {
    /// Newest activity first.
    #[default]
    Newest,
    /// Whose client waits longest for an answer first; then those where nobody waits, newest activity first. Closed conversations, where
    /// nobody waits, come newest first.
    Waiting,
}

/// Where a page of [`Order::Waiting`] ended: since when the last one's client waits ([`NOBODY_WAITS`] for nobody), and its position.
pub type WaitingPlace = (i64, i64);

/// Stands where a client would wait since: after every moment.
pub const NOBODY_WAITS: i64 = i64::MAX;

/// What a list shows.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Folder.
    pub folder: Folder,
    /// Words to find in names, handles and values.
    pub words: String,
    /// What else they have in common.
    pub narrowed: Narrowed,
    /// The page begins after this.
    pub after: After,
    /// Rows at most.
    pub limit: i64,
}

/// What the conversations of a list have in common beside their folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Kind of the channel; empty for all.
    pub channel: String,
    /// Tag of the client; empty for all.
    pub tag: String,
    /// Who has them.
    pub holder: Holder,
    /// Whose clients wait since this moment, or longer.
    pub waiting_since: Option<Timestamp>,
    /// Field of the client that holds `value`, or anything when that is empty; empty for all.
    pub field: String,
    /// See `field`; compared as rules compare.
    pub value: String,
    /// In the queue of this department, or with somebody out of it.
    pub department: Option<DepartmentId>,
}

/// Who has a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Holder {
    /// Whoever.
    #[default]
    Any,
    /// Nobody.
    Nobody,
    /// This user.
    User(UserId),
}

/// Where a page begins, in the order of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Only conversations that changed before this position.
    Newest(i64),
    /// Only those that come after this one.
    Waiting(WaitingPlace),
}

impl After {
    /// Where a page ends with this conversation, in the same order.
    fn place_of(self, conversation: &Conversation) -> Self {
        match self {
            Self::Newest(_) => Self::Newest(conversation.position),
            Self::Waiting(_) => {
                let since = conversation.waiting_since.map_or(NOBODY_WAITS, |since| since.0);
                Self::Waiting((since, conversation.position))
            }
        }
    }

    /// What a list begins after so that it goes on there.
    pub(crate) fn cursor(self) -> Cursor {
        match self {
            Self::Newest(position) => Cursor::number(position),
            Self::Waiting((since, position)) => Cursor(vec![since.to_string(), position.to_string()]),
        }
    }

    /// Whether this place stands further up than another of the same order.
    fn is_above(self, other: Self) -> bool {
        match (self, other) {
            (Self::Newest(one), Self::Newest(two)) => one > two,
            (Self::Waiting(one), Self::Waiting(two)) => (one.0, -one.1) < (two.0, -two.1),
            _ => false,
        }
    }
}

/// Conversations per folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Assigned to the reader, neither closed nor put off.
    pub mine: i64,
    /// New.
    pub new: i64,
    /// Open, waiting.
    pub open: i64,
    /// With a scenario.
    pub bot: i64,
    /// Put off.
    pub snoozed: i64,
    /// With a note that names the reader, who has not read it.
    pub mentions: i64,
    /// Closed.
    pub closed: i64,
    /// Not closed.
    pub all: i64,
    /// With messages that the reader has not seen and that are the reader's business: assigned to the reader, or of nobody's and not answered.
    pub unread: i64,
}
