//! Words by which clients take no more mailings.

use crate::{Refusal, Result};

/// Those that every project begins with.
pub const DEFAULT_WORDS: &[&str] = &["стоп", "stop", "отписаться", "отписка", "unsubscribe"];
/// Words of a project at most.
const MOST: usize = 30;
/// Characters of one at most.
const LONGEST: usize = 40;

/// As it is compared: without blanks and marks around it, in small letters.
fn folded(text: &str) -> String {
    trimmed(text).to_lowercase()
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation() || matches!(c, '«' | '»' | '…'))
}

/// Whether a text is short enough to be worth a look.
pub(super) fn may_be_one(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 * LONGEST
}

/// Whether a whole text is one of these words.
pub(super) fn is_one(text: &str, words: &[String]) -> bool {
    let said = folded(text);
    !said.is_empty() && words.iter().any(|word| folded(word) == said)
}

/// Whether a whole text is one of the words that every project begins with.
pub(crate) fn is_default_word(text: &str) -> bool {
    // Every message is asked this: nearly all end it with their first letter.
    let said = || trimmed(text).chars().flat_map(char::to_lowercase);
    may_be_one(text) && DEFAULT_WORDS.iter().any(|word| said().eq(word.chars()))
}

/// Words as a project saves them: without repeats, none of them empty.
///
/// # Errors
/// By the place of a word that is too long, or when there are too many or none.
pub fn check_words(words: &[String]) -> Result<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let word = folded(word);
        if word.is_empty() || word.chars().count() > LONGEST || word.contains('\0') {
            let words = format!("a word of 1 to {LONGEST} characters");
            return Err(Refusal::invalid(&format!("stop_words[{at}]"), "wrong_form", words));
        }
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    if kept.is_empty() || kept.len() > MOST {
        let words = format!("1 to {MOST} words: without one nobody could take no more mailings");
        return Err(Refusal::invalid("stop_words", "wrong_number", words));
    }
    Ok(kept)
}

/// What is answered, in the language of the word.
pub(super) fn confirmation(word: &str) -> &'static str {
    let is_cyrillic = word.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
    match is_cyrillic {
        true => "Вы отписались: рассылок больше не будет. Написать нам можно в любое время.",
        false => "You are unsubscribed: no more mailings. You can write to us at any time.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_every_project_is_known_however_it_is_written() {
        for text in ["стоп", "СТОП!", " «Отписаться» ", "Unsubscribe...", "stop", "/STOP"] {
            assert!(is_default_word(text), "{text}");
        }
        for text in ["", "  ", "стоп пожалуйста", "сто", "стопы", "İstop", "нет, стоп"] {
            assert!(!is_default_word(text), "{text}");
        }
    }

    #[test]
    fn a_stop_word_is_the_whole_of_a_message_whatever_its_letters() {
        let words: Vec<String> = DEFAULT_WORDS.iter().map(|word| (*word).to_owned()).collect();
        for said in ["стоп", " СТОП! ", "«Отписаться».", "Stop"] {
            assert!(is_one(said, &words) && is_default_word(said), "{said}");
        }
        for said in ["стоп, а когда доставка?", "не стоп", "", "!", "стопка"] {
            assert!(!is_one(said, &words) && !is_default_word(said), "{said}");
        }
    }

    #[test]
    fn words_of_a_project_are_kept_once_and_never_all_taken_away() {
        let given = ["Стоп", "стоп ", "Хватит"].map(str::to_owned);
        assert_eq!(check_words(&given).unwrap(), ["стоп", "хватит"]);
        assert!(check_words(&[]).is_err());
        assert!(check_words(&[" ".to_owned()]).is_err());
        assert!(check_words(&["а".repeat(41)]).is_err());
    }
}
