//! What stands on a site, through the front door of the whole product.

mod appearance;
mod auto_actions;
mod first_steps;
mod menu_buttons;
mod visitors;
