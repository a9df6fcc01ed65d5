//! What an operator has begun to write and not sent. It is the operator's own and follows them to another device; the later word holds.

mod store;

pub(crate) use store::{all, put};

use model::{ConversationId, ProjectId, Refusal, Result, Timestamp};
use serde::Serialize;

/// Characters of a draft at most: twice what a message holds, so that nothing is lost before it is shortened.
const MAX_DRAFT: usize = 2 * messaging::messages::MAX_TEXT;

/// Text that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = SavedDraft)]
pub struct Draft {
    /// Project.
    pub project_id: ProjectId,
    /// Where it would go.
    pub conversation_id: ConversationId,
    /// What is written; empty when there is none any more.
    pub text: String,
    /// When.
    pub changed_at: Timestamp,
}

/// Refuses what is too long to be kept.
///
/// # Errors
/// At `text`.
pub(crate) fn check(text: &str) -> Result<()> {
    if text.chars().count() <= MAX_DRAFT {
        return Ok(());
    }
    Err(Refusal::invalid("text", "too_long", format!("at most {MAX_DRAFT} characters")))
}
