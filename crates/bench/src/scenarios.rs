//! Scenarios: the engine beside XState.

mod engine;

pub use engine::run;
