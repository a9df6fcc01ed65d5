//! Clients: their fields, their cards, the rules that join them and how those are edited, and clients in and out: import, export, erasure.

mod api;
pub mod client_export;
pub mod erase;
pub mod export;
pub mod fields;
pub mod import;
mod jobs;
pub mod multi_contacts;
pub mod tags;

pub use api::routes;
pub use jobs::register as register_jobs;
