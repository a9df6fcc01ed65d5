//! The pure multi-contact core.

pub mod normalise;
