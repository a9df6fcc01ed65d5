//! The operators' side through the front door of the whole product.

mod live;
mod recorded;
