//! Kinds of channels.

use crate::words;
use serde::{Deserialize, Serialize};

/// The kind of a channel: the word in URLs, tables and pages. What each can do is said by its adapter in `channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// The widget on the company's site.
    Site,
    /// A Telegram bot.
    Telegram,
    /// A mailbox: SMTP out, IMAP in.
    Email,
    /// Youla (Юла), over a bridge that speaks the own channel's contract (rulings 68).
    Youla,
    /// A program of the company's own (Свой канал), over signed webhooks.
    Own,
    /// Contacts made over the REST API: known, but not to be written to.
    Api,
}

// In the order the pages show them.
words!(ChannelKind { Site = "site", Telegram = "telegram", Email = "email", Youla = "youla", Own = "own", Api = "api" });

impl std::fmt::Display for ChannelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
