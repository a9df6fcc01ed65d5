//! A try of a draft in the editor: a script in virtual time (section 10 of `scenarios.md`). Nothing is stored and nobody is written to.

use crate::store;
use model::{Cx, ProjectId, Refusal, Result, ScenarioId};
use scenario::script::{Fault, Script};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Events of a try at most.
const MOST_STEPS: usize = 500;

/// What is to be tried.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SimulateScenario)]
pub(crate) struct Simulation {
    /// The document, saved or not.
    #[schema(value_type = Object)]
    pub document: Value,
    /// What happens: `[{"event": {"type": "start"}}, ...]`.
    #[schema(value_type = Vec<Object>)]
    pub steps: Vec<Value>,
    /// Fields of the client who tries.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
    /// Kind of the channel; the site unless told.
    #[serde(default)]
    pub channel: Option<String>,
    /// Whether an operator is on line; so unless told.
    #[serde(default)]
    pub operators_online: Option<bool>,
}

/// Plays it from the beginning.
///
/// # Errors
/// At `document` or `steps` when they cannot be played.
pub(crate) async fn run(cx: &mut Cx<'_>, project: &ProjectId, simulation: Simulation) -> Result<Value> {
    let Simulation { document, steps, fields, channel, operators_online } = simulation;
    if steps.len() > MOST_STEPS {
        return Err(Refusal::invalid("steps", "too_many", format!("at most {MOST_STEPS} events")));
    }
    let mut scenarios = Map::new();
    let mut open = calls_of(&document);
    while let Some(called) = open.pop() {
        let Ok(id) = called.parse::<ScenarioId>() else { continue };
        if scenarios.contains_key(&called) {
            continue;
        }
        let Some(published) = store::newest(cx.tx, cx.account, project, &id).await? else { continue };
        open.extend(calls_of(&published));
        scenarios.insert(called, published);
    }
    scenarios.insert("main".to_owned(), document);
    let script = json!({
        "scenarios": scenarios, "contacts": { "c1": fields }, "steps": steps, "channel": channel,
        "operators_online": operators_online,
    });
    let transcript = Script::parse(&script.to_string()).and_then(|script| script.run()).map_err(refused)?;
    serde_json::to_value(transcript).map_err(|error| Refusal::invalid("document", "unreadable", error.to_string()))
}

fn refused(fault: Fault) -> Refusal {
    match fault {
        Fault::Scenario { .. } => Refusal::invalid("document", "cannot_run", fault.to_string()),
        Fault::Shape(_) | Fault::Step { .. } => Refusal::invalid("steps", "unreadable", fault.to_string()),
    }
}

fn calls_of(document: &Value) -> Vec<String> {
    let blocks = document["blocks"].as_array().into_iter().flatten();
    let calls = blocks.filter(|block| block["type"] == "call");
    calls.filter_map(|block| block["settings"]["scenario"].as_str().map(str::to_owned)).collect()
}
