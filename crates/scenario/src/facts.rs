//! What is known of the client and the project at the moment of an event.

use identity::normalise::NormSettings;

/// Where templates and conditions find values.
pub(crate) trait Lookup {
    /// The first value under a key.
    fn value(&self, key: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Lookup for F {
    fn value(&self, key: &str) -> Option<String> {
        self(key)
    }
}

/// What a step may ask about. The caller reads it anew for each event; within a step, what the scenario writes is seen by what follows.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The contact: variants of a `split` hang on it (ruling 55).
    pub contact: String,
    /// Values of the run's own contact by field key (ruling 41), in canonical spelling where there is one.
    pub fields: Vec<(String, Vec<String>)>,
    /// Tags of the contact.
    pub tags: Vec<String>,
    /// Kind of the channel: `telegram`, `site`...
    pub channel: String,
    /// Whether the channel shows buttons; where it does not, the number of one answers (section 2).
    pub has_buttons: bool,
    /// Whether an operator is on line.
    pub operators_online: bool,
    /// Whether the client wrote for the first time.
    pub is_new: bool,
    /// Minutes that the scenario's time zone is ahead of UTC at the moment of the event.
    pub utc_offset: i32,
    /// How phones and placeholders are read in the project.
    pub reading: NormSettings,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            contact: String::new(),
            fields: Vec::new(),
            tags: Vec::new(),
            channel: "site".to_owned(),
            has_buttons: true,
            operators_online: true,
            is_new: false,
            utc_offset: 0,
            reading: NormSettings::default(),
        }
    }
}

impl Facts {
    /// The values of a field.
    pub fn values(&self, key: &str) -> &[String] {
        self.fields.iter().find(|(name, _)| name == key).map_or(&[], |(_, values)| values)
    }

    /// Writes what the scenario writes, so that the blocks behind it see it.
    pub fn write(&mut self, key: &str, value: Option<&str>, append: bool) {
        let Some(at) = self.fields.iter().position(|(name, _)| name == key) else {
            self.fields.extend(value.map(|value| (key.to_owned(), vec![value.to_owned()])));
            return;
        };
        let values = &mut self.fields[at].1;
        match value {
            None => values.clear(),
            Some(value) if append && !values.iter().any(|held| held == value) => values.push(value.to_owned()),
            Some(_) if append => {}
            Some(value) => *values = vec![value.to_owned()],
        }
    }
}
