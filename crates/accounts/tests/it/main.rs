//! Accounts through the front door of the whole product.

mod announcements;
mod names;
mod sign_in;
