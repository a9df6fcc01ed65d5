//! SQL of the raw journal.

use super::KIND;
use db::{Tx, Value, sql};
use model::{AccountId, ConnectionId, Cx, MessageId, Result, Timestamp};

/// Stores what came; false when it was stored before. PostgreSQL holds no NUL in text; JSON writes it as an escape, which parsing gives
/// back.
pub(super) async fn insert(cx: &mut Cx<'_>, connection: &ConnectionId, dedupe_key: &str, body: &str) -> Result<bool> {
    let query = sql!(
        "INSERT INTO inbound_journal (account_id, connection_id, dedupe_key, body, received_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (connection_id, dedupe_key) DO NOTHING"
    );
    let query = query.bind(cx.account).bind(connection).bind(dedupe_key).bind(body);
    Ok(query.bind(cx.env.now().0).execute(cx.tx).await? == 1)
}

pub(super) async fn body(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    dedupe_key: &str,
) -> Result<String> {
    let query =
        sql!("SELECT body FROM inbound_journal WHERE account_id = $1 AND connection_id = $2 AND dedupe_key = $3");
    let query = query.bind(account).bind(connection).bind(dedupe_key);
    Ok(query.one::<(String,)>(tx).await?.0)
}

pub(super) async fn of_message(cx: &mut Cx<'_>, message: &MessageId) -> Result<Option<String>> {
    let query = sql!(
        "SELECT j.body FROM messages m
         JOIN conversations v ON v.account_id = m.account_id AND v.id = m.conversation_id
         JOIN inbound_journal j ON j.account_id = v.account_id AND j.connection_id = v.connection_id AND j.dedupe_key = m.external_id
         WHERE m.account_id = $1 AND m.id = $2"
    );
    Ok(query.bind(cx.account).bind(message).optional::<(String,)>(cx.tx).await?.map(|row| row.0))
}

/// Forgets up to `limit` of the oldest raw bodies, those from before a moment (rulings 45). While a job from before it waits, all stay.
///
/// # Errors
/// When the storage fails.
pub async fn forget(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM inbound_journal WHERE account_id = $1 AND (connection_id, dedupe_key) IN (
           SELECT connection_id, dedupe_key FROM inbound_journal
           WHERE account_id = $1 AND received_at < $2 ORDER BY received_at, connection_id, dedupe_key LIMIT $3)
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE account_id = $1 AND kind = $4 AND state <> 'failed' AND created_at < $2)"
    );
    Ok(query.bind(account).bind(before.0).bind(limit).bind(KIND).execute(tx).await?)
}

/// Keys and bodies of raw updates of a connection that hold this text somewhere.
pub(super) async fn mentioning(
    cx: &mut Cx<'_>,
    connection: &ConnectionId,
    text: &str,
) -> Result<Vec<(String, String)>> {
    let query = sql!(
        "SELECT dedupe_key, body FROM inbound_journal WHERE account_id = $1 AND connection_id = $2 AND body LIKE $3 ESCAPE '\\'"
    );
    // As it stands in JSON: with its quotes and backslashes escaped.
    let in_json = serde_json::Value::from(text).to_string();
    let words = db::like(in_json.trim_matches('"'));
    let query = query.bind(cx.account).bind(connection).bind(words);
    Ok(query.all(cx.tx).await?)
}

pub(super) async fn empty(cx: &mut Cx<'_>, connection: &ConnectionId, keys: &[&str]) -> Result<u64> {
    let query = sql!(
        "UPDATE inbound_journal SET body = '{}' WHERE account_id = $1 AND connection_id = $2 AND dedupe_key = ANY($3)"
    );
    let query = query.bind(cx.account).bind(connection).bind(Value::texts(keys.iter().copied()));
    Ok(query.execute(cx.tx).await?)
}
