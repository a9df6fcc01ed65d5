//! Scripts: a user's own tests of a bot, in virtual time (section 10 of `scenarios.md`). The same [`step`] as in the server.

use crate::document::{Document, LaunchKind};
use crate::facts::Facts;
use crate::graph::Graph;
use crate::launch;
use crate::report::{Counters, Report, places};
use crate::run::{End, Run};
use crate::step::{Answer, Effect, Event as Happened, Graphs, What, step};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

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
}

/// Something else that was to be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Done {
    /// `http`, `transfer`, `tag`, `note`, `notify`, `assign`, `external` or `close`.
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

/// Everything that is alive while a script runs.
struct World {
    /// Every version, oldest first.
    versions: BTreeMap<String, Vec<Arc<Graph>>>,
    /// The documents as they were given, for reading runs back.
    contacts: BTreeMap<String, Contact>,
    counters: Counters,
    channel: String,
    operators_online: bool,
    now: i64,
    runs: u64,
}

#[derive(Default)]
struct Contact {
    fields: Vec<(String, Vec<String>)>,
    tags: Vec<String>,
    seen: HashSet<String>,
    wrote: bool,
    run: Option<Alive>,
    ended: Option<End>,
}

struct Alive {
    number: u64,
    own: Arc<Graph>,
    run: Run,
}

/// The versions of a script, lent to steps.
struct Shelf<'w>(&'w BTreeMap<String, Vec<Arc<Graph>>>);

impl Graphs for Shelf<'_> {
    fn newest(&self, scenario: &str) -> Option<&Graph> {
        self.0.get(scenario)?.last().map(AsRef::as_ref)
    }

    fn version(&self, scenario: &str, version: u32) -> Option<&Graph> {
        self.0.get(scenario)?.iter().find(|graph| graph.version == version).map(AsRef::as_ref)
    }
}

impl World {
    fn new(script: &Script) -> Result<Self, Fault> {
        let mut world = Self {
            versions: BTreeMap::new(),
            contacts: BTreeMap::new(),
            counters: Counters::default(),
            channel: script.channel.clone().unwrap_or_else(|| "site".to_owned()),
            operators_online: script.operators_online.unwrap_or(true),
            now: 0,
            runs: 0,
        };
        for (id, document) in &script.scenarios {
            world.publish(id, document)?;
        }
        world.contacts.insert("c1".to_owned(), Contact::default());
        for (id, fields) in &script.contacts {
            let fields = fields.iter().map(|(key, value)| (key.clone(), texts(value))).collect();
            world.contacts.insert(id.clone(), Contact { fields, ..Contact::default() });
        }
        Ok(world)
    }

    fn publish(&mut self, id: &str, document: &Value) -> Result<(), Fault> {
        let fault = |why: String| Fault::Scenario { scenario: id.to_owned(), why };
        let mut document: Document = serde_path_to_error::deserialize(document)
            .map_err(|error| fault(format!("at `{}`: {}", error.path(), error.inner())))?;
        let versions = self.versions.entry(id.to_owned()).or_default();
        // Numbers of our own: two documents of a script may carry the same.
        document.version = Some(versions.last().map_or(1, |newest| newest.version + 1));
        document.id = Some(id.to_owned());
        let graph = Graph::compile(&document).map_err(|faults| {
            fault(
                faults.into_iter().map(|(block, why)| format!("block `{block}`: {why}")).collect::<Vec<_>>().join("; "),
            )
        })?;
        versions.push(Arc::new(graph));
        Ok(())
    }

    fn happen(&mut self, event: &ScriptEvent) -> Result<Outcome, Fault> {
        let mut outcome = Outcome::default();
        let contact = event.contact.clone().unwrap_or_else(|| "c1".to_owned());
        self.contacts.entry(contact.clone()).or_default();
        match event.kind.as_str() {
            "start" => self.start(event, &contact, &mut outcome)?,
            "message" => outcome.consumed = Some(self.message(event, &contact, &mut outcome)),
            "tick" => {
                let to = event.to.ok_or_else(|| Fault::Shape("a tick says `to` which second".to_owned()))?;
                self.tick((to * 1000.0) as i64, &mut outcome);
            }
            "publish" => {
                let id = event.scenario.as_deref().unwrap_or("main").to_owned();
                let document =
                    event.document.as_ref().ok_or_else(|| Fault::Shape("publish needs a document".to_owned()))?;
                self.publish(&id, document)?;
            }
            "http_result" => {
                let status = event.status.as_ref().and_then(Value::as_u64).unwrap_or(200);
                let body = event.body.clone().unwrap_or_default();
                // A body may be given as the text that the server would send.
                let body = body.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(body);
                let what = What::HttpResult {
                    visit: None,
                    request: event.request.as_deref(),
                    status: u16::try_from(status).unwrap_or(0),
                    body: &body,
                };
                self.step(&contact, what, &mut outcome);
            }
            "finished" => {
                let visit = self.contacts[&contact].run.as_ref().and_then(|alive| alive.run.visit()).unwrap_or(0);
                let code = event.code.clone().unwrap_or_default();
                self.step(&contact, What::Finished { visit, code: &code }, &mut outcome);
            }
            "operator_joined" => {
                self.step(&contact, What::OperatorJoined, &mut outcome);
            }
            "operator_left" => {
                self.step(&contact, What::OperatorLeft, &mut outcome);
            }
            "no_operator" => {
                self.step(&contact, What::NoOperator, &mut outcome);
            }
            "status" => self.status(event, &contact, &mut outcome)?,
            "contact_removed" => {
                self.step(&contact, What::Cancelled(End::ContactRemoved), &mut outcome);
            }
            "restart" => self.restart()?,
            other => return Err(Fault::Shape(format!("there is no event `{other}`"))),
        }
        self.look(&mut outcome);
        Ok(outcome)
    }

    fn start(&mut self, event: &ScriptEvent, contact: &str, outcome: &mut Outcome) -> Result<(), Fault> {
        let id = event.scenario.as_deref().unwrap_or("main");
        let trigger = event.trigger.as_deref().unwrap_or("menu");
        let kind: LaunchKind = serde_json::from_value(json!(trigger))
            .map_err(|_| Fault::Shape(format!("there is no trigger `{trigger}`")))?;
        if !self.versions.contains_key(id) {
            return Err(Fault::Shape(format!("there is no scenario `{id}`")));
        }
        self.launch(id, kind, event.reference.as_deref(), contact, outcome);
        Ok(())
    }

    fn launch(&mut self, id: &str, kind: LaunchKind, of: Option<&str>, contact: &str, outcome: &mut Outcome) {
        let is_busy = self.contacts[contact].run.is_some();
        if is_busy && !launch::replaces(kind) {
            return;
        }
        if is_busy {
            self.step(contact, What::Cancelled(End::Replaced), outcome);
        }
        let Some(own) = self.versions.get(id).and_then(|versions| versions.last()).cloned() else { return };
        let Some(entry) = own.entry(kind, of) else { return };
        self.runs += 1;
        if let Some(contact) = self.contacts.get_mut(contact) {
            contact.run = Some(Alive { number: self.runs, own, run: Run::default() });
            contact.ended = None;
        }
        self.step(contact, What::Started(entry), outcome);
    }

    fn message(&mut self, event: &ScriptEvent, contact: &str, outcome: &mut Outcome) -> bool {
        let Some(holder) = self.contacts.get_mut(contact) else { return false };
        if event.id.as_ref().is_some_and(|id| !holder.seen.insert(id.clone())) {
            // A repeat answers nothing again (section 8).
            return false;
        }
        let is_first = !std::mem::replace(&mut holder.wrote, true);
        let text = event.text.as_deref().unwrap_or_default();
        if let Some(id) = self.keyword(text).filter(|_| event.button.is_none()) {
            self.launch(&id, LaunchKind::Keyword, None, contact, outcome);
            return true;
        }
        let form = event.form.as_deref();
        let files: Vec<String> = match form {
            Some("image" | "file" | "video" | "audio" | "voice") => vec![form.unwrap_or_default().to_owned()],
            _ => Vec::new(),
        };
        let answer = Answer {
            text,
            button: event.button.as_deref(),
            of: event.of.as_deref(),
            visit: None,
            files: &files,
            phone: event.phone.as_deref().filter(|_| form == Some("contact") || event.text.is_none()),
        };
        if self.step(contact, What::Message(answer), outcome) {
            return true;
        }
        let first = || self.versions.iter().find(|(_, versions)| has_launch(versions, LaunchKind::FirstMessage));
        let first = first().map(|(id, _)| id.clone()).filter(|_| is_first && self.contacts[contact].run.is_none());
        let Some(id) = first else { return false };
        self.launch(&id, LaunchKind::FirstMessage, None, contact, outcome);
        true
    }

    fn keyword(&self, text: &str) -> Option<String> {
        let found = self.versions.iter().find(|(_, versions)| {
            versions.last().is_some_and(|newest| launch::by_keyword(&newest.launch, text).is_some())
        });
        found.map(|(id, _)| id.clone())
    }

    /// Time passes: what is due happens at its moment, the earliest first, whoever's it is.
    fn tick(&mut self, to: i64, outcome: &mut Outcome) {
        loop {
            let due = self.contacts.iter().filter_map(|(id, contact)| {
                let due = contact.run.as_ref()?.run.next_due()?;
                (due <= to).then(|| (due, id.clone()))
            });
            let Some((due, contact)) = due.min() else { break };
            self.now = self.now.max(due);
            self.step(&contact, What::Tick, outcome);
        }
        self.now = self.now.max(to);
    }

    fn status(&mut self, event: &ScriptEvent, contact: &str, outcome: &mut Outcome) -> Result<(), Fault> {
        let status = event.status.as_ref().and_then(Value::as_str).unwrap_or_default();
        if !["sent", "delivered", "read", "failed"].contains(&status) {
            return Err(Fault::Shape(format!("there is no status `{status}`")));
        }
        let block = event.block.as_deref().unwrap_or_default();
        let alive = self.contacts[contact].run.as_ref();
        let scenario = event.scenario.clone().or_else(|| alive.map(|alive| alive.own.scenario.clone()));
        let scenario = scenario.unwrap_or_else(|| self.owner_of(block));
        self.counters.status(&scenario, block, contact, status);
        let visit =
            alive.filter(|alive| alive.run.block() == alive.own.block(block)).and_then(|alive| alive.run.visit());
        if let Some(visit) = visit.filter(|_| status == "failed") {
            self.step(contact, What::Undelivered { visit }, outcome);
        }
        Ok(())
    }

    fn owner_of(&self, block: &str) -> String {
        let has_block = |versions: &Vec<Arc<Graph>>| versions.iter().any(|graph| graph.block(block).is_some());
        self.versions.iter().find(|(_, versions)| has_block(versions)).map(|(id, _)| id.clone()).unwrap_or_default()
    }

    /// What is stored is read back, as after a start of the server.
    fn restart(&mut self) -> Result<(), Fault> {
        for contact in self.contacts.values_mut() {
            let Some(alive) = &mut contact.run else { continue };
            let stored = serde_json::to_string(&alive.run).map_err(|error| Fault::Shape(error.to_string()))?;
            alive.run = serde_json::from_str(&stored).map_err(|error| Fault::Shape(error.to_string()))?;
        }
        Ok(())
    }

    fn step(&mut self, contact: &str, what: What<'_>, outcome: &mut Outcome) -> bool {
        let Some(holder) = self.contacts.get_mut(contact) else { return false };
        let Some(alive) = &mut holder.run else { return false };
        let shelf = Shelf(&self.versions);
        let own = Arc::clone(&alive.own);
        let mut facts = Facts {
            contact: contact.to_owned(),
            fields: std::mem::take(&mut holder.fields),
            tags: std::mem::take(&mut holder.tags),
            channel: self.channel.clone(),
            has_buttons: self.channel != "sms",
            operators_online: self.operators_online,
            is_new: !holder.wrote,
            ..Facts::default()
        };
        let mut effects = Vec::new();
        let event = Happened { at: self.now, what };
        let taken = step(&own, &shelf, &mut alive.run, &mut facts, event, &mut effects);
        for effect in &effects {
            self.counters.take(alive.number, contact, effect);
            outcome.note(contact, effect);
        }
        holder.fields = facts.fields;
        holder.tags = facts.tags;
        if let Some(reason) = alive.run.ended() {
            holder.ended = Some(reason);
            holder.run = None;
        }
        taken
    }

    fn look(&self, outcome: &mut Outcome) {
        let shelf = Shelf(&self.versions);
        for (id, contact) in &self.contacts {
            let alive = contact.run.as_ref();
            let version = |scenario: &str, version: u32| shelf.version(scenario, version);
            let at = alive
                .and_then(|alive| places(&alive.run, &alive.own, version).last().map(|(_, block)| (*block).to_owned()));
            outcome.waiting_at.insert(id.clone(), at);
            let fields = contact.fields.iter().filter(|(_, values)| !values.is_empty());
            let fields = fields.map(|(key, values)| match values.as_slice() {
                [one] => (key.clone(), json!(one)),
                many => (key.clone(), json!(many)),
            });
            outcome.fields.insert(id.clone(), fields.collect());
            outcome.ended.insert(id.clone(), contact.ended);
            let vars = alive.map(|alive| alive.run.vars().iter().cloned().collect()).unwrap_or_default();
            outcome.vars.insert(id.clone(), vars);
        }
        let alive = || self.contacts.values().filter_map(|contact| contact.run.as_ref());
        outcome.active_runs = alive().count();
        outcome.next_due = alive().filter_map(|alive| alive.run.next_due()).min().map(|due| due as f64 / 1000.0);
    }

    fn report(&self) -> BTreeMap<String, Report> {
        let shelf = Shelf(&self.versions);
        let mut waiting: BTreeMap<(String, String), u64> = BTreeMap::new();
        for alive in self.contacts.values().filter_map(|contact| contact.run.as_ref()) {
            for (scenario, block) in
                places(&alive.run, &alive.own, |scenario, version| shelf.version(scenario, version))
            {
                *waiting.entry((scenario.to_owned(), block.to_owned())).or_default() += 1;
            }
        }
        let reports = self.versions.iter().map(|(id, versions)| {
            let blocks = versions.last().into_iter().flat_map(|newest| &newest.blocks).map(|block| block.id.as_str());
            let waits = |block: &str| waiting.get(&(id.clone(), block.to_owned())).copied().unwrap_or(0);
            (id.clone(), self.counters.report(id, blocks, waits))
        });
        reports.collect()
    }
}

impl Outcome {
    fn note(&mut self, contact: &str, effect: &Effect<'_>) {
        let done = |kind, block: &str, data| Done {
            kind,
            block: block.to_owned(),
            contact: contact.to_owned(),
            request: None,
            data,
        };
        let traced = |here: &crate::step::Here<'_>, exit: Option<&str>, incorrect| Traced {
            scenario: here.graph.scenario.clone(),
            block: here.block.id.clone(),
            exit: exit.map(str::to_owned),
            incorrect,
        };
        match effect {
            Effect::Send { here, text, buttons, .. } => self.sent.push(Sent {
                to: contact.to_owned(),
                block: here.block.id.clone(),
                text: text.clone().into_owned(),
                buttons: buttons.iter().map(|button| json!({"id": button.id, "label": button.label, "kind": button.kind, "url": button.url})).collect(),
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
            Effect::Note { here, text, .. } => self.effects.push(done("note", &here.block.id, json!(text))),
            Effect::Notify { here, text, .. } => self.effects.push(done("notify", &here.block.id, json!(text))),
            Effect::Assign { here, to } => self.effects.push(done("assign", &here.block.id, json!(to))),
            Effect::Close { here, reason } => self.effects.push(done("close", &here.block.id, json!(reason))),
            Effect::SetField { .. } | Effect::Answered { .. } | Effect::Stayed { .. } | Effect::Ended { .. } => {}
        }
    }
}

fn has_launch(versions: &[Arc<Graph>], kind: LaunchKind) -> bool {
    versions.last().is_some_and(|newest| newest.launch.iter().any(|launch| launch.kind == kind))
}

/// A value or a list of values, as texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(crate::graph::plain).collect(),
        other => crate::graph::plain(other).into_iter().collect(),
    }
}
