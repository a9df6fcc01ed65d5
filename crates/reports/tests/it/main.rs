//! Reports through the front door of the whole product.

mod board;
mod exact;
mod numbers;
mod own;
mod support;
