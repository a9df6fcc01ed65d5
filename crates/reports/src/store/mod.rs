//! SQL of reports.

pub(crate) mod board;
pub(crate) mod follow;
pub(crate) mod messages;
pub(crate) mod sessions;
pub(crate) mod sums;
pub(crate) mod thread;
