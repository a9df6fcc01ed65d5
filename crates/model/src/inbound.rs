//! What a channel brings in: adapters translate, never store (house rule 5).

use crate::{Button, DeliveryStatus, Extra, MessageId, Timestamp};
use serde::{Deserialize, Serialize};

/// One thing that happened on a channel, in our words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// Who did it; nobody for a receipt.
    pub sender: Sender,
    /// When, by the channel's clock; for display, never for order.
    pub at: Timestamp,
    /// What.
    pub event: InboundEvent,
}

/// The person behind an inbound event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sender {
    /// The channel's stable id of the person.
    pub external_id: String,
    /// Name the channel shows.
    pub name: Option<String>,
    /// `@name`; empty when the channel says that there is none, none when it does not say.
    pub username: Option<String>,
    /// Where to answer, when it is not the person's id.
    pub address: Option<String>,
    /// E-mail address that the channel says is theirs: a claim, which nobody attested.
    pub email: Option<String>,
}

/// The kinds of inbound events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InboundEvent {
    /// A message with text, files or both.
    Message {
        /// The channel's id of the message.
        external_id: String,
        /// Text or caption.
        text: String,
        /// Files to fetch.
        files: Vec<InboundFile>,
        /// Buttons echoed by the channel; empty for most.
        buttons: Vec<Vec<Button>>,
        /// What came beside.
        extra: Option<Box<Extra>>,
        /// The channel's id of the message that it answers.
        reply_to: Option<String>,
    },
    /// The author changed an earlier message.
    Edited {
        /// The channel's id of the message.
        external_id: String,
        /// New text.
        text: String,
        /// Its files as they are now; none when the channel does not say.
        files: Option<Vec<InboundFile>>,
        /// What came beside, as it is now.
        extra: Option<Box<Extra>>,
    },
    /// A button of ours was pressed.
    Pressed {
        /// The button's id.
        button_id: String,
        /// The channel's id of the press, to be confirmed to the channel.
        callback_id: String,
    },
    /// The person shared their own phone: attested by the messenger.
    SharedPhone {
        /// The number.
        phone: String,
    },
    /// The person opened the channel, perhaps with a payload of ours that links a site visitor.
    Started {
        /// What our link carried.
        payload: Option<String>,
    },
    /// The person blocked us.
    Blocked,
    /// The person lets us write again.
    Unblocked,
    /// What became of a message of ours.
    Receipt(Receipt),
}

impl InboundEvent {
    /// The files that came with it, to be fetched.
    pub fn files(&self) -> &[InboundFile] {
        match self {
            Self::Message { files, .. } => files,
            Self::Edited { files, .. } => files.as_deref().unwrap_or_default(),
            _ => &[],
        }
    }

    /// A message of text and files alone.
    pub fn message(external_id: String, text: String, files: Vec<InboundFile>) -> Self {
        Self::Message { external_id, text, files, buttons: Vec::new(), extra: None, reply_to: None }
    }
}

/// A channel's word on a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The message.
    pub about: ReceiptOf,
    /// Delivered, read or failed.
    pub status: DeliveryStatus,
    /// Why it failed, in the channel's words.
    pub reason: Option<String>,
}

/// How a channel names a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptOf {
    /// By the id that we gave it.
    Ours(MessageId),
    /// By the id that the channel gave it when it took the message from us.
    Theirs(String),
}

/// A file the channel holds for us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundFile {
    /// The channel's id of the file.
    pub external_id: String,
    /// The sender's name for it.
    pub name: String,
    /// The channel's word on the type.
    pub mime: Option<String>,
    /// Bytes, when the channel says.
    pub size: Option<i64>,
    /// The file itself, when it came with the message: there is nothing to fetch.
    #[serde(skip)]
    pub bytes: Option<Vec<u8>>,
}
