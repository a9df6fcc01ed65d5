//! Tables that a job makes grow.

use db::Db;
use model::Result;

/// Rows worth a first look.
const FIRST: u64 = 1_000;

/// When the database should look again how large the tables are: each time they may have become four times what they were.
pub struct Growth {
    tables: &'static [&'static str],
    next: u64,
}

impl Growth {
    /// Before the first row of these tables.
    pub fn of(tables: &'static [&'static str]) -> Self {
        Self { tables, next: FIRST }
    }

    /// So many rows are written.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn follow(&mut self, db: &Db, rows: u64) -> Result<()> {
        if rows < self.next {
            return Ok(());
        }
        self.next = rows.saturating_mul(4);
        Ok(db.refresh_statistics(self.tables).await?)
    }
}
