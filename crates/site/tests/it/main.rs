//! What stands on a site, through the front door of the whole product.

mod menu_buttons;
