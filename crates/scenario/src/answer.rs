//! Whether what a client sent is the answer that a question waits for (R21-R26, ruling 47).

use crate::condition::{compare, number};
use crate::document::{Button, ButtonKind, Expect};
use crate::facts::Facts;
use crate::graph::{Question, plain};
use identity::normalise::{FieldKind, normalise};
use serde_json::Value;
use std::cmp::Ordering;

/// What a client sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer<'e> {
    /// Words; may be empty.
    pub text: &'e str,
    /// Id of a pressed button.
    pub button: Option<&'e str>,
    /// The block that showed the button, when the caller knows it.
    pub of: Option<&'e str>,
    /// The visit that showed the button, when the caller knows it.
    pub visit: Option<u32>,
    /// Names of pictures and files.
    pub files: &'e [String],
    /// A phone that the client shared by the messenger's own form.
    pub phone: Option<&'e str>,
}

/// What became of it.
#[derive(Debug, PartialEq)]
pub(crate) enum Judged {
    /// The button with this number.
    Button(usize),
    /// Right; the value to save in its canonical spelling.
    Right(Option<String>),
    /// Wrong.
    Wrong,
}

pub(crate) fn judge(question: &Question, buttons: &[Button], answer: &Answer<'_>, facts: &Facts) -> Judged {
    if let Some(at) = chosen(buttons, answer, facts) {
        return Judged::Button(at);
    }
    let right = match question.expect {
        // A picture without words is an answer, too (ruling 47).
        Expect::Any if !answer.text.trim().is_empty() => Some(answer.text.trim().to_owned()),
        Expect::Any => return if is_blank(answer) { Judged::Wrong } else { Judged::Right(file(answer)) },
        Expect::File => return file(answer).map_or(Judged::Wrong, |name| Judged::Right(Some(name))),
        Expect::Phone if answer.phone.is_some() => value(FieldKind::Phone, answer.phone.unwrap_or_default(), facts),
        // Pictures are no answers to questions for a text (section 4).
        _ if !answer.files.is_empty() => None,
        Expect::Text => text(answer, question),
        Expect::Pattern => text(answer, question)
            .filter(|text| question.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))),
        Expect::Phone => value(FieldKind::Phone, answer.text, facts),
        Expect::Email => value(FieldKind::Email, answer.text, facts),
        Expect::Number => value(FieldKind::Number, answer.text, facts).filter(|value| is_within(value, question)),
        Expect::Date => value(FieldKind::Date, answer.text, facts).filter(|value| is_within(value, question)),
        // A shared phone answers the button that asked for it.
        Expect::Choice => None,
    };
    right.map_or(Judged::Wrong, |value| Judged::Right(Some(value)))
}

/// The button meant: by its id, else by its label, else by its number where the channel shows none (section 4).
fn chosen(buttons: &[Button], answer: &Answer<'_>, facts: &Facts) -> Option<usize> {
    if let Some(id) = answer.button {
        return buttons.iter().position(|button| button.kind != ButtonKind::Link && button.id == id);
    }
    if answer.phone.is_some() {
        return buttons.iter().position(|button| button.kind == ButtonKind::SharePhone);
    }
    let said = answer.text.trim();
    if said.is_empty() || !answer.files.is_empty() {
        return None;
    }
    let replies = || buttons.iter().enumerate().filter(|(_, button)| button.kind == ButtonKind::Reply);
    let folded = said.to_lowercase();
    let by_label = replies().find(|(_, button)| button.label.trim().to_lowercase() == folded);
    let by_number = || {
        let number: usize = said.trim_end_matches(['.', ')']).parse().ok()?;
        let is_numbered = !facts.has_buttons;
        replies().filter(|_| is_numbered).nth(number.checked_sub(1)?)
    };
    by_label.or_else(by_number).map(|(at, _)| at)
}

fn is_blank(answer: &Answer<'_>) -> bool {
    answer.text.trim().is_empty() && answer.files.is_empty() && answer.phone.is_none() && answer.button.is_none()
}

fn file(answer: &Answer<'_>) -> Option<String> {
    answer.files.first().cloned()
}

fn text(answer: &Answer<'_>, question: &Question) -> Option<String> {
    let text = answer.text.trim();
    let length = text.chars().count() as f64;
    let bound = |bound: &Option<Value>| bound.as_ref().and_then(plain).and_then(|text| number(&text));
    let is_long_enough = bound(&question.min).is_none_or(|least| length >= least);
    let is_short_enough = bound(&question.max).is_none_or(|most| length <= most);
    (!text.is_empty() && is_long_enough && is_short_enough).then(|| text.to_owned())
}

fn value(kind: FieldKind, raw: &str, facts: &Facts) -> Option<String> {
    normalise(kind, raw, &facts.reading).usable().map(str::to_owned)
}

fn is_within(value: &str, question: &Question) -> bool {
    let beside = |bound: &Option<Value>| bound.as_ref().and_then(plain).and_then(|bound| compare(value, &bound));
    beside(&question.min) != Some(Ordering::Less) && beside(&question.max) != Some(Ordering::Greater)
}
