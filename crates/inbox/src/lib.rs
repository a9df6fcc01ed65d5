//! The operator's side: conversations, messages, the live socket.

mod api;
mod bulk;
mod canned_replies;
pub mod conversations;
mod drafts;
mod letters;
mod mentions;
mod mine;
mod revise;
mod send;
mod snooze;
mod start;
mod views;

pub use api::{Authenticate, LiveState, OperatorCall, Proof, live, routes};
pub use snooze::register_jobs;
