//! Clients: fields, contacts, multi-contact rules.

mod api;

pub use api::routes;
