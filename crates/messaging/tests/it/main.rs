//! The path over a database of its own, on either engine: without HTTP in front of it, but for the deliveries, whose answers come back
//! through the hooks.

mod arrivals;
mod deliveries;
mod email_in;
mod email_out;
mod intake;
mod lanes;
mod outgoing;
mod routing;
mod set_up;
mod support;
mod telegram_in;
