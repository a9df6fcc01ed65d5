//! Webhooks through the front door of the whole product, told to a receiver of the test's own.

mod settings;
mod support;
mod telling;
