//! Texts with `{{field}}` or `{{field|instead}}` in them. What a client wrote is put in once and never read again.

/// Where the values are.
pub trait Values {
    /// The values of a field.
    fn all(&self, key: &str) -> &[String];
}

/// A text taken apart at its `{{ }}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field { key: String, instead: Option<String> },
}

impl Template {
    /// Takes a text apart. `{{` that no `}}` closes stays as it was written.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((inner, behind)) = after.split_once("}}") else { break };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (key, instead) = match inner.split_once('|') {
                Some((key, instead)) => (key, Some(instead.trim().to_owned())),
                None => (inner, None),
            };
            parts.push(Part::Field { key: key.trim().to_owned(), instead });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Self { parts }
    }

    /// The fields it names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field { key, .. } => Some(key.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The fields that are empty and have nothing instead.
    pub fn missing<'t>(&'t self, values: &impl Values) -> Vec<&'t str> {
        let is_missing = |part: &'t Part| match part {
            Part::Field { key, instead: None } if first(values, key).is_none() => Some(key.as_str()),
            _ => None,
        };
        self.parts.iter().filter_map(is_missing).collect()
    }

    /// With values in their places.
    pub fn fill(&self, values: &impl Values) -> String {
        let mut whole = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => whole.push_str(text),
                Part::Field { key, instead } => {
                    let value = first(values, key).or(instead.as_deref());
                    whole.push_str(value.unwrap_or_default());
                }
            }
        }
        whole
    }
}

fn first<'v>(values: &'v impl Values, key: &str) -> Option<&'v str> {
    values.all(key).iter().map(|value| value.trim()).find(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Anna([String; 1]);

    impl Values for Anna {
        fn all(&self, key: &str) -> &[String] {
            if key == "name" { &self.0 } else { &[] }
        }
    }

    #[test]
    fn a_value_is_put_in_its_place_and_what_is_missing_has_something_instead() {
        let anna = Anna(["{{phone}}".to_owned()]);
        let template = Template::parse("{{ name }}, доставка в {{city|ваш город}} {{code}}!");
        assert_eq!(template.fill(&anna), "{{phone}}, доставка в ваш город !");
        assert_eq!(template.missing(&anna), ["code"]);
        assert_eq!(template.keys().collect::<Vec<_>>(), ["name", "city", "code"]);
        assert_eq!(Template::parse("a {{ b").fill(&anna), "a {{ b");
    }

    #[test]
    fn a_blank_value_is_none() {
        let blank = Anna([" ".to_owned()]);
        assert_eq!(Template::parse("{{name}}").missing(&blank), ["name"]);
        assert_eq!(Template::parse("{{name|друг}}").fill(&blank), "друг");
    }
}
