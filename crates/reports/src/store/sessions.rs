//! SQL of sessions.

use crate::session::{Missed, Session};
use crate::sessions::{Item, Wanted};
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{
    AccountId, ChannelKind, ConnectionId, ContactId, ConversationId, ProjectId, ReportSessionId, Result, Timestamp,
};

macro_rules! columns {
    () => {
        "id, project_id, conversation_id, first_seq, seen_seq, began_at, day, hour, channel, connection_id,
         operator_id, department_id, scenario_id, page, with_bot, asked_at, due_at, answered_at, answered_by,
         client_messages, people_messages, bot_messages, closed_at, score, missed"
    };
}

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let missed: Option<String> = row.get(24)?;
        Ok(Self {
            id: row.get(0)?,
            project: row.get(1)?,
            conversation: row.get(2)?,
            first_seq: row.get(3)?,
            seen_seq: row.get(4)?,
            began_at: row.get(5)?,
            day: row.get(6)?,
            hour: row.get(7)?,
            channel: row.get(8)?,
            connection: row.get(9)?,
            operator: row.get(10)?,
            department: row.get(11)?,
            scenario: row.get(12)?,
            page: row.get(13)?,
            with_bot: row.get(14)?,
            asked_at: row.get(15)?,
            due_at: row.get(16)?,
            answered_at: row.get(17)?,
            answered_by: row.get(18)?,
            client_messages: row.get(19)?,
            people_messages: row.get(20)?,
            bot_messages: row.get(21)?,
            closed_at: row.get(22)?,
            score: row.get(23)?,
            missed: missed.as_deref().map(Missed::from_stored).transpose()?,
        })
    }
}

/// The newest session of a conversation.
pub(crate) async fn last(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<Session>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM report_sessions WHERE account_id = $1 AND conversation_id = $2 ORDER BY first_seq DESC LIMIT 1"
    ));
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

/// Sessions whose answer is late by now.
pub(crate) async fn due(tx: &mut Tx, account: &AccountId, now: Timestamp, limit: i64) -> Result<Vec<Session>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM report_sessions WHERE account_id = $1 AND due_at <= $2 AND due_at IS NOT NULL AND answered_at IS NULL
           AND closed_at IS NULL AND missed IS NULL ORDER BY due_at LIMIT $3"
    ));
    Ok(query.bind(account).bind(now.0).bind(limit).all(tx).await?)
}

fn values<'a>(account: &AccountId, new: &'a Session) -> Vec<Value<'a>> {
    vec![
        account.into(),
        new.id.into(),
        new.project.into(),
        new.conversation.into(),
        new.first_seq.into(),
        new.seen_seq.into(),
        new.began_at.into(),
        new.day.into(),
        new.hour.into(),
        new.channel.as_str().into(),
        new.connection.into(),
        new.operator.into(),
        new.department.into(),
        new.scenario.into(),
        new.page.as_str().into(),
        new.with_bot.into(),
        new.asked_at.into(),
        new.due_at.into(),
        new.answered_at.into(),
        new.answered_by.into(),
        new.client_messages.into(),
        new.people_messages.into(),
        new.bot_messages.into(),
        new.closed_at.into(),
        new.score.into(),
        new.missed.map(Missed::as_str).into(),
    ]
}

/// Keeps a new one, whose conversation is there.
pub(crate) async fn insert(tx: &mut Tx, account: &AccountId, new: &Session) -> Result<()> {
    let query = sql!(
        "INSERT INTO report_sessions (account_id, id, project_id, conversation_id, first_seq, seen_seq, began_at, day, hour, channel, connection_id,
           operator_id, department_id, scenario_id, page, with_bot, asked_at, due_at, answered_at, answered_by,
           client_messages, people_messages, bot_messages, closed_at, score, missed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)"
    );
    values(account, new).into_iter().fold(query, db::Query::bind).execute(tx).await?;
    Ok(())
}

/// Keeps what changed of one; false when it is gone meanwhile.
pub(crate) async fn update(tx: &mut Tx, account: &AccountId, new: &Session) -> Result<bool> {
    let query = sql!(
        "UPDATE report_sessions SET seen_seq = $6, began_at = $7, day = $8, hour = $9, channel = $10, connection_id = $11,
           operator_id = $12, department_id = $13, scenario_id = $14, page = $15, with_bot = $16,
           asked_at = $17, due_at = $18, answered_at = $19, answered_by = $20, client_messages = $21,
           people_messages = $22, bot_messages = $23, closed_at = $24, score = $25, missed = $26
         WHERE account_id = $1 AND id = $2 AND project_id = $3 AND first_seq = $5
           AND (conversation_id = $4 OR conversation_id IS NULL)"
    );
    Ok(values(account, new).into_iter().fold(query, db::Query::bind).execute(tx).await? > 0)
}

impl FromRow for Item {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let missed: Option<String> = row.get(15)?;
        let moment = |at: Option<i64>| at.map(Timestamp);
        Ok(Self {
            id: row.get(0)?,
            conversation_id: row.get(1)?,
            began_at: Timestamp(row.get(2)?),
            channel: ChannelKind::from_stored(row.text(3)?)?,
            operator_id: row.get(4)?,
            department_id: row.get(5)?,
            page: Some(row.get::<String>(6)?).filter(|page| !page.is_empty()),
            asked_at: moment(row.get(7)?),
            answer_due_at: moment(row.get(8)?),
            answered_at: moment(row.get(9)?),
            client_messages: row.get(10)?,
            people_messages: row.get(11)?,
            bot_messages: row.get(12)?,
            closed_at: moment(row.get(13)?),
            score: row.get(14)?,
            missed: missed.as_deref().map(Missed::from_stored).transpose()?,
            comment: row.get::<Option<String>>(16)?.filter(|words| !words.is_empty()),
            contact_id: row.get::<Option<ContactId>>(17)?,
            client: row.get(18)?,
        })
    }
}

/// Sessions of a number, the last first.
pub(crate) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    wanted: &Wanted,
    from_day: i64,
) -> Result<Vec<Item>> {
    let query = sql!(
        "SELECT s.id, s.conversation_id, s.began_at, s.channel, COALESCE(s.operator_id, s.answered_by), s.department_id, s.page,
           s.asked_at, s.due_at, s.answered_at, s.client_messages, s.people_messages, s.bot_messages, s.closed_at, s.score,
           s.missed, r.comment, c.id, COALESCE(c.name, c.handle)
         FROM report_sessions s
         LEFT JOIN conversations v ON v.id = s.conversation_id AND v.account_id = s.account_id
         LEFT JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         LEFT JOIN ratings r ON r.conversation_id = s.conversation_id AND r.account_id = s.account_id AND r.score = s.score
         WHERE s.account_id = $1 AND s.project_id = $2 AND s.day >= $3 AND s.day <= $4 AND (s.began_at, s.id) < ($5, $6)
           AND CASE CAST($7 AS TEXT) WHEN 'asked' THEN s.asked_at IS NOT NULL WHEN 'answered' THEN s.asked_at IS NOT NULL AND s.answered_at IS NOT NULL
             WHEN 'missed' THEN s.missed IS NOT NULL WHEN 'closed' THEN s.closed_at IS NOT NULL
             WHEN 'rated' THEN s.score IS NOT NULL ELSE TRUE END
           AND CASE CAST($8 AS TEXT) WHEN 'operator' THEN COALESCE(s.operator_id, s.answered_by, $12::uuid) = $9::uuid
             WHEN 'department' THEN COALESCE(s.department_id, $12::uuid) = $9::uuid
             WHEN 'scenario' THEN COALESCE(s.scenario_id, $12::uuid) = $9::uuid
             WHEN 'channel' THEN s.connection_id = $9::uuid WHEN 'page' THEN s.page = $10 ELSE TRUE END
           AND (CAST($11 AS BIGINT) < 0 OR (s.hour = $11 AND (s.day + 3) % 7 = $13))
         ORDER BY s.began_at DESC, s.id DESC LIMIT $14"
    );
    let query = query.bind(account).bind(project).bind(from_day).bind(wanted.to_day).bind(wanted.before.0);
    let query = query.bind(wanted.before.1).bind(wanted.which.as_str()).bind(wanted.by_word()).bind(wanted.key_id());
    let query = query.bind(wanted.page()).bind(wanted.hour()).bind(ReportSessionId::from_bits(0));
    Ok(query.bind(wanted.weekday()).bind(wanted.limit).all(tx).await?)
}

/// Sessions that began since a moment, by channel and by hour after it. `day` is one before which none of them can be.
pub(crate) async fn by_channel_and_hour(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    (day, since): (i64, Timestamp),
) -> Result<Vec<(ConnectionId, i64, i64)>> {
    let query = sql!(
        "SELECT connection_id, (began_at - $4) / 3600000, COUNT(*) FROM report_sessions
         WHERE account_id = $1 AND project_id = $2 AND day >= $3 AND began_at >= $4
         GROUP BY connection_id, (began_at - $4) / 3600000"
    );
    Ok(query.bind(account).bind(project).bind(day).bind(since.0).all(tx).await?)
}
