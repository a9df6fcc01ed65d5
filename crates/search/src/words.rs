//! A text as search reads it: words in their folded forms, signs such as emoji, addresses and numbers, each with the characters it stands at.

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

/// Characters of a word that count: what is longer is no word that anybody types.
const LONGEST: usize = 64;
/// Digits from which on something is looked for as a number, whatever parts them, and of the longest number of a phone.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// A stretch of a text: the first character, and the one after the last.
pub(crate) type Range = (usize, usize);

/// Everything that is found in a text, in its order.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Words and signs by their forms; what parts two texts of one whole is [`PART`].
    pub forms: Vec<(String, Range)>,
    /// Addresses and names with `@`, whole.
    pub addresses: Vec<(String, Range)>,
    /// What may be a number of a phone, as it is written.
    pub numbers: Vec<(String, Range)>,
}

/// The form that stands between texts which are joined: no exact sequence goes across it, and nobody asks for it.
pub(crate) const PART: &str = "…";
/// The sign of it in a joined text.
pub(crate) const PARTED: &str = " · ";

/// Reads a text.
pub(crate) fn read(text: &str) -> Read {
    let chars: Vec<char> = text.chars().collect();
    Read { forms: forms(&chars), addresses: addresses(&chars), numbers: numbers(&chars) }
}

fn forms(chars: &[char]) -> Vec<(String, Range)> {
    let mut forms = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        at += 1;
        if chars[start] == '·' {
            forms.push((PART.to_owned(), (start, at)));
        } else if is_sign(chars[start]) {
            forms.push((chars[start].to_string(), (start, at)));
        } else if chars[start].is_alphanumeric() {
            at = start + chars[start..].iter().take_while(|c| is_of_word(**c)).count();
            let form = folded(&chars[start..at]);
            if !form.is_empty() {
                forms.push((form, (start, at)));
            }
        }
    }
    forms
}

/// Letters and digits, with what is written over, under and invisibly between them.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// Emoji and other signs that say something by themselves.
fn is_sign(c: char) -> bool {
    let is_skin = ('\u{1f3fb}'..='\u{1f3ff}').contains(&c);
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}') && !is_skin
}

/// Without case and invisible characters, in NFC, and with "е" for "ё", which people write as they like.
fn folded(word: &[char]) -> String {
    let visible = word.iter().copied().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'));
    let lower = visible.nfc().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c });
    lower.filter(|c| c.is_alphanumeric() || !c.is_ascii()).take(LONGEST).collect()
}

/// The stem of a form: Russian for Cyrillic letters, English for Latin ones. None for what has no letters of either.
pub(crate) fn stem(form: &str) -> Option<String> {
    let is_cyrillic = |c: char| ('а'..='я').contains(&c);
    let language = match form {
        form if form.chars().any(is_cyrillic) => Algorithm::Russian,
        form if form.chars().any(|c| c.is_ascii_lowercase()) => Algorithm::English,
        _ => return None,
    };
    let stem = Stemmer::create(language).stem(form).into_owned();
    Some(if stem.is_empty() { form.to_owned() } else { stem })
}

/// E-mails and names with `@`, whole and without case.
fn addresses(chars: &[char]) -> Vec<(String, Range)> {
    let is_local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mut found = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == '@') {
        let start = at - chars[..at].iter().rev().take_while(|c| is_local(**c)).count();
        let mut end = at + 1 + chars[at + 1..].iter().take_while(|c| is_host(**c)).count();
        while matches!(chars[end - 1], '.' | '-') {
            end -= 1;
        }
        if end > at + 1 {
            let whole = chars[start..end].iter().flat_map(|c| c.to_lowercase()).take(2 * LONGEST).collect();
            found.push((whole, (start, end)));
        }
    }
    found
}

/// Digits with what parts them within a line, as many as a number of a phone may have.
fn numbers(chars: &[char]) -> Vec<(String, Range)> {
    let is_between = |c: char| {
        matches!(c, ' ' | '\u{a0}' | '(' | ')' | '.' | '-' | '/' | '\u{202f}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = chars[at..].iter().take_while(|c| c.is_ascii_digit() || is_between(**c)).count();
        let end = at + chars[at..at + run].iter().rposition(char::is_ascii_digit).map_or(1, |last| last + 1);
        let start = if at > 0 && chars[at - 1] == '+' { at - 1 } else { at };
        let digits = chars[at..end].iter().filter(|c| c.is_ascii_digit()).count();
        if DIGITS.contains(&digits) {
            found.push((chars[start..end].iter().collect(), (start, end)));
        }
        at += run.max(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms_of(text: &str) -> Vec<String> {
        read(text).forms.into_iter().map(|(form, _)| form).collect()
    }

    #[test]
    fn words_are_folded_alike_however_they_are_written() {
        assert_eq!(forms_of("ЁЖ, е\u{308}ж; кто-то 👍🏽"), ["еж", "еж", "кто", "то", "👍"]);
        assert_eq!(forms_of("a\u{ad}b \0 . !"), ["ab"]);
        assert_eq!(read("да ёж").forms[1].1, (3, 5));
    }

    #[test]
    fn stems_are_russian_and_english() {
        assert_eq!(stem("договора"), stem("договор"));
        assert_eq!(stem("deliveries"), stem("delivery"));
        assert_eq!((stem("2024"), stem("👍")), (None, None));
    }

    #[test]
    fn addresses_and_numbers_are_found_whole() {
        let read = read("пишите Anna@Mail.ru. или @Anna_K, +7 (912) 555-01-42; 12-34");
        let texts = |found: &[(String, Range)]| found.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&read.addresses), ["anna@mail.ru", "@anna_k"]);
        assert_eq!(texts(&read.numbers), ["+7 (912) 555-01-42"]);
    }
}
