//! Adapters: one folder per channel. They translate between a channel's words and ours, and store nothing.

pub mod capabilities;
pub mod telegram;

pub use capabilities::{Capabilities, capabilities_of};
