//! Background work: a row written in the transaction that causes it, claimed with a lease, one at a time per order key. Any crate owns
//! kinds of jobs; they are registered where the product is put together ([`Workers::on`]).
//!
//! - [`enqueue`]: work to be done as soon as may be.
//! - [`set_timer`]: work to be done at a moment; a newer timer of the same key takes the place of the older one.
//! - [`lease`]: work that one node at a time does for as long as it lives.
//! - [`project`]: long work of a project in steps, that a person starts, watches and may cancel.

pub mod lease;
pub mod project;
mod queue;
mod store;
mod workers;

pub use queue::{
    Timer, abandon_leases, backoff_ms, cancel_timer, enqueue, finish, forget_order, keep, must_finish, set_timer,
    withdraw,
};
pub use workers::{Handler, Workers};

use model::{AccountId, JobId};

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Whose work it is.
    pub account_id: AccountId,
    /// Job id.
    pub id: JobId,
    /// The word its handler is registered under.
    pub kind: String,
    /// What to work on: ids only, in the kind's own form.
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
}
