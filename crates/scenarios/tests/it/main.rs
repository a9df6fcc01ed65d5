//! Scenarios through the front door of the whole product.

mod drafts;
mod runs;
mod support;
