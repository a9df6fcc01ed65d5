//! Search (Поиск; [ADR 32]): clients, groups, conversations and the text of messages, by words.
//!
//! | what | file |
//! | --- | --- |
//! | what a text is read as | [`words`] |
//! | what of it stands in an index | [`terms`] |
//! | what is asked for | [`query`] |
//! | what is made of a message and of a client | [`made`] |
//! | where a row stands | [`place`] |
//! | rows are written | [`index`] |
//! | the log is followed, old clients are walked through | [`follow`], [`walk`], at work in [`runner`] |
//! | hits, best first | [`find`], shown by [`hits`] and [`snippet`] |
//!
//! [ADR 32]: ../../../docs/adr/0032-search.md

mod api;
mod find;
mod follow;
mod hits;
mod index;
mod made;
mod place;
mod progress;
mod query;
pub mod runner;
mod snippet;
mod store;
mod terms;
mod walk;
mod words;

pub use api::routes;
pub use hits::Kind;
pub use terms::Spelled;
