//! The operators' side through the front door of the whole product.

mod assignment;
mod client_files;
mod drafts;
mod live;
mod lookalikes;
mod order;
mod recorded;
mod start;
