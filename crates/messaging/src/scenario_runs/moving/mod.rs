//! Runs that wait on an older version of their scenario are carried over to the newest one ("move waiting runs", section 4 of `scenarios.md`).

mod store;

use super::{RunRow, jobs, shelf};
use crate::{Refusal, Result};
use ::scenario::moving::{Stays, moved, target};
use ::scenario::{Graph, Run};
use db::DbError;
use model::{Cx, RunId, ScenarioId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Runs inside a called scenario whose state is read for [`waiting`]: where such a run waits is told by nothing else.
const MOST_READ: i64 = 5_000;

/// Where a list of runs goes on: the start and the id of the last one seen.
pub type After = (i64, RunId);

/// Runs that wait at one block of an older version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The version.
    pub version: i64,
    /// The block of this scenario, be it one that has called another.
    pub block: String,
    /// How many.
    pub runs: i64,
    /// Why they would stay; `None` when they can be moved.
    pub stays: Option<Stays>,
}

/// Which runs of a scenario wait on versions before `newest`, by version and block, and how many more are inside called scenarios than are looked
/// at here: these are decided one by one when they are moved.
///
/// # Errors
/// When the storage fails, or a version cannot be read.
pub async fn waiting(cx: &mut Cx<'_>, id: &ScenarioId, newest: i64) -> Result<(Vec<Waiting>, i64)> {
    let mut graphs = Versions::to(cx, id, newest).await?;
    let mut found: BTreeMap<(i64, String), i64> = BTreeMap::new();
    let mut called = 0;
    for (version, block, is_called, runs) in store::by_block(cx.tx, cx.account, id, newest).await? {
        match is_called {
            true => called += runs,
            false => *found.entry((version, block)).or_default() += runs,
        }
    }
    if called > 0 {
        let states = store::called(cx.tx, cx.account, id, newest, MOST_READ).await?;
        called -= i64::try_from(states.len()).unwrap_or(0);
        for (version, state) in states {
            let from = graphs.of(cx, version).await?;
            let block = read(&state)?.own_spot().and_then(|(block, _)| from.blocks.get(block as usize));
            let block = block.map(|block| block.id.clone()).unwrap_or_default();
            *found.entry((version, block)).or_default() += 1;
        }
    }
    let mut waiting = Vec::with_capacity(found.len());
    for ((version, block), runs) in found {
        let from = graphs.of(cx, version).await?;
        let number = from.block(&block).ok_or(Stays::BlockGone);
        let stays = number.and_then(|number| target(&from, &graphs.to, number)).err();
        waiting.push(Waiting { version, block, runs, stays });
    }
    Ok((waiting, called.max(0)))
}

/// What became of some runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Moved.
    pub moved: i64,
    /// Left on their version.
    pub stayed: i64,
    /// Where to go on; `None` when nothing is left.
    pub after: Option<After>,
}

/// Moves the next `limit` of the runs that wait on versions before `newest`, in the order of their start. The caller holds the account's lock, so
/// nothing happens to a run meanwhile.
///
/// # Errors
/// When the storage fails.
pub async fn step(cx: &mut Cx<'_>, id: &ScenarioId, newest: i64, after: After, limit: i64) -> Result<Step> {
    let rows = store::alive_after(cx.tx, cx.account, id, newest, after, limit).await?;
    let mut graphs = Versions::to(cx, id, newest).await?;
    let mut step = Step { after: rows.last().map(|row| (row.started_at, row.id)), ..Step::default() };
    for row in rows {
        match one(cx, row, &mut graphs, newest).await? {
            true => step.moved += 1,
            false => step.stayed += 1,
        }
    }
    Ok(step)
}

async fn one(cx: &mut Cx<'_>, mut row: RunRow, graphs: &mut Versions, newest: i64) -> Result<bool> {
    let from = graphs.of(cx, row.version).await?;
    let run = read(&row.state)?;
    let Ok(moved) = moved(&run, &from, &graphs.to, cx.env.now().0) else { return Ok(false) };
    if let Some((block, visit)) = run.own_spot() {
        let block = from.blocks.get(block as usize).map(|block| block.id.as_str()).unwrap_or_default();
        move_visit(cx, &row, block, i64::from(visit), newest).await?;
    }
    row.version = newest;
    row.state = serde_json::to_string(&moved).map_err(|error| DbError::other(error.to_string()))?;
    row.timer_at = jobs::set_timer(cx, &row, &moved).await?;
    store::save(cx, &row).await?;
    Ok(true)
}

/// The visit a run waits in goes along whole, numbers and all: what it was left through is counted where its entry is, so that the report adds up
/// for each version (rulings 48).
async fn move_visit(cx: &mut Cx<'_>, row: &RunRow, block: &str, visit: i64, newest: i64) -> Result<()> {
    let (incorrect, is_first) = store::move_visit(cx, row, block, visit, newest).await?;
    if row.is_test {
        return Ok(());
    }
    let scenario = row.scenario_id.to_string();
    let mut numbers = BTreeMap::new();
    for (what, n) in [("visits", 1), ("runs", i64::from(is_first)), ("incorrect", incorrect)] {
        if n == 0 {
            continue;
        }
        numbers.insert(super::store::Number::of(row, &scenario, row.version, block, what)?, -n);
        numbers.insert(super::store::Number::of(row, &scenario, newest, block, what)?, n);
    }
    super::store::count(cx, &numbers).await
}

fn read(state: &str) -> Result<Run> {
    Ok(serde_json::from_str(state).map_err(|error| DbError::other(error.to_string()))?)
}

/// Versions of one scenario, compiled.
struct Versions {
    id: ScenarioId,
    to: Arc<Graph>,
    older: HashMap<i64, Arc<Graph>>,
}

impl Versions {
    async fn to(cx: &mut Cx<'_>, id: &ScenarioId, newest: i64) -> Result<Self> {
        let to = shelf::graph(cx, id, newest).await?.ok_or(Refusal::NotFound)?;
        Ok(Self { id: *id, to, older: HashMap::new() })
    }

    async fn of(&mut self, cx: &mut Cx<'_>, version: i64) -> Result<Arc<Graph>> {
        if let Some(graph) = self.older.get(&version) {
            return Ok(graph.clone());
        }
        let graph = shelf::graph(cx, &self.id, version).await?.ok_or(Refusal::NotFound)?;
        self.older.insert(version, graph.clone());
        Ok(graph)
    }
}
