//! Texts with `{{field}}` in them. A template is expanded once: what a client wrote is never expanded again.

use crate::facts::Lookup;
use std::borrow::Cow;

/// A text taken apart at its `{{ }}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Key(String),
}

impl Template {
    /// Takes a text apart. `{{` that no `}}` closes stays as it was written.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((key, behind)) = after.split_once("}}") else { break };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Key(key.trim().to_owned()));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Self { parts }
    }

    /// The keys it names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Key(key) => Some(key.as_str()),
            Part::Text(_) => None,
        })
    }

    /// With values in their places; a missing one is empty (ruling 54).
    pub fn expand<'t>(&'t self, from: &impl Lookup) -> Cow<'t, str> {
        self.expand_with(from, |value| value)
    }

    /// As [`Self::expand`], each value passed through `escape` first.
    pub fn expand_with<'t>(&'t self, from: &impl Lookup, escape: impl Fn(String) -> String) -> Cow<'t, str> {
        match self.parts.as_slice() {
            [] => Cow::Borrowed(""),
            [Part::Text(text)] => Cow::Borrowed(text),
            parts => {
                let mut whole = String::new();
                for part in parts {
                    match part {
                        Part::Text(text) => whole.push_str(text),
                        Part::Key(key) => whole.push_str(&escape(from.value(key).unwrap_or_default())),
                    }
                }
                Cow::Owned(whole)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    fn name(key: &str) -> Option<String> {
        (key == "name").then(|| "{{phone}}".to_owned())
    }

    #[test]
    fn a_value_is_put_in_its_place_and_never_expanded_again() {
        let template = Template::parse("Здравствуйте, {{ name }}! {{nothing}}.");
        assert_eq!(template.expand(&name), "Здравствуйте, {{phone}}! .");
        assert_eq!(template.keys().collect::<Vec<_>>(), ["name", "nothing"]);
    }

    #[test]
    fn braces_that_nothing_closes_stay() {
        assert_eq!(Template::parse("a {{ b").expand(&name), "a {{ b");
        assert_eq!(Template::parse("").expand(&name), "");
    }
}
