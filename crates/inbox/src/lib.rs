//! The operator's side: conversations, messages, the live socket.

mod api;
mod canned_replies;
pub mod conversations;
mod drafts;
mod send;
mod snooze;
mod start;

pub use snooze::register_jobs;
pub use api::{Authenticate, LiveState, OperatorCall, Proof, live, routes};
