//! SQL of what is to be told, and of every try.

use crate::send::Tried;
use crate::store::log::Logged;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, Refusal, Result, Timestamp, WebhookId, WebhookMessageId, words};
use serde::{Deserialize, Serialize};

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookMessageState)]
pub enum State {
    /// It is tried, or tried again.
    Waiting,
    /// It was taken.
    Delivered,
    /// It will not be tried again by itself.
    Failed,
}

words!(State { Waiting = "waiting", Delivered = "delivered", Failed = "failed" });

/// A message as stored.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub id: WebhookMessageId,
    pub position: i64,
    pub kind: String,
    pub happened_at: Timestamp,
    pub state: State,
    pub tries: i64,
    pub due_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, position, kind, happened_at, state, tries, due_at"
    };
}

impl FromRow for Message {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            position: row.get(1)?,
            kind: row.get(2)?,
            happened_at: Timestamp(row.get(3)?),
            state: State::from_stored(row.text(4)?)?,
            tries: row.get(5)?,
            due_at: Timestamp(row.get(6)?),
        })
    }
}

/// Writes down what is to be told of these places; what is there already stays.
pub(crate) async fn insert(cx: &mut Cx<'_>, webhook: &WebhookId, places: &[Logged]) -> Result<()> {
    let query = sql!(
        "INSERT INTO webhook_messages (account_id, due_at, id, webhook_id, position, kind, happened_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting') ON CONFLICT (webhook_id, position) DO NOTHING"
    );
    let mut rows = Vec::with_capacity(places.len());
    for place in places {
        let id = WebhookMessageId::new(cx.env.ids());
        rows.push(vec![
            id.into(),
            (*webhook).into(),
            place.position.into(),
            place.kind.as_str().into(),
            place.at.0.into(),
        ]);
    }
    query.bind(cx.account).bind(cx.env.now().0).execute_each(cx.tx, &rows).await?;
    Ok(())
}

/// How much waits, counted up to one more than a limit.
pub(crate) async fn waiting(tx: &mut Tx, account: &AccountId, webhook: &WebhookId, limit: i64) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(*) FROM (SELECT id FROM webhook_messages WHERE account_id = $1 AND webhook_id = $2 AND state = 'waiting' LIMIT $3) w"
    );
    let (count,): (i64,) = query.bind(account).bind(webhook).bind(limit + 1).one(tx).await?;
    Ok(count)
}

/// What is due, oldest first.
pub(crate) async fn due(cx: &mut Cx<'_>, webhook: &WebhookId, limit: i64) -> Result<Vec<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM webhook_messages WHERE account_id = $1 AND webhook_id = $2 AND state = 'waiting' AND due_at <= $3
          ORDER BY due_at, position LIMIT $4"
    ));
    Ok(query.bind(cx.account).bind(webhook).bind(cx.env.now().0).bind(limit).all(cx.tx).await?)
}

/// Notes a try and what became of the message by it. One that was replayed or given up meanwhile keeps its newer state.
pub(crate) async fn tried(
    cx: &mut Cx<'_>,
    message: &Message,
    tried: &Tried,
    state: State,
    due_at: Timestamp,
) -> Result<()> {
    let now = cx.env.now();
    let ended = (state != State::Waiting).then_some(now.0);
    let query = sql!(
        "UPDATE webhook_messages SET state = $3, tries = tries + 1, due_at = $4, ended_at = $5
         WHERE account_id = $1 AND id = $2 AND state = 'waiting' AND tries = $6"
    );
    let query = query.bind(cx.account).bind(message.id).bind(state.as_str()).bind(due_at.0).bind(ended);
    query.bind(message.tries).execute(cx.tx).await?;
    let query = sql!(
        "INSERT INTO webhook_attempts (account_id, message_id, number, at, took_ms, status, problem)
         SELECT $1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM webhook_attempts WHERE account_id = $1 AND message_id = $2),
           CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS TEXT)
         WHERE EXISTS (SELECT 1 FROM webhook_messages WHERE account_id = $1 AND id = $2)"
    );
    let query = query.bind(cx.account).bind(message.id).bind(now.0).bind(tried.took_ms);
    query.bind(tried.status.map(i64::from)).bind(tried.problem.as_deref()).execute(cx.tx).await?;
    Ok(())
}

/// Nothing that waits is tried any more.
pub(crate) async fn give_up(cx: &mut Cx<'_>, webhook: &WebhookId) -> Result<()> {
    let query = sql!(
        "UPDATE webhook_messages SET state = 'failed', ended_at = $3 WHERE account_id = $1 AND webhook_id = $2 AND state = 'waiting'"
    );
    query.bind(cx.account).bind(webhook).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// Tells one again from its first try on.
pub(crate) async fn replay(cx: &mut Cx<'_>, webhook: &WebhookId, id: &WebhookMessageId) -> Result<()> {
    let query = sql!(
        "UPDATE webhook_messages SET state = 'waiting', tries = 0, due_at = $4, ended_at = NULL
         WHERE account_id = $1 AND webhook_id = $2 AND id = $3 AND state <> 'waiting'"
    );
    if query.bind(cx.account).bind(webhook).bind(id).bind(cx.env.now().0).execute(cx.tx).await? == 1 {
        return Ok(());
    }
    let query = sql!("SELECT position FROM webhook_messages WHERE account_id = $1 AND webhook_id = $2 AND id = $3");
    let there: Option<(i64,)> = query.bind(cx.account).bind(webhook).bind(id).optional(cx.tx).await?;
    match there {
        Some(_) => {
            let detail = "this message is still being tried".to_owned();
            Err(Refusal::Conflict { code: "still_waiting", detail })
        }
        None => Err(Refusal::NotFound),
    }
}

/// Tells everything again that failed and happened since a moment.
pub(crate) async fn replay_failed(cx: &mut Cx<'_>, webhook: &WebhookId, since: Timestamp) -> Result<u64> {
    let query = sql!(
        "UPDATE webhook_messages SET state = 'waiting', tries = 0, due_at = $4, ended_at = NULL
         WHERE account_id = $1 AND webhook_id = $2 AND state = 'failed' AND happened_at >= $3"
    );
    Ok(query.bind(cx.account).bind(webhook).bind(since.0).bind(cx.env.now().0).execute(cx.tx).await?)
}

/// Messages of a webhook before one, the newest first; only those in a state, or all.
pub(crate) async fn page(
    tx: &mut Tx,
    account: &AccountId,
    webhook: &WebhookId,
    state: Option<State>,
    (before, limit): (i64, i64),
) -> Result<Vec<Message>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM webhook_messages WHERE account_id = $1 AND webhook_id = $2 AND position < $3 AND ($4 = '' OR state = $4)
          ORDER BY position DESC LIMIT $5"
    ));
    let state = state.map_or("", State::as_str);
    Ok(query.bind(account).bind(webhook).bind(before).bind(state).bind(limit).all(tx).await?)
}

/// A try as its log shows it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// How long it took.
    pub took_ms: i64,
    /// HTTP status, when there was an answer.
    pub status: Option<i64>,
    /// What was wrong, in words.
    pub problem: Option<String>,
}

impl FromRow for Attempt {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { at: Timestamp(row.get(0)?), took_ms: row.get(1)?, status: row.get(2)?, problem: row.get(3)? })
    }
}

/// The newest tries of a message, oldest of them first.
pub(crate) async fn attempts(tx: &mut Tx, account: &AccountId, id: &WebhookMessageId) -> Result<Vec<Attempt>> {
    let query = sql!(
        "SELECT at, took_ms, status, problem FROM webhook_attempts WHERE account_id = $1 AND message_id = $2
         ORDER BY number DESC LIMIT 20"
    );
    let mut attempts: Vec<Attempt> = query.bind(account).bind(id).all(tx).await?;
    attempts.reverse();
    Ok(attempts)
}

/// Forgets up to `limit` messages that ended before a moment, with their tries.
///
/// # Errors
/// When the storage fails.
pub async fn forget(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM webhook_messages WHERE account_id = $1 AND id IN (
           SELECT id FROM webhook_messages WHERE account_id = $1 AND ended_at < $2 ORDER BY ended_at LIMIT $3)"
    );
    Ok(query.bind(account).bind(before.0).bind(limit).execute(tx).await?)
}
