//! What of the project a document may name.

use identity::normalise::{FieldKind, NormSettings};
use std::collections::{HashMap, HashSet};

/// What the document may name; `None` where the caller does not know and nothing is checked. A field that nobody knows is read as text.
#[derive(Debug, Default, Clone)]
pub struct Known {
    /// The project's fields with their kinds.
    pub fields: Option<HashMap<String, FieldKind>>,
    /// The project's tags.
    pub tags: Option<HashSet<String>>,
    /// Ids of the project's published scenarios.
    pub scenarios: Option<HashSet<String>>,
    /// Ids of the project's suggests.
    pub suggests: Option<HashSet<String>>,
    /// How phones and placeholders are read in the project.
    pub reading: NormSettings,
}

impl Known {
    /// The kind of a field, if there is such a field.
    pub(crate) fn field(&self, key: &str) -> Option<FieldKind> {
        match &self.fields {
            None => Some(FieldKind::Text),
            Some(fields) => fields.get(key).copied(),
        }
    }

    pub(crate) fn has(known: Option<&HashSet<String>>, name: &str) -> bool {
        known.is_none_or(|names| names.contains(name))
    }
}
