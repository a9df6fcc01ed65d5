//! Any JSON -> a document, or everything that is wrong with it, each problem with its path (`conditions.all.1.any.2.value`).

mod actions;

use crate::check::{Check, clipped};
use crate::document::{Conditions, Document, Group, Leaf, Limits, MAX_LEAVES, Member, Op, Per, Start};
use crate::known::Known;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Characters of a title, a name, a tag, an id.
const LONGEST_NAME: usize = 200;
/// Actions of one auto-action, and things that one action names.
const MOST: i64 = 20;
/// No pause is longer: a year.
const LONGEST_PAUSE: i64 = 366 * 86_400;
/// Problems that are told: who sends ten thousand wrong leaves needs no list of them.
const MOST_PROBLEMS: usize = 100;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: members and places in lists, parted by dots.
    pub path: String,
    /// What kind of problem, a word that pages translate.
    pub code: &'static str,
    /// What happened and what to do, in English.
    pub message: String,
}

/// Reads a document.
///
/// # Errors
/// Every problem, in the order of the document.
pub fn read(value: &Value, known: &Known) -> Result<Document, Vec<Problem>> {
    let mut reader = Reader { known, problems: Vec::new() };
    let document = reader.document(value);
    document.filter(|_| reader.problems.is_empty()).ok_or(reader.problems)
}

/// What is wrong with a document by now: something it names may have been deleted since it was read.
#[must_use]
pub fn problems(document: &Document, known: &Known) -> Vec<Problem> {
    let value = serde_json::to_value(document).unwrap_or(Value::Null);
    read(&value, known).err().unwrap_or_default()
}

struct Reader<'k> {
    known: &'k Known,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn document(&mut self, value: &Value) -> Option<Document> {
        const MEMBERS: [&str; 8] = ["id", "title", "enabled", "priority", "starts", "conditions", "actions", "limits"];
        let members = self.object("", value, &MEMBERS)?;
        let id = members.get("id").filter(|id| !id.is_null()).map(|id| self.text("id", id, LONGEST_NAME));
        let title = members.get("title").filter(|title| **title != "").map(|t| self.text("title", t, LONGEST_NAME));
        let enabled = members.get("enabled").map_or(Some(true), |value| self.flag("enabled", value));
        let priority = members.get("priority");
        let priority = priority.map_or(Some(0), |value| self.whole("priority", value, i64::MIN, i64::MAX));
        let starts =
            members.get("starts").map_or(Some(Start::Page), |value| self.word("starts", "unknown_start", value));
        let conditions = members.get("conditions");
        let conditions = conditions.map_or_else(|| Some(Conditions::default()), |value| self.conditions(value));
        let actions = members.get("actions").map_or_else(|| Some(Vec::new()), |value| self.actions(value));
        let limits = members.get("limits").map_or_else(|| Some(Limits::default()), |value| self.limits(value));
        let (id, title) = (id.flatten(), title.flatten().unwrap_or_default());
        Some(Document {
            id,
            title,
            enabled: enabled?,
            priority: priority?,
            starts: starts?,
            conditions: conditions?,
            actions: actions?,
            limits: limits?,
        })
    }

    fn conditions(&mut self, value: &Value) -> Option<Conditions> {
        let leaves = leaves_of(value);
        if leaves > MAX_LEAVES {
            let message = format!("{leaves} conditions are too many: {MAX_LEAVES} at most.");
            self.add("conditions", "too_many_leaves", message);
            return None;
        }
        let (is_all, path, members) = self.group("conditions", value)?;
        let members = members.iter().enumerate().map(|(at, member)| self.member(&format!("{path}.{at}"), member));
        let members: Option<Vec<Member>> = members.collect::<Vec<_>>().into_iter().collect();
        members.map(if is_all { Conditions::All } else { Conditions::Any })
    }

    fn member(&mut self, path: &str, value: &Value) -> Option<Member> {
        if !is_group(value) {
            return self.leaf(path, value).map(Member::Leaf);
        }
        let (is_all, path, leaves) = self.group(path, value)?;
        let leaves = leaves.iter().enumerate().map(|(at, leaf)| {
            let path = format!("{path}.{at}");
            if is_group(leaf) {
                self.add(&path, "too_deep", "Groups stand one level deep. Move its conditions up.");
                return None;
            }
            self.leaf(&path, leaf)
        });
        let leaves: Option<Vec<Leaf>> = leaves.collect::<Vec<_>>().into_iter().collect();
        leaves.map(if is_all { Group::All } else { Group::Any }).map(Member::Group)
    }

    /// Whether all must hold, the path of the members, and the members.
    fn group<'v>(&mut self, path: &str, value: &'v Value) -> Option<(bool, String, &'v Vec<Value>)> {
        let members = self.object(path, value, &["all", "any"])?;
        let (name, list) = match (members.get("all"), members.get("any")) {
            (Some(list), None) => ("all", list),
            (None, Some(list)) => ("any", list),
            _ => {
                self.add(path, "wrong_group", "A group has either `all` or `any`.");
                return None;
            }
        };
        let path = format!("{path}.{name}");
        let list = list.as_array().or_else(|| self.wrong(&path, "Give a list."))?;
        Some((name == "all", path, list))
    }

    fn leaf(&mut self, path: &str, value: &Value) -> Option<Leaf> {
        let members = self.object(path, value, &["fact", "op", "value"])?;
        let fact = self.required(path, members, "fact").and_then(|value| self.any_text(&at(path, "fact"), value));
        let op = self.required(path, members, "op");
        let op: Option<Op> = op.and_then(|value| self.word(&at(path, "op"), "unknown_operator", value));
        let (fact, op) = (fact?.to_owned(), op);
        let Some(op) = op else {
            if crate::fact::kind_of(&fact).is_none() {
                self.add(&at(path, "fact"), "unknown_fact", format!("There is no fact `{}`.", clipped(&fact)));
            }
            return None;
        };
        let value = members.get("value").unwrap_or(&Value::Null);
        if !is_shallow(value) {
            return self.wrong(&at(path, "value"), "No operator takes such a value.");
        }
        let leaf = Leaf { fact, op, value: value.clone() };
        match Check::of(&leaf, self.known) {
            Ok(_) => Some(leaf),
            Err(wrong) => {
                self.add(&at(path, wrong.at), wrong.code, wrong.message);
                None
            }
        }
    }

    fn limits(&mut self, value: &Value) -> Option<Limits> {
        let members = self.object("limits", value, &["per", "times", "pause_seconds", "over_open_dialog"])?;
        let usual = Limits::default();
        let per = members.get("per");
        let per = per.map_or(Some(usual.per), |value| self.word::<Per>("limits.per", "wrong_value", value));
        let times = members.get("times");
        let times = times.map_or(Some(1), |value| self.whole("limits.times", value, 1, 1_000));
        let pause = members.get("pause_seconds");
        let pause = pause.map_or(Some(0), |value| self.whole("limits.pause_seconds", value, 0, LONGEST_PAUSE));
        let over = members.get("over_open_dialog");
        let over = over.map_or(Some(false), |value| self.flag("limits.over_open_dialog", value));
        let (times, pause) = (u32::try_from(times?).ok()?, u32::try_from(pause?).ok()?);
        Some(Limits { per: per?, times, pause_seconds: pause, over_open_dialog: over? })
    }

    fn object<'v>(&mut self, path: &str, value: &'v Value, allowed: &[&str]) -> Option<&'v Map<String, Value>> {
        let members = value.as_object().or_else(|| self.wrong(path, "Give an object."))?;
        for name in members.keys().filter(|name| !allowed.contains(&name.as_str())) {
            let message = format!("There is no `{}` here: {}.", clipped(name), allowed.join(", "));
            self.add(&at(path, &clipped(name)), "unknown_member", message);
        }
        Some(members)
    }

    fn required<'v>(&mut self, path: &str, members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
        if !members.contains_key(name) {
            self.add(&at(path, name), "missing", format!("Give `{name}`."));
        }
        members.get(name)
    }

    fn member_text(&mut self, path: &str, members: &Map<String, Value>, name: &str, most: usize) -> Option<String> {
        let value = self.required(path, members, name)?;
        self.text(&at(path, name), value, most)
    }

    fn text(&mut self, path: &str, value: &Value, most: usize) -> Option<String> {
        let text = self.any_text(path, value)?;
        if text.trim().is_empty() || text.contains('\0') {
            self.add(path, "empty_text", "The text is empty. Write it.");
            return None;
        }
        if text.chars().count() > most {
            self.add(path, "text_too_long", format!("The text is too long: {most} characters at most."));
            return None;
        }
        Some(text.to_owned())
    }

    fn any_text<'v>(&mut self, path: &str, value: &'v Value) -> Option<&'v str> {
        value.as_str().or_else(|| self.wrong(path, "Give a text."))
    }

    fn list<'v>(&mut self, path: &str, value: &'v Value) -> Option<&'v Vec<Value>> {
        let list = value.as_array().or_else(|| self.wrong(path, "Give a list."))?;
        if list.len() as i64 > MOST {
            self.add(path, "too_many", format!("The list is too long: {MOST} at most."));
            return None;
        }
        Some(list)
    }

    fn flag(&mut self, path: &str, value: &Value) -> Option<bool> {
        value.as_bool().or_else(|| self.wrong(path, "Give true or false."))
    }

    fn whole(&mut self, path: &str, value: &Value, least: i64, most: i64) -> Option<i64> {
        let number = value.as_i64().filter(|number| (least..=most).contains(number));
        number.or_else(|| self.wrong(path, format!("Give a whole number from {least} to {most}.")))
    }

    /// A word of one of our enums.
    fn word<T: DeserializeOwned>(&mut self, path: &str, code: &'static str, value: &Value) -> Option<T> {
        // Only a text is a word: the enums would be read from objects, too.
        let text = value.as_str();
        let word = text.and_then(|text| serde_json::from_value(Value::from(text)).ok());
        if word.is_none() {
            let shown = clipped(text.unwrap_or_default());
            self.add(path, code, format!("`{shown}` is none of the words that may stand here."));
        }
        word
    }

    fn wrong<T>(&mut self, path: &str, message: impl Into<String>) -> Option<T> {
        self.add(path, "wrong_value", message);
        None
    }

    fn add(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { path: path.to_owned(), code, message: message.into() });
        }
    }
}

fn at(path: &str, member: &str) -> String {
    if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
}

fn is_group(value: &Value) -> bool {
    value.get("all").is_some() || value.get("any").is_some()
}

/// Leaves of the conditions and of groups in them; what is deeper is refused anyway.
fn leaves_of(conditions: &Value) -> usize {
    fn members(value: &Value) -> Option<&Vec<Value>> {
        ["all", "any"].into_iter().find_map(|name| value.get(name)?.as_array())
    }
    let leaf = |member: &Value| members(member).map_or(1, Vec::len);
    members(conditions).map_or(0, |members| members.iter().map(leaf).sum())
}

/// Whether a value is no deeper than any that an operator takes: a list of texts within hours. A deeper one is not even copied.
fn is_shallow(value: &Value) -> bool {
    let is_flat = |value: &Value| match value {
        Value::Array(list) => list.iter().all(|one| !one.is_array() && !one.is_object()),
        value => !value.is_object(),
    };
    match value {
        Value::Object(members) => members.values().all(is_flat),
        value => is_flat(value),
    }
}
