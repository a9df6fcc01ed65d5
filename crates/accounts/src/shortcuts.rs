//! Keys that a person has given commands of the desk. The desk knows the commands; here they are words of a form, so that a browser with an
//! older or newer desk loses nothing.

use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Commands, keys of one, and what is kept of all.
const MOST_COMMANDS: usize = 64;
const MOST_KEYS: usize = 4;
const LONGEST_WORD: usize = 40;

/// Keys of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shortcuts {
    /// Whether keys without Ctrl and Alt act.
    #[serde(default = "yes")]
    pub single_keys: bool,
    /// Commands with other keys than the usual ones, each as `Alt+KeyJ` or `KeyG KeyI`; none for a command that no key gives.
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
}

fn yes() -> bool {
    true
}

impl Default for Shortcuts {
    fn default() -> Self {
        Self { single_keys: true, keys: BTreeMap::new() }
    }
}

impl Shortcuts {
    /// As stored; the usual keys where that cannot be read.
    pub(crate) fn from_stored(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As it is stored.
    ///
    /// # Errors
    /// For a word of the wrong form, or too many.
    pub(crate) fn checked(&self) -> Result<String> {
        if self.keys.len() > MOST_COMMANDS {
            return Err(Refusal::invalid("shortcuts.keys", "too_many", format!("at most {MOST_COMMANDS} commands")));
        }
        for (command, keys) in &self.keys {
            if !is_command(command) {
                let words = "a command is 1 to 40 of a-z, 0-9 and _";
                return Err(Refusal::invalid("shortcuts.keys", "wrong_form", words));
            }
            let path = format!("shortcuts.keys.{command}");
            if keys.len() > MOST_KEYS {
                return Err(Refusal::invalid(&path, "too_many", format!("at most {MOST_KEYS} keys of a command")));
            }
            if !keys.iter().all(|key| is_key(key)) {
                return Err(Refusal::invalid(&path, "wrong_form", "a key like Alt+KeyJ, or two like KeyG KeyI"));
            }
        }
        serde_json::to_string(self).map_err(|error| Refusal::stored(&error))
    }
}

fn is_command(word: &str) -> bool {
    let is_plain = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_plain && (1..=LONGEST_WORD).contains(&word.len())
}

/// One press, or two one after the other: modifiers and the place of a key.
fn is_key(word: &str) -> bool {
    let presses: Vec<&str> = word.split(' ').collect();
    word.len() <= LONGEST_WORD && presses.len() <= 2 && presses.iter().all(|press| is_press(press))
}

fn is_press(press: &str) -> bool {
    let mut parts = press.split('+').rev();
    let is_place =
        |code: &str| !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric()) && !is_modifier(code);
    parts.next().is_some_and(is_place) && parts.all(is_modifier)
}

fn is_modifier(word: &str) -> bool {
    matches!(word, "Mod" | "Alt" | "Shift")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(command: &str, keys: &[&str]) -> Shortcuts {
        let keys = keys.iter().map(|&key| key.to_owned()).collect();
        Shortcuts { single_keys: false, keys: BTreeMap::from([(command.to_owned(), keys)]) }
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let own = with("close", &["KeyQ", "Alt+KeyE", "Mod+Shift+Digit1", "KeyG KeyI"]);
        assert_eq!(Shortcuts::from_stored(&own.checked().unwrap()), own);
        assert!(with("close", &[]).checked().is_ok(), "a command may have none");
        assert_eq!(Shortcuts::from_stored("{}"), Shortcuts::default());
        assert_eq!(Shortcuts::from_stored("not JSON"), Shortcuts::default());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for key in [
            "",
            "Alt+",
            "+KeyJ",
            "Alt",
            "Hyper+KeyJ",
            "KeyA KeyB KeyC",
            "ключ",
            "Key\0",
            "Alt+Alt+ KeyJ",
            &"A".repeat(41),
        ] {
            assert!(with("close", &[key]).checked().is_err(), "{key:?}");
        }
        for command in ["", "Close", "a b", "\u{202E}x", &"a".repeat(41)] {
            assert!(with(command, &["KeyA"]).checked().is_err(), "{command:?}");
        }
        assert!(with("close", &["KeyA", "KeyB", "KeyC", "KeyD", "KeyE"]).checked().is_err());
        let many = (0..65).map(|n| (format!("c{n}"), Vec::new())).collect();
        assert!(Shortcuts { single_keys: true, keys: many }.checked().is_err());
    }
}
