//! The operator's side: conversations, messages, the live socket.

mod api;
pub mod conversations;
mod drafts;
mod send;
mod start;

pub use api::{Authenticate, LiveState, OperatorCall, Proof, live, routes};
