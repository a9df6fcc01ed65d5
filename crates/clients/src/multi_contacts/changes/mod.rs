//! Change sets as they come and what is answered (api.md section 6).

mod apply;

pub use apply::apply;

use messaging::multi_contacts::{ProjectSettings, RuleMode};
use model::Refusal;
use model::{ConnectionId, GroupId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One change of a set.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of api.md section 6")]
pub enum Change {
    /// A new contact.
    Create(ContactChange),
    /// Values of a contact.
    Set(ContactChange),
    /// A contact goes.
    Delete { external_id: String, connection_id: Option<ConnectionId> },
    /// A new rule.
    RuleAdd(RuleChange),
    /// Another form of a rule.
    RuleEdit(RuleChange),
    /// A rule goes.
    RuleRemove { key: String },
    /// A rule works again.
    RuleEnable { key: String },
    /// A rule rests.
    RuleDisable { key: String },
    /// Two are one client.
    Link { a: String, b: String },
    /// Take that back.
    UndoLink { a: String, b: String },
    /// Another client than the rest of its group.
    Unlink { contact: String },
    /// Take that back.
    UndoUnlink { contact: String },
    /// A value acts as empty.
    BlockValue { field: String, value: String },
    /// Take that back.
    UnblockValue { field: String, value: String },
    /// A value has no hub limit.
    AllowValue { field: String, value: String },
    /// Take that back.
    DisallowValue { field: String, value: String },
    /// Settings of the project.
    Settings { settings: SettingsChange },
}

impl Change {
    /// Whether it is a decision about a value.
    fn is_decision(&self) -> bool {
        matches!(
            self,
            Self::BlockValue { .. } | Self::UnblockValue { .. } | Self::AllowValue { .. } | Self::DisallowValue { .. }
        )
    }

    /// Whether somebody decides by it who is whose client.
    fn is_by_hand(&self) -> bool {
        matches!(self, Self::Link { .. } | Self::UndoLink { .. } | Self::Unlink { .. } | Self::UndoUnlink { .. })
    }

    /// Whether rules, settings or decided values change by it.
    fn is_of_config(&self) -> bool {
        match self {
            Self::RuleAdd(_)
            | Self::RuleEdit(_)
            | Self::RuleRemove { .. }
            | Self::RuleEnable { .. }
            | Self::RuleDisable { .. }
            | Self::BlockValue { .. }
            | Self::UnblockValue { .. }
            | Self::AllowValue { .. }
            | Self::DisallowValue { .. }
            | Self::Settings { .. } => true,
            Self::Create(_)
            | Self::Set(_)
            | Self::Delete { .. }
            | Self::Link { .. }
            | Self::UndoLink { .. }
            | Self::Unlink { .. }
            | Self::UndoUnlink { .. } => false,
        }
    }
}

/// A contact and its values.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChange {
    /// The caller's name of the contact, or a contact id.
    pub external_id: String,
    /// Value, list of values, or null by field.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<String, Value>,
    /// The project's API connection when missing.
    pub connection_id: Option<ConnectionId>,
}

/// A rule.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    /// The caller's key.
    pub key: String,
    /// Fields; kept when missing in an edit.
    pub fields: Option<Vec<String>>,
    /// Works.
    pub enabled: Option<bool>,
    /// Verified values only.
    pub verified_only: Option<bool>,
    /// Join or propose.
    pub mode: Option<RuleMode>,
    /// Own limit.
    pub hub_limit: Option<u32>,
    /// Place.
    pub position: Option<i64>,
}

/// Settings to change; a missing key stays, null switches off.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// See [`ProjectSettings::hub_limit`].
    #[serde(default, deserialize_with = "http_kit::given", skip_serializing_if = "Option::is_none")]
    pub hub_limit: Option<Option<u32>>,
    /// See [`ProjectSettings::max_group`].
    #[serde(default, deserialize_with = "http_kit::given", skip_serializing_if = "Option::is_none")]
    pub max_group: Option<Option<u32>>,
    /// See [`ProjectSettings::default_region`].
    pub default_region: Option<String>,
    /// See [`ProjectSettings::placeholders`].
    pub placeholders: Option<Vec<String>>,
}

impl SettingsChange {
    /// The standing settings with this change.
    pub fn over(self, standing: ProjectSettings) -> ProjectSettings {
        ProjectSettings {
            hub_limit: self.hub_limit.unwrap_or(standing.hub_limit),
            max_group: self.max_group.unwrap_or(standing.max_group),
            default_region: self.default_region.unwrap_or(standing.default_region),
            placeholders: self.placeholders.unwrap_or(standing.placeholders),
        }
    }
}

/// What a change set did or would do.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Answer {
    /// Changes taken.
    pub applied: usize,
    /// Groups of two or more that are new or different.
    pub groups: Vec<ChangedGroup>,
    /// Ids that have no group of two or more now.
    pub dissolved: Vec<GroupId>,
    /// Values over the hub limit.
    pub suspended: Vec<super::ValueState>,
}

/// A changed group.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ChangedGroup {
    /// Null for a new group of a preview.
    pub id: Option<GroupId>,
    /// External ids, oldest contact first.
    pub contacts: Vec<String>,
}

/// Why a set was not applied.
#[derive(Debug)]
pub enum ChangeRefused {
    /// It was only a preview: everything was undone.
    Preview(Box<Answer>),
    /// A change is bad.
    At {
        /// Its index.
        index: usize,
        /// What is wrong.
        error: Refusal,
    },
    /// The storage failed.
    Messaging(Refusal),
}

impl From<db::DbError> for ChangeRefused {
    fn from(error: db::DbError) -> Self {
        Self::Messaging(error.into())
    }
}

impl From<Refusal> for ChangeRefused {
    fn from(error: Refusal) -> Self {
        Self::Messaging(error)
    }
}
