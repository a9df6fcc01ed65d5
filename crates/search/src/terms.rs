//! What a text becomes in an index: terms made here, so that both engines are given the same. A term begins with a sign of its sort:
//!
//! | sign | what |
//! | --- | --- |
//! | `.` | a form of a word, in its place |
//! | `~` | a stem |
//! | `@` | an address or a name with `@`, whole |
//! | `+` | a number from one of its digits on |
//! | `=` | a whole name or value |
//! | `#` | what filters ask for |

use crate::words::{self, PART, Range};
use identity::normalise::NormSettings;
use messaging::contacts::search::{number_asked, numbers_of};
use std::collections::{BTreeMap, BTreeSet};

/// Digits of a number that may be asked for at least.
const FEWEST_DIGITS: usize = 5;
/// Forms of a whole name or value at most: nobody types more.
const LONGEST_WHOLE: usize = 12;
/// PostgreSQL keeps so many places of a term, and no place after the last.
const MOST_PLACES: usize = 255;
const LAST_PLACE: usize = 16_000;

/// A text with all its terms, each at the characters it stands for.
#[derive(Debug, Default)]
pub struct Spelled {
    pub(crate) forms: Vec<(String, Range)>,
    pub(crate) others: Vec<(String, Range)>,
}

impl Spelled {
    /// Of a text, with phones as their project reads them.
    pub fn of(text: &str, norms: &NormSettings) -> Self {
        let read = words::read(text);
        let mut others = Vec::new();
        for (form, at) in &read.forms {
            others.extend(words::stem(form).map(|stem| (format!("~{stem}"), *at)));
        }
        others.extend(read.addresses.into_iter().map(|(address, at)| (format!("@{address}"), at)));
        for (number, at) in read.numbers {
            others.extend(suffixes(&number, norms).into_iter().map(|digits| (format!("+{digits}"), at)));
        }
        let forms = read.forms.into_iter().map(|(form, at)| (format!(".{form}"), at)).collect();
        Self { forms, others }
    }

    /// Something that a filter asks for, or a whole value: nothing in the text.
    #[must_use]
    pub fn with(mut self, term: String) -> Self {
        self.others.push((term, (0, 0)));
        self
    }

    /// The terms as they are stored, forms in their places first. Terms of a project begin with its number, so that nobody else's are walked.
    pub(crate) fn stored(&self, project: i64) -> Stored {
        let project = base36(project);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let forms = self.forms.iter().take(LAST_PLACE).map(|(form, _)| {
            let count = counts.entry(form).or_default();
            *count += 1;
            if *count > MOST_PLACES { format!("{project}.{PART}") } else { format!("{project}{form}") }
        });
        let forms = forms.collect();
        let others: BTreeSet<String> = self.others.iter().map(|(term, _)| format!("{project}{term}")).collect();
        Stored { forms, others }
    }
}

/// Terms on their way into the index.
#[derive(Debug)]
pub(crate) struct Stored {
    forms: Vec<String>,
    others: BTreeSet<String>,
}

impl Stored {
    /// For SQLite: parted by blanks.
    pub fn text(&self) -> String {
        let all: Vec<&str> = self.forms.iter().chain(&self.others).map(String::as_str).collect();
        all.join(" ")
    }

    /// For PostgreSQL: a `tsvector`, forms with their places.
    pub fn vector(&self) -> String {
        let placed = self.forms.iter().zip(1..).map(|(form, place)| format!("{}:{place}", quoted(form)));
        let all: Vec<String> = placed.chain(self.others.iter().map(|term| quoted(term))).collect();
        all.join(" ")
    }
}

/// A term as `tsvector` and `tsquery` read it.
pub(crate) fn quoted(term: &str) -> String {
    format!("'{}'", term.replace('\\', "\\\\").replace('\'', "''"))
}

/// A number as short as it can be written.
pub(crate) fn base36(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % 36) as u32, 36).unwrap_or('0'));
        rest /= 36;
        if rest == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// What a whole name or value is found by: its forms, or the number that it is. None for none and for a long text.
pub(crate) fn whole(text: &str, norms: &NormSettings) -> Option<String> {
    let read = words::read(text);
    let is_number = |c: char| !c.is_alphabetic() && c != '@';
    if let ([number], true) = (read.numbers.as_slice(), text.chars().all(is_number)) {
        return Some(format!("=+{}", number_asked(&number.0, norms)));
    }
    let forms: Vec<&str> = read.forms.iter().map(|(form, _)| form.as_str()).collect();
    (1..=LONGEST_WHOLE).contains(&forms.len()).then(|| format!("={}", forms.join("_")))
}

/// A number from each of its digits on, as far as enough are left, in every form it may be asked for: so any part of it is the beginning of one.
fn suffixes(number: &str, norms: &NormSettings) -> BTreeSet<String> {
    let forms = numbers_of(number, norms);
    let ends = |form: &String| -> Vec<String> {
        (0..=form.len().saturating_sub(FEWEST_DIGITS)).map(|from| form[from..].to_owned()).collect()
    };
    forms.iter().filter(|form| form.len() >= FEWEST_DIGITS).flat_map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_forms_in_their_places_and_the_rest() {
        let spelled = Spelled::of("Счёт на оплату", &NormSettings::default()).with("#site".into());
        let stored = spelled.stored(37);
        assert_eq!(stored.text(), "11.счет 11.на 11.оплату 11#site 11~на 11~оплат 11~счет");
        assert_eq!(stored.vector(), "'11.счет':1 '11.на':2 '11.оплату':3 '11#site' '11~на' '11~оплат' '11~счет'");
    }

    #[test]
    fn a_word_that_is_said_too_often_loses_its_later_places_alone() {
        let stored = Spelled::of(&"а ".repeat(300), &NormSettings::default()).stored(0);
        assert_eq!((stored.forms[254].as_str(), stored.forms[255].as_str()), ("0.а", "0.…"));
    }

    #[test]
    fn whole_values_are_compared_however_they_are_written() {
        let norms = NormSettings::default();
        assert_eq!(whole("Пётр  Ежов", &norms), whole("петр ёжов", &norms));
        assert_eq!(whole("8 (912) 555-01-42", &norms), whole("+79125550142", &norms));
        assert_eq!(whole("", &norms), None);
    }
}
