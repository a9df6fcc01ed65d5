//! One event, one step: what a run does when something happens (section 4 of `scenarios.md`).

mod events;

use crate::condition::{Asked, number};
use crate::document::{Button, LaunchKind, SetOp};
use crate::facts::Facts;
use crate::graph::{Graph, Length, Message, Op};
use crate::request::request;
use crate::run::{Caller, End, Run, Spot};
use crate::share::{hash, variant};
use crate::template::Template;
use crate::value::{moment, next_time, value_of};
use std::borrow::Cow;

pub use crate::answer::Answer;
pub use crate::effect::{Effect, Event, Here, Request, What};
pub use crate::request::{SECRET_MARK, pending_external, pending_request};

/// Blocks entered in the whole life of a run, at most (section 4).
const RUN_LIMIT: u32 = 10_000;
/// Calls within calls, at most.
const CALL_DEPTH: usize = 20;
/// A delay inside a cycle lasts so long at least (section 4).
const LEAST_DELAY: i64 = 1000;

/// The versions that a run may need beside its own.
pub trait Graphs {
    /// The newest published version of a scenario.
    fn newest(&self, scenario: &str) -> Option<&Graph>;
    /// The version that was called.
    fn version(&self, scenario: &str, version: u32) -> Option<&Graph>;
}

/// No other scenarios.
impl Graphs for () {
    fn newest(&self, _: &str) -> Option<&Graph> {
        None
    }

    fn version(&self, _: &str, _: u32) -> Option<&Graph> {
        None
    }
}

/// Takes an event: changes the run, writes what the scenario writes into `facts`, tells the effects in order. Answers whether a message was
/// taken; one that was not is for the operators. Timers that are due go before the event (ruling 55).
///
/// The same run, event and facts always give the same effects. An event of a visit that is over changes nothing.
pub fn step<'g>(
    own: &'g Graph,
    graphs: &'g impl Graphs,
    run: &mut Run,
    facts: &mut Facts,
    event: Event<'_>,
    out: &mut Vec<Effect<'g>>,
) -> bool {
    let mut stepper = Stepper { own, graphs, run, facts, now: event.at, entered: 0, out };
    if !matches!(event.what, What::Started(_)) {
        stepper.fire_due();
    }
    if stepper.run.ended.is_some() {
        return false;
    }
    stepper.entered = 0;
    stepper.take(event.what)
}

/// What goes with a text.
#[derive(Default)]
struct With<'g> {
    files: &'g [String],
    buttons: &'g [Button],
    typing: i64,
    again: bool,
}

struct Stepper<'g, 's, G: Graphs> {
    own: &'g Graph,
    graphs: &'g G,
    run: &'s mut Run,
    facts: &'s mut Facts,
    now: i64,
    /// Blocks entered since the event.
    entered: u32,
    out: &'s mut Vec<Effect<'g>>,
}

impl<'g, G: Graphs> Stepper<'g, '_, G> {
    fn take(&mut self, what: What<'_>) -> bool {
        match what {
            What::Started(block) => {
                self.run.expires = self.now.saturating_add(self.own.run_ttl);
                self.enter(block);
                false
            }
            What::Message(answer) => self.message(&answer),
            What::Tick => false,
            What::HttpResult { visit, request, status, body } => {
                self.http_result(visit, request, status, body);
                false
            }
            What::Finished { visit, code } => {
                self.finished(visit, code);
                false
            }
            What::OperatorJoined => {
                self.operator_joined();
                false
            }
            What::OperatorLeft => {
                self.run.paused = false;
                self.fire_due();
                false
            }
            What::NoOperator => {
                if matches!(self.waiting_op(), Some(Op::Transfer { .. })) {
                    self.leave("no_operator");
                }
                false
            }
            What::Undelivered { visit } => {
                // Only while that visit still waits (ruling 50), and never while a person has the conversation.
                if !self.run.paused
                    && self.run.visit() == Some(visit)
                    && matches!(self.waiting_op(), Some(Op::Message(_)))
                {
                    self.leave("undelivered");
                }
                false
            }
            What::Cancelled(reason) => {
                self.end(reason);
                false
            }
        }
    }

    /// Lets go off what is due: the earliest first, each at most once, for new ones count from now.
    fn fire_due(&mut self) {
        while let Some(due) = self.run.next_due().filter(|due| *due <= self.now) {
            self.entered = 0;
            let run = &mut *self.run;
            if !run.paused && run.collect_due == Some(due) {
                run.collect_due = None;
                let text = std::mem::take(&mut run.collected).join("\n");
                self.answer(&Answer { text: &text, ..Answer::default() });
            } else if !run.paused && run.due == Some(due) {
                run.due = None;
                match self.waiting_op() {
                    Some(Op::Delay { .. }) => self.leave("next"),
                    _ => self.leave("timeout"),
                }
            } else {
                self.end(End::Expired);
            }
        }
    }

    /// Enters a block and goes on until something is waited for or the run ended.
    fn enter(&mut self, block: u32) {
        let mut next = Some(block);
        while let Some(block) = next {
            let limit = self.own.step_limit;
            let Some(graph) = self.graph() else { return self.end(End::Done) };
            let Some(written) = graph.blocks.get(block as usize) else { return self.end(End::Done) };
            if self.entered >= limit || self.run.visits >= RUN_LIMIT {
                // The entry that breaks the limit is not counted (ruling 53).
                return self.end(End::Loop);
            }
            self.entered += 1;
            self.run.visits += 1;
            self.run.at = Some(Spot { block, visit: self.run.visits });
            let here = Here { graph, block: written, visit: self.run.visits };
            let is_first = self.is_first(graph, block);
            self.out.push(Effect::Entered { here, is_first });
            next = self.act(here);
        }
    }

    /// Notes that the run has been in a block; of a called scenario the version counts, too.
    fn is_first(&mut self, graph: &Graph, block: u32) -> bool {
        let mark = match self.run.callers.is_empty() {
            true => u64::from(block),
            false => hash(graph.scenario.bytes().chain(graph.version.to_le_bytes())) << 20 | u64::from(block),
        };
        let seen = &mut self.run.seen;
        let is_first = !seen.contains(&mark);
        if is_first {
            seen.push(mark);
        }
        is_first
    }

    /// Does what a block does; answers the block to enter next, `None` when something is waited for or the run ended.
    fn act(&mut self, here: Here<'g>) -> Option<u32> {
        match &here.block.op {
            Op::Message(message) => self.say(here, message),
            Op::Condition(branches) => {
                let (facts, now) = (&*self.facts, self.now);
                let values = |key: &str| value_of(&self.run.vars, facts, now, key);
                let asked = Asked { facts, values, now };
                let at = branches.iter().position(|branch| branch.holds(&asked)).unwrap_or(branches.len());
                self.exit(at)
            }
            Op::Delay { length, .. } => {
                let due = self.due_of(length, here.block.in_cycle);
                match due > self.now {
                    true => {
                        self.run.due = Some(due);
                        None
                    }
                    false => self.exit(0),
                }
            }
            Op::Set { field, value, op } => {
                self.set(here, field, value.as_ref(), *op);
                self.exit(0)
            }
            Op::Tag(tag) => {
                self.out.push(Effect::Tag { here, add: &tag.add, remove: &tag.remove });
                self.facts.tags.retain(|held| !tag.remove.contains(held));
                self.facts.tags.extend(tag.add.iter().cloned());
                self.exit(0)
            }
            Op::Subscribe(mailings) => {
                self.out.push(Effect::Subscribe { here, mailings: *mailings });
                self.exit(0)
            }
            Op::Note(text) => {
                let (text, seq) = (self.expand(text).into_owned(), self.number());
                self.out.push(Effect::Note { here, seq, text });
                self.exit(0)
            }
            Op::Notify { text, emails } => {
                let (text, seq) = (self.expand(text).into_owned(), self.number());
                self.out.push(Effect::Notify { here, seq, text, emails });
                self.exit(0)
            }
            Op::Assign(to) => {
                self.out.push(Effect::Assign { here, to: to.as_deref() });
                self.exit(0)
            }
            Op::Http(http) => {
                let request = Box::new(request(http, self.run, self.facts, self.now));
                self.out.push(Effect::Http { here, request });
                None
            }
            Op::External { url, timeout } => {
                self.run.due = timeout.map(|length| self.now.saturating_add(length));
                self.out.push(Effect::External { here, url });
                None
            }
            Op::Transfer { to, text, note, timeout } => {
                if let Some(text) = text {
                    let text = self.expand(text);
                    self.send(here, text, With::default());
                }
                let note = note.as_ref().map(|note| self.expand(note).into_owned());
                self.out.push(Effect::Transfer { here, to: to.as_deref(), note });
                self.run.due = timeout.map(|length| self.now.saturating_add(length));
                None
            }
            Op::Split(weights) => self.exit(variant(weights, &self.facts.contact, &here.block.id)?),
            Op::Jump => self.exit(0),
            Op::Call(scenario) => self.call(scenario),
            Op::Close(reason) => {
                self.out.push(Effect::Close { here, reason: reason.as_deref() });
                self.end(End::Done);
                None
            }
            // The end of a called scenario is the end of the call.
            Op::End if !self.run.callers.is_empty() => {
                self.out.push(Effect::Stayed { here });
                self.come_back()
            }
            Op::End => {
                self.end(End::Done);
                None
            }
        }
    }

    fn say(&mut self, here: Here<'g>, message: &'g Message) -> Option<u32> {
        let text = self.expand(message.text_for(&self.facts.channel));
        let Message { files, buttons, typing, .. } = message;
        self.send(here, text, With { files, buttons, typing: *typing, again: false });
        let Some(question) = &message.wait else { return self.exit(0) };
        self.run.attempts = 0;
        self.run.due = question.timeout.map(|length| self.now.saturating_add(length));
        None
    }

    fn send(&mut self, here: Here<'g>, text: Cow<'g, str>, with: With<'g>) {
        let seq = self.number();
        let With { files, buttons, typing, again } = with;
        self.out.push(Effect::Send { here, seq, text, files, buttons, typing, again });
    }

    fn number(&mut self) -> u32 {
        self.run.effects += 1;
        self.run.effects
    }

    fn due_of(&self, length: &Length, in_cycle: bool) -> i64 {
        let least = if in_cycle { LEAST_DELAY } else { 0 };
        let due = match length {
            Length::For(length) => self.now.saturating_add(*length),
            Length::Time(minutes) => next_time(self.now, *minutes, self.facts.utc_offset),
            Length::Field(field) => {
                let value = value_of(&self.run.vars, self.facts, self.now, field).unwrap_or_default();
                moment(&value, self.facts.utc_offset).unwrap_or(self.now)
            }
        };
        due.max(self.now.saturating_add(least))
    }

    fn set(&mut self, here: Here<'g>, field: &'g str, value: Option<&'g Template>, op: SetOp) {
        let value = value.map(|value| self.expand(value).into_owned());
        let held = || value_of(&self.run.vars, self.facts, self.now, field).unwrap_or_default();
        match (op, value) {
            (_, None) => self.write(here, field, None, false),
            (SetOp::Set, Some(value)) => self.write(here, field, Some(value), false),
            (SetOp::Append, Some(value)) if field.starts_with("var.") => {
                let whole = held() + &value;
                self.write(here, field, Some(whole), false);
            }
            (SetOp::Append, Some(value)) => self.write(here, field, Some(value), true),
            (SetOp::Add, Some(value)) => {
                let sum = number(&held()).unwrap_or(0.0) + number(&value).unwrap_or(0.0);
                self.write(here, field, Some(sum.to_string()), false);
            }
        }
    }

    fn write(&mut self, here: Here<'g>, field: &'g str, value: Option<String>, append: bool) {
        let Some(name) = field.strip_prefix("var.") else {
            self.facts.write(field, value.as_deref(), append);
            self.out.push(Effect::SetField { here, field, value, append });
            return;
        };
        let vars = &mut self.run.vars;
        vars.retain(|(held, _)| held != name);
        vars.extend(value.map(|value| (name.to_owned(), value)));
    }

    fn call(&mut self, scenario: &'g str) -> Option<u32> {
        let Some(called) = self.graphs.newest(scenario) else { return self.exit(0) };
        let entry = called.entry(LaunchKind::Api, None);
        let (Some(entry), Some(spot)) = (entry, self.run.at) else { return self.exit(0) };
        if self.run.callers.len() >= CALL_DEPTH {
            self.end(End::Loop);
            return None;
        }
        let (scenario, version) = (called.scenario.clone(), called.version);
        self.run.callers.push(Caller { spot, scenario, version });
        self.run.at = None;
        Some(entry)
    }

    /// Leaves the block that waits, by the exit's name, and goes on.
    fn leave(&mut self, exit: &str) {
        let Some(here) = self.here() else { return };
        // A block that waits has the exit it is left through; should it not, the run ends in it.
        let Some(at) = here.block.exits.iter().position(|known| known.name == exit) else {
            return self.end(End::Done);
        };
        if let Some(next) = self.exit(at) {
            self.enter(next);
        }
    }

    /// Leaves the block by the exit with this number; answers the block behind it.
    fn exit(&mut self, at: usize) -> Option<u32> {
        let here = self.here()?;
        let Some(exit) = here.block.exits.get(at) else {
            self.end(End::Done);
            return None;
        };
        self.out.push(Effect::Left { here, exit: &exit.name });
        self.rest();
        self.run.at = None;
        exit.to.or_else(|| self.come_back())
    }

    /// Behind the last block of a called scenario the caller goes on; behind the last of the run's own it ends (ruling 48).
    fn come_back(&mut self) -> Option<u32> {
        self.rest();
        let Some(caller) = self.run.callers.pop() else {
            self.run.at = None;
            self.end(End::Done);
            return None;
        };
        self.run.at = Some(caller.spot);
        self.exit(0)
    }

    /// Nothing of the block that was left goes on.
    fn rest(&mut self) {
        self.run.due = None;
        self.run.collect_due = None;
        self.run.collected.clear();
        self.run.attempts = 0;
    }

    fn end(&mut self, reason: End) {
        if let Some(here) = self.here() {
            self.out.push(Effect::Stayed { here });
        }
        self.run.at = None;
        while let Some(caller) = self.run.callers.pop() {
            self.run.at = Some(caller.spot);
            if let Some(here) = self.here() {
                self.out.push(Effect::Stayed { here });
            }
            self.run.at = None;
        }
        self.rest();
        self.run.ended = Some(reason);
        self.out.push(Effect::Ended { reason });
    }

    fn graph(&self) -> Option<&'g Graph> {
        match self.run.callers.last() {
            None => Some(self.own),
            Some(caller) => self.graphs.version(&caller.scenario, caller.version),
        }
    }

    fn here(&self) -> Option<Here<'g>> {
        let spot = self.run.at?;
        let graph = self.graph()?;
        let block = graph.blocks.get(spot.block as usize)?;
        Some(Here { graph, block, visit: spot.visit })
    }

    fn waiting_op(&self) -> Option<&'g Op> {
        self.here().map(|here| &here.block.op)
    }

    fn expand(&self, template: &'g Template) -> Cow<'g, str> {
        template.expand(&|key: &str| value_of(&self.run.vars, self.facts, self.now, key))
    }
}
