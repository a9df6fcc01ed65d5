//! Test users (R36-R38): clients who wrote lately, three of a project at most, with whom drafts are tried.

use crate::store;
use model::{ChannelKind, ContactId, Cx, ProjectId, Refusal, Result, Timestamp};
use serde::Serialize;

/// Test users of a project at most (R36).
pub(crate) const MOST: usize = 3;
/// Recent writers shown to choose from.
pub(crate) const RECENT: i64 = 50;

/// A client who may try drafts.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = TestUser)]
pub struct Candidate {
    /// Contact.
    pub contact_id: ContactId,
    /// Name, or the handle of a client without one.
    pub name: String,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// Last sign of life.
    #[serde(serialize_with = "model::never::serialize")]
    #[schema(value_type = Option<Timestamp>)]
    pub last_seen_at: Timestamp,
    /// Chosen.
    pub is_test: bool,
}

/// Whoever is chosen first, then those who wrote lately, the last first.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn candidates(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<Candidate>> {
    let mut chosen = store::test_users(cx.tx, cx.account, project).await?;
    let recent = store::recent_writers(cx.tx, cx.account, project, RECENT).await?;
    let is_new = |one: &Candidate| !chosen.iter().any(|known| known.contact_id == one.contact_id);
    let others: Vec<Candidate> = recent.into_iter().filter(is_new).collect();
    chosen.extend(others);
    Ok(chosen)
}

/// Chooses them anew; none takes all of them back.
///
/// # Errors
/// For more than three, or one who is no client of this project.
pub(crate) async fn choose(cx: &mut Cx<'_>, project: &ProjectId, mut ids: Vec<ContactId>) -> Result<Vec<Candidate>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MOST {
        return Err(Refusal::invalid("contact_ids", "too_many", format!("at most {MOST} test users")));
    }
    for id in &ids {
        messaging::contacts::get_in(cx.tx, cx.account, project, id).await?;
    }
    store::set_test_users(cx, project, &ids).await?;
    candidates(cx, project).await
}
