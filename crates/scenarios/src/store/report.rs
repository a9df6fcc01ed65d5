//! SQL of the summary report: the numbers, and the visits behind each.

use crate::report::Filter;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ChannelKind, ConnectionId, ContactId, ConversationId, MessageId, Result, RunId, ScenarioId};
use std::collections::HashMap;

/// Numbers by block and what was counted.
pub(crate) async fn counts(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    filter: &Filter,
) -> Result<Vec<(String, String, i64)>> {
    let query = sql!(
        "SELECT block, what, CAST(SUM(n) AS BIGINT) FROM scenario_counts
         WHERE account_id = $1 AND scenario_id = $2 AND day >= $3 AND day <= $4 AND ($5 = '' OR launch = $5) AND ($6 = '' OR source = $6)
           AND ($7 = 0 OR version = $7) AND ($8 OR connection_id = $9) AND block <> ''
         GROUP BY block, what"
    );
    let query = filtered(query, account, id, filter);
    Ok(query.all(tx).await?)
}

/// What was counted of runs as a whole: how many began, how they ended, how long they took.
pub(crate) async fn of_runs(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    filter: &Filter,
) -> Result<Vec<(String, i64)>> {
    let query = sql!(
        "SELECT what, CAST(SUM(n) AS BIGINT) FROM scenario_counts
         WHERE account_id = $1 AND scenario_id = $2 AND day >= $3 AND day <= $4 AND ($5 = '' OR launch = $5) AND ($6 = '' OR source = $6)
           AND ($7 = 0 OR version = $7) AND ($8 OR connection_id = $9) AND block = ''
         GROUP BY what"
    );
    Ok(filtered(query, account, id, filter).all(tx).await?)
}

fn filtered<'f>(query: db::Query<'f>, account: &'f AccountId, id: &'f ScenarioId, filter: &'f Filter) -> db::Query<'f> {
    let query = query.bind(account).bind(id).bind(filter.from).bind(filter.to);
    let query = query.bind(filter.launch.as_deref().unwrap_or_default());
    let query = query.bind(filter.source.as_deref().unwrap_or_default()).bind(filter.version.unwrap_or(0));
    let connection = filter.connection.unwrap_or(ConnectionId::from_bits(0));
    query.bind(filter.connection.is_none()).bind(connection)
}

pub(crate) async fn launch_kinds(tx: &mut Tx, account: &AccountId, id: &ScenarioId) -> Result<Vec<String>> {
    let query = sql!(
        "SELECT DISTINCT launch FROM scenario_counts WHERE account_id = $1 AND scenario_id = $2 AND block = '' ORDER BY launch"
    );
    let rows: Vec<(String,)> = query.bind(account).bind(id).all(tx).await?;
    Ok(rows.into_iter().map(|(launch,)| launch).collect())
}

/// When channels confirmed that they have taken some messages.
pub(crate) async fn sent_times(
    tx: &mut Tx,
    account: &AccountId,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, i64>> {
    let query = sql!(
        "SELECT d.message_id, MAX(a.ended_at) FROM deliveries d
         JOIN delivery_attempts a ON a.account_id = d.account_id AND a.delivery_id = d.id
         WHERE d.account_id = $1 AND d.message_id = ANY($2) AND a.outcome = 'sent' AND a.ended_at IS NOT NULL
         GROUP BY d.message_id"
    );
    let ids = Value::ids(messages.iter().map(|id| id.bits()));
    let rows: Vec<(MessageId, i64)> = query.bind(account).bind(ids).all(tx).await?;
    Ok(rows.into_iter().collect())
}

/// A visit behind a number, with its message's id.
pub(crate) struct VisitRow {
    pub run_id: RunId,
    pub visit: i64,
    pub contact_id: ContactId,
    pub name: String,
    pub handle: String,
    pub channel: ChannelKind,
    pub conversation_id: ConversationId,
    pub entered_at: i64,
    pub message_id: Option<MessageId>,
    pub answer: Option<String>,
    pub exit: Option<String>,
    pub incorrect: i64,
}

impl FromRow for VisitRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            run_id: row.get(0)?,
            visit: row.get(1)?,
            contact_id: row.get(2)?,
            name: row.get(3)?,
            handle: row.get(4)?,
            channel: ChannelKind::from_stored(row.text(5)?)?,
            conversation_id: row.get(6)?,
            entered_at: row.get(7)?,
            message_id: row.get(8)?,
            answer: row.get(9)?,
            exit: row.get(10)?,
            incorrect: row.get(11)?,
        })
    }
}

/// Which visits are shown: of a block, left through an exit (`-` still waiting, `incorrect` with a wrong answer), before one.
pub(crate) struct Visits<'v> {
    pub scenario: &'v ScenarioId,
    pub block: &'v str,
    pub exit: &'v str,
    pub filter: &'v Filter,
    pub before: Option<(i64, RunId)>,
    pub limit: i64,
}

pub(crate) async fn visits(tx: &mut Tx, account: &AccountId, wanted: &Visits<'_>) -> Result<Vec<VisitRow>> {
    let (moment, run) = wanted.before.unwrap_or((i64::MAX, RunId::from_bits(u128::MAX)));
    let query = sql!(
        "SELECT s.run_id, s.visit, r.contact_id, COALESCE(c.name, c.handle), c.handle, c.channel, r.conversation_id, s.entered_at,
           s.message_id, s.answer, s.exit, s.incorrect
         FROM scenario_visits s JOIN scenario_runs r ON r.account_id = s.account_id AND r.id = s.run_id
         JOIN contacts c ON c.account_id = r.account_id AND c.id = r.contact_id
         WHERE s.account_id = $1 AND s.scenario_id = $2 AND r.day >= $3 AND r.day <= $4 AND ($5 = '' OR r.launch = $5)
           AND ($6 = '' OR r.source = $6) AND ($7 = 0 OR s.version = $7) AND ($8 OR r.connection_id = $9)
           AND s.block = $10 AND NOT r.is_test
           AND ($11 = '' OR ($11 = '-' AND s.exit IS NULL) OR ($11 = '.' AND s.exit = '') OR s.exit = $11
                OR ($11 = 'incorrect' AND s.incorrect > 0))
           AND (s.entered_at < $12 OR (s.entered_at = $12 AND s.run_id < $13))
         ORDER BY s.entered_at DESC, s.run_id DESC, s.visit DESC LIMIT $14"
    );
    let query = filtered(query, account, wanted.scenario, wanted.filter);
    let query = query.bind(wanted.block).bind(wanted.exit).bind(moment).bind(run).bind(wanted.limit);
    Ok(query.all(tx).await?)
}
