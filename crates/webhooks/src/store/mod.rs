//! SQL of webhooks.

pub(crate) mod log;
pub(crate) mod messages;
pub(crate) mod webhooks;
