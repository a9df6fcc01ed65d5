//! SQL of ratings.

use super::Rating;
use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ConversationId, Cx, ProjectId, Timestamp};

impl FromRow for Rating {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            conversation_id: row.get(0)?,
            contact_id: row.get(1)?,
            operator_id: row.get(2)?,
            score: row.get(3)?,
            comment: row.get(4)?,
            rated_at: Timestamp(row.get(5)?),
        })
    }
}

macro_rules! columns {
    () => {
        "conversation_id, contact_id, operator_id, score, comment, rated_at"
    };
}

pub(super) async fn of(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<Rating>> {
    let query = sql!(concat!("SELECT ", columns!(), " FROM ratings WHERE account_id = $1 AND conversation_id = $2"));
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

pub(super) async fn put(cx: &mut Cx<'_>, project: &ProjectId, rating: &Rating) -> Result<()> {
    let query = sql!(
        "INSERT INTO ratings (account_id, conversation_id, project_id, contact_id, operator_id, score, comment, rated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (conversation_id) DO UPDATE SET operator_id = excluded.operator_id, score = excluded.score,
           comment = excluded.comment, rated_at = excluded.rated_at"
    );
    query
        .bind(cx.account)
        .bind(rating.conversation_id)
        .bind(project)
        .bind(rating.contact_id)
        .bind(rating.operator_id)
        .bind(rating.score)
        .bind(&rating.comment)
        .bind(rating.rated_at.0)
        .execute(cx.tx)
        .await?;
    Ok(())
}

pub(super) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    before: (i64, ConversationId),
    limit: i64,
) -> Result<Vec<Rating>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM ratings WHERE account_id = $1 AND project_id = $2 AND (rated_at, conversation_id) < ($3, $4)
         ORDER BY rated_at DESC, conversation_id DESC LIMIT $5"
    ));
    Ok(query.bind(account).bind(project).bind(before.0).bind(before.1).bind(limit).all(tx).await?)
}
