//! What is known of a visitor, as the explain API gives it (section 4 of `site.md`), ready to be compared.

use crate::address::{Address, Form, decoded_path_readings, path_readings};
use crate::fact::{Kind, field_key, kind_of};
use crate::known::Known;
use crate::read::Problem;
use crate::share::share;
use crate::text::{fold, spaces};
use identity::normalise::{FieldKind, NormSettings, normalise, several};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Values of one fact that anybody looks at.
const MOST: usize = 1_000;

/// What is known of a visitor and the page in view. What is missing is unknown.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    held: BTreeMap<String, Held>,
    /// The visitor, on whom a share hangs.
    pub visitor: Option<String>,
}

#[derive(Debug, Clone)]
struct Held {
    /// As it was given.
    actual: Value,
    reading: Reading,
}

#[derive(Debug, Clone)]
enum Reading {
    Texts(Vec<String>),
    Address(Address),
    Number(f64),
    Flag(bool),
}

impl Facts {
    /// Reads a map of facts. `null` is unknown.
    ///
    /// # Errors
    /// Each fact that is none or has a value of another kind.
    pub fn read(facts: &Map<String, Value>, known: &Known) -> Result<Self, Vec<Problem>> {
        let mut held = BTreeMap::new();
        let mut problems = Vec::new();
        for (fact, value) in facts.iter().filter(|(_, value)| !value.is_null()) {
            let problem = |code, message: &str| Problem { path: fact.clone(), code, message: message.to_owned() };
            let Some(kind) = kind_of(fact).filter(|kind| *kind != Kind::Clock) else {
                problems.push(problem("unknown_fact", "There is no such fact."));
                continue;
            };
            match reading(kind, fact, value, known) {
                Some(reading) => drop(held.insert(fact.clone(), Held { actual: value.clone(), reading })),
                None => problems.push(problem("wrong_value", "The fact has a value of another kind.")),
            }
        }
        if problems.is_empty() { Ok(Self { held, visitor: None }) } else { Err(problems) }
    }

    /// The same facts of a visitor.
    #[must_use]
    pub fn of_visitor(mut self, visitor: impl Into<String>) -> Self {
        self.visitor = Some(visitor.into());
        self
    }

    /// Adds what an address says of itself, `page_path` and `query.NAME`, where it was not given.
    #[must_use]
    pub fn with_page(mut self) -> Self {
        let Some(Reading::Address(page)) = self.held.get("page_url").map(|held| held.reading.clone()) else {
            return self;
        };
        self.add("page_path", page.path(), decoded_path_readings(page.path()));
        for (name, value) in page.parameters() {
            let fact = format!("query.{name}");
            if kind_of(&fact).is_some() {
                self.add(&fact, &value, filled(fold(&value)));
            }
        }
        self
    }

    fn add(&mut self, fact: &str, value: &str, texts: Vec<String>) {
        let added = || Held { actual: json!(value), reading: Reading::Texts(texts) };
        self.held.entry(fact.to_owned()).or_insert_with(added);
    }

    /// The facts among these as the browser's evaluator takes them: fields normalised, tags folded.
    #[must_use]
    pub fn for_browser(&self, asked: &BTreeSet<String>) -> Map<String, Value> {
        let held = self.held.iter().filter(|(fact, _)| asked.contains(*fact));
        let ready = |fact: &str, held: &Held| match &held.reading {
            Reading::Texts(texts) if fact == "tag" || field_key(fact).is_some() => json!(texts),
            _ => held.actual.clone(),
        };
        held.map(|(fact, held)| (fact.clone(), ready(fact, held))).collect()
    }

    /// What is compared of a text, field, word or tag; nothing where it is unknown or blank.
    pub(crate) fn texts(&self, fact: &str, form: Form) -> Vec<String> {
        match self.held.get(fact).map(|held| &held.reading) {
            Some(Reading::Texts(texts)) => texts.clone(),
            Some(Reading::Address(address)) => address.readings(form),
            Some(Reading::Number(_) | Reading::Flag(_)) | None => Vec::new(),
        }
    }

    /// Numbers of a fact: none where it is unknown.
    pub(crate) fn numbers(&self, fact: &str, action: Option<&str>) -> Vec<f64> {
        match self.held.get(fact).map(|held| &held.reading) {
            Some(Reading::Number(number)) => vec![*number],
            Some(Reading::Texts(texts)) => texts.iter().filter_map(|text| plain_number(text)).collect(),
            Some(Reading::Address(_) | Reading::Flag(_)) => Vec::new(),
            None => self.unheld(fact, action).into_iter().collect(),
        }
    }

    /// A share is counted, and what nobody counted yet has not happened.
    fn unheld(&self, fact: &str, action: Option<&str>) -> Option<f64> {
        match kind_of(fact) {
            Some(Kind::Share) => self.visitor.as_deref().zip(action).map(|(v, action)| f64::from(share(v, action))),
            Some(Kind::Count) => Some(0.0),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, fact: &str) -> Option<bool> {
        match self.held.get(fact)?.reading {
            Reading::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    /// The value as a verdict shows it: `null` where it is unknown.
    pub(crate) fn actual(&self, fact: &str, action: Option<&str>) -> Value {
        let unheld = || self.unheld(fact, action).map_or(Value::Null, |number| json!(number as i64));
        self.held.get(fact).map_or_else(unheld, |held| held.actual.clone())
    }
}

fn reading(kind: Kind, fact: &str, value: &Value, known: &Known) -> Option<Reading> {
    match kind {
        Kind::Address => {
            let text = value.as_str()?;
            let is_blank = spaces(text).is_empty();
            Some(if is_blank { Reading::Texts(Vec::new()) } else { Reading::Address(Address::read(text)) })
        }
        Kind::Path => {
            let text = value.as_str()?;
            Some(Reading::Texts(if spaces(text).is_empty() { Vec::new() } else { path_readings(text) }))
        }
        Kind::Text | Kind::Device | Kind::Language | Kind::Country => {
            let text = fold(value.as_str()?);
            let is_device = matches!(text.as_str(), "desktop" | "phone" | "tablet" | "");
            (kind != Kind::Device || is_device).then(|| Reading::Texts(filled(text)))
        }
        Kind::Number | Kind::Count => value.as_f64().filter(|number| number.is_finite()).map(Reading::Number),
        Kind::Share => value.as_u64().filter(|share| *share < 100).map(|share| Reading::Number(share as f64)),
        Kind::YesNo => value.as_bool().map(Reading::Flag),
        Kind::Tag => {
            let tags = plain_values(value)?.into_iter().map(|tag| fold(&tag)).filter(|tag| !tag.is_empty());
            Some(Reading::Texts(tags.collect()))
        }
        Kind::Field => {
            let kind = known.field(field_key(fact)?).unwrap_or(FieldKind::Text);
            let raw = plain_values(value)?;
            let values = raw.iter().flat_map(|raw| several(kind, raw, &known.reading));
            Some(Reading::Texts(values.flat_map(|raw| field_readings(kind, raw, &known.reading)).collect()))
        }
        Kind::Clock => None,
    }
}

/// A blank text is none.
fn filled(text: String) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { vec![text] }
}

/// Texts of a value or of a list of values.
fn plain_values(value: &Value) -> Option<Vec<String>> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Array(values) if values.len() <= MOST => values.iter().map(plain).collect(),
        Value::Array(_) => None,
        value => plain(value).map(|value| vec![value]),
    }
}

/// A field's value as multi-contacts compare it, and whether it could be read so; what could not is compared as text.
pub(crate) fn comparable(kind: FieldKind, raw: &str, reading: &NormSettings) -> (String, bool) {
    match normalise(kind, raw, reading).usable() {
        Some(text) => (text.to_owned(), true),
        None => (fold_field(raw), false),
    }
}

/// A text of a field, folded as multi-contacts fold texts.
pub(crate) fn fold_field(text: &str) -> String {
    let plain = NormSettings::new(None, []);
    normalise(FieldKind::Text, text, &plain).usable().unwrap_or_default().to_owned()
}

/// How a value of a field is read: normalised, and as it was written, in which people look for a part of it.
fn field_readings(kind: FieldKind, raw: &str, reading: &NormSettings) -> Vec<String> {
    let (compared, _) = comparable(kind, raw, reading);
    let written = fold_field(raw);
    let is_written = !kind.refuses_invalid() && written != compared;
    let written = is_written.then_some(written);
    [Some(compared), written].into_iter().flatten().filter(|text| !text.is_empty()).collect()
}

/// A number as multi-contacts write it. Nothing else that a language takes for a number is one.
fn plain_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain(whole) && is_plain(fraction) { text.parse().ok() } else { None }
}
