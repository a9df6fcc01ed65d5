//! Comments name rules by number; every number stands in `docs/rules.md`, so that a comment can be understood with the repository alone.

use crate::shell::{Outcome, root};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders whose comments are looked at.
const PLACES: [&str; 4] = ["crates", "xtask", "web", ".cargo"];
const ENDINGS: [&str; 9] = ["rs", "sql", "txt", "toml", "ts", "svelte", "mjs", "js", "css"];
const MADE: [&str; 6] = ["node_modules", "build", "dist", ".svelte-kit", "paraglide", "target"];

/// Says which numbers are nowhere explained.
pub fn check() -> Outcome {
    let rules = std::fs::read_to_string(root().join("docs/rules.md")).map_err(|e| format!("docs/rules.md: {e}"))?;
    let known = explained(&rules);
    let mut unknown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for place in PLACES {
        look(&root().join(place), &mut |file, text| {
            for rule in cited(&comments(text)).into_iter().filter(|rule| !known.contains(rule)) {
                unknown.entry(rule).or_default().insert(file.display().to_string());
            }
        });
    }
    let lines: Vec<String> = unknown
        .into_iter()
        .map(|(rule, files)| format!("{rule} is not in docs/rules.md: {}", Vec::from_iter(files).join(", ")))
        .collect();
    if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
}

/// `- **ruling 7** …` explains "ruling 7"; `- **api.md** …` explains whatever names that document.
fn explained(rules: &str) -> BTreeSet<String> {
    rules.lines().filter_map(|line| Some(line.strip_prefix("- **")?.split_once("**")?.0.to_owned())).collect()
}

fn look(place: &Path, found: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !MADE.iter().any(|made| entry.file_name() == *made) {
                look(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
            found(&path, &std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

/// What stands in comments, as one line: a rule may be broken over two.
fn comments(text: &str) -> String {
    let mut all = String::new();
    for line in text.lines().map(str::trim) {
        let is_whole = ["//", "--", "*", "/*", "#", "<!--"].iter().any(|mark| line.starts_with(mark));
        let words = if is_whole {
            line
        } else {
            [" // ", " -- ", "/* "].iter().find_map(|mark| line.split_once(mark)).map_or("", |(_, words)| words)
        };
        all.push_str(words.trim_start_matches(['/', '!', '*', '-', '#', '<']));
        all.push(' ');
    }
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rules that a text names.
fn cited(comments: &str) -> BTreeSet<String> {
    let words: Vec<&str> = comments.split(' ').collect();
    let mut found = BTreeSet::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        match bare {
            "ruling" | "rulings" => numbers(&words[at + 1..], "ruling", &mut found),
            "statement" | "statements" => numbers(&words[at + 1..], "statement", &mut found),
            "rulings.md" => numbers(&words[at + 1..], "ruling", &mut found),
            _ if is_code(bare) => drop(found.insert(bare.to_owned())),
            _ if is_document(bare) && !root().join(bare).exists() => drop(found.insert(bare.to_owned())),
            _ => {}
        }
    }
    found
}

/// `22-24, 29 and 33` after a kind.
fn numbers(words: &[&str], kind: &str, found: &mut BTreeSet<String>) {
    for word in words {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        let (from, to) = bare.split_once('-').unwrap_or((bare, bare));
        if let (Ok(from), Ok(to)) = (from.parse::<u32>(), to.parse::<u32>()) {
            found.extend((from..=to).map(|number| format!("{kind} {number}")));
            let goes_on = word.ends_with(',') || word.ends_with(char::is_numeric);
            if goes_on {
                continue;
            }
        } else if *word == "and" {
            continue;
        }
        break;
    }
}

/// `R12`, `D6`, `T3`, `L14`: requirements, promises, tests, loads.
fn is_code(word: &str) -> bool {
    let mut letters = word.chars();
    let is_kind = letters.next().is_some_and(|first| "RDTL".contains(first));
    let digits = letters.as_str();
    is_kind && (1..=2).contains(&digits.len()) && !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit())
}

fn is_document(word: &str) -> bool {
    word.strip_suffix(".md").is_some_and(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        cited(&comments(text)).into_iter().collect()
    }

    #[test]
    fn numbers_are_found_in_every_way_they_are_written() {
        assert_eq!(of("/// One (rulings 22-24, 29, R6)."), ["R6", "ruling 22", "ruling 23", "ruling 24", "ruling 29"]);
        assert_eq!(of("// security statements 37 and 40; T18"), ["T18", "statement 37", "statement 40"]);
        assert_eq!(of("//! broken (rulings\n//! 27, 33)"), ["ruling 27", "ruling 33"]);
        assert_eq!(of("let a = 1; // D1 d"), ["D1"]);
        assert_eq!(of("-- (`reliability.md` section 6)"), ["reliability.md"]);
    }

    #[test]
    fn code_and_plain_words_are_no_rules() {
        assert!(of("let statement = \"statement 9\"; let R1 = T1;").is_empty());
        assert!(of("// every statement of the program, T00, K-77, 2 rulings").is_empty());
    }
}
