//! The last day of each channel, hour by hour: what the home of a project draws.

use crate::rules;
use crate::store::{messages, sessions, thread};
use model::{ConnectionId, Cx, ProjectId, Result, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

const HOURS: usize = 24;
const HOUR_MS: i64 = 3_600_000;

/// Conversations and messages of a channel in the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ChannelHours {
    /// The channel.
    connection_id: ConnectionId,
    /// Conversations that began in each of the last 24 hours, the oldest first; the last one goes on.
    hours: Vec<i64>,
    /// All of them.
    conversations: i64,
    /// Messages of clients in each of these hours.
    messages_in: Vec<i64>,
    /// Messages to clients, of people and of bots.
    messages_out: Vec<i64>,
    /// All messages, both ways.
    messages: i64,
    /// From when on messages are counted, where very many were written in the day; null for the whole of it.
    messages_since: Option<Timestamp>,
}

impl ChannelHours {
    /// What a page of them ends with.
    pub(crate) fn key(&self) -> String {
        self.connection_id.to_string()
    }
}

/// Channels with conversations or messages in the last day.
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
    let (said, messages_since) = messages::by_channel_and_hour(cx.tx, cx.account, project, since).await?;
    let mut channels: BTreeMap<ConnectionId, ChannelHours> = BTreeMap::new();
    let empty = |connection_id: ConnectionId| ChannelHours {
        connection_id,
        hours: vec![0; HOURS],
        conversations: 0,
        messages_in: vec![0; HOURS],
        messages_out: vec![0; HOURS],
        messages: 0,
        messages_since,
    };
    for (connection_id, hour, count) in sessions::by_channel_and_hour(cx.tx, cx.account, project, (day, since)).await? {
        let channel = channels.entry(connection_id).or_insert_with(|| empty(connection_id));
        if let Some(place) = place_of(&mut channel.hours, hour) {
            *place += count;
            channel.conversations += count;
        }
    }
    for said in said {
        let channel = channels.entry(said.connection).or_insert_with(|| empty(said.connection));
        let hours = if said.is_clients { &mut channel.messages_in } else { &mut channel.messages_out };
        if let Some(place) = place_of(hours, said.hour) {
            *place += said.messages;
            channel.messages += said.messages;
        }
    }
    Ok(channels.into_values().collect())
}

fn place_of(hours: &mut [i64], hour: i64) -> Option<&mut i64> {
    usize::try_from(hour).ok().and_then(|hour| hours.get_mut(hour))
}
