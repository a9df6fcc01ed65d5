//! Branches of a condition.

use crate::document::{Branch, Op, Other, Test};
use crate::facts::{Facts, Lookup};
use crate::graph::{Fault, minutes_of, pattern_of, plain};
use crate::template::Template;
use identity::normalise::{FieldKind, normalise};
use regex::Regex;
use serde_json::Value;

/// A branch, ready to be tested.
#[derive(Debug)]
pub(crate) struct Conditions {
    all: bool,
    tests: Vec<Ready>,
}

#[derive(Debug)]
enum Ready {
    Field { key: String, op: Op, value: Template, pattern: Option<Regex> },
    Tag(String),
    Channel(String),
    Hours { days: Vec<i64>, from: i64, to: i64 },
    Operators(bool),
    NewClient(bool),
}

/// What is asked while testing: the facts, and values by key with the run's variables among them.
pub(crate) struct Asked<'a, L: Lookup> {
    pub facts: &'a Facts,
    pub values: L,
    pub now: i64,
}

impl Conditions {
    /// Makes a branch ready.
    pub fn of(branch: &Branch) -> Result<Self, Fault> {
        let (all, tests) = match (&branch.all, &branch.any) {
            (Some(tests), None) => (true, tests),
            (None, Some(tests)) => (false, tests),
            _ => {
                let message = format!("The branch `{}` has either `all` or `any`.", branch.id);
                return Err(("branches".to_owned(), "bad_setting", message));
            }
        };
        let tests = tests.iter().map(Ready::of).collect::<Result<_, _>>();
        Ok(Self { all, tests: tests.map_err(|message| ("branches".to_owned(), "bad_setting", message))? })
    }

    /// Whether it holds. Without a test, "all" holds and "any" does not.
    pub fn holds<L: Lookup>(&self, asked: &Asked<'_, L>) -> bool {
        match self.all {
            true => self.tests.iter().all(|test| test.holds(asked)),
            false => self.tests.iter().any(|test| test.holds(asked)),
        }
    }
}

impl Ready {
    fn of(test: &Test) -> Result<Self, String> {
        let value = test.value.as_ref().and_then(plain).unwrap_or_default();
        match (&test.field, test.op, test.test) {
            (Some(key), Some(op), None) => {
                let pattern = (op == Op::Pattern).then(|| pattern_of(&value)).transpose()?;
                Ok(Self::Field { key: key.clone(), op, value: Template::parse(&value), pattern })
            }
            (None, None, Some(Other::Tag)) => Ok(Self::Tag(value)),
            (None, None, Some(Other::Channel)) => Ok(Self::Channel(value)),
            (None, None, Some(Other::Hours)) => hours_of(test.value.as_ref()),
            (None, None, Some(Other::Operators)) => Ok(Self::Operators(value != "false")),
            (None, None, Some(Other::NewClient)) => Ok(Self::NewClient(value != "false")),
            _ => Err("a test has `field` and `op`, or `test`".to_owned()),
        }
    }

    fn holds<L: Lookup>(&self, asked: &Asked<'_, L>) -> bool {
        match self {
            Self::Field { key, op, value, pattern } => field_holds(asked, key, *op, value, pattern.as_ref()),
            Self::Tag(tag) => {
                asked.facts.tags.iter().any(|held| held.eq_ignore_ascii_case(tag) || fold(held) == fold(tag))
            }
            Self::Channel(channel) => asked.facts.channel == *channel,
            Self::Hours { days, from, to } => {
                let local = asked.now.div_euclid(60_000) + i64::from(asked.facts.utc_offset);
                let (day, minute) = (local.div_euclid(1440), local.rem_euclid(1440));
                // The first of January 1970 was a Thursday; Monday is 1.
                let weekday = (day + 3).rem_euclid(7) + 1;
                days.contains(&weekday) && (*from..*to).contains(&minute)
            }
            Self::Operators(wanted) => asked.facts.operators_online == *wanted,
            Self::NewClient(wanted) => asked.facts.is_new == *wanted,
        }
    }
}

/// `{"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}`; Monday is 1.
fn hours_of(value: Option<&Value>) -> Result<Ready, String> {
    let words = "hours are written {\"days\": [1, 2, 3, 4, 5], \"from\": \"09:00\", \"to\": \"18:00\"}; Monday is 1";
    let value = value.and_then(Value::as_object).ok_or(words)?;
    let time = |key: &str| value.get(key).and_then(Value::as_str);
    let from = time("from").and_then(minutes_of).ok_or(words)?;
    let to = time("to").and_then(|text| if text == "24:00" { Some(1440) } else { minutes_of(text) }).ok_or(words)?;
    let days = value.get("days").and_then(Value::as_array).ok_or(words)?;
    let days: Vec<i64> = days.iter().filter_map(Value::as_i64).filter(|day| (1..=7).contains(day)).collect();
    Ok(Ready::Hours { days, from, to })
}

fn field_holds<L: Lookup>(asked: &Asked<'_, L>, key: &str, op: Op, value: &Template, pattern: Option<&Regex>) -> bool {
    let held: Vec<String> = match key.strip_prefix("var.") {
        Some(_) => asked.values.value(key).into_iter().collect(),
        None => asked.facts.values(key).to_vec(),
    };
    // Blank is empty (section 8).
    let held: Vec<&str> = held.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    let wanted = || value.expand(&asked.values);
    match op {
        Op::Filled => !held.is_empty(),
        Op::Empty => held.is_empty(),
        Op::Eq => {
            let wanted = fold(wanted().trim());
            held.iter().any(|text| fold(text) == wanted)
        }
        Op::Contains => {
            let wanted = fold(wanted().trim());
            held.iter().any(|text| fold(text).contains(&wanted))
        }
        Op::Gt => held.iter().any(|text| compare(text, wanted().trim()) == Some(std::cmp::Ordering::Greater)),
        Op::Lt => held.iter().any(|text| compare(text, wanted().trim()) == Some(std::cmp::Ordering::Less)),
        Op::Pattern => pattern.is_some_and(|pattern| held.iter().any(|text| pattern.is_match(text))),
    }
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Numbers as numbers, days as days; `None` for what is neither on one of the sides.
pub(crate) fn compare(a: &str, b: &str) -> Option<std::cmp::Ordering> {
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a.partial_cmp(&b);
    }
    let moment = |text: &str| {
        let read = normalise(FieldKind::DateTime, text, &identity::normalise::NormSettings::new(None, []));
        read.usable().map(str::to_owned)
    };
    Some(moment(a)?.cmp(&moment(b)?))
}

/// A number as people write it.
pub(crate) fn number(text: &str) -> Option<f64> {
    let read = normalise(FieldKind::Number, text, &identity::normalise::NormSettings::new(None, []));
    read.usable()?.parse().ok()
}
