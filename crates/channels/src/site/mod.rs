//! The site's widget. Its frames reach the path over our own socket (`edge`), and what is said to a visitor waits in our log: there is
//! nothing to verify, to poll or to send.

use crate::{Capabilities, Revises};
use model::ChannelKind;

/// What the widget can do.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    kind: ChannelKind::Site,
    is_built_in: true,
    is_own_log: true,
    is_bridge: false,
    can_send: true,
    can_start: false,
    window_hours: None,
    per_minute: 6_000,
    max_text: 10_000,
    splits_text: false,
    max_file: 20 * 1024 * 1024,
    has_buttons: true,
    tells_delivered: true,
    names_thread: false,
    tells_read: true,
    revises: Revises::Always,
};
