//! SQL of drafts.

use super::Draft;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ConversationId, Cx, Result, Timestamp, UserId};

impl FromRow for Draft {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            project_id: row.get(0)?,
            conversation_id: row.get(1)?,
            text: row.get(2)?,
            changed_at: Timestamp(row.get(3)?),
        })
    }
}

/// What a user has begun to write, newest first.
pub(crate) async fn all(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<Vec<Draft>> {
    let query = sql!(
        "SELECT v.project_id, d.conversation_id, d.text, d.changed_at FROM drafts d
         JOIN conversations v ON v.account_id = d.account_id AND v.id = d.conversation_id
         WHERE d.account_id = $1 AND d.user_id = $2 ORDER BY d.changed_at DESC, d.conversation_id"
    );
    Ok(query.bind(account).bind(user).all(tx).await?)
}

/// Keeps what a user has written; an empty text is none.
pub(crate) async fn put(cx: &mut Cx<'_>, conversation: &ConversationId, user: &UserId, text: &str) -> Result<()> {
    if text.is_empty() {
        let query = sql!("DELETE FROM drafts WHERE account_id = $1 AND conversation_id = $2 AND user_id = $3");
        query.bind(cx.account).bind(conversation).bind(user).execute(cx.tx).await?;
        return Ok(());
    }
    let query = sql!(
        "INSERT INTO drafts (account_id, conversation_id, user_id, text, changed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (conversation_id, user_id) DO UPDATE SET text = excluded.text, changed_at = excluded.changed_at"
    );
    let query = query.bind(cx.account).bind(conversation).bind(user).bind(text).bind(cx.env.now().0);
    query.execute(cx.tx).await?;
    Ok(())
}
