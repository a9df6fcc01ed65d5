//! Text as it is compared: without case, NFC, white space folded. The browser's `text.ts` does the same, step by step.

use unicode_normalization::UnicodeNormalization;

/// The text that is compared.
pub(crate) fn fold(text: &str) -> String {
    let spaced = spaces(text);
    if spaced.is_ascii() {
        return spaced.to_ascii_lowercase();
    }
    let folded: String = spaced.nfc().flat_map(fold_char).collect();
    folded.nfc().collect()
}

/// White space folded to single spaces, none at the ends. Both languages mean the same by white space: Unicode's, and U+FEFF.
pub(crate) fn spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{feff}').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Full case folding: lower, upper, lower, so that "ß" meets "SS" and "ς" meets "Σ". The dotless i is a letter of its own.
fn fold_char(c: char) -> impl Iterator<Item = char> {
    let keep = (c == 'ı').then_some(c);
    let folded = c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    keep.into_iter().chain(folded.filter(move |_| keep.is_none()))
}

/// Stands for `*` in a pattern while it is folded; no text of a condition has it.
pub(crate) const ANY_RUN: char = '\0';

/// A folded pattern, cut at its runs of anything.
pub(crate) fn pieces(pattern: &str) -> Vec<String> {
    pattern.split(ANY_RUN).map(str::to_owned).collect()
}

/// Whether the whole text is these pieces with anything between them.
pub(crate) fn matches(text: &str, pieces: &[String]) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|whole| text == whole);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for piece in middle {
        let Some(at) = rest.find(piece.as_str()) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_text_are_equal() {
        let same = [
            ("Скидки  ДНЯ", " скидки\u{a0}дня\n"),
            ("Straße", "STRASSE"),
            ("ΣΑΣ", "σας"),
            ("й", "и\u{306}"),
            ("ﬁn", "FIN"),
            ("İ", "i\u{307}"),
            ("ẞ", "ss"),
            ("a\u{85}b\u{feff}c", "A B C"),
        ];
        for (a, b) in same {
            assert_eq!(fold(a), fold(b), "{a:?} {b:?}");
        }
        for (a, b) in [("е", "ё"), ("A", "А"), ("ı", "i"), ("ａ", "a"), ("ab", "a b")] {
            assert_ne!(fold(a), fold(b), "{a:?} {b:?}");
        }
    }

    /// What `matches` means, without cleverness.
    fn oracle(text: &[char], pattern: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            ([ANY_RUN, rest @ ..], text) => (0..=text.len()).any(|from| oracle(&text[from..], rest)),
            ([c, rest @ ..], [first, left @ ..]) => c == first && oracle(left, rest),
            (_, []) => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_what_a_simple_reading_of_it_matches(text in "[ab?]{0,8}", pattern in "[ab?*]{0,6}") {
            let pattern = pattern.replace('*', "\0");
            let expected = oracle(&text.chars().collect::<Vec<_>>(), &pattern.chars().collect::<Vec<_>>());
            prop_assert_eq!(matches(&text, &pieces(&pattern)), expected, "{} {:?}", text, pattern);
        }

        #[test]
        fn folding_again_changes_nothing(text in "\\PC{0,12}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
