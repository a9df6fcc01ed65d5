//! What stands on a company's site around the chat (R31, R32, R69-R77): how it looks, menu buttons, suggests, auto-actions, what pressing one
//! begins, and who is there. The widget asks for them with its configuration; the socket of a visitor brings the presses.

mod api;
pub mod appearance;
pub mod auto_actions;
pub mod config;
pub mod first_steps;
pub mod install;
mod known;
pub mod menu_buttons;
pub mod press;
pub mod suggests;
mod text;
pub mod visitors;

pub use api::routes;
pub use known::SiteField;
pub use text::Label;
