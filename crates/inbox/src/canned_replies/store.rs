//! SQL of canned replies.

use super::CannedReply;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, CannedReplyId, Cx, ProjectId, Result, Timestamp, UserId};

impl FromRow for CannedReply {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let owner: Option<UserId> = row.get(1)?;
        Ok(Self {
            id: row.get(0)?,
            owner,
            shared: owner.is_none(),
            shortcut: row.get(2)?,
            title: row.get(3)?,
            folder: row.get(4)?,
            text: row.get(5)?,
            gone_fields: Vec::new(),
            created_at: Timestamp(row.get(6)?),
            updated_at: Timestamp(row.get(7)?),
        })
    }
}

/// Of everybody: the caller shows each reader his own.
pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<CannedReply>> {
    let query = sql!(
        "SELECT id, owner_id, shortcut, title, folder, text, created_at, updated_at FROM canned_replies
         WHERE account_id = $1 AND project_id = $2 ORDER BY id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(super) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, reply: &CannedReply) -> Result<()> {
    let query = sql!(
        "INSERT INTO canned_replies (account_id, id, project_id, owner_id, shortcut, title, folder, text, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"
    );
    let query = query.bind(cx.account).bind(reply.id).bind(project).bind(reply.owner).bind(reply.shortcut.as_str());
    let query = query.bind(reply.title.as_str()).bind(reply.folder.as_str()).bind(reply.text.as_str());
    query.bind(reply.created_at.0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(cx: &mut Cx<'_>, reply: &CannedReply) -> Result<()> {
    let query = sql!(
        "UPDATE canned_replies SET owner_id = $3, shortcut = $4, title = $5, folder = $6, text = $7, updated_at = $8
         WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(reply.id).bind(reply.owner).bind(reply.shortcut.as_str());
    let query = query.bind(reply.title.as_str()).bind(reply.folder.as_str()).bind(reply.text.as_str());
    query.bind(reply.updated_at.0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &CannedReplyId) -> Result<()> {
    let query = sql!("DELETE FROM canned_replies WHERE account_id = $1 AND project_id = $2 AND id = $3");
    query.bind(account).bind(project).bind(id).execute(tx).await?;
    Ok(())
}
