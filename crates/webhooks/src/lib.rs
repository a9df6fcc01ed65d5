//! Webhooks out (promise D7, Standard Webhooks 1.0, [ADR 35]): what happens in a project is told to programs of the company's own, at least
//! once, each time under the same id, signed. One receiver that is slow or dead holds up no other.
//!
//! | what | file |
//! | --- | --- |
//! | what a webhook is, what may be done with it | [`webhook`] |
//! | when a message is tried again, when a receiver is given up | [`schedule`] |
//! | the log becomes messages | [`follow`] |
//! | a message goes out | [`send`] |
//! | all of it at work | [`runner`] |
//!
//! [ADR 35]: ../../../docs/adr/0035-webhooks.md

mod api;
mod follow;
pub mod runner;
mod schedule;
mod send;
mod store;
mod webhook;

pub use api::routes;
pub use store::messages::forget;
