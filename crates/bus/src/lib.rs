//! Wake-ups and marks between the nodes of one installation, over NATS (ADR 17). A doorbell, never the record: whatever is lost here is
//! found in the database by the next look at it, and nothing heard here is believed beyond what it costs to look.
//!
//! Several installations may share a NATS server: each has subjects of its own and seals what it says with a key of its own, both made from
//! a secret in its database. What does not open was not said by one of its nodes.

mod link;
mod outbox;
mod seal;
mod signal;
mod test_nats;

pub use link::{BusError, Inbox, join};
pub use outbox::Bus;
pub use signal::{Change, Presence, Ring, Signal};
pub use test_nats::{TestNats, free_port};
