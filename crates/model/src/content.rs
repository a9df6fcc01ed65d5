//! What a message says.

use crate::{FileId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// The content of a message in any channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Content {
    /// Plain text; may be empty when there are attachments.
    #[serde(default)]
    pub text: String,
    /// Files.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Rows of buttons.
    #[serde(default)]
    pub buttons: Vec<Vec<Button>>,
    /// Id of the button that the client pressed instead of writing; `text` is its label. Scenarios tell answers apart by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressed: Option<String>,
    /// What happened, for messages of kind `event`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNote>,
    /// What came with a client's message beside text and files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Box<Extra>>,
    /// Colleagues whom a note names; its `text` has `@` and their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    /// It was deleted: nothing else of it is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Box<Deleted>>,
}

/// Who took a message away, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DeletedMessage)]
pub struct Deleted {
    /// Name to show.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What a channel told of a client's message beside its text and files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Extra {
    /// The form it came in, when that is neither plain text nor a file: `poll`, `contact`, `venue`, or the channel's own word for one that we
    /// do not know. What of it can be shown is in `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// What it answers, in the words it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
    /// Who wrote it first, when it was passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
    /// Addresses that stand behind words of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<NamedLink>,
    /// What a letter is about, as its sender named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What stands below the words of a letter: the history it quotes and its signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<String>,
    /// A program wrote it (an answering machine, a list): no scenario hears it, nothing answers it by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// What is known of a letter beside its words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<Box<LetterNote>>,
}

/// What is known of a letter beside its words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LetterNote {
    /// It was written as a page, which can be read as its sender laid it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub html: bool,
    /// Whether the machine that brought it may send for the address it gave on the way (SPF), as the mailbox's own server found: `pass`,
    /// `fail`, `softfail`, `neutral`, `none`, `temperror`, `permerror`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spf: Option<String>,
    /// Whether it is signed, and as it was sent (DKIM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dkim: Option<String>,
    /// Whether one of both speaks for the address that people read as the sender's (DMARC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dmarc: Option<String>,
}

impl LetterNote {
    /// Itself, unless it says nothing.
    pub fn some(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

impl Extra {
    /// Itself, unless it says nothing.
    pub fn some(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// Words that a message answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quoted {
    /// Whose they are, when the channel says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The words; empty for what has none, as a picture.
    pub text: String,
}

/// An address behind words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedLink {
    /// The words.
    pub text: String,
    /// The address, as it was given: show it as a link only when it is http or https.
    pub url: String,
}

impl Content {
    /// Only text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A pressed button: its label to read, its id to tell it apart.
    pub fn pressed(label: impl Into<String>, button_id: impl Into<String>) -> Self {
        Self { text: label.into(), pressed: Some(button_id.into()), ..Self::default() }
    }

    /// Only an event line.
    pub fn event(code: &str, data: serde_json::Value) -> Self {
        Self { event: Some(EventNote { code: code.to_owned(), data }), ..Self::default() }
    }

    /// Nothing to show.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.attachments.is_empty()
            && self.buttons.is_empty()
            && self.event.is_none()
            && self.extra.is_none()
    }
}

/// A file as readers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    /// File id.
    pub id: FileId,
    /// The sender's name for it, for display only.
    pub name: String,
    /// Type by content, not by name.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// Where to read it, for a day: whoever reads the message later gets another address.
    pub url: String,
    /// Pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Comes back when pressed; 64 bytes at most.
    pub id: String,
    /// What the client reads.
    pub label: String,
    /// What it does.
    pub kind: ButtonKind,
    /// For links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// Answers with its id.
    Reply,
    /// Opens an address.
    Link,
    /// Asks a messenger for the client's own phone.
    SharePhone,
}

/// A line in the thread that nobody wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventNote {
    /// What happened: `conversation.assigned`, `field.saved` ...
    pub code: String,
    /// Names and values for the sentence.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}
