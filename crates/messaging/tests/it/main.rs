//! The path over a database of its own, on either engine, without HTTP in front of it.

mod intake;
mod lanes;
mod outgoing;
mod support;
