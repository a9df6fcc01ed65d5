//! A condition, ready to be asked: its value folded and normalised once. The browser gets the same as JSON ([`Check::compiled`]).

mod value;

use crate::address::Form;
use crate::clock::Span;
use crate::document::Leaf;
use crate::fact::{field_key, fits, is_negative, kind_of};
use crate::known::Known;
use identity::normalise::FieldKind;
use serde_json::{Value, json};

/// A leaf, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub(crate) fact: String,
    pub(crate) is_negative: bool,
    pub(crate) test: Test,
}

/// What a positive operator asks. Of several values and readings one is enough.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Equals(Vec<String>),
    Contains(Vec<String>),
    Starts(Vec<String>),
    Ends(Vec<String>),
    Matches(Vec<String>),
    Filled,
    Language(Vec<String>),
    Number(Compare, f64),
    Flag(bool),
    Within(Span),
    /// A test of an address in the form that its values have.
    Address(Form, Box<Test>),
    /// One of several.
    Either(Vec<Test>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    AtLeast,
    AtMost,
    Below,
}

/// What is wrong with a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The member: `fact`, `op` or `value`.
    pub at: &'static str,
    pub code: &'static str,
    pub message: String,
}

fn wrong(at: &'static str, code: &'static str, message: impl Into<String>) -> Wrong {
    Wrong { at, code, message: message.into() }
}

fn wrong_value(message: impl Into<String>) -> Wrong {
    wrong("value", "wrong_value", message)
}

impl Check {
    /// Makes a leaf ready, or says what is wrong with it.
    pub(crate) fn of(leaf: &Leaf, known: &Known) -> Result<Self, Wrong> {
        let unknown = || wrong("fact", "unknown_fact", format!("There is no fact `{}`.", clipped(&leaf.fact)));
        let kind = kind_of(&leaf.fact).ok_or_else(unknown)?;
        let field = match field_key(&leaf.fact) {
            Some(key) => known.field(key).ok_or_else(|| {
                wrong("fact", "unknown_field", format!("There is no field `{key}`. Create it or choose another."))
            })?,
            None => FieldKind::Text,
        };
        if !fits(kind, leaf.op, field) {
            let message = format!("This operator does not fit `{}`.", leaf.fact);
            return Err(wrong("op", "wrong_operator", message));
        }
        let test = value::Reader { kind, field, known }.test(leaf)?;
        Ok(Self { fact: leaf.fact.clone(), is_negative: is_negative(leaf.op), test })
    }

    /// `[fact, "eq" or "!eq", value, form?]`, as the browser asks it.
    pub(crate) fn compiled(&self) -> Value {
        let mut parts = self.test.compiled();
        if let (true, Some(Value::String(code))) = (self.is_negative, parts.first_mut()) {
            code.insert(0, '!');
        }
        parts.insert(0, json!(self.fact));
        Value::Array(parts)
    }
}

impl Test {
    /// Code, value, and form where there is one.
    fn compiled(&self) -> Vec<Value> {
        match self {
            Self::Equals(values) => vec![json!("eq"), json!(values)],
            Self::Contains(values) => vec![json!("has"), json!(values)],
            Self::Starts(values) => vec![json!("starts"), json!(values)],
            Self::Ends(values) => vec![json!("ends"), json!(values)],
            Self::Matches(pieces) => vec![json!("like"), json!(pieces)],
            Self::Filled => vec![json!("filled")],
            Self::Language(tags) => vec![json!("lang"), json!(tags)],
            Self::Number(Compare::Equal, value) => vec![json!("num"), number(*value)],
            Self::Number(Compare::AtLeast, value) => vec![json!("ge"), number(*value)],
            Self::Number(Compare::AtMost, value) => vec![json!("le"), number(*value)],
            Self::Number(Compare::Below, value) => vec![json!("lt"), number(*value)],
            Self::Flag(value) => vec![json!("flag"), json!(value)],
            Self::Within(span) => vec![json!("in"), span.compiled()],
            Self::Address(form, test) => {
                let mut parts = test.compiled();
                if form.number() > 0 {
                    parts.push(json!(form.number()));
                }
                parts
            }
            Self::Either(tests) => {
                vec![json!("or"), Value::Array(tests.iter().map(|test| Value::Array(test.compiled())).collect())]
            }
        }
    }
}

/// A whole number without a fraction.
fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT { json!(value as i64) } else { json!(value) }
}

/// Enough of a text for a message.
pub(crate) fn clipped(text: &str) -> String {
    text.chars().take(60).collect()
}
