//! Change sets: what can be asked of the engine and what it answers (api.md section 6, rulings 22-24).

use crate::keys::{HubLimit, Mode};
use crate::partition::{Flag, Suspension};
use serde::{Deserialize, Serialize};

/// One raw value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Input {
    /// As it was given.
    pub raw: String,
    /// See [`crate::keys::Value::verified`].
    pub verified: bool,
}

impl Input {
    /// A verified value, as an API key gives it (ruling 35).
    #[must_use]
    pub fn verified(raw: &str) -> Self {
        Self { raw: raw.to_owned(), verified: true }
    }

    /// A claim of a visitor (ruling 35).
    #[must_use]
    pub fn claimed(raw: &str) -> Self {
        Self { raw: raw.to_owned(), verified: false }
    }
}

/// Fields of a contact with all their new values; none clears the field.
pub type Fields = Vec<(String, Vec<Input>)>;

/// What a rule is, or what of it changes; what is `None` keeps its value or takes the default (ruling 37).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSpec {
    /// Field keys.
    pub fields: Option<Vec<String>>,
    /// Place in the list; at its end by default.
    pub position: Option<i64>,
    /// On by default.
    pub enabled: Option<bool>,
    /// Off by default.
    pub verified_only: Option<bool>,
    /// At once by default.
    pub mode: Option<Mode>,
    /// The project's by default.
    pub hub_limit: Option<HubLimit>,
}

/// Project settings to change; outer `None` keeps, inner `None` switches off (api.md section 6).
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SettingsChange {
    /// Live contacts a key may have.
    pub hub_limit: Option<Option<u32>>,
    /// Contacts a group may have.
    pub max_group: Option<Option<u32>>,
    /// Region of phones without a country.
    pub default_region: Option<Option<String>>,
    /// Replaces the list of placeholders (ruling 33).
    pub placeholders: Option<Option<Vec<String>>>,
}

/// One change of a set. Contacts are named by external id, rules by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of api.md section 6")]
pub enum Change {
    /// A new contact; a known name is refused (ruling 23).
    Create { external_id: String, fields: Fields },
    /// Replace the values of the given fields.
    Set { external_id: String, fields: Fields },
    /// Delete a contact; its overrides become inert (ruling 33).
    Delete { external_id: String },
    /// A new rule.
    RuleAdd { key: String, spec: RuleSpec },
    /// Change a rule.
    RuleEdit { key: String, spec: RuleSpec },
    /// Remove a rule.
    RuleRemove { key: String },
    /// Switch a rule on.
    RuleEnable { key: String },
    /// Switch a rule off.
    RuleDisable { key: String },
    /// The two are one client.
    Link { a: String, b: String },
    /// Take that back.
    UndoLink { a: String, b: String },
    /// The contact is not the same client as the rest of its group.
    Unlink { contact: String },
    /// Take back all unlinks of the contact.
    UndoUnlink { contact: String },
    /// The value acts as empty (ruling 26).
    BlockValue { field: String, value: String },
    /// Take that back.
    UnblockValue { field: String, value: String },
    /// Keys with the value have no hub limit (ruling 26).
    AllowValue { field: String, value: String },
    /// Take that back.
    DisallowValue { field: String, value: String },
    /// Change settings of the project.
    Settings { settings: SettingsChange },
}

/// What is wrong with a change (ruling 23).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ChangeProblem {
    #[error("contact {0:?} does not exist")]
    UnknownContact(String),
    #[error("contact {0:?} exists already")]
    DuplicateContact(String),
    #[error("field {0:?} does not exist")]
    UnknownField(String),
    #[error("field {0:?} is named twice")]
    DuplicateField(String),
    #[error("field {0:?} cannot hold this value")]
    InvalidValue(String),
    #[error("field {0:?} holds one value only")]
    TooManyValues(String),
    #[error("rule {0:?} does not exist")]
    UnknownRule(String),
    #[error("rule {0:?} exists already")]
    DuplicateRule(String),
    #[error("a rule needs at least one field")]
    RuleWithoutFields,
    #[error("field {0:?} cannot be used in a rule")]
    FieldNotForRules(String),
    #[error("a contact cannot be linked with itself")]
    SelfLink,
    #[error("contact {0:?} is alone")]
    LoneContact(String),
    #[error("a limit must be at least 2")]
    LimitTooSmall,
    #[error("region {0:?} is not known")]
    UnknownRegion(String),
}

/// Why a change set was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("change {index}: {problem}")]
pub struct ChangeError {
    /// Index of the bad change.
    pub index: usize,
    /// What is wrong with it.
    pub problem: ChangeProblem,
}

/// Identity of a group in the engine; older groups have smaller ones.
pub type GroupId = u64;

/// A group of two or more that is new or different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupChange {
    /// Null for a new group of a preview (ruling 29).
    pub id: Option<GroupId>,
    /// External ids, oldest contact first.
    pub contacts: Vec<String>,
}

/// A key that links nobody at the moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SuspendedKey {
    /// Key of the rule.
    pub rule: String,
    /// Values of the key.
    pub values: Vec<String>,
    /// Live contacts that hold it.
    pub contacts: u32,
    /// Which guard.
    #[serde(flatten)]
    pub suspension: Suspension,
}

/// The answer to a change set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Changes accepted.
    pub applied: usize,
    /// Changes that changed something; the others asked for the state that already was (ruling 23).
    pub effective: usize,
    /// Every group of two or more that is new or different.
    pub groups: Vec<GroupChange>,
    /// Ids that had two or more members and have no group of two or more now (ruling 29).
    pub dissolved: Vec<GroupId>,
    /// Retired ids with the group of their oldest living member; null where that is new in a preview or all are gone.
    pub redirects: Vec<(GroupId, Option<GroupId>)>,
    /// Keys suspended in the part of the project that the set touched.
    pub suspended: Vec<SuspendedKey>,
    /// Flags in that part.
    pub flags: Vec<Flag<String>>,
}
