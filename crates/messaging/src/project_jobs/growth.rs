//! Tables that a job makes grow.

use crate::{Messaging, Result};

/// What imports and rules fill, and look things up in.
const TABLES: &[&str] = &["contacts", "field_values", "rule_keys"];
/// Rows worth a first look.
const FIRST: u64 = 1_000;

/// When the database should look again how large the tables are: each time they may have become four times what they were.
pub(crate) struct Growth {
    next: u64,
}

impl Growth {
    /// Before the first row.
    pub fn new() -> Self {
        Self { next: FIRST }
    }

    /// So many rows are written.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn follow(&mut self, service: &Messaging, rows: u64) -> Result<()> {
        if rows < self.next {
            return Ok(());
        }
        self.next = rows.saturating_mul(4);
        Ok(service.db.refresh_statistics(TABLES).await?)
    }
}
