//! What an auto-action does: each action with its own members, and what it names must be there.

use super::{LONGEST_NAME, Reader, at};
use crate::check::clipped;
use crate::document::{Action, Author};
use crate::known::Known;
use serde_json::{Map, Value};

/// Characters of a text that an action says.
const LONGEST_TEXT: usize = 4_000;

impl Reader<'_> {
    pub(super) fn actions(&mut self, value: &Value) -> Option<Vec<Action>> {
        let list = self.list("actions", value)?;
        let actions = list.iter().enumerate().map(|(number, action)| self.action(&format!("actions.{number}"), action));
        actions.collect::<Vec<_>>().into_iter().collect()
    }

    fn action(&mut self, path: &str, value: &Value) -> Option<Action> {
        let members = value.as_object().or_else(|| self.wrong(path, "Give an object."))?;
        let kind = self.required(path, members, "type")?;
        let allowed: &[&str] = match kind.as_str().unwrap_or_default() {
            "show_suggests" => &["type", "suggest_ids"],
            "message" => &["type", "author", "text"],
            "open_widget" => &["type"],
            "show_form" => &["type", "fields"],
            "start_scenario" => &["type", "scenario_id"],
            "set_tag" => &["type", "tag"],
            "set_field" => &["type", "key", "value"],
            "notify" => &["type", "text"],
            "js_event" => &["type", "name"],
            _ => {
                self.add(&at(path, "type"), "unknown_action", "There is no such action.");
                return None;
            }
        };
        self.object(path, value, allowed)?;
        let known = self.known;
        Some(match kind.as_str().unwrap_or_default() {
            "show_suggests" => Action::ShowSuggests {
                suggest_ids: self.named(path, members, "suggest_ids", "unknown_suggest", |id| {
                    Known::has(known.suggests.as_ref(), id)
                })?,
            },
            "message" => {
                let author = self.required(path, members, "author");
                let author = author.and_then(|value| self.word::<Author>(&at(path, "author"), "wrong_value", value));
                let text = self.member_text(path, members, "text", LONGEST_TEXT);
                Action::Message { author: author?, text: text? }
            }
            "open_widget" => Action::OpenWidget,
            "show_form" => Action::ShowForm {
                fields: self.named(path, members, "fields", "unknown_field", |key| known.field(key).is_some())?,
            },
            "start_scenario" => {
                let scenario_id = self.member_text(path, members, "scenario_id", LONGEST_NAME)?;
                let is_known = Known::has(known.scenarios.as_ref(), &scenario_id);
                self.foreign(&at(path, "scenario_id"), "unknown_scenario", &scenario_id, is_known)?;
                Action::StartScenario { scenario_id }
            }
            "set_tag" => {
                let tag = self.member_text(path, members, "tag", LONGEST_NAME)?;
                self.foreign(&at(path, "tag"), "unknown_tag", &tag, Known::has(known.tags.as_ref(), &tag))?;
                Action::SetTag { tag }
            }
            "set_field" => {
                let key = self.member_text(path, members, "key", LONGEST_NAME);
                let value = self.member_text(path, members, "value", LONGEST_TEXT);
                let key = key?;
                self.foreign(&at(path, "key"), "unknown_field", &key, known.field(&key).is_some())?;
                Action::SetField { key, value: value? }
            }
            "notify" => Action::Notify { text: self.member_text(path, members, "text", LONGEST_TEXT)? },
            _ => Action::JsEvent { name: self.member_text(path, members, "name", LONGEST_NAME)? },
        })
    }

    /// A list of names of things that the project has.
    fn named(
        &mut self,
        path: &str,
        members: &Map<String, Value>,
        name: &str,
        code: &'static str,
        is_known: impl Fn(&str) -> bool,
    ) -> Option<Vec<String>> {
        let value = self.required(path, members, name)?;
        let path = at(path, name);
        let list = self.list(&path, value)?;
        if list.is_empty() {
            return self.wrong(&path, "The list is empty. Name one at least.");
        }
        let names = list.iter().enumerate().map(|(number, value)| {
            let path = format!("{path}.{number}");
            let name = self.text(&path, value, LONGEST_NAME)?;
            self.foreign(&path, code, &name, is_known(&name))?;
            Some(name)
        });
        names.collect::<Vec<_>>().into_iter().collect()
    }

    fn foreign(&mut self, path: &str, code: &'static str, name: &str, is_known: bool) -> Option<()> {
        if !is_known {
            let message = format!("The project has no `{}`. Create it or choose another.", clipped(name));
            self.add(path, code, message);
        }
        is_known.then_some(())
    }
}
