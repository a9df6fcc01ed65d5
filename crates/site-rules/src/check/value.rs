//! A condition's value: what it must be for a fact and an operator, and what of it is compared.

use super::{Compare, Test, Wrong, wrong, wrong_value};
use crate::address::{Address, Form, decoded, part};
use crate::clock::Span;
use crate::document::{Leaf, Op};
use crate::fact::Kind;
use crate::facts::{comparable, fold_field};
use crate::known::Known;
use crate::text::{ANY_RUN, fold, pieces, spaces};
use identity::normalise::FieldKind;
use serde_json::Value;

/// Characters of a value.
const LONGEST: usize = 2_000;
/// Values of one list.
const MOST: usize = 200;

pub(super) struct Reader<'k> {
    pub kind: Kind,
    pub field: FieldKind,
    pub known: &'k Known,
}

impl Reader<'_> {
    pub fn test(&self, leaf: &Leaf) -> Result<Test, Wrong> {
        let value = &leaf.value;
        match leaf.op {
            Op::IsFilled | Op::IsEmpty => nothing(value).map(|()| Test::Filled),
            Op::IsTrue => nothing(value).map(|()| Test::Flag(true)),
            Op::IsFalse => nothing(value).map(|()| Test::Flag(false)),
            Op::Within | Op::NotWithin => Span::read(value).map(Test::Within).ok_or_else(|| {
                wrong_value("Hours are written {\"days\": [\"mon\"], \"from\": \"09:00\", \"to\": \"18:00\"}.")
            }),
            Op::Has | Op::HasNot => self.tag(value),
            Op::AtLeast => self.number(value, Compare::AtLeast),
            Op::AtMost => self.number(value, Compare::AtMost),
            Op::Below => self.number(value, Compare::Below),
            Op::Is | Op::IsNot => self.equal(value),
            Op::In | Op::NotIn => {
                let values = value.as_array().filter(|values| !values.is_empty() && values.len() <= MOST);
                let values = values.ok_or_else(|| wrong_value(format!("Give a list of 1 to {MOST} values.")))?;
                either(values.iter().map(|value| self.equal(value)).collect::<Result<_, _>>()?)
            }
            Op::Contains | Op::NotContains => self.part(value, Test::Contains),
            Op::EndsWith => self.part(value, Test::Ends),
            Op::StartsWith => self.start(value),
            Op::Matches => self.pattern(value),
        }
    }

    fn number(&self, value: &Value, compare: Compare) -> Result<Test, Wrong> {
        let number = value.as_f64().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| wrong_value("Give a number."))?;
        let is_part = (0.0..=100.0).contains(&number) && number.fract() == 0.0;
        if compare == Compare::Below && !is_part {
            return Err(wrong_value("Give a whole number from 0 to 100."));
        }
        Ok(Test::Number(compare, number))
    }

    fn tag(&self, value: &Value) -> Result<Test, Wrong> {
        let tag = text(value)?;
        if !Known::has(self.known.tags.as_ref(), tag) {
            let message = format!("There is no tag `{tag}`. Create it or choose another.");
            return Err(wrong("value", "unknown_tag", message));
        }
        Ok(Test::Equals(vec![fold(tag)]))
    }

    /// One value that the whole fact is compared with.
    fn equal(&self, value: &Value) -> Result<Test, Wrong> {
        match self.kind {
            Kind::Number | Kind::Count | Kind::Share => self.number(value, Compare::Equal),
            Kind::Field => Ok(Test::Equals(vec![self.field_value(value)?])),
            Kind::Address => {
                let form = Form::of(text(value)?);
                let address = Address::read(text(value)?);
                let other = address.without_any_default_port();
                let values = [Some(address), other].into_iter().flatten();
                Ok(of_address(form, Test::Equals(values.map(|address| address.whole(form)).collect())))
            }
            Kind::Path => Ok(Test::Equals(vec![fold(decoded(&spaces(text(value)?)).trim_end_matches('/'))])),
            Kind::Device => {
                let device = fold(text(value)?);
                let is_one = matches!(device.as_str(), "desktop" | "phone" | "tablet");
                let test = is_one.then(|| Test::Equals(vec![device]));
                test.ok_or_else(|| wrong_value("A device is desktop, phone or tablet."))
            }
            Kind::Language => {
                let tag = fold(text(value)?);
                let test = is_language(&tag).then(|| Test::Language(vec![tag]));
                test.ok_or_else(|| wrong_value("A language is written as `ru` or `pt-BR`."))
            }
            Kind::Country => {
                let code = fold(text(value)?);
                let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase());
                let test = is_code.then(|| Test::Equals(vec![code]));
                test.ok_or_else(|| wrong_value("A country is written as two letters: `RU`."))
            }
            Kind::Text | Kind::YesNo | Kind::Clock | Kind::Tag => Ok(Test::Equals(vec![fold(text(value)?)])),
        }
    }

    fn field_value(&self, value: &Value) -> Result<String, Wrong> {
        let plain = match (value, self.field) {
            (Value::Number(number), FieldKind::Number) => number.to_string(),
            (Value::Bool(flag), FieldKind::Bool) => flag.to_string(),
            _ => text(value)?.to_owned(),
        };
        let (compared, is_usable) = comparable(self.field, &plain, &self.known.reading);
        if compared.is_empty() || (self.field.refuses_invalid() && !is_usable) {
            return Err(wrong_value(format!("`{plain}` is no value of this field.")));
        }
        Ok(compared)
    }

    /// One value that is looked for inside.
    fn part(&self, value: &Value, test: fn(Vec<String>) -> Test) -> Result<Test, Wrong> {
        let text = text(value)?;
        match self.kind {
            // Who copies a piece of a query copies it encoded, and a query is kept so.
            Kind::Address => Ok(of_address(Form::of(text), test(distinct([fold(&part(text)), fold(text)])))),
            Kind::Path => Ok(test(vec![fold(&decoded(text))])),
            Kind::Field => self.field_part(text, test),
            _ => Ok(test(vec![fold(text)])),
        }
    }

    fn start(&self, value: &Value) -> Result<Test, Wrong> {
        if self.kind != Kind::Address {
            return self.part(value, Test::Starts);
        }
        let form = Form::of(text(value)?);
        Ok(of_address(form, Test::Starts(vec![Address::read(text(value)?).as_written(form)])))
    }

    fn pattern(&self, value: &Value) -> Result<Test, Wrong> {
        let text = text(value)?;
        let marked = text.replace('*', &ANY_RUN.to_string());
        match self.kind {
            Kind::Address => {
                let form = Form::of(text);
                Ok(of_address(form, Test::Matches(pieces(&Address::read_pattern(&marked).as_written(form)))))
            }
            Kind::Path => Ok(Test::Matches(pieces(&fold(&decoded(&marked))))),
            _ => Ok(Test::Matches(pieces(&fold(&marked)))),
        }
    }

    fn field_part(&self, text: &str, test: fn(Vec<String>) -> Test) -> Result<Test, Wrong> {
        let folded = fold_field(text);
        if folded.is_empty() {
            return Err(wrong_value("Give a text that can be seen."));
        }
        Ok(test(vec![folded]))
    }
}

fn of_address(form: Form, test: Test) -> Test {
    Test::Address(form, Box::new(test))
}

/// Tests of the same sort become one with all their values.
fn either(tests: Vec<Test>) -> Result<Test, Wrong> {
    let mut joined: Vec<Test> = Vec::new();
    for test in tests {
        if !joined.iter_mut().any(|other| other.takes(&test)) {
            joined.push(test);
        }
    }
    if joined.len() == 1 {
        return Ok(joined.remove(0));
    }
    Ok(Test::Either(joined))
}

impl Test {
    /// Takes another's values if they are compared in the same way.
    fn takes(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Equals(values), Self::Equals(more)) | (Self::Language(values), Self::Language(more)) => {
                values.extend(more.iter().cloned());
                true
            }
            (Self::Address(form, test), Self::Address(other, more)) if form == other => test.takes(more),
            _ => false,
        }
    }
}

fn nothing(value: &Value) -> Result<(), Wrong> {
    if value.is_null() { Ok(()) } else { Err(wrong_value("This operator takes no value.")) }
}

fn text(value: &Value) -> Result<&str, Wrong> {
    let text = value.as_str().ok_or_else(|| wrong_value("Give a text."))?;
    if fold(text).is_empty() || text.contains(ANY_RUN) {
        return Err(wrong_value("Give a text that can be seen."));
    }
    if text.chars().count() > LONGEST {
        return Err(wrong_value(format!("The text is too long: {LONGEST} characters at most.")));
    }
    Ok(text)
}

fn distinct(values: [String; 2]) -> Vec<String> {
    let [first, second] = values;
    if first == second { vec![first] } else { vec![first, second] }
}

/// `ru`, `zh-hant-tw`.
fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let first = subtags.next().unwrap_or_default();
    let is_first = (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_first && subtags.all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
