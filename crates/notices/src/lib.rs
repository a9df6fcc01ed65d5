//! Letters to the team ([ADR 39]), from the mailbox that a project has as a channel: of clients who wait while nobody has a page open, and of
//! what scenarios tell.
//!
//! | what | file |
//! | --- | --- |
//! | who is to be written to about whom | [`unread`] |
//! | a letter's words | [`letter`] |
//! | a letter goes out | [`send`] |
//! | looking again and again | [`runner`] |
//!
//! [ADR 39]: ../../../docs/adr/0039-letters-to-the-team.md

mod letter;
pub mod runner;
mod send;
mod store;
mod unread;

use jobs::{Handler, Workers};
use messaging::Messaging;
use messaging::notices::KIND;
use std::sync::Arc;

/// Registers the kinds of jobs of this crate.
pub fn register_jobs(workers: Workers, service: &Arc<Messaging>) -> Workers {
    let handler = Handler::new(service.working(send::work));
    workers.on(KIND, handler.give_up(|cx, job, why| Box::pin(send::give_up(cx, job, why))))
}
