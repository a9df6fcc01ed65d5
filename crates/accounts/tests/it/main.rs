//! Accounts through the front door of the whole product.

mod announcements;
mod invitations;
mod names;
mod second_factor;
mod sessions;
mod shortcuts;
mod sign_in;
