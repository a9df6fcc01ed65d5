//! Applies a change set: everything at once or nothing, groups computed once at the end (rulings 22-24).

use super::{Answer, Change, ChangeRefused, ChangedGroup, ContactChange, RuleChange};
use crate::multi_contacts::rules;
use crate::multi_contacts::settings;
use crate::multi_contacts::store;
use crate::multi_contacts::{NewRule, log, values};
use db::Tx;
use messaging::connections;
use messaging::contacts::{self, NewContact, values as field_values};
use messaging::multi_contacts::rules as core_rules;
use messaging::multi_contacts::{Decisions, Grouping, Override, OverrideKind, Rule, context, overrides};
use model::{AccountId, ChannelKind, ConnectionId, ContactId, Cx, Env, ProjectId, ValueSource};
use model::{Refusal, Result};
use serde_json::Value;
use std::collections::BTreeMap;

/// Decisions about values of a set that are followed one by one.
const FEW_DECISIONS: usize = 5;

/// What a set needs besides its changes.
struct Set<'a> {
    env: &'a Env,
    account: &'a AccountId,
    project: &'a ProjectId,
    by: Option<&'a str>,
    api: ConnectionId,
    grouping: Grouping<'a>,
    decisions: Decisions,
}

/// Applies a change set, or says what it would do. Which values are suspended then is left out of an applied set's answer: every key is
/// looked at for it, and nobody should wait for that. [`values::suspended`] says it from a reader.
///
/// # Errors
/// [`ChangeRefused::Preview`] with the answer of a preview: the transaction is undone by it.
pub async fn apply(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    by: Option<&str>,
    changes: Vec<Change>,
    is_preview: bool,
) -> std::result::Result<Answer, ChangeRefused> {
    let grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    let api = connections::of_kind(cx.tx, cx.account, project, ChannelKind::Api).await?.id;
    let decisions = match changes.iter().any(Change::is_by_hand) {
        true => Decisions::begin(cx.tx, cx.account, project).await?,
        false => Decisions::default(),
    };
    let mut set = Set { env: cx.env, account: cx.account, project, by, api, grouping, decisions };
    let applied = changes.len();
    // Each decision looks for those who hold the value: of many, one look at everybody is less.
    if changes.iter().filter(|change| change.is_decision()).count() > FEW_DECISIONS {
        set.grouping.rules_changed();
    }
    let before = match changes.iter().any(Change::is_of_config) {
        true => Some(log::config(cx.tx, cx.account, project).await?),
        false => None,
    };
    for (index, change) in changes.into_iter().enumerate() {
        apply_one(cx.tx, &mut set, change).await.map_err(|error| ChangeRefused::At { index, error })?;
    }
    let done = set.grouping.finish(cx.tx).await?;
    if let Some(before) = before {
        log::record_config(cx, project, before, done.effect, by).await?;
    }
    // The effect is that of the whole set.
    set.decisions.record(cx, project, done.effect, by).await?;
    let mut groups = Vec::with_capacity(done.groups.len());
    for group in done.groups {
        let mut names = Vec::with_capacity(group.members.len());
        for member in &group.members {
            names.push(contacts::get(cx.tx, cx.account, member).await?.external_id);
        }
        groups.push(ChangedGroup { id: (!(is_preview && group.is_new)).then_some(group.id), contacts: names });
    }
    let mut answer = Answer { applied, groups, dissolved: done.dissolved, suspended: Vec::new() };
    if !is_preview {
        return Ok(answer);
    }
    answer.suspended = values::suspended(cx.tx, cx.account, project).await?;
    Err(ChangeRefused::Preview(Box::new(answer)))
}

async fn apply_one(tx: &mut Tx, set: &mut Set<'_>, change: Change) -> Result<()> {
    let (account, project) = (set.account, set.project);
    match change {
        Change::Create(contact) => create(tx, set, contact).await,
        Change::Set(contact) => {
            let id = named(tx, set, &contact.external_id, contact.connection_id.as_ref()).await?;
            set_fields(tx, set, &id, &contact.fields).await
        }
        Change::Delete { external_id, connection_id } => {
            let id = named(tx, set, &external_id, connection_id.as_ref()).await?;
            contacts::delete_in(tx, &mut set.grouping, &id).await
        }
        Change::RuleAdd(rule) => add_rule(tx, set, rule).await,
        Change::RuleEdit(rule) => edit_rule(tx, set, rule).await,
        Change::RuleRemove { key } => {
            let rule = rule_named(tx, set, &key).await?;
            set.grouping.rules_changed();
            rules::delete(tx, account, project, &rule.id).await
        }
        Change::RuleEnable { key } => switch_rule(tx, set, &key, true).await,
        Change::RuleDisable { key } => switch_rule(tx, set, &key, false).await,
        Change::Link { a, b } => {
            let (a, b) = (named(tx, set, &a, None).await?, named(tx, set, &b, None).await?);
            let (_, made) = overrides::link_in(tx, &mut set.grouping, &a, &b, set.by, None).await?;
            made.into_iter().for_each(|made| set.decisions.made(made));
            Ok(())
        }
        Change::Unlink { contact } => {
            let id = named(tx, set, &contact, None).await?;
            let (_, made) = overrides::unlink_in(tx, &mut set.grouping, &id, set.by, None).await?;
            made.into_iter().for_each(|made| set.decisions.made(made));
            Ok(())
        }
        Change::UndoLink { a, b } => {
            let (a, b) = (named(tx, set, &a, None).await?, named(tx, set, &b, None).await?);
            undo(tx, set, |o| {
                o.kind == OverrideKind::Link
                    && ((o.subject == a && o.others.contains(&b)) || (o.subject == b && o.others.contains(&a)))
            })
            .await
        }
        Change::UndoUnlink { contact } => {
            let id = named(tx, set, &contact, None).await?;
            undo(tx, set, |o| o.kind == OverrideKind::Unlink && o.subject == id).await
        }
        Change::BlockValue { field, value } => value_state(tx, set, &field, &value, Some(true), true).await,
        Change::UnblockValue { field, value } => value_state(tx, set, &field, &value, Some(true), false).await,
        Change::AllowValue { field, value } => value_state(tx, set, &field, &value, Some(false), true).await,
        Change::DisallowValue { field, value } => value_state(tx, set, &field, &value, Some(false), false).await,
        Change::Settings { settings } => {
            let standing = context::settings(tx, account, project).await?;
            set.grouping.rules_changed();
            settings::save(tx, account, project, &settings.over(standing)).await
        }
    }
}

async fn create(tx: &mut Tx, set: &mut Set<'_>, contact: ContactChange) -> Result<()> {
    if contact.external_id.is_empty() || contact.external_id.len() > 200 {
        return Err(Refusal::invalid("external_id", "wrong_form", "1 to 200 characters"));
    }
    let connection = connection_of(tx, set, contact.connection_id.as_ref()).await?;
    if contacts::find(tx, set.account, &connection.id, &contact.external_id).await?.is_some() {
        return Err(Refusal::invalid("external_id", "duplicate", "there is a contact of this name"));
    }
    let new = NewContact {
        project_id: *set.project,
        connection_id: connection.id,
        channel: connection.kind,
        handle: Some(contact.external_id.clone()),
        external_id: contact.external_id,
        address: None,
        name: None,
        demo: false,
    };
    let known = contacts::upsert(&mut Cx::new(tx, set.env, set.account), &new).await?;
    set.grouping.created(tx, &known.id).await?;
    set_fields(tx, set, &known.id, &contact.fields).await
}

async fn set_fields(tx: &mut Tx, set: &mut Set<'_>, id: &ContactId, given: &BTreeMap<String, Value>) -> Result<()> {
    let given = field_values::given_from_json(given)?;
    let giver = field_values::Giver { source: ValueSource::Api, set_by: set.by.map(str::to_owned), is_verified: true };
    let known = field_values::Known::load(tx, set.account, set.project).await?;
    field_values::set_in(tx, &mut set.grouping, &known, id, &given, &giver).await?;
    Ok(())
}

async fn connection_of(tx: &mut Tx, set: &Set<'_>, id: Option<&ConnectionId>) -> Result<connections::Connection> {
    let wanted = id.unwrap_or(&set.api);
    let connection = connections::get(tx, set.account, wanted).await?;
    if connection.project_id == *set.project { Ok(connection) } else { Err(Refusal::NotFound) }
}

/// A contact by its external id, or by its contact id (rulings 24).
async fn named(tx: &mut Tx, set: &Set<'_>, name: &str, connection: Option<&ConnectionId>) -> Result<ContactId> {
    let unknown = || Refusal::invalid("external_id", "unknown_contact", format!("there is no contact {name}"));
    let connection = connection_of(tx, set, connection).await?;
    if let Some(id) = contacts::find(tx, set.account, &connection.id, name).await? {
        return Ok(id);
    }
    let id: ContactId = name.parse().map_err(|_| unknown())?;
    let brief = store::brief(tx, set.account, set.project, &id).await?;
    brief.map(|_| id).ok_or_else(unknown)
}

async fn rule_named(tx: &mut Tx, set: &Set<'_>, key: &str) -> Result<Rule> {
    let rules = core_rules::list(tx, set.account, set.project).await?;
    let unknown = || Refusal::invalid("key", "unknown_rule", format!("there is no rule {key}"));
    rules.into_iter().find(|rule| rule.key == key).ok_or_else(unknown)
}

async fn add_rule(tx: &mut Tx, set: &mut Set<'_>, rule: RuleChange) -> Result<()> {
    let new = NewRule {
        id: None,
        key: Some(rule.key),
        fields: rule.fields.unwrap_or_default(),
        mode: rule.mode.unwrap_or_default(),
        enabled: rule.enabled.unwrap_or(true),
        verified_only: rule.verified_only.unwrap_or(false),
        hub_limit: rule.hub_limit,
        position: rule.position,
    };
    set.grouping.rules_changed();
    rules::save(&mut Cx::new(tx, set.env, set.account), set.project, None, &new).await.map(drop)
}

async fn edit_rule(tx: &mut Tx, set: &mut Set<'_>, rule: RuleChange) -> Result<()> {
    let standing = rule_named(tx, set, &rule.key).await?;
    let new = NewRule {
        id: None,
        key: Some(rule.key),
        fields: rule.fields.unwrap_or(standing.fields),
        mode: rule.mode.unwrap_or(standing.mode),
        enabled: rule.enabled.unwrap_or(standing.enabled),
        verified_only: rule.verified_only.unwrap_or(standing.verified_only),
        hub_limit: rule.hub_limit.or(standing.hub_limit),
        position: Some(rule.position.unwrap_or(standing.position)),
    };
    set.grouping.rules_changed();
    rules::save(&mut Cx::new(tx, set.env, set.account), set.project, Some(&standing.id), &new).await.map(drop)
}

async fn switch_rule(tx: &mut Tx, set: &mut Set<'_>, key: &str, enabled: bool) -> Result<()> {
    let rule = rule_named(tx, set, key).await?;
    if rule.enabled == enabled {
        return Ok(());
    }
    set.grouping.rules_changed();
    rules::write(tx, set.account, set.project, &Rule { enabled, ..rule }).await
}

async fn undo(tx: &mut Tx, set: &mut Set<'_>, is_meant: impl Fn(&Override) -> bool) -> Result<()> {
    let standing = overrides::list(tx, set.account, set.project).await?;
    for decision in standing.iter().filter(|o| is_meant(o)) {
        let gone = overrides::undo_in(tx, &mut set.grouping, &decision.id).await?;
        set.decisions.undone(gone);
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
    let before = set.grouping.before_deciding(tx).await?;
    let norm = if is_set {
        let blocked = is_blocked.unwrap_or(false);
        values::set(&mut Cx::new(tx, set.env, set.account), set.project, field, value, blocked, set.by).await?
    } else {
        values::unset(tx, set.account, set.project, field, value, is_blocked).await?
    };
    set.grouping.values_decided(tx, &before, &[(field.to_owned(), norm)].into()).await
}
