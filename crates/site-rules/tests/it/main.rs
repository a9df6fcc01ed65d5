//! The table of cases, the recording for the web, and what holds for any input.
#![allow(missing_docs)]

mod cases;
mod properties;
mod recorded;
mod table;
