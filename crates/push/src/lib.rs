//! Web push ([ADR 36]): an operator whose pages are all closed is told on the devices where they wished for it. Best effort: what is unread
//! stays counted whatever becomes of a note.
//!
//! | what | file |
//! | --- | --- |
//! | the account's key and the proof made with it (RFC 8292) | [`key`] |
//! | a browser that wants to be told | [`subscription`] |
//! | who is told of what | [`note`] |
//! | a note is sealed for its browser (RFC 8291) and goes out (RFC 8030) | [`send`] |
//! | all of it at work | [`runner`] |
//!
//! [ADR 36]: ../../../docs/adr/0036-web-push.md

mod api;
mod key;
mod note;
pub mod runner;
mod send;
mod store;
mod subscription;

pub use api::routes;
