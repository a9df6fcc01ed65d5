//! Names as channels and visitors give them, made fit to be read: what nobody sees must not pass for a name, and no name may turn the line
//! it stands in (security statement 36).

use unicode_normalization::UnicodeNormalization;

/// Characters of a name at most.
const LONGEST_NAME: usize = 200;

/// The name in NFC without controls, on one line; none when nothing of it can be seen.
pub fn readable(name: &str) -> Option<String> {
    let shown = name.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_control(*c)).nfc();
    let shown: String = shown.collect();
    let words: Vec<&str> = shown.split(' ').filter(|word| word.chars().any(|c| !is_blank(c))).collect();
    (!words.is_empty()).then(|| words.join(" ").chars().take(LONGEST_NAME).collect())
}

/// Controls, and what sets the direction of text or has no width and no use in a name.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Shows nothing by itself: it joins letters and parts of pictures, or takes room.
fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E0FFF}' | '\u{115F}' | '\u{1160}' | '\u{17B4}'
        | '\u{17B5}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_no_name() {
        for name in ["", " ", "\u{3164}", "\u{2800} \u{2800}", "\u{200B}\u{200D}", "\u{202E}", "\u{0}\u{1F}"] {
            assert_eq!(readable(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_that_runs_its_own_way() {
        let cases = [
            ("Анна\u{202E}ьнелЕ", "АннаьнелЕ"),
            ("Анна\n\u{200F} Ильина", "Анна Ильина"),
            ("и\u{306}од", "йод"),
            ("👩\u{200D}👧 Оля", "👩\u{200D}👧 Оля"),
            ("\u{3164} Пётр", "Пётр"),
        ];
        for (given, shown) in cases {
            assert_eq!(readable(given).as_deref(), Some(shown), "{given:?}");
        }
    }
}
