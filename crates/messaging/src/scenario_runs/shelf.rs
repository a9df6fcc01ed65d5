//! Versions of scenarios, ready to run. A version never changes, so one that was compiled once is kept for the whole process.

use super::RunRow;
use super::store;
use crate::{Refusal, Result};
use ::scenario::step::Graphs;
use ::scenario::{Document, Graph, Run};
use model::{Cx, ScenarioId};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Versions kept compiled; with more of them the whole shelf is cleared, which costs one compilation each.
const MOST_KEPT: usize = 512;

type Key = (ScenarioId, i64);

static COMPILED: LazyLock<Mutex<HashMap<Key, Arc<Graph>>>> = LazyLock::new(Mutex::default);

/// What a step of one run may need: its own version, those it has called, and the newest of those it may call.
pub(crate) struct Shelf {
    own: Arc<Graph>,
    called: HashMap<(String, u32), Arc<Graph>>,
    newest: HashMap<String, Arc<Graph>>,
}

impl Shelf {
    /// The run's own version.
    pub fn own(&self) -> &Graph {
        &self.own
    }

    /// Id of the block that the run is in.
    pub fn waits_at(&self, run: &Run) -> Option<String> {
        let block = self.current(run)?.blocks.get(run.block()? as usize)?;
        Some(block.id.clone())
    }

    /// The version that the run is in now.
    fn current(&self, run: &Run) -> Option<&Graph> {
        match run.called() {
            Some((scenario, version)) => self.version(scenario, version),
            None => Some(&self.own),
        }
    }
}

impl Graphs for Shelf {
    fn newest(&self, scenario: &str) -> Option<&Graph> {
        self.newest.get(scenario).map(AsRef::as_ref)
    }

    fn version(&self, scenario: &str, version: u32) -> Option<&Graph> {
        self.called.get(&(scenario.to_owned(), version)).map(AsRef::as_ref)
    }
}

/// Everything that a step of the run may need; words when its own version cannot be run.
pub(super) async fn open(cx: &mut Cx<'_>, row: &RunRow, run: &Run) -> Result<std::result::Result<Shelf, String>> {
    let own = match graph(cx, &row.scenario_id, row.version).await {
        Ok(Some(own)) => own,
        Ok(None) => return Ok(Err("its version is gone".to_owned())),
        Err(Refusal::Conflict { detail, .. }) => return Ok(Err(detail)),
        Err(refusal) => return Err(refusal),
    };
    let mut shelf = Shelf { own: own.clone(), called: HashMap::new(), newest: HashMap::new() };
    let mut open = vec![own];
    let pinned: Vec<(String, u32)> = run.pinned().map(|(scenario, version)| (scenario.to_owned(), version)).collect();
    for (scenario, version) in pinned {
        let Ok(id) = scenario.parse() else { continue };
        if let Some(graph) = readable(cx, &id, i64::from(version)).await? {
            shelf.called.insert((scenario, version), graph.clone());
            open.push(graph);
        }
    }
    while let Some(from) = open.pop() {
        for scenario in from.calls() {
            let Ok(id) = scenario.parse::<ScenarioId>() else { continue };
            if shelf.newest.contains_key(scenario) {
                continue;
            }
            let Some(version) = store::newest_version(cx, &id, &row.project_id).await? else { continue };
            let Some(graph) = readable(cx, &id, version).await? else { continue };
            shelf.newest.insert(scenario.to_owned(), graph.clone());
            shelf.called.insert((graph.scenario.clone(), graph.version), graph.clone());
            open.push(graph);
        }
    }
    Ok(Ok(shelf))
}

/// A called version; one that cannot be run is as if it were not there: the call returns at once.
async fn readable(cx: &mut Cx<'_>, scenario: &ScenarioId, version: i64) -> Result<Option<Arc<Graph>>> {
    match graph(cx, scenario, version).await {
        Err(Refusal::Conflict { .. }) => Ok(None),
        other => other,
    }
}

/// A version, compiled; `None` when there is none.
///
/// # Errors
/// `cannot_run` when it is nothing that this program can run (a draft that is tried may be so); when the storage fails.
pub async fn graph(cx: &mut Cx<'_>, scenario: &ScenarioId, version: i64) -> Result<Option<Arc<Graph>>> {
    let key = (*scenario, version);
    if let Some(graph) = kept().get(&key) {
        return Ok(Some(graph.clone()));
    }
    let Some(text) = store::document(cx.tx, cx.account, scenario, version).await? else { return Ok(None) };
    let broken =
        |why: String| Refusal::Conflict { code: "cannot_run", detail: format!("the scenario cannot be run: {why}") };
    let mut document: Document = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
    document.id = Some(scenario.to_string());
    document.version = Some(u32::try_from(version.unsigned_abs()).unwrap_or(u32::MAX));
    let graph = Graph::compile(&document).map_err(|faults| {
        broken(faults.into_iter().map(|(block, why)| format!("{block}: {why}")).collect::<Vec<_>>().join("; "))
    })?;
    let graph = Arc::new(graph);
    let mut kept = kept();
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(key, graph.clone());
    Ok(Some(graph))
}

fn kept() -> std::sync::MutexGuard<'static, HashMap<Key, Arc<Graph>>> {
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner)
}
