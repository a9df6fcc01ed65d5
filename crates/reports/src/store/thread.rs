//! SQL of reading a conversation: where it stands, its lines, and the rules of its project.

use crate::rules::{MISSED_MINUTES, Rules};
use crate::session::{Line, Side, What};
use db::{DbError, FromRow, Row, Tx, sql};
use messaging::hours::Hours;
use model::{
    AccountId, ConnectionId, ContactId, ConversationId, ConversationStatus, DepartmentId, ProjectId, Refusal, Result,
    ScenarioId, UserId,
};
use serde::Deserialize;

/// A conversation as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub project: ProjectId,
    pub contact: ContactId,
    pub connection: ConnectionId,
    pub channel: String,
    pub status: ConversationStatus,
    pub assignee: Option<UserId>,
    pub department: Option<DepartmentId>,
    pub waiting_since: Option<i64>,
}

impl FromRow for Head {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            project: row.get(0)?,
            contact: row.get(1)?,
            connection: row.get(2)?,
            channel: row.get(3)?,
            status: ConversationStatus::from_stored(row.text(4)?)?,
            assignee: row.get(5)?,
            department: row.get(6)?,
            waiting_since: row.get(7)?,
        })
    }
}

pub(crate) async fn head(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<Option<Head>> {
    let query = sql!(
        "SELECT project_id, contact_id, connection_id, channel, status, assignee_id, department_id, waiting_since
         FROM conversations WHERE account_id = $1 AND id = $2"
    );
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    event: Option<Note>,
}

#[derive(Deserialize)]
struct Note {
    code: String,
    #[serde(default)]
    data: serde_json::Value,
}

impl FromRow for Line {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let content: Option<String> = row.get(4)?;
        let what = match (row.text(1)?, content) {
            ("event", Some(content)) => happened(&content),
            ("message", _) => match row.text(2)? {
                "client" => What::Said(Side::Client),
                "operator" => What::Said(Side::Person(row.get(3)?)),
                "key" => What::Said(Side::Person(None)),
                _ => What::Said(Side::Bot),
            },
            _ => What::Other,
        };
        Ok(Self { seq: row.get(0)?, what, at: row.get(5)? })
    }
}

/// A line that cannot be read is none that is counted: one broken row must not end all reports of an account.
fn happened(content: &str) -> What {
    let told: Told = serde_json::from_str(content).unwrap_or_default();
    let Some(note) = told.event else { return What::Other };
    let text = |key: &str| note.data[key].as_str();
    match note.code.as_str() {
        "scenario.started" => What::BotBegan,
        "scenario.transferred" | "scenario.ended" => What::BotEnded,
        "conversation.assigned" | "routing.given" => What::Held(text("user_id").and_then(|id| id.parse().ok())),
        "routing.returned" => What::Held(None),
        "department.given" => What::Queued(text("department_id").and_then(|id| id.parse().ok())),
        "department.gone" => What::Queued(None),
        "conversation.closed" | "conversation.left" => What::Closed,
        "conversation.reopened" => What::Reopened,
        "conversation.rated" => note.data["score"].as_i64().map_or(What::Other, What::Rated),
        _ => What::Other,
    }
}

/// Lines after a place.
pub(crate) async fn lines(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Line>> {
    let query = sql!(
        "SELECT seq, kind, author_kind, author_id, CASE WHEN kind = 'event' THEN content END, created_at FROM messages
         WHERE account_id = $1 AND conversation_id = $2 AND seq > $3 ORDER BY seq LIMIT $4"
    );
    Ok(query.bind(account).bind(id).bind(after).bind(limit).all(tx).await?)
}

/// The scenario that was at work in a conversation at a moment.
pub(crate) async fn scenario_at(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    at: i64,
) -> Result<Option<ScenarioId>> {
    let query = sql!(
        "SELECT scenario_id FROM scenario_runs WHERE account_id = $1 AND conversation_id = $2 AND started_at <= $3
         ORDER BY started_at DESC, id DESC LIMIT 1"
    );
    let row: Option<(ScenarioId,)> = query.bind(account).bind(id).bind(at).optional(tx).await?;
    Ok(row.map(|(id,)| id))
}

fn hours(text: &str) -> Result<Vec<Hours>> {
    serde_json::from_str(text).map_err(|error| Refusal::stored(&error))
}

/// By what a project's sessions are measured.
pub(crate) async fn rules(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Rules> {
    let query = sql!("SELECT time_zone, working_hours FROM projects WHERE account_id = $1 AND id = $2");
    let found: Option<(String, String)> = query.bind(account).bind(project).optional(tx).await?;
    let (zone, own) = found.ok_or(Refusal::NotFound)?;
    let query = sql!("SELECT id, hours FROM departments WHERE account_id = $1 AND project_id = $2");
    let rows: Vec<(DepartmentId, String)> = query.bind(account).bind(project).all(tx).await?;
    let departments = rows.into_iter().map(|(id, text)| Ok((id, hours(&text)?))).collect::<Result<_>>()?;
    let missed_minutes = missed_minutes(tx, account, project).await?;
    Ok(Rules { zone, hours: hours(&own)?, departments, missed_minutes })
}

pub(crate) async fn missed_minutes(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<i64> {
    let query = sql!("SELECT missed_minutes FROM report_settings WHERE account_id = $1 AND project_id = $2");
    let row: Option<(i64,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(row.map_or(MISSED_MINUTES, |(minutes,)| minutes))
}

pub(crate) async fn set_missed_minutes(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    minutes: i64,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO report_settings (account_id, project_id, missed_minutes) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, project_id) DO UPDATE SET missed_minutes = excluded.missed_minutes"
    );
    query.bind(account).bind(project).bind(minutes).execute(tx).await?;
    Ok(())
}
