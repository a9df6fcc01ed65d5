//! Text: NFKC, zero-width removal, white-space folding, case folding (ruling 31).

use unicode_normalization::UnicodeNormalization;

/// NFKC, without invisible characters, white space folded to single spaces and trimmed.
pub(super) fn clean(raw: &str) -> String {
    if raw.is_ascii() && !raw.bytes().any(|b| b.is_ascii_control()) {
        return fold_spaces(raw);
    }
    let visible = raw.chars().filter(|&c| !is_invisible(c));
    fold_spaces(&visible.nfkc().collect::<String>())
}

/// Full case folding without language rules: lower, upper, lower, so that "ß" meets "SS" and "ς" meets "Σ".
pub(super) fn fold(clean: &str) -> String {
    if clean.is_ascii() {
        return clean.to_ascii_lowercase();
    }
    let mut text = fold_once(clean);
    for _ in 0..3 {
        let again = fold_once(&text);
        if again == text {
            break;
        }
        text = again;
    }
    text
}

fn fold_once(text: &str) -> String {
    let folded: String = text.chars().flat_map(fold_char).collect();
    self::clean(&folded)
}

fn fold_char(c: char) -> impl Iterator<Item = char> {
    // the dotless i is a letter of its own and must not become "i" by way of "I"
    let keep = (c == 'ı').then_some(c);
    let folded = c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    keep.into_iter().chain(folded.filter(move |_| keep.is_none()))
}

fn fold_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c == '\u{2800}').filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Zero-width, direction, filler and control characters: nobody sees them, so they must not tell two values apart.
fn is_invisible(c: char) -> bool {
    if c.is_control() {
        return !c.is_whitespace();
    }
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_are_equal() {
        let same = [
            ("Иван  Петров", "ИВАН ПЕТРОВ"),
            ("\u{feff}a\u{200b}b\u{200d}", "AB"),
            ("ＡＢＣ１２", "abc12"),
            ("й", "и\u{306}"),
            ("и\u{200b}\u{306}", "Й"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΣΑΣ", "σας"),
            ("a\u{a0}b\t\nc", "a b c"),
            ("№ 5", "no 5"),
            ("\u{0}x\u{7f}", "x"),
            ("ﬁn", "FIN"),
        ];
        for (a, b) in same {
            assert_eq!(fold(&clean(a)), fold(&clean(b)), "{a:?} {b:?}");
        }
    }

    #[test]
    fn different_texts_stay_different() {
        let apart =
            [("е", "ё"), ("A", "А"), ("0123", "123"), ("a-b", "ab"), ("ı", "i"), ("a b", "ab"), ("и", "й"), ("O", "0")];
        for (a, b) in apart {
            assert_ne!(fold(&clean(a)), fold(&clean(b)), "{a:?} {b:?}");
        }
    }

    #[test]
    fn invisible_text_is_empty() {
        for raw in ["", " ", "\u{200b}", "\u{2800}", "\u{3164}", "\t\n\u{a0}", "\u{ad}\u{fe0f}"] {
            assert_eq!(clean(raw), "", "{raw:?}");
        }
    }
}
