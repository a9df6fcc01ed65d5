//! The last day of each channel, hour by hour: what the home of a project draws.

use crate::rules;
use crate::store::{sessions, thread};
use model::{ConnectionId, Cx, ProjectId, Result, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

const HOURS: usize = 24;
const HOUR_MS: i64 = 3_600_000;

/// Conversations of a channel in the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChannelHours {
    /// The channel.
    connection_id: ConnectionId,
    /// Conversations that began in each of the last 24 hours, the oldest first; the last one goes on.
    hours: Vec<i64>,
    /// All of them.
    conversations: i64,
}

impl ChannelHours {
    /// What a page of them ends with.
    pub(crate) fn key(&self) -> String {
        self.connection_id.to_string()
    }
}

/// Channels with conversations in the last day.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn make(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<ChannelHours>> {
    let now = cx.env.now().0;
    // Whole hours: a bar does not change with every look.
    let since = Timestamp(now - now.rem_euclid(HOUR_MS) - (HOURS as i64 - 1) * HOUR_MS);
    let rules = thread::rules(cx.tx, cx.account, project).await?;
    // Days are those of the project's clocks; a day more, for clocks that were changed.
    let day = rules::today(&rules.zone, since) - 1;
    let mut channels: BTreeMap<ConnectionId, ChannelHours> = BTreeMap::new();
    for (connection_id, hour, count) in sessions::by_channel_and_hour(cx.tx, cx.account, project, (day, since)).await? {
        let channel = channels.entry(connection_id).or_insert_with(|| ChannelHours {
            connection_id,
            hours: vec![0; HOURS],
            conversations: 0,
        });
        if let Some(place) = usize::try_from(hour).ok().and_then(|hour| channel.hours.get_mut(hour)) {
            *place += count;
            channel.conversations += count;
        }
    }
    Ok(channels.into_values().collect())
}
