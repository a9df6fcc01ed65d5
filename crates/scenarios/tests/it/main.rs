//! Scenarios through the front door of the whole product.

mod consent;
mod drafts;
mod fields;
mod files;
mod licence;
mod moving;
mod runs;
mod secrets;
mod support;
mod together;
mod typing;
