//! SQL of mailings.

pub(crate) mod clicks;
pub(crate) mod follow;
pub(crate) mod goals;
pub(crate) mod mailings;
pub(crate) mod of_client;
pub(crate) mod people;
pub(crate) mod recipients;
pub(crate) mod report;
pub(crate) mod segments;
pub(crate) mod tests;
