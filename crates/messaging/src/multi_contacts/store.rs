//! SQL of keys, values and groups.

mod guarded;
pub(super) mod log;
pub(super) mod overrides;
pub mod regrouping;
pub(super) mod rules;
pub(super) mod survey;

pub use guarded::{add_guarded, guarded_among, guarded_of, set_all_guarded, set_guarded};

use crate::Result;
use db::{DbError, Dialect, Tx, Value as Bound, sql};
use identity::keys::{RuleKey, Value, ValueSet, Values};
use identity::universe::ContactNode;
use model::{AccountId, ContactId, GroupId, ProjectId, RuleId};
use std::collections::{BTreeMap, BTreeSet};

/// More holders than any limit that matters.
pub const MANY: i64 = 1_000_000;

/// The core knows a rule by the text of its row's id.
///
/// # Errors
/// When the text is no such id.
pub fn row_of(rule: &str) -> Result<RuleId> {
    rule.parse().map_err(|_| DbError::other(format!("{rule} is no row of a rule")).into())
}

/// What of a contact's values can match.
pub async fn usable_values(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Values> {
    let query = sql!(
        "SELECT field_key, norm, verified FROM field_values WHERE account_id = $1 AND contact_id = $2 AND norm IS NOT NULL
         ORDER BY field_key, place"
    );
    let mut values = Values::new();
    for (field, norm, verified) in query.bind(account).bind(id).all::<(String, String, bool)>(tx).await? {
        values.entry(field).or_default().push(Value { norm, verified });
    }
    Ok(values)
}

/// As [`usable_values`], for several contacts.
pub async fn usable_values_of(
    tx: &mut Tx,
    account: &AccountId,
    ids: &[ContactId],
) -> Result<BTreeMap<ContactId, Values>> {
    let query = sql!(
        "SELECT contact_id, field_key, norm, verified FROM field_values
         WHERE account_id = $1 AND contact_id = ANY($2) AND norm IS NOT NULL ORDER BY contact_id, field_key, place"
    );
    let query = query.bind(account).bind(Bound::ids(ids.iter().map(|id| id.bits())));
    let mut of_all: BTreeMap<ContactId, Values> = BTreeMap::new();
    for (id, field, norm, verified) in query.all::<(ContactId, String, String, bool)>(tx).await? {
        let values = of_all.entry(id).or_default();
        values.entry(field).or_default().push(Value { norm, verified });
    }
    Ok(of_all)
}

/// Every value of a contact: field, value, norm, why it is unusable, verified.
pub type HeldRow = (String, String, Option<String>, Option<String>, bool);

/// Everything a contact holds.
pub async fn held_values(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<HeldRow>> {
    let query = sql!(
        "SELECT field_key, value, norm, unusable, verified FROM field_values WHERE account_id = $1 AND contact_id = $2
         ORDER BY field_key, place"
    );
    Ok(query.bind(account).bind(id).all(tx).await?)
}

/// How many contacts hold a key.
pub async fn degree(tx: &mut Tx, account: &AccountId, key: &RuleKey) -> Result<i64> {
    let query = sql!("SELECT COUNT(*) FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash = $3");
    let (count,) = query.bind(account).bind(row_of(&key.rule)?).bind(&key.hash).one(tx).await?;
    Ok(count)
}

/// How many hold each of some keys of a rule, and one of them; keys that nobody holds are left out.
pub async fn degrees(
    tx: &mut Tx,
    account: &AccountId,
    rule: &str,
    hashes: &[&str],
) -> Result<BTreeMap<String, (i64, ContactId)>> {
    let query = sql!(
        "SELECT held.key_hash, held.holders,
           (SELECT contact_id FROM rule_keys WHERE rule_id = $2 AND key_hash = held.key_hash ORDER BY contact_id LIMIT 1)
         FROM (SELECT key_hash, COUNT(*) AS holders FROM rule_keys
               WHERE account_id = $1 AND rule_id = $2 AND key_hash = ANY($3) GROUP BY key_hash) AS held"
    );
    let query = query.bind(account).bind(row_of(rule)?).bind(Bound::texts(hashes.iter().copied()));
    let rows = query.all::<(String, i64, ContactId)>(tx).await?.into_iter();
    Ok(rows.map(|(hash, count, holder)| (hash, (count, holder))).collect())
}

/// Contacts that hold a key.
pub async fn holders(tx: &mut Tx, account: &AccountId, key: &RuleKey, limit: i64) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash = $3 ORDER BY contact_id LIMIT $4"
    );
    let rows = query.bind(account).bind(row_of(&key.rule)?).bind(&key.hash).bind(limit).all::<(ContactId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// As [`insert_keys`], one.
pub async fn insert_key(tx: &mut Tx, account: &AccountId, key: &RuleKey, id: &ContactId) -> Result<()> {
    insert_keys(tx, account, &[(key, id)]).await
}

/// Gives keys to contacts; those that have them keep them.
pub async fn insert_keys(tx: &mut Tx, account: &AccountId, keys: &[(&RuleKey, &ContactId)]) -> Result<()> {
    let query = sql!(
        "INSERT INTO rule_keys (account_id, rule_id, key_hash, contact_id, key_text) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (rule_id, key_hash, contact_id) DO NOTHING"
    );
    let mut rows = Vec::with_capacity(keys.len());
    for (key, id) in keys {
        rows.push(vec![row_of(&key.rule)?.into(), (&key.hash).into(), (**id).into(), (&key.text).into()]);
    }
    query.bind(account).execute_each(tx, &rows).await?;
    Ok(())
}

/// Takes a key from a contact.
pub async fn delete_key(tx: &mut Tx, account: &AccountId, key: &RuleKey, id: &ContactId) -> Result<()> {
    let query =
        sql!("DELETE FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash = $3 AND contact_id = $4");
    query.bind(account).bind(row_of(&key.rule)?).bind(&key.hash).bind(id).execute(tx).await?;
    Ok(())
}

/// As [`delete_key`], for a key known by its hash alone.
pub async fn delete_key_by_hash(
    tx: &mut Tx,
    account: &AccountId,
    rule: &str,
    hash: u128,
    id: &ContactId,
) -> Result<()> {
    let key = RuleKey { rule: rule.to_owned(), hash: identity::keys::hash_hex(hash), text: String::new() };
    delete_key(tx, account, &key, id).await
}

/// Age and group of a contact of this project.
pub async fn brief(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
) -> Result<Option<(i64, GroupId)>> {
    let query =
        sql!("SELECT created_seq, group_id FROM contacts WHERE account_id = $1 AND id = $2 AND project_id = $3");
    let row: Option<(i64, GroupId)> = query.bind(account).bind(id).bind(project).optional(tx).await?;
    Ok(row)
}

/// As [`brief`], for several contacts: those that are there.
pub async fn briefs(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    ids: &[ContactId],
) -> Result<Vec<(ContactId, i64, GroupId)>> {
    // The project is compared here: in the statement it would lead SQLite to read all of the project.
    let query =
        sql!("SELECT id, created_seq, group_id, project_id FROM contacts WHERE account_id = $1 AND id = ANY($2)");
    let query = query.bind(account).bind(Bound::ids(ids.iter().map(|id| id.bits())));
    let rows = query.all::<(ContactId, i64, GroupId, ProjectId)>(tx).await?.into_iter();
    let here = rows.filter(|(_, _, _, of)| of == project);
    Ok(here.map(|(id, seq, group, _)| (id, seq, group)).collect())
}

/// As [`members`], for several groups, with the members' ages.
pub async fn members_of(
    tx: &mut Tx,
    account: &AccountId,
    groups: &[GroupId],
) -> Result<BTreeMap<GroupId, Vec<ContactNode<ContactId>>>> {
    let query = sql!(
        "SELECT group_id, id, created_seq FROM contacts
         WHERE account_id = $1 AND group_id = ANY($2) ORDER BY group_id, created_seq"
    );
    let query = query.bind(account).bind(Bound::ids(groups.iter().map(|id| id.bits())));
    let mut of_all: BTreeMap<GroupId, Vec<ContactNode<ContactId>>> = BTreeMap::new();
    for (group, id, seq) in query.all::<(GroupId, ContactId, i64)>(tx).await? {
        let node = ContactNode { id, created_seq: u64::try_from(seq).unwrap_or(0) };
        of_all.entry(group).or_default().push(node);
    }
    Ok(of_all)
}

/// Contacts stored with a group, oldest first.
pub async fn members(tx: &mut Tx, account: &AccountId, group: &GroupId) -> Result<Vec<ContactId>> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND group_id = $2 ORDER BY created_seq");
    let rows = query.bind(account).bind(group).all::<(ContactId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The group a contact is stored with.
pub async fn group_of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Option<GroupId>> {
    let query = sql!("SELECT group_id FROM contacts WHERE account_id = $1 AND id = $2");
    let row: Option<(GroupId,)> = query.bind(account).bind(id).optional(tx).await?;
    Ok(row.map(|(group,)| group))
}

/// Every contact of a contact's group, oldest first.
pub async fn same_group(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<ContactId>> {
    match group_of(tx, account, id).await? {
        Some(group) => members(tx, account, &group).await,
        None => Ok(Vec::new()),
    }
}

/// Settings as stored: hub limit, largest group, region, and placeholders as JSON once they were set.
type SettingsRow = (Option<i64>, Option<i64>, String, Option<String>);

/// The settings of a project, if there is one.
pub(super) async fn settings(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<SettingsRow>> {
    let query = sql!(
        "SELECT hub_limit, max_group, default_region, placeholders FROM projects WHERE account_id = $1 AND id = $2"
    );
    Ok(query.bind(account).bind(project).optional(tx).await?)
}

/// Blocked and allowed values of a project.
pub async fn value_sets(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<(ValueSet, ValueSet)> {
    let query = sql!("SELECT field_key, norm, state FROM value_states WHERE account_id = $1 AND project_id = $2");
    let (mut blocked, mut allowed) = (ValueSet::new(), ValueSet::new());
    for (field, norm, state) in query.bind(account).bind(project).all::<(String, String, String)>(tx).await? {
        let set = match state.as_str() {
            "blocked" => &mut blocked,
            "allowed" => &mut allowed,
            other => return Err(DbError::other(format!("unknown state of a value in storage: {other}")).into()),
        };
        set.insert((field, norm));
    }
    Ok((blocked, allowed))
}

/// Contacts of a project that hold each of some values.
pub async fn holders_of_values(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    values: &ValueSet,
) -> Result<BTreeMap<(String, String), BTreeSet<ContactId>>> {
    if values.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = sql!(
        "SELECT contact_id, field_key, norm FROM field_values WHERE account_id = $1 AND field_key = ANY($2) AND norm = ANY($3)"
    );
    let fields = Bound::texts(values.iter().map(|(field, _)| field.as_str()));
    let query = query.bind(account).bind(fields);
    let query = query.bind(Bound::texts(values.iter().map(|(_, norm)| norm.as_str())));
    let mut found: Vec<(ContactId, (String, String))> = Vec::new();
    for (id, field, norm) in query.all::<(ContactId, String, String)>(tx).await? {
        found.push((id, (field, norm)));
    }
    found.retain(|(_, value)| values.contains(value));
    let ids: BTreeSet<ContactId> = found.iter().map(|(id, _)| *id).collect();
    let here = briefs(tx, account, project, &ids.into_iter().collect::<Vec<_>>()).await?;
    let here: BTreeSet<ContactId> = here.into_iter().map(|(id, ..)| id).collect();
    let mut holders: BTreeMap<(String, String), BTreeSet<ContactId>> = BTreeMap::new();
    for (id, value) in found.into_iter().filter(|(id, _)| here.contains(id)) {
        holders.entry(value).or_default().insert(id);
    }
    Ok(holders)
}

/// Notes where ids lead that no group has any more.
pub async fn retire_groups(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    retired: &[(GroupId, ContactId)],
) -> Result<()> {
    let query = sql!(
        "INSERT INTO retired_groups (account_id, project_id, id, contact_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, id) DO NOTHING"
    );
    let rows: Vec<_> = retired.iter().map(|(id, oldest)| vec![id.into(), oldest.into()]).collect();
    query.bind(account).bind(project).execute_each(tx, &rows).await?;
    Ok(())
}

/// Puts contacts into multi-contacts.
pub async fn set_groups(tx: &mut Tx, account: &AccountId, moved: &[(ContactId, GroupId)]) -> Result<()> {
    let query = match tx.dialect() {
        Dialect::Sqlite => sql!("UPDATE contacts SET group_id = $3 WHERE account_id = $1 AND id = $2"),
        // Its rows share a statement.
        Dialect::Postgres => sql!(
            "UPDATE contacts SET group_id = moved.column2 FROM (VALUES ($2::uuid, $3::uuid)) AS moved
             WHERE contacts.account_id = $1 AND contacts.id = moved.column1"
        ),
    };
    let rows: Vec<_> = moved.iter().map(|(id, group)| vec![id.into(), group.into()]).collect();
    query.bind(account).execute_each(tx, &rows).await?;
    Ok(())
}
