//! Accounts through the front door of the whole product.

mod sign_in;
