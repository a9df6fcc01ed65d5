//! SQL of runs, their trace and their numbers, and what of scenarios the path reads.

use super::trace::Visit;
use crate::Result;
use ::scenario::End;
use ::scenario::document::Launch;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ConnectionId, ContactId, ConversationId, Cx, Message, ProjectId, RunId, ScenarioId};
use std::collections::BTreeMap;

/// A run as it is stored.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Run.
    pub id: RunId,
    /// Project.
    pub project_id: ProjectId,
    /// Scenario.
    pub scenario_id: ScenarioId,
    /// Its version; below zero for a draft that a test user tries.
    pub version: i64,
    /// Where it speaks.
    pub conversation_id: ConversationId,
    /// With whom.
    pub contact_id: ContactId,
    /// Through which channel.
    pub connection_id: ConnectionId,
    /// Kind of its launch.
    pub launch: String,
    /// Which menu button, mailing...
    pub source: String,
    /// A try of a test user.
    pub is_test: bool,
    /// State of the core.
    pub state: String,
    /// When its timer is set for.
    pub timer_at: Option<i64>,
    /// Whether the client has written in it.
    pub client_said: bool,
    /// Day of its start, since 1970 in UTC.
    pub day: i64,
    /// Whether its client wrote for the first time.
    pub is_new_client: bool,
    /// Begun.
    pub started_at: i64,
}

impl FromRow for RunRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let launch: String = row.get(7)?;
        Ok(Self {
            id: row.get(0)?,
            project_id: row.get(1)?,
            scenario_id: row.get(2)?,
            version: row.get(3)?,
            conversation_id: row.get(4)?,
            contact_id: row.get(5)?,
            connection_id: row.get(6)?,
            is_new_client: launch == "first_message",
            launch,
            source: row.get(8)?,
            is_test: row.get(9)?,
            state: row.get(10)?,
            timer_at: row.get(11)?,
            client_said: row.get(12)?,
            day: row.get(13)?,
            started_at: row.get(14)?,
        })
    }
}

/// A scenario as far as a launch needs it.
pub(super) struct Found {
    /// The newest published version; 0 for none.
    pub version: i64,
    /// What people call it.
    pub name: String,
}

pub(super) async fn scenario(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
) -> Result<Option<Found>> {
    let query = sql!(
        "SELECT version, name FROM scenarios WHERE account_id = $1 AND project_id = $2 AND id = $3 AND deleted_at IS NULL"
    );
    let row: Option<(i64, String)> = query.bind(account).bind(project).bind(id).optional(tx).await?;
    Ok(row.map(|(version, name)| Found { version, name }))
}

/// The newest version that a scenario of this project was published in.
pub(super) async fn newest_version(cx: &mut Cx<'_>, id: &ScenarioId, project: &ProjectId) -> Result<Option<i64>> {
    let found = scenario(cx.tx, cx.account, project, id).await?;
    Ok(found.map(|found| found.version).filter(|version| *version > 0))
}

pub(super) async fn document(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    version: i64,
) -> Result<Option<String>> {
    let query =
        sql!("SELECT document FROM scenario_versions WHERE account_id = $1 AND scenario_id = $2 AND version = $3");
    let row: Option<(String,)> = query.bind(account).bind(id).bind(version).optional(tx).await?;
    Ok(row.map(|(document,)| document))
}

/// Keeps the draft as it is now for a try; answers its number, minus the revision.
pub(super) async fn try_draft(cx: &mut Cx<'_>, id: &ScenarioId) -> Result<i64> {
    let query = sql!(
        "INSERT INTO scenario_versions (account_id, scenario_id, version, document, made_at)
         SELECT account_id, id, -revision, document, saved_at FROM scenarios WHERE account_id = $1 AND id = $2
         ON CONFLICT (scenario_id, version) DO NOTHING"
    );
    query.bind(cx.account).bind(id).execute(cx.tx).await?;
    let query = sql!("SELECT -revision FROM scenarios WHERE account_id = $1 AND id = $2");
    let (version,): (i64,) = query.bind(cx.account).bind(id).one(cx.tx).await?;
    Ok(version)
}

pub(super) async fn is_test_user(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<bool> {
    let query = sql!("SELECT contact_id FROM test_users WHERE account_id = $1 AND contact_id = $2");
    let row: Option<(ContactId,)> = query.bind(account).bind(contact).optional(tx).await?;
    Ok(row.is_some())
}

/// A launch that a message of the account may be.
pub(super) struct OnPath {
    pub project_id: ProjectId,
    pub scenario_id: ScenarioId,
    /// Of the draft, for test users only.
    pub is_draft: bool,
    pub launch: Launch,
}

/// What a message of the account may launch, in the order of the scenarios.
pub(super) async fn launches(tx: &mut Tx, account: &AccountId) -> Result<Vec<OnPath>> {
    let query = sql!(
        "SELECT project_id, scenario_id, number, launch FROM scenario_launches WHERE account_id = $1 ORDER BY scenario_id, number"
    );
    let rows: Vec<(ProjectId, ScenarioId, i64, String)> = query.bind(account).all(tx).await?;
    let read = |(project_id, scenario_id, number, launch): (ProjectId, ScenarioId, i64, String)| {
        let launch = serde_json::from_str(&launch).map_err(|error| DbError::other(error.to_string()))?;
        Ok(OnPath { project_id, scenario_id, is_draft: number < 0, launch })
    };
    rows.into_iter().map(read).collect()
}

pub(super) async fn insert(cx: &mut Cx<'_>, row: &RunRow) -> Result<()> {
    let query = sql!(
        "INSERT INTO scenario_runs (account_id, id, project_id, scenario_id, version, conversation_id, contact_id, connection_id,
           launch, source, is_test, state, client_said, day, started_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)"
    );
    let query = query.bind(cx.account).bind(row.id).bind(row.project_id).bind(row.scenario_id).bind(row.version);
    let query = query.bind(row.conversation_id).bind(row.contact_id).bind(row.connection_id);
    let query = query.bind(row.launch.as_str()).bind(row.source.as_str()).bind(row.is_test).bind(row.state.as_str());
    query.bind(row.client_said).bind(row.day).bind(row.started_at).execute(cx.tx).await?;
    Ok(())
}

/// A run that has not ended.
pub(super) async fn alive(tx: &mut Tx, account: &AccountId, id: &RunId) -> Result<Option<RunRow>> {
    Ok(alive_among(tx, account, std::slice::from_ref(id)).await?.pop())
}

/// Those of some runs that have not ended.
pub(super) async fn alive_among(tx: &mut Tx, account: &AccountId, ids: &[RunId]) -> Result<Vec<RunRow>> {
    let query = sql!(
        "SELECT id, project_id, scenario_id, version, conversation_id, contact_id, connection_id, launch, source, is_test, state,
           timer_at, client_said, day, started_at
         FROM scenario_runs WHERE account_id = $1 AND id = ANY($2) AND ended_at IS NULL"
    );
    Ok(query.bind(account).bind(Value::ids(ids.iter().map(|id| id.bits()))).all(tx).await?)
}

/// Runs that have not ended, some of them; tries of test users apart.
pub(super) async fn alive_of_account(tx: &mut Tx, account: &AccountId, limit: i64) -> Result<Vec<RunId>> {
    let query =
        sql!("SELECT id FROM scenario_runs WHERE account_id = $1 AND ended_at IS NULL AND NOT is_test LIMIT $2");
    let rows: Vec<(RunId,)> = query.bind(account).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The run of a conversation that has not ended, with the block it waits at.
///
/// # Errors
/// When the storage fails.
pub async fn alive_in(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
) -> Result<Option<(RunId, ScenarioId, i64, Option<String>, i64)>> {
    let query = sql!(
        "SELECT id, scenario_id, version, block, started_at FROM scenario_runs
         WHERE account_id = $1 AND conversation_id = $2 AND ended_at IS NULL"
    );
    Ok(query.bind(account).bind(conversation).optional(tx).await?)
}

/// The visit that said a message, by the runs of its conversation: an index of all messages would cost each of them, and few are asked for.
pub(super) async fn said_by(tx: &mut Tx, account: &AccountId, message: &Message) -> Result<Option<(RunId, u32)>> {
    let query = sql!(
        "SELECT v.run_id, v.visit FROM scenario_runs r JOIN scenario_visits v ON v.account_id = r.account_id AND v.run_id = r.id
         WHERE r.account_id = $1 AND r.conversation_id = $2 AND v.message_id = $3"
    );
    let query = query.bind(account).bind(message.conversation_id).bind(message.id);
    let row: Option<(RunId, i64)> = query.optional(tx).await?;
    Ok(row.map(|(run, visit)| (run, u32::try_from(visit).unwrap_or(u32::MAX))))
}

pub(super) async fn save(
    cx: &mut Cx<'_>,
    row: &RunRow,
    block: Option<&str>,
    timer_at: Option<i64>,
    ended: Option<End>,
) -> Result<()> {
    let now = cx.env.now().0;
    let Some(end) = ended else { return save_alive(cx, row, block, timer_at, now).await };
    let query = sql!(
        "UPDATE scenario_runs SET state = $3, block = $4, timer_at = $5, client_said = $6, changed_at = $7, ended_at = $8, reason = $9
         WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(row.id).bind(row.state.as_str()).bind(block).bind(timer_at);
    let query = query.bind(row.client_said).bind(now).bind(now).bind(end.as_str());
    query.execute(cx.tx).await?;
    Ok(())
}

/// Without a word of the end: whoever writes it, writes the indexes of the runs that are alive anew.
async fn save_alive(cx: &mut Cx<'_>, row: &RunRow, block: Option<&str>, timer_at: Option<i64>, now: i64) -> Result<()> {
    let query = sql!(
        "UPDATE scenario_runs SET state = $3, block = $4, timer_at = $5, client_said = $6, changed_at = $7
         WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(row.id).bind(row.state.as_str()).bind(block).bind(timer_at);
    query.bind(row.client_said).bind(now).execute(cx.tx).await?;
    Ok(())
}

/// The timer that was set has gone off.
pub(super) async fn forget_timer(tx: &mut Tx, account: &AccountId, id: &RunId) -> Result<()> {
    let query = sql!("UPDATE scenario_runs SET timer_at = NULL WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Writes what is added to traces: new visits, and what became of those that were there.
pub(super) async fn trace(cx: &mut Cx<'_>, visits: &[(RunId, i64, &Visit)]) -> Result<()> {
    let now = cx.env.now().0;
    let mut rows: Vec<Vec<Value<'_>>> = Vec::new();
    for (run, number, visit) in visits {
        let Some((scenario, version, block)) = &visit.entered else { continue };
        rows.push(vec![
            (*run).into(),
            (*number).into(),
            scenario_of(scenario)?.into(),
            (*version).into(),
            block.as_str().into(),
            now.into(),
            visit.exit.as_ref().map(|_| now).into(),
            visit.exit.as_deref().into(),
            visit.incorrect.into(),
            visit.answer.as_deref().into(),
            visit.message.into(),
        ]);
    }
    if !rows.is_empty() {
        let query = sql!(
            "INSERT INTO scenario_visits (account_id, run_id, visit, scenario_id, version, block, entered_at, left_at, exit, incorrect,
               answer, message_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        );
        query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    }
    let mut rows: Vec<Vec<Value<'_>>> = Vec::new();
    for (run, number, visit) in visits.iter().filter(|(.., visit)| visit.entered.is_none()) {
        rows.push(vec![
            (*run).into(),
            (*number).into(),
            visit.exit.as_deref().into(),
            visit.exit.as_ref().map(|_| now).into(),
            visit.incorrect.into(),
            visit.answer.as_deref().into(),
            visit.message.into(),
        ]);
    }
    if !rows.is_empty() {
        let query = sql!(
            "UPDATE scenario_visits SET exit = $4, left_at = $5, incorrect = incorrect + $6,
               answer = COALESCE($7, answer), message_id = COALESCE(message_id, $8)
             WHERE account_id = $1 AND run_id = $2 AND visit = $3"
        );
        query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    }
    Ok(())
}

/// A number of the report: what was counted, of which block, for runs that began so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number<'r> {
    scenario: ScenarioId,
    day: i64,
    version: i64,
    launch: &'r str,
    source: &'r str,
    connection: ConnectionId,
    block: &'r str,
    what: &'r str,
}

impl<'r> Number<'r> {
    /// One of a run's.
    pub fn of(row: &'r RunRow, scenario: &str, version: i64, block: &'r str, what: &'r str) -> Result<Self> {
        let RunRow { day, launch, source, connection_id: connection, .. } = row;
        let scenario = scenario_of(scenario)?;
        Ok(Self { scenario, day: *day, version, launch, source, connection: *connection, block, what })
    }
}

fn scenario_of(id: &str) -> Result<ScenarioId> {
    Ok(id.parse().map_err(|error: model::BadId| DbError::other(error.to_string()))?)
}

/// Adds to the numbers of the report.
pub(super) async fn count(cx: &mut Cx<'_>, numbers: &BTreeMap<Number<'_>, i64>) -> Result<()> {
    let mut rows: Vec<Vec<Value<'_>>> = Vec::with_capacity(numbers.len());
    for (number, n) in numbers {
        rows.push(vec![
            number.scenario.into(),
            number.day.into(),
            number.version.into(),
            number.launch.into(),
            number.source.into(),
            number.connection.into(),
            number.block.into(),
            number.what.into(),
            (*n).into(),
        ]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let query = sql!(
        "INSERT INTO scenario_counts (account_id, scenario_id, day, version, launch, source, connection_id, block, what, n)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (scenario_id, day, version, launch, source, connection_id, block, what) DO UPDATE SET n = scenario_counts.n + excluded.n"
    );
    query.bind(cx.account).execute_each(cx.tx, &rows).await?;
    Ok(())
}
