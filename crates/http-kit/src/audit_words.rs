//! What the audit log's line of an operation says beside its path.

use axum::Extension;

/// A person's own words for what was done: a handler returns them beside its answer, and they stand behind the path in the audit log.
#[derive(Debug, Clone)]
pub struct AuditWords(pub String);

impl AuditWords {
    /// As a part of an answer; nothing of the sort where there are no words.
    pub fn of(words: Option<String>) -> Option<Extension<Self>> {
        words.map(|words| Extension(Self(words)))
    }
}
