//! SQL of project jobs.

use super::{Failure, JobFilter, JobState, Progress, ProjectJob};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, JobId, ProjectId, Result, Timestamp};
use serde_json::Value;

/// A job as its row is read.
struct JobRow(ProjectJob);

impl FromRow for JobRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let json = |text: String| serde_json::from_str(&text).map_err(|e| DbError::other(format!("job JSON: {e}")));
        Ok(Self(ProjectJob {
            id: row.get(0)?,
            project_id: row.get(1)?,
            kind: row.get(2)?,
            state: JobState::from_stored(row.text(3)?)?,
            progress: Progress { done: row.get(4)?, total: row.get(5)? },
            input: json(row.get(6)?)?,
            result: row.get::<Option<String>>(7)?.map(json).transpose()?,
            error: row.get(8)?,
            is_cancelled: row.get(9)?,
            created_by: row.get(10)?,
            created_at: Timestamp(row.get(11)?),
            ended_at: row.get::<Option<i64>>(12)?.map(Timestamp),
            error_code: row.get(13)?,
        }))
    }
}

pub(super) async fn insert(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &JobId,
    kind: &str,
    input: &Value,
    by: Option<&str>,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO project_jobs (account_id, id, project_id, kind, state, done, input, is_cancelled, created_by, created_at)
         VALUES ($1, $2, $3, $4, 'waiting', 0, $5, FALSE, $6, $7)"
    );
    let query = query.bind(cx.account).bind(id).bind(project).bind(kind);
    query.bind(input.to_string()).bind(by).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn get(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<Option<ProjectJob>> {
    let query = sql!(
        "SELECT id, project_id, kind, state, done, total, input, result, error, is_cancelled, created_by, created_at, ended_at,
           error_code FROM project_jobs WHERE account_id = $1 AND id = $2"
    );
    Ok(query.bind(account).bind(id).optional::<JobRow>(tx).await?.map(|row| row.0))
}

pub(super) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    filter: &JobFilter,
) -> Result<Vec<ProjectJob>> {
    let query = sql!(
        "SELECT id, project_id, kind, state, done, total, input, result, error, is_cancelled, created_by, created_at, ended_at,
           error_code FROM project_jobs WHERE account_id = $1 AND project_id = $2
           AND (created_at < $3 OR (created_at = $3 AND id < $4)) AND ($5 = '' OR kind = $5) AND ($6 = '' OR state = $6)
         ORDER BY created_at DESC, id DESC LIMIT $7"
    );
    let query = query.bind(account).bind(project).bind(filter.before.0).bind(filter.before.1);
    let query = query.bind(&filter.kind).bind(filter.state.map_or("", JobState::as_str)).bind(filter.limit);
    Ok(query.all::<JobRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

pub(super) async fn ask_to_stop(tx: &mut Tx, account: &AccountId, id: &JobId) -> Result<()> {
    let query = sql!("UPDATE project_jobs SET is_cancelled = TRUE WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Whether somebody asked the job to stop.
pub(super) async fn set_progress(
    tx: &mut Tx,
    account: &AccountId,
    id: &JobId,
    progress: Progress,
    partial: &Value,
) -> Result<bool> {
    let query = sql!(
        "UPDATE project_jobs SET state = 'running', done = $3, total = $4, result = $5
         WHERE account_id = $1 AND id = $2 RETURNING is_cancelled"
    );
    let query = query.bind(account).bind(id).bind(progress.done).bind(progress.total);
    let query = query.bind(partial.to_string());
    let (is_cancelled,): (bool,) = query.one(tx).await?;
    Ok(is_cancelled)
}

pub(super) async fn end(
    cx: &mut Cx<'_>,
    id: &JobId,
    state: JobState,
    result: Option<&Value>,
    failure: Option<&Failure>,
) -> Result<()> {
    let query = sql!(
        "UPDATE project_jobs SET state = $3, result = $4, error = $5, error_code = $6, ended_at = $7
         WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(id).bind(state.as_str());
    let query = query.bind(result.map(Value::to_string)).bind(failure.map(|failure| failure.words.as_str()));
    query.bind(failure.map(|failure| failure.code.as_str())).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}
