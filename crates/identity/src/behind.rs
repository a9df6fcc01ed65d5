//! An unusable value joins nobody and parts nobody: what a field held before one is compared on, behind it (ADR 20).

use crate::normalise::{Normalised, Why};

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it was given.
    pub raw: String,
    /// What normalisation made of it.
    pub norm: Normalised,
    /// It stands behind an unusable value already: nobody sees it as a value of the field.
    pub is_behind: bool,
}

impl Entry {
    /// Somebody meant a value, and it is none. Who writes a placeholder says that there is none.
    #[must_use]
    pub fn is_cover(&self) -> bool {
        match self.norm {
            Normalised::Usable(_) | Normalised::Unusable(Why::Empty | Why::Placeholder) => false,
            Normalised::Unusable(Why::Invalid | Why::Garbage) => true,
        }
    }
}

/// Which values of `before` stand behind those of `after`, as places in `before`. A field holds `before` with what stands behind it
/// already, and `after` is what it is to hold.
///
/// An unusable value takes no usable one away: a usable one that comes does, or a field without unusable values. `is_fast` are those that
/// even a usable one does not take away, as a visitor's word leaves alone what is attested.
#[must_use]
pub fn behind(before: &[Entry], after: &[Entry], is_fast: impl Fn(usize) -> bool) -> Vec<usize> {
    let is_new = |entry: &&Entry| match &entry.norm {
        norm @ Normalised::Usable(_) => !before.iter().any(|old| old.norm == *norm),
        Normalised::Unusable(_) => !before.iter().any(|old| old.raw == entry.raw),
    };
    if !after.iter().any(Entry::is_cover) {
        return Vec::new();
    }
    let brings_usable = after.iter().filter(is_new).any(|entry| entry.norm.usable().is_some());
    let brings_cover = after.iter().filter(is_new).any(Entry::is_cover);
    let stays = |(place, old): &(usize, &Entry)| {
        let is_taken = brings_usable && !is_fast(*place);
        let is_gone = old.norm.usable().is_some() && !after.iter().any(|now| now.norm == old.norm);
        is_gone && (old.is_behind || brings_cover) && !is_taken
    };
    before.iter().enumerate().filter(stays).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "+7" is a number, "12" is none, "-" says that there is none; "(+7)" stands behind.
    fn entries(texts: &[&str]) -> Vec<Entry> {
        let entry = |text: &&str| {
            let raw = text.trim_matches(['(', ')']);
            let norm = match raw {
                "-" => Normalised::Unusable(Why::Placeholder),
                raw if raw.starts_with('+') => Normalised::Usable(raw.to_owned()),
                _ => Normalised::Unusable(Why::Invalid),
            };
            Entry { raw: raw.to_owned(), norm, is_behind: text.starts_with('(') }
        };
        texts.iter().map(entry).collect()
    }

    fn stay(before: &[&str], after: &[&str]) -> Vec<String> {
        let before = entries(before);
        behind(&before, &entries(after), |_| false).into_iter().map(|place| before[place].raw.clone()).collect()
    }

    #[test]
    fn what_an_unusable_value_replaces_stays_behind_it() {
        assert_eq!(stay(&["+1"], &["12"]), ["+1"]);
        assert_eq!(stay(&["+1", "+2"], &["12", "+2"]), ["+1"]);
        assert_eq!(stay(&["+1", "+2"], &["12"]), ["+1", "+2"]);
        assert_eq!(stay(&["12", "(+1)"], &["13"]), ["+1"], "another unusable one");
        assert_eq!(stay(&["+2", "12", "(+1)"], &["12"]), ["+1"], "what is taken out beside it goes");
    }

    #[test]
    fn a_usable_value_or_none_at_all_ends_it() {
        assert_eq!(stay(&["+1"], &[]), [""; 0]);
        assert_eq!(stay(&["+1"], &["-"]), [""; 0], "there is none");
        assert_eq!(stay(&["12", "(+1)"], &[]), [""; 0]);
        assert_eq!(stay(&["12", "(+1)"], &["+1"]), [""; 0], "it is a value of the field again");
        assert_eq!(stay(&["12", "(+1)"], &["12", "+2"]), [""; 0]);
        assert_eq!(stay(&["+1"], &["12", "+2"]), [""; 0]);
        let before = entries(&["12", "(+1)"]);
        assert_eq!(behind(&before, &entries(&["12", "+2"]), |_| true), [1], "but for what is held fast");
    }
}
