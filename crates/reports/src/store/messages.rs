//! SQL of messages in and out, read behind the log: a stretch of its newest places, so that however much was said is read in one short look.

use db::{Tx, sql};
use model::{AccountId, ConnectionId, ProjectId, Result, Timestamp};

/// Places of the log that are looked at.
const PLACES: i64 = 20_000;

/// So many messages of a channel in an hour, counted from a moment on.
pub(crate) struct InHour {
    pub connection: ConnectionId,
    pub hour: i64,
    pub is_clients: bool,
    pub messages: i64,
}

/// Messages of a project since a moment by channel, hour and side; and from when on they were counted, when there were too many.
pub(crate) async fn by_channel_and_hour(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    since: Timestamp,
) -> Result<(Vec<InHour>, Option<Timestamp>)> {
    let (newest, oldest) = events::bounds(tx, account).await?;
    let after = newest - PLACES;
    let begins =
        sql!("SELECT created_at FROM events WHERE account_id = $1 AND position > $2 ORDER BY position LIMIT 1");
    let begins: Option<(i64,)> = begins.bind(account).bind(after).optional(tx).await?;
    let cut = begins.filter(|(at,)| after >= oldest && *at > since.0).map(|(at,)| Timestamp(at));
    let query = sql!(
        "SELECT v.connection_id, (e.created_at - $4) / 3600000, CAST(CASE WHEN m.author_kind = 'client' THEN 1 ELSE 0 END AS BIGINT), COUNT(*)
         FROM events e
           JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.seq
           JOIN conversations v ON v.id = m.conversation_id
         WHERE e.account_id = $1 AND e.project_id = $2 AND e.position > $3 AND e.created_at >= $4
           AND e.kind = 'message.created' AND m.kind = 'message'
         GROUP BY 1, 2, 3"
    );
    let found: Vec<(ConnectionId, i64, i64, i64)> =
        query.bind(account).bind(project).bind(after).bind(since.0).all(tx).await?;
    let row = |(connection, hour, of_client, messages): (ConnectionId, i64, i64, i64)| InHour {
        connection,
        hour,
        is_clients: of_client == 1,
        messages,
    };
    Ok((found.into_iter().map(row).collect(), cut))
}
