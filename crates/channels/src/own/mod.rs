//! A program of the company's own (Свой канал), or a bridge to a service without a public API: signed webhooks both ways.

mod bridge;
pub(crate) mod protocol;

pub(crate) use bridge::{Bridge, apply};

use crate::{Capabilities, Revises};
use model::ChannelKind;
use serde::Deserialize;

/// The own channel.
pub(crate) static OWN: Bridge =
    Bridge { capabilities: &CAPABILITIES, configure: bridge::configure, parse: protocol::parse };

const CAPABILITIES: Capabilities = Capabilities {
    kind: ChannelKind::Own,
    is_built_in: false,
    is_own_log: false,
    is_bridge: true,
    can_send: true,
    can_start: false,
    window_hours: None,
    per_minute: 600,
    max_text: 10_000,
    splits_text: false,
    max_file: 20 * 1024 * 1024,
    has_buttons: true,
    tells_delivered: true,
    names_thread: false,
    tells_read: true,
    revises: Revises::Never,
};

/// Settings of an own channel.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnSettings {
    /// Where the other side takes our signed calls.
    pub url: Option<String>,
    /// The shared secret, `whsec_` and base64 of 24 to 64 bytes; one is made and shown once when missing.
    pub secret: Option<String>,
    /// Make a new secret and show it once; the old one ends at once.
    #[serde(default)]
    pub renew_secret: bool,
}
