//! Reports (Отчёты; [ADR 37]): what leads and owners ask: who waits now, how many conversations there were, how soon they were answered, which
//! were missed. Nothing of it makes a message wait: the durable log is followed.
//!
//! | what | file |
//! | --- | --- |
//! | what is counted: a session, read out of the lines of a thread | [`session`], by the [`rules`] of its project |
//! | the sums of a day that a session adds to | [`sums`] |
//! | the log is followed, what was there before is walked through | [`follow`], [`walk`], at work in [`runner`] |
//! | the page that a client was on | [`page`] |
//! | the numbers of some days, and the conversations behind each | [`report`], [`sessions`] |
//! | who waits and who works now | [`board`] |
//!
//! [ADR 37]: ../../../docs/adr/0037-reports.md

mod api;
mod board;
mod follow;
mod hours;
mod page;
#[cfg(test)]
mod properties;
mod report;
mod rules;
pub mod runner;
mod session;
mod sessions;
mod store;
mod sums;
mod walk;

pub use api::routes;
