//! What clients think of a conversation (rating after close): a score of 1 to 5 and a few words, one a conversation.

mod store;

use crate::conversations;
use crate::messages::NewMessage;
use crate::{Refusal, Result};
use db::Tx;
use model::{AccountId, ContactId, ConversationId, Cx, ProjectId, Timestamp, UserId};
use serde::Serialize;
use serde_json::json;

/// The best score.
const BEST: i64 = 5;
/// Characters of the words at most.
const LONGEST_COMMENT: usize = 1_000;

/// What a client thinks of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rating {
    /// Of which conversation.
    pub conversation_id: ConversationId,
    /// By whom.
    pub contact_id: ContactId,
    /// Who had the conversation then.
    pub operator_id: Option<UserId>,
    /// 1 to 5.
    pub score: i64,
    /// In the client's words; may be empty.
    pub comment: String,
    /// When.
    pub rated_at: Timestamp,
}

/// Rates the newest conversation of a contact; another rating takes the place of the one before. It is a line of the thread. The same
/// rating twice is one.
///
/// # Errors
/// When there is no conversation; for a score or words of the wrong form.
pub async fn rate(cx: &mut Cx<'_>, project: &ProjectId, contact: &ContactId, score: i64, comment: &str) -> Result<()> {
    if !(1..=BEST).contains(&score) {
        return Err(Refusal::invalid("score", "out_of_range", "1 to 5"));
    }
    let comment = comment.trim();
    if comment.chars().count() > LONGEST_COMMENT || comment.contains('\0') {
        return Err(Refusal::invalid("comment", "too_long", "1000 characters at most"));
    }
    events::lock(cx.tx, cx.account).await?;
    let newest = conversations::newest_of(cx.tx, cx.account, contact).await?;
    let (conversation_id, ..) = newest.ok_or(Refusal::NotFound)?;
    let place = conversations::place(cx.tx, cx.account, project, &conversation_id).await?;
    let rating = Rating {
        conversation_id,
        contact_id: *contact,
        operator_id: place.assignee_id,
        score,
        comment: comment.to_owned(),
        rated_at: cx.env.now(),
    };
    let before = store::of(cx.tx, cx.account, &conversation_id).await?;
    if before.is_some_and(|before| before.score == rating.score && before.comment == rating.comment) {
        return Ok(());
    }
    store::put(cx, project, &rating).await?;
    let data = json!({ "score": score, "comment": comment });
    conversations::append(cx, &place, NewMessage::event("conversation.rated", data)).await.map(drop)
}

/// Ratings of a project, the last first, those of before a moment and a conversation.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    before: (i64, ConversationId),
    limit: i64,
) -> Result<Vec<Rating>> {
    store::list(tx, account, project, before, limit).await
}
