//! Planned work on a channel, as its health shows it. It stops nothing: what is to be sent waits in the queue by itself, and what clients
//! write is taken when the channel brings it again.

use super::store;
use model::{AnnouncementId, ChannelKind, ConnectionId, Cx, Result, Timestamp};
use serde::Serialize;

/// Work on a channel that goes on or lies ahead.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct PlannedWork {
    /// What tells of it.
    announcement_id: AnnouncementId,
    /// When it begins.
    from: Timestamp,
    /// When it ends.
    to: Timestamp,
}

/// The next or present work on a channel of the account.
pub(crate) async fn planned(
    cx: &mut Cx<'_>,
    connection: &ConnectionId,
    kind: ChannelKind,
) -> Result<Option<PlannedWork>> {
    let work = store::next_work(cx.tx, cx.account, connection, kind, cx.env.now()).await?;
    Ok(work.map(|(announcement_id, from, to)| PlannedWork {
        announcement_id,
        from: Timestamp(from),
        to: Timestamp(to),
    }))
}
