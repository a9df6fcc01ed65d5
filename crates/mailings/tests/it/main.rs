//! Mailings through the front door of the whole product.

mod consent;
mod of_client;
mod runs;
mod schedule;
mod support;
mod walks;
