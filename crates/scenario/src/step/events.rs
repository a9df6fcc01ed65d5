//! What a run does about each kind of event.

use super::{Answer, Effect, Graphs, Here, Stepper, With};
use crate::answer::{Judged, judge};
use crate::document::{OnIncorrect, OnOperator};
use crate::graph::{Message, Op, Question};
use crate::run::End;
use crate::spread::value_at;

impl<'g, G: Graphs> Stepper<'g, '_, G> {
    pub(super) fn message(&mut self, answer: &Answer<'_>) -> bool {
        self.run.expires = self.now.saturating_add(self.own.run_ttl);
        if self.run.paused {
            return false;
        }
        match self.waiting_op() {
            Some(Op::Message(message)) => {
                let Some(question) = &message.wait else { return false };
                if self.is_of_another_block(answer, message) {
                    return false;
                }
                match question.collect {
                    Some(window) if answer.button.is_none() && answer.phone.is_none() && answer.files.is_empty() => {
                        self.run.collected.push(answer.text.to_owned());
                        self.run.collect_due.get_or_insert(self.now.saturating_add(window));
                    }
                    _ => self.answer(answer),
                }
                true
            }
            Some(Op::Delay { cancel_on_reply: true, .. }) => {
                self.leave("replied");
                true
            }
            _ => false,
        }
    }

    /// A button of an older message never answers the question of now.
    fn is_of_another_block(&self, answer: &Answer<'_>, message: &Message) -> bool {
        let Some(button) = answer.button else { return false };
        let spot = self.run.at;
        let is_here = answer.of.is_none_or(|of| self.here().is_some_and(|here| here.block.id == of));
        let is_now = answer.visit.is_none_or(|visit| spot.is_some_and(|spot| spot.visit == visit));
        !is_here || !is_now || !message.buttons.iter().any(|known| known.id == button)
    }

    pub(super) fn answer(&mut self, answer: &Answer<'_>) {
        let Some(here) = self.here() else { return };
        let Op::Message(message) = &here.block.op else { return };
        let Some(question) = &message.wait else { return };
        match judge(question, &message.buttons, answer, self.facts) {
            Judged::Button(at) => {
                let button = &message.buttons[at];
                let value = answer.phone.map_or_else(|| button.label.clone(), str::to_owned);
                self.save(here, question, Some(value));
                let exit = here
                    .block
                    .exits
                    .iter()
                    .find(|exit| exit.name.strip_prefix("button:").is_some_and(|id| id == button.id));
                self.leave(exit.map_or("correct", |exit| exit.name.as_str()));
            }
            Judged::Right(value) => {
                self.save(here, question, value);
                self.leave("correct");
            }
            Judged::Wrong => self.wrong(here, question, message, answer),
        }
    }

    fn save(&mut self, here: Here<'g>, question: &'g Question, value: Option<String>) {
        self.out.push(Effect::Answered { here, value: value.clone().unwrap_or_default() });
        if let (Some(field), Some(value)) = (&question.save_to, value) {
            self.write(here, field, Some(value), false);
        }
    }

    fn wrong(&mut self, here: Here<'g>, question: &'g Question, message: &'g Message, answer: &Answer<'_>) {
        self.out.push(Effect::Incorrect { here });
        self.run.attempts += 1;
        if question.on_incorrect == OnIncorrect::Exit || self.run.attempts >= question.max_attempts {
            self.out.push(Effect::Answered { here, value: answer.text.trim().to_owned() });
            return self.leave("incorrect");
        }
        let text = question.error_text.as_ref().unwrap_or_else(|| message.text_for(&self.facts.channel));
        let text = self.expand(text);
        // The buttons go again with the error text: in a messenger the first ones are out of sight by now.
        self.send(here, text, With { buttons: &message.buttons, again: true, ..With::default() });
    }

    pub(super) fn operator_joined(&mut self) {
        let holds = matches!(self.waiting_op(), Some(Op::Transfer { .. }));
        match self.own.on_operator {
            OnOperator::Pause if !holds => self.run.paused = true,
            _ => self.end(End::Operator),
        }
    }

    pub(super) fn http_result(
        &mut self,
        visit: Option<u32>,
        request: Option<&str>,
        status: u16,
        body: &serde_json::Value,
    ) {
        let Some(here) = self.here() else { return };
        let Op::Http(http) = &here.block.op else { return };
        let is_ours = visit.is_none_or(|visit| visit == here.visit) && request.is_none_or(|name| name == http.request);
        if !is_ours {
            return;
        }
        if !(200..300).contains(&status) {
            return self.leave("error");
        }
        for (field, path) in &http.save {
            if let Some(value) = value_at(body, path) {
                self.write(here, field, Some(value), false);
            }
        }
        self.leave("success");
    }

    pub(super) fn finished(&mut self, visit: u32, code: &str) {
        let Some(here) = self.here().filter(|here| here.visit == visit) else { return };
        if !matches!(here.block.op, Op::External { .. }) {
            return;
        }
        let exit = here.block.exits.iter().find(|exit| exit.name == code && exit.name != "timeout");
        self.leave(exit.map_or("error", |exit| exit.name.as_str()));
    }
}
