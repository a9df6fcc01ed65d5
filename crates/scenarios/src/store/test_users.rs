//! SQL of test users.

use crate::test_users::Candidate;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ChannelKind, ContactId, Cx, ProjectId, Result, Timestamp};

impl FromRow for Candidate {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            contact_id: row.get(0)?,
            name: row.get(1)?,
            channel: ChannelKind::from_stored(row.text(2)?)?,
            last_seen_at: Timestamp(row.get(3)?),
            is_test: row.get(4)?,
        })
    }
}

pub(crate) async fn test_users(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Candidate>> {
    let query = sql!(
        "SELECT c.id, COALESCE(c.name, c.handle), c.channel, c.last_seen_at, TRUE FROM test_users t
         JOIN contacts c ON c.account_id = t.account_id AND c.id = t.contact_id
         WHERE t.account_id = $1 AND t.project_id = $2 ORDER BY t.added_at, c.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Clients of the conversations that moved last.
pub(crate) async fn recent_writers(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let query = sql!(
        "SELECT c.id, COALESCE(c.name, c.handle), c.channel, c.last_seen_at, FALSE
         FROM (SELECT contact_id, position FROM conversations WHERE account_id = $1 AND project_id = $2 AND client_count > 0
               ORDER BY position DESC LIMIT $3) v
         CROSS JOIN contacts c WHERE c.account_id = $1 AND c.id = v.contact_id
         GROUP BY c.id, c.name, c.handle, c.channel, c.last_seen_at ORDER BY MAX(v.position) DESC"
    );
    Ok(query.bind(account).bind(project).bind(limit).all(tx).await?)
}

pub(crate) async fn set_test_users(cx: &mut Cx<'_>, project: &ProjectId, ids: &[ContactId]) -> Result<()> {
    let query = sql!("DELETE FROM test_users WHERE account_id = $1 AND project_id = $2");
    query.bind(cx.account).bind(project).execute(cx.tx).await?;
    for id in ids {
        let query =
            sql!("INSERT INTO test_users (account_id, project_id, contact_id, added_at) VALUES ($1, $2, $3, $4)");
        query.bind(cx.account).bind(project).bind(id).bind(cx.env.now().0).execute(cx.tx).await?;
    }
    Ok(())
}
