//! Search through the front door of the whole product.

mod hits;
mod index;
mod odd;
mod support;
mod table;
