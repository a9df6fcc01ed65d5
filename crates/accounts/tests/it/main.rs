//! Accounts through the front door of the whole product.

mod names;
mod sign_in;
