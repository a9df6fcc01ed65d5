//! One person on one connection, and what is known of them.

use crate::words;
use crate::{ChannelKind, ConnectionId, ContactId, GroupId, ProjectId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A contact as the API and the event log show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Contact {
    /// Contact id.
    pub id: ContactId,
    /// Project.
    pub project_id: ProjectId,
    /// Connection.
    pub connection_id: ConnectionId,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// The channel's own id of the person.
    pub external_id: String,
    /// `@name`, `Посетитель 48107` and the like.
    pub handle: String,
    /// Name, when known.
    pub name: Option<String>,
    /// Values by field key.
    pub fields: BTreeMap<String, Vec<FieldValue>>,
    /// Tags.
    pub tags: Vec<String>,
    /// The multi-contact it belongs to; a lone contact has one of its own.
    pub multi_contact_id: GroupId,
    /// First seen.
    pub created_at: Timestamp,
    /// Last message or visit; null for who came in a table and was never seen.
    #[serde(with = "crate::never")]
    #[schema(value_type = Option<Timestamp>)]
    pub last_seen_at: Timestamp,
    /// Demo data.
    pub demo: bool,
    /// For whom of ours its name may be taken; absent for nobody. Never stored: whoever shows it finds out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<LooksLike>,
}

/// For whom of ours the name of a client may be taken (security statement 36).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LooksLike {
    /// Somebody of the team.
    Team,
    /// Support, an administrator and the like.
    Service,
}

/// One value of a field, with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldValue {
    /// As it was given.
    pub value: String,
    /// Attested (rulings 35).
    pub verified: bool,
    /// Who said so.
    pub source: ValueSource,
    /// User id, connection id or null.
    pub set_by: Option<String>,
    /// When.
    pub set_at: Timestamp,
    /// Why it is compared with nothing: it is kept as it was given, is never verified, joins nobody and parts nobody. Absent for a value
    /// that can be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unusable: Option<Unusable>,
    /// What the field held before this unusable value. It is compared on, until a usable value comes or the field is emptied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still_compared: Vec<String>,
}

/// Why a value is compared with nothing (rulings 31, ADR 20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unusable {
    /// Nothing visible in it.
    Empty,
    /// It says that there is none, as `-` or `нет`: a field that holds only such counts as empty.
    Placeholder,
    /// No value of the field's kind, as a phone `12`.
    Invalid,
    /// Of the right form, and of nobody, as a phone of one repeated digit.
    Garbage,
}

words!(Unusable { Empty = "empty", Placeholder = "placeholder", Invalid = "invalid", Garbage = "garbage" });

/// Where a value came from (rulings 35).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueSource {
    /// An operator's edit.
    Operator,
    /// A scenario's saved answer.
    Bot,
    /// JavaScript API without a token: a claim.
    Javascript,
    /// A token signed by the site's server.
    IdentityToken,
    /// The messenger itself.
    Channel,
    /// REST API.
    Api,
    /// CSV.
    Import,
}

words!(ValueSource {
    Operator = "operator", Bot = "bot", Javascript = "javascript", IdentityToken = "identity_token", Channel = "channel",
    Api = "api", Import = "import",
});

impl ValueSource {
    /// Whether a value from here counts as verified (rulings 35). A channel says so itself for each value.
    pub fn is_verified(self) -> bool {
        match self {
            Self::Operator | Self::IdentityToken | Self::Api | Self::Channel => true,
            Self::Bot | Self::Javascript | Self::Import => false,
        }
    }
}

/// One state of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PastValue {
    /// What happened.
    pub what: What,
    /// False for a claim that stands beside a stronger value and never was the value itself (rulings 35).
    pub taken: bool,
    /// The values from then on, or what was claimed.
    pub values: Vec<String>,
    /// Who said so.
    pub source: ValueSource,
    /// User, key or connection.
    pub set_by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Set.
    Set,
    /// Emptied.
    Cleared,
    /// Claimed by somebody who cannot prove it (rulings 35).
    Claimed,
}

words!(What { Set = "set", Cleared = "cleared", Claimed = "claimed" });

/// Kinds of fields (`api.md`, rulings 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Many lines.
    LongText,
    /// Decimal number.
    Number,
    /// ISO date.
    Date,
    /// ISO date and time.
    Datetime,
    /// Yes or no.
    Bool,
    /// One of the options.
    List,
    /// Some of the options.
    MultiList,
    /// Phone number.
    Phone,
    /// E-mail address.
    Email,
    /// Web address.
    Link,
    /// Somebody's id: skype, contract, customer id.
    Id,
}

words!(FieldKind {
    Text = "text", LongText = "long_text", Number = "number", Date = "date", Datetime = "datetime", Bool = "bool",
    List = "list", MultiList = "multi_list", Phone = "phone", Email = "email", Link = "link", Id = "id",
});
