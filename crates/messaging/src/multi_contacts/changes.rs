//! Change sets (api.md section 6): everything at once or nothing, groups computed once at the end (rulings 22-24).

use super::{NewRule, ProjectSettings, RuleMode, context, overrides, rules, store, values};
use crate::contacts::{self, NewContact, values as field_values};
use crate::{MessagingError, Result, connections};
use db::Tx;
use model::{AccountId, ConnectionId, ContactId, Env, GroupId, ProjectId, ValueSource};
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
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// See [`ProjectSettings::hub_limit`].
    #[serde(default, deserialize_with = "given")]
    pub hub_limit: Option<Option<u32>>,
    /// See [`ProjectSettings::max_group`].
    #[serde(default, deserialize_with = "given")]
    pub max_group: Option<Option<u32>>,
    /// See [`ProjectSettings::default_region`].
    pub default_region: Option<String>,
    /// See [`ProjectSettings::placeholders`].
    pub placeholders: Option<Vec<String>>,
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
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
        error: MessagingError,
    },
    /// The storage failed.
    Messaging(MessagingError),
}

impl From<db::DbError> for ChangeRefused {
    fn from(error: db::DbError) -> Self {
        Self::Messaging(error.into())
    }
}

impl From<MessagingError> for ChangeRefused {
    fn from(error: MessagingError) -> Self {
        Self::Messaging(error)
    }
}

/// What a set needs besides its changes.
struct Set<'a> {
    env: &'a Env,
    account: &'a AccountId,
    project: &'a ProjectId,
    by: Option<&'a str>,
    api: ConnectionId,
    /// Groups before the set: ids are matched between before and after (rulings 22).
    before: BTreeMap<GroupId, Vec<ContactId>>,
    needs_keys: bool,
}

/// Applies a change set, or says what it would do.
///
/// # Errors
/// [`ChangeRefused::Preview`] with the answer of a preview: the transaction is undone by it.
pub async fn apply(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    by: Option<&str>,
    changes: Vec<Change>,
    is_preview: bool,
) -> std::result::Result<Answer, ChangeRefused> {
    crate::events::lock(tx, account).await?;
    let api = connections::of_kind(tx, account, project, "api").await?.id;
    let mut before: BTreeMap<GroupId, Vec<ContactId>> = BTreeMap::new();
    for (id, _, group) in store::all_contacts(tx, account, project).await? {
        before.entry(group).or_default().push(id);
    }
    let mut set = Set { env, account, project, by, api, before, needs_keys: false };
    let applied = changes.len();
    for (index, change) in changes.into_iter().enumerate() {
        apply_one(tx, &mut set, change).await.map_err(|error| ChangeRefused::At { index, error })?;
    }
    if set.needs_keys {
        super::rebuild(tx, env, account, project).await?;
    }
    let answer = answer(tx, &set, applied, is_preview).await?;
    if is_preview { Err(ChangeRefused::Preview(Box::new(answer))) } else { Ok(answer) }
}

async fn apply_one(tx: &mut Tx, set: &mut Set<'_>, change: Change) -> Result<()> {
    let (env, account, project) = (set.env, set.account, set.project);
    match change {
        Change::Create(contact) => create(tx, set, contact).await,
        Change::Set(contact) => {
            let id = named(tx, set, &contact.external_id, contact.connection_id.as_ref()).await?;
            set_fields(tx, set, &id, &contact.fields).await
        }
        Change::Delete { external_id, connection_id } => {
            let id = named(tx, set, &external_id, connection_id.as_ref()).await?;
            contacts::delete(tx, env, account, project, &id).await
        }
        Change::RuleAdd(rule) => add_rule(tx, set, rule).await,
        Change::RuleEdit(rule) => edit_rule(tx, set, rule).await,
        Change::RuleRemove { key } => {
            let rule = rule_named(tx, set, &key).await?;
            set.needs_keys = true;
            rules::delete(tx, account, project, &rule.id).await
        }
        Change::RuleEnable { key } => switch_rule(tx, set, &key, true).await,
        Change::RuleDisable { key } => switch_rule(tx, set, &key, false).await,
        Change::Link { a, b } => {
            let (a, b) = (named(tx, set, &a, None).await?, named(tx, set, &b, None).await?);
            settle(tx, set).await?;
            overrides::link(tx, env, account, project, &a, &b, set.by, None).await.map(drop)
        }
        Change::Unlink { contact } => {
            let id = named(tx, set, &contact, None).await?;
            // An unlink captures the group as computed after the changes before it (rulings 22).
            settle(tx, set).await?;
            overrides::unlink(tx, env, account, project, &id, set.by, None).await.map(drop)
        }
        Change::UndoLink { a, b } => {
            let (a, b) = (named(tx, set, &a, None).await?, named(tx, set, &b, None).await?);
            settle(tx, set).await?;
            undo(tx, set, |o| {
                o.kind == super::OverrideKind::Link
                    && ((o.subject == a && o.others.contains(&b)) || (o.subject == b && o.others.contains(&a)))
            })
            .await
        }
        Change::UndoUnlink { contact } => {
            let id = named(tx, set, &contact, None).await?;
            settle(tx, set).await?;
            undo(tx, set, |o| o.kind == super::OverrideKind::Unlink && o.subject == id).await
        }
        Change::BlockValue { field, value } => value_state(tx, set, &field, &value, Some(true), true).await,
        Change::UnblockValue { field, value } => value_state(tx, set, &field, &value, Some(true), false).await,
        Change::AllowValue { field, value } => value_state(tx, set, &field, &value, Some(false), true).await,
        Change::DisallowValue { field, value } => value_state(tx, set, &field, &value, Some(false), false).await,
        Change::Settings { settings } => {
            let standing = context::settings(tx, account, project).await?;
            set.needs_keys = true;
            context::save_settings(tx, account, project, &settings.over(standing)).await
        }
    }
}

/// Brings keys and groups up to date before a change that looks at groups.
async fn settle(tx: &mut Tx, set: &mut Set<'_>) -> Result<()> {
    if std::mem::take(&mut set.needs_keys) {
        super::rebuild(tx, set.env, set.account, set.project).await?;
    }
    Ok(())
}

async fn create(tx: &mut Tx, set: &mut Set<'_>, contact: ContactChange) -> Result<()> {
    if contact.external_id.is_empty() || contact.external_id.len() > 200 {
        return Err(MessagingError::invalid("external_id", "wrong_form", "1 to 200 characters"));
    }
    let connection = connection_of(tx, set, contact.connection_id.as_ref()).await?;
    if contacts::find(tx, set.account, &connection.id, &contact.external_id).await?.is_some() {
        return Err(MessagingError::invalid("external_id", "duplicate", "there is a contact of this name"));
    }
    let new = NewContact {
        project_id: set.project.clone(),
        connection_id: connection.id,
        channel: connection.kind,
        handle: Some(contact.external_id.clone()),
        external_id: contact.external_id,
        address: None,
        name: None,
        demo: false,
    };
    let known = contacts::upsert(tx, set.env, set.account, &new).await?;
    set_fields(tx, set, &known.id, &contact.fields).await
}

async fn set_fields(tx: &mut Tx, set: &Set<'_>, id: &ContactId, given: &BTreeMap<String, Value>) -> Result<()> {
    let given = field_values_of(given)?;
    let giver = field_values::Giver { source: ValueSource::Api, set_by: set.by.map(str::to_owned), is_verified: true };
    field_values::set(tx, set.env, set.account, set.project, id, &given, &giver).await?;
    Ok(())
}

/// Values by field from JSON: a text, number or yes/no, a list of them, or null.
///
/// # Errors
/// For an object or a nested list.
pub fn field_values_of(given: &BTreeMap<String, Value>) -> Result<field_values::Given> {
    let one = |key: &str, value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(MessagingError::invalid(&format!("fields.{key}"), "wrong_form", "a text, a list of texts, or null")),
    };
    let mut all = field_values::Given::new();
    for (key, value) in given {
        let values = match value {
            Value::Null => Vec::new(),
            Value::Array(list) => list.iter().map(|v| one(key, v)).collect::<Result<Vec<_>>>()?,
            single => vec![one(key, single)?],
        };
        all.insert(key.clone(), values);
    }
    Ok(all)
}

async fn connection_of(tx: &mut Tx, set: &Set<'_>, id: Option<&ConnectionId>) -> Result<connections::Connection> {
    let wanted = id.unwrap_or(&set.api);
    let connection = connections::get(tx, set.account, wanted).await?;
    if connection.project_id == *set.project { Ok(connection) } else { Err(MessagingError::NotFound) }
}

/// A contact by its external id, or by its contact id (rulings 24).
async fn named(tx: &mut Tx, set: &Set<'_>, name: &str, connection: Option<&ConnectionId>) -> Result<ContactId> {
    let unknown = || MessagingError::invalid("external_id", "unknown_contact", format!("there is no contact {name}"));
    let connection = connection_of(tx, set, connection).await?;
    if let Some(id) = contacts::find(tx, set.account, &connection.id, name).await? {
        return Ok(id);
    }
    let id: ContactId = name.parse().map_err(|_| unknown())?;
    let brief = store::brief(tx, set.account, set.project, &id).await?;
    brief.map(|_| id).ok_or_else(unknown)
}

async fn rule_named(tx: &mut Tx, set: &Set<'_>, key: &str) -> Result<super::Rule> {
    let rules = rules::list(tx, set.account, set.project).await?;
    let unknown = || MessagingError::invalid("key", "unknown_rule", format!("there is no rule {key}"));
    rules.into_iter().find(|rule| rule.key == key).ok_or_else(unknown)
}

async fn add_rule(tx: &mut Tx, set: &mut Set<'_>, rule: RuleChange) -> Result<()> {
    let new = NewRule {
        key: Some(rule.key),
        fields: rule.fields.unwrap_or_default(),
        mode: rule.mode.unwrap_or_default(),
        enabled: rule.enabled.unwrap_or(true),
        verified_only: rule.verified_only.unwrap_or(false),
        hub_limit: rule.hub_limit,
        position: rule.position,
    };
    set.needs_keys = true;
    rules::save(tx, set.env, set.account, set.project, None, &new).await.map(drop)
}

async fn edit_rule(tx: &mut Tx, set: &mut Set<'_>, rule: RuleChange) -> Result<()> {
    let standing = rule_named(tx, set, &rule.key).await?;
    let new = NewRule {
        key: Some(rule.key),
        fields: rule.fields.unwrap_or(standing.fields),
        mode: rule.mode.unwrap_or(standing.mode),
        enabled: rule.enabled.unwrap_or(standing.enabled),
        verified_only: rule.verified_only.unwrap_or(standing.verified_only),
        hub_limit: rule.hub_limit.or(standing.hub_limit),
        position: Some(rule.position.unwrap_or(standing.position)),
    };
    set.needs_keys = true;
    rules::save(tx, set.env, set.account, set.project, Some(&standing.id), &new).await.map(drop)
}

async fn switch_rule(tx: &mut Tx, set: &mut Set<'_>, key: &str, enabled: bool) -> Result<()> {
    let rule = rule_named(tx, set, key).await?;
    if rule.enabled == enabled {
        return Ok(());
    }
    set.needs_keys = true;
    rules::write(tx, set.account, set.project, &super::Rule { enabled, ..rule }).await
}

async fn undo(tx: &mut Tx, set: &Set<'_>, is_meant: impl Fn(&super::Override) -> bool) -> Result<()> {
    let standing = overrides::list(tx, set.account, set.project).await?;
    for decision in standing.iter().filter(|o| is_meant(o)) {
        overrides::undo(tx, set.env, set.account, set.project, &decision.id).await?;
    }
    Ok(())
}

async fn value_state(
    tx: &mut Tx,
    set: &mut Set<'_>,
    field: &str,
    value: &str,
    is_blocked: Option<bool>,
    is_set: bool,
) -> Result<()> {
    set.needs_keys = true;
    if is_set {
        let blocked = is_blocked.unwrap_or(false);
        values::set(tx, set.env, set.account, set.project, field, value, blocked, set.by).await
    } else {
        values::unset(tx, set.account, set.project, field, value, is_blocked).await
    }
}

async fn answer(tx: &mut Tx, set: &Set<'_>, applied: usize, is_preview: bool) -> Result<Answer> {
    let mut after: BTreeMap<GroupId, Vec<ContactId>> = BTreeMap::new();
    for (id, _, group) in store::all_contacts(tx, set.account, set.project).await? {
        after.entry(group).or_default().push(id);
    }
    let mut groups = Vec::new();
    for (id, members) in after.iter().filter(|(_, members)| members.len() > 1) {
        if set.before.get(id) == Some(members) {
            continue;
        }
        let mut names = Vec::with_capacity(members.len());
        for member in members {
            names.push(contacts::get(tx, set.account, member).await?.external_id);
        }
        let is_new = !set.before.contains_key(id);
        groups.push(ChangedGroup { id: (!(is_preview && is_new)).then(|| id.clone()), contacts: names });
    }
    let is_plural = |members: &Vec<ContactId>| members.len() > 1;
    let dissolved =
        set.before.iter().filter(|(id, members)| is_plural(members) && !after.get(*id).is_some_and(is_plural));
    let dissolved = dissolved.map(|(id, _)| id.clone()).collect();
    Ok(Answer { applied, groups, dissolved, suspended: values::suspended(tx, set.account, set.project).await? })
}
