//! The path over a database of its own, on either engine: without HTTP in front of it, but for the deliveries, whose answers come back
//! through the hooks.

mod arrivals;
mod deliveries;
mod intake;
mod lanes;
mod outgoing;
mod support;
mod telegram_in;
