//! What each kind of channel can do: the table behind `/channel-kinds` and the reply-in picker.

use serde::Serialize;

/// Abilities and limits of a kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// Word used in `connection.kind`.
    pub kind: &'static str,
    /// Whether an operator can write before the client has.
    pub can_start: bool,
    /// Hours after the client's last message in which free text is taken; null for no limit.
    pub window_hours: Option<u32>,
    /// Characters of a text at most.
    pub max_text: usize,
    /// Bytes of a file at most.
    pub max_file: usize,
    /// Whether buttons are shown.
    pub has_buttons: bool,
    /// Whether the channel says that a message arrived.
    pub tells_delivered: bool,
    /// Whether the channel says that a message was read.
    pub tells_read: bool,
}

const SITE: Capabilities = Capabilities {
    kind: "site",
    can_start: false,
    window_hours: None,
    max_text: 10_000,
    max_file: 20 * 1024 * 1024,
    has_buttons: true,
    tells_delivered: true,
    tells_read: true,
};

const TELEGRAM: Capabilities = Capabilities {
    kind: "telegram",
    can_start: false,
    window_hours: None,
    max_text: 4096,
    max_file: 50 * 1024 * 1024,
    has_buttons: true,
    tells_delivered: false,
    tells_read: false,
};

const API: Capabilities = Capabilities {
    kind: "api",
    can_start: false,
    window_hours: None,
    max_text: 10_000,
    max_file: 20 * 1024 * 1024,
    has_buttons: false,
    tells_delivered: false,
    tells_read: false,
};

/// Every kind there is.
pub const ALL: &[Capabilities] = &[SITE, TELEGRAM, API];

/// The abilities of a kind, or none for a word we do not know.
pub fn capabilities_of(kind: &str) -> Option<&'static Capabilities> {
    ALL.iter().find(|c| c.kind == kind)
}
