//! The operators' side through the front door of the whole product.

mod assignment;
mod client_files;
mod departments;
mod drafts;
mod live;
mod lookalikes;
mod order;
mod recorded;
mod routing;
mod start;
mod team;
