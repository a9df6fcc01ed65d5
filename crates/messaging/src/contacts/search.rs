//! Finding people by what is known of them: one way for contacts, multi-contacts and conversations. What is stored and what is asked are
//! written alike, so that a phone is found in any spelling, and `Ёжов` by `Ежов`.

use crate::fields;
use crate::{Result, multi_contacts};
use db::Tx;
use identity::normalise::NormSettings;
use model::{AccountId, FieldKind, FieldValue, ProjectId};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// Digits from which on a text is looked for as a number, whatever parts them.
const FEWEST_DIGITS: usize = 5;

/// What a search for a contact looks through.
pub(super) fn stored(
    name: Option<&str>,
    handle: &str,
    fields: &BTreeMap<String, Vec<FieldValue>>,
    norms: &NormSettings,
) -> String {
    let values = fields.values().flatten();
    let values = values.flat_map(|value| value.still_compared.iter().chain([&value.value])).map(String::as_str);
    let texts: Vec<&str> = name.into_iter().chain([handle]).chain(values).collect();
    let numbers = texts.iter().flat_map(|text| numbers_of(text, norms));
    let words: Vec<String> = texts.iter().map(|text| folded(text)).chain(numbers).collect();
    words.join(" ")
}

/// What somebody asks for, as [`stored`] would have written it; empty for nothing.
///
/// # Errors
/// When the storage fails.
pub async fn asked(tx: &mut Tx, account: &AccountId, project: &ProjectId, words: &str) -> Result<String> {
    let words = words.trim();
    if !is_number(words) {
        return Ok(folded(words));
    }
    let norms = multi_contacts::settings(tx, account, project).await?.norms();
    Ok(number_asked(words, &norms))
}

/// A number as it is asked for: with its country's code when it is whole, and as it stands when it is a part of one.
pub fn number_asked(number: &str, norms: &NormSettings) -> String {
    phone_of(number, norms).unwrap_or_else(|| digits_of(number))
}

/// Without case, in NFC, and with "е" for "ё", which people write as they like.
fn folded(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// The forms in which a number in a text may be asked for in part: with the country's code, with the trunk prefix of Russia and
/// Kazakhstan, and as it stands.
pub fn numbers_of(text: &str, norms: &NormSettings) -> Vec<String> {
    let digits = digits_of(text);
    if digits.len() < FEWEST_DIGITS {
        return Vec::new();
    }
    let mut forms = Vec::new();
    if let Some(number) = phone_of(text, norms) {
        forms.extend(number.strip_prefix('7').map(|national| format!("8{national}")));
        forms.push(number);
    }
    if !forms.contains(&digits) {
        forms.push(digits);
    }
    forms
}

/// The digits of a phone with its country's code, without an extension.
fn phone_of(text: &str, norms: &NormSettings) -> Option<String> {
    let (norm, _) = fields::normalise(FieldKind::Phone, text, norms);
    let norm = norm?;
    let number = norm.split_once(';').map_or(norm.as_str(), |(number, _)| number);
    Some(digits_of(number))
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a text is nothing but a number and what parts its digits.
fn is_number(text: &str) -> bool {
    let is_part =
        |c: char| c.is_whitespace() || "+()-./".contains(c) || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.chars().all(|c| c.is_ascii_digit() || is_part(c)) && digits_of(text).len() >= FEWEST_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_folded_as_it_is_asked_for() {
        assert_eq!(folded("ЁЖОВ Пётр"), folded("ежов петр"));
        assert_eq!(folded("е\u{308}ж"), "еж");
    }

    #[test]
    fn a_number_is_found_by_any_part_of_any_spelling() {
        let norms = NormSettings::default();
        let stored = stored(None, "@x", &BTreeMap::new(), &norms)
            + " "
            + &numbers_of("8 (912) 555-01-42 доб. 3", &norms).join(" ");
        for part in ["8912555", "+7 912 555", "555-01-42", "912.555.01.42"] {
            assert!(is_number(part) && stored.contains(&digits_of(part)), "{part} in {stored}");
        }
        assert!(!is_number("12-34") && !is_number("1234567 Олег"));
    }
}
