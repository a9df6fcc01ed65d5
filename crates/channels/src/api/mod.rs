//! Contacts made over the REST API: known by their values, not to be written to.

use crate::{Capabilities, Revises};
use model::ChannelKind;

/// What an API contact can do.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    kind: ChannelKind::Api,
    is_built_in: true,
    is_own_log: true,
    is_bridge: false,
    can_send: false,
    can_start: false,
    window_hours: None,
    per_minute: 1,
    max_text: 10_000,
    splits_text: false,
    max_file: 20 * 1024 * 1024,
    has_buttons: false,
    tells_delivered: false,
    names_thread: false,
    tells_read: false,
    revises: Revises::Always,
};
