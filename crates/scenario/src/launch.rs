//! What launches a scenario (rulings 51 and 70).

use crate::document::{Launch, LaunchKind, Matching};

/// Whether a launch takes the place of a run that is alive; the others are skipped (ruling 51).
pub fn replaces(kind: LaunchKind) -> bool {
    match kind {
        LaunchKind::MenuButton | LaunchKind::Keyword | LaunchKind::Api | LaunchKind::Test => true,
        LaunchKind::Suggest
        | LaunchKind::AutoAction
        | LaunchKind::Mailing
        | LaunchKind::FirstMessage
        | LaunchKind::FieldChanged => false,
    }
}

/// The keyword launch that a message starts: case-folded, punctuation around ignored, never inside a word (ruling 70).
pub fn by_keyword<'l>(launches: &'l [Launch], text: &str) -> Option<&'l Launch> {
    let mut by_word = launches.iter().filter(|launch| launch.kind == LaunchKind::Keyword).peekable();
    // Most projects have none, and this is asked of every message.
    by_word.peek()?;
    let said = words(text);
    if said.is_empty() {
        return None;
    }
    by_word.find(|launch| {
        let phrases = launch.words.iter().chain(launch.of.as_ref()).map(|phrase| words(phrase));
        let mut phrases = phrases.filter(|phrase| !phrase.is_empty());
        match launch.matching.unwrap_or(Matching::Whole) {
            Matching::Whole => phrases.any(|phrase| phrase == said),
            Matching::Words => phrases.any(|phrase| said.windows(phrase.len()).any(|window| window == phrase)),
        }
    })
}

/// Words of a text without the punctuation around them. What is only signs (an emoji, `?`) is a word of its own when the text has no other.
fn words(text: &str) -> Vec<String> {
    let trim = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<String> = text.split_whitespace().map(trim).filter(|word| !word.is_empty()).collect();
    let whole = text.trim();
    if words.is_empty() && !whole.is_empty() && whole.chars().count() <= 16 {
        // A single emoji may be a keyword; variation selectors do not count.
        return vec![whole.chars().filter(|c| *c != '\u{fe0f}').collect()];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::by_keyword;
    use crate::document::{Launch, LaunchKind, Matching};

    fn launch(word: &str, matching: Option<Matching>) -> Vec<Launch> {
        let words = vec![word.to_owned()];
        vec![Launch { kind: LaunchKind::Keyword, of: None, words, matching, to: None }]
    }

    #[test]
    fn the_whole_message_launches_in_any_case_with_punctuation_around() {
        let launches = launch("Оплата", None);
        for said in ["оплата", " ОПЛАТА! ", "«оплата»"] {
            assert!(by_keyword(&launches, said).is_some(), "{said}");
        }
        for other in ["оплата заказа", "предоплата", "", "!"] {
            assert!(by_keyword(&launches, other).is_none(), "{other}");
        }
    }

    #[test]
    fn whole_words_launch_where_the_setting_says_so_but_never_inside_a_word() {
        let launches = launch("мой заказ", Some(Matching::Words));
        assert!(by_keyword(&launches, "Где мой заказ?").is_some());
        assert!(by_keyword(&launches, "немой заказ").is_none());
    }

    #[test]
    fn a_single_emoji_is_a_keyword() {
        let launches = launch("👍", None);
        assert!(by_keyword(&launches, "👍\u{fe0f}").is_some());
        assert!(by_keyword(&launches, "👎").is_none());
    }
}
