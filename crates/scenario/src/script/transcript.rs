//! What happened while a script ran, as it is printed.

use crate::report::Report;
use crate::run::End;
use crate::step::{Effect, Here};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What happened in each step, and the report at the end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Transcript {
    /// By step.
    pub steps: Vec<Outcome>,
    /// By scenario.
    pub report: BTreeMap<String, Report>,
}

/// What happened in a step.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Messages to clients.
    pub sent: Vec<Sent>,
    /// What else was to be done.
    pub effects: Vec<Done>,
    /// Whether the message was taken; null for what is no message.
    pub consumed: Option<bool>,
    /// The block at which each client's run waits.
    pub waiting_at: BTreeMap<String, Option<String>>,
    /// Fields of each client.
    pub fields: BTreeMap<String, BTreeMap<String, Value>>,
    /// How each client's last run ended; null while it is alive or when there was none.
    pub ended: BTreeMap<String, Option<End>>,
    /// Runs alive.
    pub active_runs: usize,
    /// Blocks left, in order, with the exit; without one the run waits or ended there.
    pub trace: Vec<Traced>,
    /// Variables of each client's run.
    pub vars: BTreeMap<String, BTreeMap<String, String>>,
    /// Seconds since the beginning at which something happens by itself.
    pub next_due: Option<f64>,
}

/// A message to a client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sent {
    /// The contact.
    pub to: String,
    /// The block that says it.
    pub block: String,
    /// The text.
    pub text: String,
    /// Buttons under it.
    pub buttons: Vec<Value>,
    /// Ids of its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// Something else that was to be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Done {
    /// `http`, `transfer`, `tag`, `subscribe`, `note`, `notify`, `assign`, `external` or `close`.
    pub kind: &'static str,
    /// The block.
    pub block: String,
    /// The contact.
    pub contact: String,
    /// The name of an http request.
    pub request: Option<String>,
    /// Its text, address or words.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// A line of the trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Traced {
    /// The scenario.
    pub scenario: String,
    /// The block.
    pub block: String,
    /// The exit through which it was left.
    pub exit: Option<String>,
    /// Whether an answer was wrong.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub incorrect: bool,
}

impl Outcome {
    pub(super) fn note(&mut self, contact: &str, effect: &Effect<'_>) {
        let done = |kind, block: &str, data| Done {
            kind,
            block: block.to_owned(),
            contact: contact.to_owned(),
            request: None,
            data,
        };
        let traced = |here: &Here<'_>, exit: Option<&str>, incorrect| Traced {
            scenario: here.graph.scenario.clone(),
            block: here.block.id.clone(),
            exit: exit.map(str::to_owned),
            incorrect,
        };
        match effect {
            Effect::Send { here, text, files, buttons, .. } => self.sent.push(Sent {
                to: contact.to_owned(),
                block: here.block.id.clone(),
                text: text.clone().into_owned(),
                buttons: buttons.iter().map(|button| json!({"id": button.id, "label": button.label, "kind": button.kind, "url": button.url})).collect(),
                files: files.to_vec(),
            }),
            Effect::Entered { here, .. } => self.trace.push(traced(here, None, false)),
            Effect::Incorrect { here } => self.trace.push(traced(here, None, true)),
            Effect::Left { here, exit } => self.trace.push(traced(here, Some(exit), false)),
            Effect::Http { here, request } => {
                let data = json!({"method": request.method, "url": request.url, "body": request.body.as_ref().map(|body| &body.0)});
                let name = Some(request.name.to_owned());
                self.effects.push(Done { request: name, ..done("http", &here.block.id, data) });
            }
            Effect::External { here, url } => self.effects.push(done("external", &here.block.id, json!(url))),
            Effect::Transfer { here, to, note } => {
                self.effects.push(done("transfer", &here.block.id, json!({"to": to, "note": note})));
            }
            Effect::Tag { here, add, remove } => {
                self.effects.push(done("tag", &here.block.id, json!({"add": add, "remove": remove})));
            }
            Effect::Subscribe { here, mailings } => {
                self.effects.push(done("subscribe", &here.block.id, json!(mailings)));
            }
            Effect::Note { here, text, .. } => self.effects.push(done("note", &here.block.id, json!(text))),
            Effect::Notify { here, text, .. } => self.effects.push(done("notify", &here.block.id, json!(text))),
            Effect::Assign { here, to } => self.effects.push(done("assign", &here.block.id, json!(to))),
            Effect::Close { here, reason } => self.effects.push(done("close", &here.block.id, json!(reason))),
            Effect::SetField { .. } | Effect::Answered { .. } | Effect::Stayed { .. } | Effect::Ended { .. } => {}
        }
    }
}
