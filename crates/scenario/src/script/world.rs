//! Clients, versions and runs while a script runs, and the clock that it moves.

use super::transcript::Outcome;
use super::{Fault, Script, ScriptEvent};
use crate::document::{Document, LaunchKind};
use crate::facts::Facts;
use crate::graph::Graph;
use crate::launch;
use crate::report::{Counters, Report, places};
use crate::run::{End, Run};
use crate::step::{Answer, Event as Happened, Graphs, What, step};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Everything that is alive while a script runs.
pub(super) struct World {
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
    pub(super) fn new(script: &Script) -> Result<Self, Fault> {
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

    pub(super) fn happen(&mut self, event: &ScriptEvent) -> Result<Outcome, Fault> {
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

    pub(super) fn report(&self) -> BTreeMap<String, Report> {
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
