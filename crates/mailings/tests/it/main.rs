//! Mailings through the front door of the whole product.

mod aims;
mod clock;
mod consent;
mod of_client;
mod runs;
mod schedule;
mod support;
mod walks;
