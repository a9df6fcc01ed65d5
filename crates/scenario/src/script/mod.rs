//! Scripts: a user's own tests of a bot, in virtual time (section 10 of `scenarios.md`). The same [`step`] as in the server.

mod transcript;
mod world;

pub use transcript::{Done, Outcome, Sent, Traced, Transcript};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use world::World;

/// A script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Documents by their ids.
    pub scenarios: BTreeMap<String, Value>,
    /// Values of fields by contact.
    #[serde(default)]
    pub contacts: BTreeMap<String, Map<String, Value>>,
    /// What the client's channel is; `site` unless told.
    #[serde(default)]
    pub channel: Option<String>,
    /// Whether an operator is on line; so unless told.
    #[serde(default)]
    pub operators_online: Option<bool>,
    /// What happens.
    pub steps: Vec<ScriptStep>,
    /// What the report must hold.
    #[serde(default)]
    pub report: Option<Value>,
}

/// Something that happens, and what is expected of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptStep {
    /// What happens.
    pub event: ScriptEvent,
    /// Keys of the outcome that must be so.
    #[serde(default)]
    pub expect: Option<Map<String, Value>>,
}

/// An event of a script.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScriptEvent {
    /// What happens: `start`, `message`, `tick`...
    #[serde(rename = "type")]
    kind: String,
    contact: Option<String>,
    scenario: Option<String>,
    trigger: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    id: Option<String>,
    text: Option<String>,
    button: Option<String>,
    of: Option<String>,
    #[serde(rename = "kind")]
    form: Option<String>,
    phone: Option<String>,
    to: Option<f64>,
    document: Option<Value>,
    request: Option<String>,
    status: Option<Value>,
    body: Option<Value>,
    block: Option<String>,
    code: Option<String>,
}

/// Why a script cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is not of the shape of scripts.
    #[error("the script cannot be read: {0}")]
    Shape(String),
    /// A document in it cannot run.
    #[error("the scenario `{scenario}` cannot be run: {why}")]
    Scenario {
        /// Its id.
        scenario: String,
        /// Words.
        why: String,
    },
    /// A step of it makes no sense.
    #[error("step {number}: {why}")]
    Step {
        /// Counted from 1.
        number: usize,
        /// Words.
        why: String,
    },
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Words for its writer, with the place.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| Fault::Shape(format!("at `{}`: {}", error.path(), error.inner())))
    }

    /// Runs it from the beginning.
    ///
    /// # Errors
    /// When a document or a step of it cannot be run.
    pub fn run(&self) -> Result<Transcript, Fault> {
        let mut world = World::new(self)?;
        let mut steps = Vec::with_capacity(self.steps.len());
        for (at, step) in self.steps.iter().enumerate() {
            let outcome = world.happen(&step.event).map_err(|fault| match fault {
                Fault::Shape(why) => Fault::Step { number: at + 1, why },
                other => other,
            })?;
            steps.push(outcome);
        }
        Ok(Transcript { steps, report: world.report() })
    }

    /// Runs it and compares with what it expects; answers the differences in words, none when all is so.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn test(&self) -> Result<Vec<String>, Fault> {
        let transcript = self.run()?;
        let mut differences = Vec::new();
        for (at, (step, outcome)) in self.steps.iter().zip(&transcript.steps).enumerate() {
            let Some(expected) = &step.expect else { continue };
            let outcome = json!(outcome);
            for (key, wanted) in expected {
                differ(&format!("step {}: {key}", at + 1), wanted, &outcome[key], &mut differences);
            }
        }
        if let Some(wanted) = &self.report {
            differ("report", wanted, &json!(transcript.report), &mut differences);
        }
        Ok(differences)
    }
}

/// Objects are compared by the keys that are expected, everything else whole.
fn differ(place: &str, wanted: &Value, got: &Value, differences: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, wanted) in wanted {
                differ(&format!("{place}.{key}"), wanted, got.get(key).unwrap_or(&Value::Null), differences);
            }
        }
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => {
            for (at, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                differ(&format!("{place}[{at}]"), wanted, got, differences);
            }
        }
        _ if wanted == got => {}
        _ => differences.push(format!("{place}\n  expected {wanted}\n  got      {got}")),
    }
}
