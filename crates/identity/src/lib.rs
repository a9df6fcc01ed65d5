//! The pure multi-contact core: which contacts are one client (R1-R16).
//!
//! > The partition is a pure function of (live contacts, their values, rules, overrides, settings).
//!
//! No I/O, no clock, no randomness. Normative: `multi-contacts.md` and rulings 22-37.
//!
//! | step | module |
//! | --- | --- |
//! | raw value -> text that is compared | [`normalise`] |
//! | values before an unusable one -> values that are compared on | [`behind`] |
//! | rule + values -> keys | [`keys`] |
//! | change -> dirty contacts | [`dirty`] |
//! | dirty contacts -> affected set, asking the caller for data | [`closure`] |
//! | affected set -> groups, with all guards | [`universe`], [`partition`] |
//! | newcomers + standing groups -> groups, where no guard has a say | [`arrival`] |
//! | millions of hashed keys -> components | [`bulk`] |
//! | the same while contacts come one by one | [`growing`] |
//! | old and new groups -> ids | [`groups`] |
//! | why two contacts are or are not together | [`explain`] |
//! | all of it in memory, with change sets and previews | [`engine`] |
//!
//! A database-backed caller uses the steps one by one; `README.md` shows the calling sequence.

pub mod arrival;
pub mod behind;
pub mod bulk;
pub mod closure;
pub mod dirty;
pub mod engine;
pub mod explain;
mod graph;
pub mod groups;
pub mod growing;
pub mod keys;
pub mod normalise;
pub mod partition;
pub mod universe;
mod unlinks;
