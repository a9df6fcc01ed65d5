//! The operators' side through the front door of the whole product.

mod assignment;
mod bulk;
mod canned_replies;
mod client_files;
mod departments;
mod drafts;
mod letters;
mod live;
mod lookalikes;
mod mentions;
mod order;
mod recorded;
mod revisions;
mod routing;
mod snooze;
mod start;
mod team;
mod together;
mod views;
