//! The durable event log and its hub: positions without gaps per account (D4), and the live sockets that follow them. Sockets and
//! webhooks read from the log; whatever wakes them only says "look".

pub mod hub;
mod log;
mod lookalikes;
mod nodes;
mod peers;
mod store;
pub mod visitors;

pub use log::{
    Recorded, Told, after, append, bounds, changed_contacts, data_text, forget, give_back_positions, lock,
    next_position, next_positions, operator_frame, record, record_all, record_created, settings_changed,
};
pub use lookalikes::{Lookalikes, lookalikes};
pub use store::{EventData, EventRow, read_message, retell, stored_side, told_of};
