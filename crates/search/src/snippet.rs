//! The words of a hit that are shown, with what was found marked.

use crate::words::Range;

/// Characters shown at most.
const LENGTH: usize = 200;
/// Characters shown before the first mark.
const BEFORE: usize = 48;

/// What is shown of a text, and where it is marked: in Unicode characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub text: String,
    pub marks: Vec<[usize; 2]>,
}

/// Cuts a text around its first mark.
pub(crate) fn cut(text: &str, marks: &[Range]) -> Snippet {
    let chars: Vec<char> = text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }).collect();
    let first = marks.first().map_or(0, |mark| mark.0);
    let mut start = if chars.len() <= LENGTH { 0 } else { first.saturating_sub(BEFORE) };
    // From the beginning of a word on, when there is one before the mark.
    if start > 0 {
        start += chars[start..first].iter().position(|c| *c == ' ').map_or(0, |blank| blank + 1);
    }
    let mut end = chars.len().min(start + LENGTH);
    if end < chars.len() {
        end = start
            + chars[start..end].iter().rposition(|c| *c == ' ').filter(|blank| *blank > LENGTH / 2).unwrap_or(LENGTH);
    }
    let lead = usize::from(start > 0);
    let shown: String = chars[start..end].iter().collect();
    let text = format!("{}{shown}{}", if start > 0 { "…" } else { "" }, if end < chars.len() { "…" } else { "" });
    let marks = marks.iter().filter(|(from, to)| *from >= start && *to <= end);
    let marks = marks.map(|(from, to)| [from - start + lead, to - start + lead]).collect();
    Snippet { text, marks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_whole_and_a_long_one_is_cut_around_its_first_mark() {
        assert_eq!(cut("да\nнет", &[(3, 6)]), Snippet { text: "да нет".into(), marks: vec![[3, 6]] });
        let long = format!("{}ключ {}", "слово ".repeat(100), "слово ".repeat(100));
        let cut = cut(&long, &[(600, 604), (1100, 1104)]);
        let [from, to] = cut.marks[0];
        assert_eq!(cut.text.chars().skip(from).take(to - from).collect::<String>(), "ключ");
        assert!(cut.text.starts_with("…слово ") && cut.text.ends_with("слово…") && cut.marks.len() == 1);
        assert!(cut.text.chars().count() <= LENGTH + 2);
    }
}
