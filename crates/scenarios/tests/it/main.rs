//! Scenarios through the front door of the whole product.

mod consent;
mod drafts;
mod fields;
mod files;
mod licence;
mod runs;
mod secrets;
mod support;
mod together;
