//! Client fields as an administrator edits them.

mod archive;

pub use archive::{ArchivedField, REFRESH_SEARCH, archive, archived, restore, run as run_refresh_search};
