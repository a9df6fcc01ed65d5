//! Channels: one folder each, behind one contract ([`Adapter`]) and one registry ([`adapter`]). They translate between a channel's words
//! and ours, and store nothing.

mod adapter;
mod api;
mod built_in;
mod capabilities;
mod email;
mod own;
mod site;
mod telegram;
mod youla;

pub use adapter::{
    Adapter, Answer, Draft, Hook, Issued, Link, Name, Polled, Raw, Reader, Said, Secrets, Trouble, Unreadable,
};
pub use capabilities::{Capabilities, Revises, Unfit};
pub use email::page as letter_page;
pub use email::{EmailSettings, MailServer, Protection};
pub use own::OwnSettings;
pub use telegram::{Mode, TelegramSettings};
pub use youla::YoulaSettings;

use built_in::BuiltIn;
use model::ChannelKind;

/// The registry: who speaks for a kind of channel.
pub fn adapter(kind: ChannelKind) -> &'static dyn Adapter {
    match kind {
        ChannelKind::Site => &BuiltIn(&site::CAPABILITIES),
        ChannelKind::Telegram => &telegram::TelegramBot,
        ChannelKind::Email => &email::Email,
        ChannelKind::Own => &own::OWN,
        ChannelKind::Youla => &youla::YOULA,
        ChannelKind::Api => &BuiltIn(&api::CAPABILITIES),
    }
}
