//! SQL of search.

pub(crate) mod follow;
pub(crate) mod hits;
pub(crate) mod rows;
