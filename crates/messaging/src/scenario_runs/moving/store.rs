//! SQL of moving runs to another version. Inside a called scenario a run's state has the calls under `"in"`: within a text its quotes are escaped.

use super::super::RunRow;
use super::After;
use crate::Result;
use db::{Tx, sql};
use model::{AccountId, Cx, ScenarioId};

/// Runs that wait on versions before one, counted by version, block and whether they are inside a called scenario.
pub(super) async fn by_block(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    newest: i64,
) -> Result<Vec<(i64, String, bool, i64)>> {
    let query = sql!(
        "SELECT version, COALESCE(block, ''), CAST(CASE WHEN state LIKE '%\"in\":[%' THEN 1 ELSE 0 END AS BIGINT), COUNT(*)
         FROM scenario_runs
         WHERE account_id = $1 AND scenario_id = $2 AND version > 0 AND version < $3 AND ended_at IS NULL
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    );
    let rows: Vec<(i64, String, i64, i64)> = query.bind(account).bind(id).bind(newest).all(tx).await?;
    Ok(rows.into_iter().map(|(version, block, is_called, runs)| (version, block, is_called == 1, runs)).collect())
}

/// Version and state of runs that are inside a called scenario.
pub(super) async fn called(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    newest: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    let query = sql!(
        "SELECT version, state FROM scenario_runs
         WHERE account_id = $1 AND scenario_id = $2 AND version > 0 AND version < $3 AND ended_at IS NULL AND state LIKE '%\"in\":[%'
         LIMIT $4"
    );
    Ok(query.bind(account).bind(id).bind(newest).bind(limit).all(tx).await?)
}

/// Runs that wait on versions before one, in the order of their start.
pub(super) async fn alive_after(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    newest: i64,
    after: After,
    limit: i64,
) -> Result<Vec<RunRow>> {
    let query = sql!(
        "SELECT id, project_id, scenario_id, version, conversation_id, contact_id, connection_id, launch, source, is_test, state,
           timer_at, client_said, day, started_at
         FROM scenario_runs
         WHERE account_id = $1 AND scenario_id = $2 AND version > 0 AND version < $3 AND ended_at IS NULL
           AND (started_at > $4 OR (started_at = $4 AND id > $5))
         ORDER BY started_at, id LIMIT $6"
    );
    let query = query.bind(account).bind(id).bind(newest).bind(after.0).bind(after.1).bind(limit);
    Ok(query.all(tx).await?)
}

pub(super) async fn save(cx: &mut Cx<'_>, row: &RunRow) -> Result<()> {
    let query = sql!(
        "UPDATE scenario_runs SET version = $3, state = $4, timer_at = $5, changed_at = $6 WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(row.id).bind(row.version).bind(row.state.as_str()).bind(row.timer_at);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// Notes that a visit belongs to another version; answers its wrong answers, and whether it is the run's first of that block.
pub(super) async fn move_visit(
    cx: &mut Cx<'_>,
    row: &RunRow,
    block: &str,
    visit: i64,
    newest: i64,
) -> Result<(i64, bool)> {
    let query = sql!(
        "UPDATE scenario_visits SET version = $4 WHERE account_id = $1 AND run_id = $2 AND visit = $3 RETURNING incorrect"
    );
    let query = query.bind(cx.account).bind(row.id).bind(visit).bind(newest);
    let incorrect: Option<(i64,)> = query.optional(cx.tx).await?;
    let query = sql!(
        "SELECT COUNT(*) FROM scenario_visits
         WHERE account_id = $1 AND run_id = $2 AND visit < $3 AND scenario_id = $4 AND block = $5"
    );
    let query = query.bind(cx.account).bind(row.id).bind(visit).bind(row.scenario_id).bind(block);
    let (earlier,): (i64,) = query.one(cx.tx).await?;
    Ok((incorrect.map_or(0, |(incorrect,)| incorrect), earlier == 0))
}
