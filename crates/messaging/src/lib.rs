//! The path of a message: in from a channel, to a contact, a conversation, a message; out through a delivery; told to everyone
//! by the event log. Start reading at [`intake::process`].
//!
//! One folder or file per noun; all SQL of a noun is in its `store`. No HTTP here.

mod arrivals;
pub mod connections;
pub mod consent;
pub mod contacts;
pub mod conversations;
pub mod deliveries;
pub mod departments;
pub mod fields;
pub mod files;
pub mod follower;
pub mod hours;
pub mod inbound;
pub mod intake;
pub mod jobs;
pub mod licences;
pub mod links;
pub mod messages;
pub mod multi_contacts;
mod nodes;
pub mod notices;
pub mod outgoing;
pub mod pollers;
pub mod push_keys;
pub mod ratings;
pub mod routing;
pub mod scenario_runs;
pub mod scenario_secrets;
mod service;
pub mod tags;
pub mod template;
pub mod webhook_secrets;

use model::{Invalid, Refusal, Result};
pub use service::{Messaging, Settings};
