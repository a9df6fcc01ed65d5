//! Mailings (Рассылки; R34, R39-R45, normative `mailings.md`, [ADR 30]): scenarios and texts that reach many clients, each person once.
//!
//! | what | file |
//! | --- | --- |
//! | what a mailing is | [`document`] |
//! | who is meant | [`audience`] |
//! | who is written to, through which contact, or why not | [`plan`] |
//! | when: zones, quiet hours | [`zone`] |
//! | everybody, person by person | [`survey`] |
//! | what a start would do | [`preflight`] |
//! | writing them down | [`freeze`] |
//! | whoever is due is written to | [`claim`], at the pace of [`pace`] |
//! | what became of it | [`follow`], [`goal`], [`links`] |
//! | audiences with a name | [`segments`] |
//! | all of it at work | [`runner`] |
//!
//! [ADR 30]: ../../../docs/adr/0030-mailings.md

mod api;
mod audience;
mod claim;
mod document;
mod follow;
mod freeze;
mod goal;
mod links;
mod mailing;
mod matching;
mod of_client;
mod pace;
mod past;
mod plan;
mod preflight;
mod recipients;
pub mod runner;
mod say;
mod segments;
mod store;
mod survey;
mod trial;
mod use_cases;
mod view;
mod zone;

pub use api::{click_routes, routes};
pub use document::Document;
pub use past::{Became, played};
pub use use_cases::{create, start};

use messaging::template;

/// Everything that would begin or go on by itself waits for somebody's word: this database is a restored copy, and another may have sent it.
///
/// # Errors
/// When the storage fails.
pub async fn hold_after_restore(tx: &mut db::Tx) -> model::Result<()> {
    store::mailings::hold_all(tx).await
}
