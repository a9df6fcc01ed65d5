//! SQL of the durable log, as far as it becomes messages.

use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ProjectId, Result, Timestamp};

/// A place of the log that may be told.
#[derive(Debug, Clone)]
pub(crate) struct Logged {
    pub position: i64,
    pub project_id: ProjectId,
    pub kind: String,
    pub at: Timestamp,
}

impl FromRow for Logged {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { position: row.get(0)?, project_id: row.get(1)?, kind: row.get(2)?, at: Timestamp(row.get(3)?) })
    }
}

/// Places after one, up to another.
pub(crate) async fn between(tx: &mut Tx, account: &AccountId, after: i64, to: i64) -> Result<Vec<Logged>> {
    let query = sql!(
        "SELECT position, project_id, kind, created_at FROM events
         WHERE account_id = $1 AND position > $2 AND position <= $3 ORDER BY position"
    );
    Ok(query.bind(account).bind(after).bind(to).all(tx).await?)
}
