//! What stands on a company's site around the chat (R31, R69-R72): menu buttons, and what pressing one begins. The widget asks for them with its
//! configuration; the socket of a visitor brings the presses.

mod api;
pub mod menu_buttons;

pub use api::routes;
