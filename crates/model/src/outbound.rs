//! What goes out through a channel, and what came of it.

use crate::{Button, MessageId};

/// A message for one person on one channel, or a part of it that the channel takes at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Outbound {
    /// The same message tried again has the same key: for channels that know a repeat by it.
    pub key: String,
    /// The message.
    pub message_id: MessageId,
    /// The address on the channel (`Sender::address` or its id).
    pub address: String,
    /// Text.
    pub text: String,
    /// Files with their bytes.
    pub files: Vec<OutboundFile>,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// What was said before, for channels whose messages name it.
    pub thread: Thread,
    /// A program says it, and no person.
    pub is_automatic: bool,
    /// What a letter is about, where its author named it.
    pub subject: Option<String>,
    /// Where its reader asks for no more of its kind (RFC 8058), for mailings in channels that know such a link.
    pub unsubscribe: Option<String>,
}

/// What a message follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// What the client called it last.
    pub subject: Option<String>,
    /// The channel's ids of what was said before, oldest first.
    pub before: Vec<String>,
    /// The channel's id of the client's message that this one answers.
    pub answers: Option<String>,
}

/// A file to send.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundFile {
    /// Name for the reader.
    pub name: String,
    /// Type by content.
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where it can be read, below our address.
    pub url: String,
    /// Width and height in pixels, for pictures.
    pub sides: Option<(i64, i64)>,
}

/// A channel took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The channel's id of the message.
    pub external_id: String,
}

/// A channel did not take the message (D6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again, not before so many seconds.
    #[error("the channel asks to wait {after_seconds} s: {detail}")]
    Later {
        /// Seconds.
        after_seconds: u32,
        /// The channel's words.
        detail: String,
    },
    /// Will never work as it is.
    #[error("refused: {detail}")]
    Refused {
        /// Stable word.
        code: String,
        /// The channel's words.
        detail: String,
    },
    /// It never reached the channel: safe to repeat.
    #[error("the channel was not reached: {detail}")]
    NotReached {
        /// What went wrong.
        detail: String,
    },
    /// It may or may not have arrived: never repeated by itself.
    #[error("outcome unknown: {detail}")]
    Unknown {
        /// What went wrong.
        detail: String,
    },
}
