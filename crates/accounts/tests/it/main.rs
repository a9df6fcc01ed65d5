//! Accounts through the front door of the whole product.

mod announcements;
mod invitations;
mod names;
mod sign_in;
