//! SQL of keys, values and groups.

mod guarded;

pub(super) use guarded::{add_guarded, guarded_among, guarded_of, set_all_guarded, set_guarded};

use super::Rule;
use crate::Result;
use db::{DbError, Row, Tx, Value as Bound, sql};
use identity::keys::{RuleKey, Value, ValueSet, Values};
use identity::universe::ContactNode;
use model::{AccountId, ContactId, FieldKind, GroupId, ProjectId, RuleId};
use std::collections::{BTreeMap, BTreeSet};

/// More holders than any limit that matters.
pub(super) const MANY: i64 = 1_000_000;

fn contact(id: String) -> ContactId {
    ContactId::from_stored(id)
}

pub(super) async fn usable_values(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Values> {
    let query = sql!(
        "SELECT field_key, norm, verified FROM field_values WHERE account_id = $1 AND contact_id = $2 AND norm IS NOT NULL
         ORDER BY field_key, place"
    );
    let mut values = Values::new();
    for (field, norm, verified) in
        query.bind(account.as_str()).bind(id.as_str()).all::<(String, String, bool)>(tx).await?
    {
        values.entry(field).or_default().push(Value { norm, verified });
    }
    Ok(values)
}

/// As [`usable_values`], for several contacts.
pub(super) async fn usable_values_of(
    tx: &mut Tx,
    account: &AccountId,
    ids: &[ContactId],
) -> Result<BTreeMap<ContactId, Values>> {
    let query = sql!(
        "SELECT contact_id, field_key, norm, verified FROM field_values
         WHERE account_id = $1 AND contact_id = ANY($2) AND norm IS NOT NULL ORDER BY contact_id, field_key, place"
    );
    let query = query.bind(account.as_str()).bind(Bound::texts(ids.iter().map(ContactId::as_str)));
    let mut of_all: BTreeMap<ContactId, Values> = BTreeMap::new();
    for (id, field, norm, verified) in query.all::<(String, String, String, bool)>(tx).await? {
        let values = of_all.entry(contact(id)).or_default();
        values.entry(field).or_default().push(Value { norm, verified });
    }
    Ok(of_all)
}

/// Every value of a contact: field, value, norm, why it is unusable, verified.
pub(super) type HeldRow = (String, String, Option<String>, Option<String>, bool);

pub(super) async fn held_values(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<HeldRow>> {
    let query = sql!(
        "SELECT field_key, value, norm, unusable, verified FROM field_values WHERE account_id = $1 AND contact_id = $2
         ORDER BY field_key, place"
    );
    Ok(query.bind(account.as_str()).bind(id.as_str()).all(tx).await?)
}

/// A value with the text it is compared by, or why it never matches.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub contact: ContactId,
    field: String,
    place: i64,
    norm: Option<String>,
    unusable: Option<&'static str>,
}

impl Compared {
    fn row(&self) -> Vec<Bound<'_>> {
        let Self { contact, field, place, norm, unusable } = self;
        vec![
            contact.as_str().into(),
            field.as_str().into(),
            (*place).into(),
            norm.as_deref().into(),
            (*unusable).into(),
        ]
    }
}

/// Values of a project that `norm_of` makes something else of than is stored.
pub(super) async fn outdated_values(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    norm_of: impl Fn(FieldKind, &str) -> (Option<String>, Option<&'static str>) + Send + Sync,
) -> Result<Vec<Compared>> {
    let query = sql!(
        "SELECT v.contact_id, v.field_key, v.place, v.value, f.kind, v.norm, v.unusable FROM field_values v
         JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         JOIN fields f ON f.account_id = v.account_id AND f.project_id = c.project_id AND f.key = v.field_key
         WHERE v.account_id = $1 AND c.project_id = $2"
    );
    let mut outdated = Vec::new();
    let query = query.bind(account.as_str()).bind(project.as_str());
    let read = query.each(tx, |row| {
        outdated.extend(compared_otherwise(row, &norm_of)?);
        Ok(())
    });
    read.await?;
    Ok(outdated)
}

/// As [`outdated_values`], of some contacts.
pub(super) async fn outdated_values_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contacts: &BTreeSet<ContactId>,
    norm_of: impl Fn(FieldKind, &str) -> (Option<String>, Option<&'static str>) + Send + Sync,
) -> Result<Vec<Compared>> {
    let query = sql!(
        "SELECT v.contact_id, v.field_key, v.place, v.value, f.kind, v.norm, v.unusable FROM field_values v
         JOIN fields f ON f.account_id = v.account_id AND f.project_id = $2 AND f.key = v.field_key
         WHERE v.account_id = $1 AND v.contact_id = ANY($3)"
    );
    let mut outdated = Vec::new();
    let query = query.bind(account.as_str()).bind(project.as_str());
    let query = query.bind(Bound::texts(contacts.iter().map(ContactId::as_str)));
    let read = query.each(tx, |row| {
        outdated.extend(compared_otherwise(row, &norm_of)?);
        Ok(())
    });
    read.await?;
    Ok(outdated)
}

fn compared_otherwise(
    row: &Row<'_>,
    norm_of: &impl Fn(FieldKind, &str) -> (Option<String>, Option<&'static str>),
) -> std::result::Result<Option<Compared>, DbError> {
    let (norm, unusable) = norm_of(FieldKind::from_stored(row.text(4)?)?, row.text(3)?);
    let is_same = row.get::<Option<String>>(5)? == norm && row.get::<Option<String>>(6)?.as_deref() == unusable;
    if is_same {
        return Ok(None);
    }
    Ok(Some(Compared { contact: contact(row.get(0)?), field: row.get(1)?, place: row.get(2)?, norm, unusable }))
}

/// Stores what values are compared by.
pub(super) async fn set_compared(tx: &mut Tx, account: &AccountId, values: &[Compared]) -> Result<()> {
    let query = sql!(
        "UPDATE field_values SET norm = $5, unusable = $6
         WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 AND place = $4"
    );
    let rows: Vec<_> = values.iter().map(Compared::row).collect();
    Ok(query.bind(account.as_str()).execute_each(tx, &rows).await?)
}

/// Projects whose values an older version of the normaliser made, and that no job makes anew yet.
pub(super) async fn projects_before_version(tx: &mut Tx, version: u32) -> Result<Vec<(AccountId, ProjectId)>> {
    let query = sql!(
        "SELECT p.account_id, p.id FROM projects p WHERE p.norm_version < $1 AND NOT EXISTS (
           SELECT 1 FROM project_jobs j WHERE j.account_id = p.account_id AND j.project_id = p.id AND j.kind = 'renormalise'
             AND j.state IN ('waiting', 'running'))"
    );
    let rows = query.bind(i64::from(version)).all::<(String, String)>(tx).await?;
    Ok(rows.into_iter().map(|(account, id)| (AccountId::from_stored(account), ProjectId::from_stored(id))).collect())
}

pub(super) async fn set_norm_version(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    version: u32,
) -> Result<()> {
    let query = sql!("UPDATE projects SET norm_version = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account.as_str()).bind(project.as_str()).bind(i64::from(version)).execute(tx).await?;
    Ok(())
}

pub(super) async fn degree(tx: &mut Tx, account: &AccountId, key: &RuleKey) -> Result<i64> {
    let query = sql!("SELECT COUNT(*) FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash = $3");
    let (count,) = query.bind(account.as_str()).bind(&key.rule).bind(&key.hash).one(tx).await?;
    Ok(count)
}

/// How many hold each of some keys of a rule, and one of them; keys that nobody holds are left out.
pub(super) async fn degrees(
    tx: &mut Tx,
    account: &AccountId,
    rule: &str,
    hashes: &[&str],
) -> Result<BTreeMap<String, (i64, ContactId)>> {
    let query = sql!(
        "SELECT key_hash, COUNT(*), MIN(contact_id) FROM rule_keys
         WHERE account_id = $1 AND rule_id = $2 AND key_hash = ANY($3) GROUP BY key_hash"
    );
    let query = query.bind(account.as_str()).bind(rule).bind(Bound::texts(hashes.iter().copied()));
    let rows = query.all::<(String, i64, String)>(tx).await?.into_iter();
    Ok(rows.map(|(hash, count, holder)| (hash, (count, contact(holder)))).collect())
}

pub(super) async fn holders(tx: &mut Tx, account: &AccountId, key: &RuleKey, limit: i64) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash = $3 ORDER BY contact_id LIMIT $4"
    );
    let rows = query.bind(account.as_str()).bind(&key.rule).bind(&key.hash).bind(limit).all::<(String,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| contact(id)).collect())
}

pub(super) async fn insert_key(tx: &mut Tx, account: &AccountId, key: &RuleKey, id: &ContactId) -> Result<()> {
    insert_keys(tx, account, &[(key, id)]).await
}

pub(super) async fn insert_keys(tx: &mut Tx, account: &AccountId, keys: &[(&RuleKey, &ContactId)]) -> Result<()> {
    let query = sql!(
        "INSERT INTO rule_keys (account_id, rule_id, key_hash, contact_id, key_text) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, rule_id, key_hash, contact_id) DO NOTHING"
    );
    let mut rows = Vec::with_capacity(keys.len());
    for (key, id) in keys {
        rows.push(vec![(&key.rule).into(), (&key.hash).into(), id.as_str().into(), (&key.text).into()]);
    }
    Ok(query.bind(account.as_str()).execute_each(tx, &rows).await?)
}

pub(super) async fn delete_key(tx: &mut Tx, account: &AccountId, key: &RuleKey, id: &ContactId) -> Result<()> {
    let query =
        sql!("DELETE FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash = $3 AND contact_id = $4");
    query.bind(account.as_str()).bind(&key.rule).bind(&key.hash).bind(id.as_str()).execute(tx).await?;
    Ok(())
}

/// As [`delete_key`], for a key known by its hash alone.
pub(super) async fn delete_key_by_hash(
    tx: &mut Tx,
    account: &AccountId,
    rule: &str,
    hash: u128,
    id: &ContactId,
) -> Result<()> {
    let key = RuleKey { rule: rule.to_owned(), hash: identity::keys::hash_hex(hash), text: String::new() };
    delete_key(tx, account, &key, id).await
}

/// Takes out about so many keys of a rule, the first in order; false when there are none.
pub(super) async fn delete_keys_of_rule(tx: &mut Tx, account: &AccountId, rule: &RuleId, count: usize) -> Result<bool> {
    let last = sql!(
        "SELECT MAX(key_hash) FROM (
           SELECT key_hash FROM rule_keys WHERE account_id = $1 AND rule_id = $2 ORDER BY key_hash LIMIT $3) AS first_keys"
    );
    let last = last.bind(account.as_str()).bind(rule.as_str()).bind(i64::try_from(count).unwrap_or(i64::MAX));
    let (Some(last),): (Option<String>,) = last.one(tx).await? else { return Ok(false) };
    let query = sql!("DELETE FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash <= $3");
    query.bind(account.as_str()).bind(rule.as_str()).bind(last).execute(tx).await?;
    Ok(true)
}

/// Age and group of a contact of this project.
pub(super) async fn brief(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
) -> Result<Option<(i64, GroupId)>> {
    let query =
        sql!("SELECT created_seq, group_id FROM contacts WHERE account_id = $1 AND id = $2 AND project_id = $3");
    let row: Option<(i64, String)> =
        query.bind(account.as_str()).bind(id.as_str()).bind(project.as_str()).optional(tx).await?;
    Ok(row.map(|(seq, group)| (seq, GroupId::from_stored(group))))
}

/// As [`brief`], for several contacts: those that are there.
pub(super) async fn briefs(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    ids: &[ContactId],
) -> Result<Vec<(ContactId, i64, GroupId)>> {
    // The project is compared here: in the statement it would lead SQLite to read all of the project.
    let query =
        sql!("SELECT id, created_seq, group_id, project_id FROM contacts WHERE account_id = $1 AND id = ANY($2)");
    let query = query.bind(account.as_str()).bind(Bound::texts(ids.iter().map(ContactId::as_str)));
    let rows = query.all::<(String, i64, String, String)>(tx).await?.into_iter();
    let here = rows.filter(|(_, _, _, of)| of == project.as_str());
    Ok(here.map(|(id, seq, group, _)| (contact(id), seq, GroupId::from_stored(group))).collect())
}

/// As [`members`], for several groups, with the members' ages.
pub(super) async fn members_of(
    tx: &mut Tx,
    account: &AccountId,
    groups: &[GroupId],
) -> Result<BTreeMap<GroupId, Vec<ContactNode<ContactId>>>> {
    let query = sql!(
        "SELECT group_id, id, created_seq FROM contacts
         WHERE account_id = $1 AND group_id = ANY($2) ORDER BY group_id, created_seq"
    );
    let query = query.bind(account.as_str()).bind(Bound::texts(groups.iter().map(GroupId::as_str)));
    let mut of_all: BTreeMap<GroupId, Vec<ContactNode<ContactId>>> = BTreeMap::new();
    for (group, id, seq) in query.all::<(String, String, i64)>(tx).await? {
        let node = ContactNode { id: contact(id), created_seq: u64::try_from(seq).unwrap_or(0) };
        of_all.entry(GroupId::from_stored(group)).or_default().push(node);
    }
    Ok(of_all)
}

pub(super) async fn members(tx: &mut Tx, account: &AccountId, group: &GroupId) -> Result<Vec<ContactId>> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND group_id = $2 ORDER BY created_seq");
    let rows = query.bind(account.as_str()).bind(group.as_str()).all::<(String,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| contact(id)).collect())
}

pub(super) async fn group_of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Option<GroupId>> {
    let query = sql!("SELECT group_id FROM contacts WHERE account_id = $1 AND id = $2");
    let row: Option<(String,)> = query.bind(account.as_str()).bind(id.as_str()).optional(tx).await?;
    Ok(row.map(|(group,)| GroupId::from_stored(group)))
}

pub(super) async fn same_group(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<ContactId>> {
    match group_of(tx, account, id).await? {
        Some(group) => members(tx, account, &group).await,
        None => Ok(Vec::new()),
    }
}

/// Blocked and allowed values of a project.
pub(super) async fn value_sets(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<(ValueSet, ValueSet)> {
    let query = sql!("SELECT field_key, norm, state FROM value_states WHERE account_id = $1 AND project_id = $2");
    let (mut blocked, mut allowed) = (ValueSet::new(), ValueSet::new());
    for (field, norm, state) in
        query.bind(account.as_str()).bind(project.as_str()).all::<(String, String, String)>(tx).await?
    {
        let set = if state == "blocked" { &mut blocked } else { &mut allowed };
        set.insert((field, norm));
    }
    Ok((blocked, allowed))
}

/// Contacts of a project that hold each of some values.
pub(super) async fn holders_of_values(
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
    let query = query.bind(account.as_str()).bind(fields);
    let query = query.bind(Bound::texts(values.iter().map(|(_, norm)| norm.as_str())));
    let mut found: Vec<(ContactId, (String, String))> = Vec::new();
    for (id, field, norm) in query.all::<(String, String, String)>(tx).await? {
        found.push((contact(id), (field, norm)));
    }
    found.retain(|(_, value)| values.contains(value));
    let ids: BTreeSet<ContactId> = found.iter().map(|(id, _)| id.clone()).collect();
    let here = briefs(tx, account, project, &ids.into_iter().collect::<Vec<_>>()).await?;
    let here: BTreeSet<ContactId> = here.into_iter().map(|(id, ..)| id).collect();
    let mut holders: BTreeMap<(String, String), BTreeSet<ContactId>> = BTreeMap::new();
    for (id, value) in found.into_iter().filter(|(id, _)| here.contains(id)) {
        holders.entry(value).or_default().insert(id);
    }
    Ok(holders)
}

/// Which groups a list shows.
#[derive(Debug, Clone)]
pub struct GroupFilter {
    /// Words to find in what a search for one of its contacts looks through.
    pub words: String,
    /// Contacts in a group at least.
    pub min_size: i64,
    /// The id that the page before ended with.
    pub after: String,
    /// Rows at most.
    pub limit: i64,
}

/// Groups of a project in order of their ids.
///
/// # Errors
/// When the storage fails.
pub async fn page(tx: &mut Tx, account: &AccountId, project: &ProjectId, filter: &GroupFilter) -> Result<Vec<GroupId>> {
    let query = sql!(
        "SELECT group_id FROM contacts WHERE account_id = $1 AND project_id = $2 AND group_id > $3
         GROUP BY group_id
         HAVING COUNT(*) >= $4 AND ($5 = '' OR MAX(CASE WHEN search LIKE $5 ESCAPE '\\' THEN 1 ELSE 0 END) = 1)
         ORDER BY group_id LIMIT $6"
    );
    let query = query.bind(account.as_str()).bind(project.as_str()).bind(&filter.after).bind(filter.min_size);
    let query = query.bind(crate::conversations::like(&filter.words)).bind(filter.limit);
    Ok(query.all::<(String,)>(tx).await?.into_iter().map(|(id,)| GroupId::from_stored(id)).collect())
}

/// Notes where ids lead that no group has any more.
pub(super) async fn retire_groups(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    retired: &[(GroupId, ContactId)],
) -> Result<()> {
    let query = sql!(
        "INSERT INTO retired_groups (account_id, project_id, id, contact_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, id) DO NOTHING"
    );
    let rows: Vec<_> = retired.iter().map(|(id, oldest)| vec![id.as_str().into(), oldest.as_str().into()]).collect();
    Ok(query.bind(account.as_str()).bind(project.as_str()).execute_each(tx, &rows).await?)
}

/// The id itself while a group of this project has it, else the group it leads to now.
///
/// # Errors
/// When no group ever had it, or all of its contacts are gone.
pub async fn current_id(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &GroupId) -> Result<GroupId> {
    let query = sql!(
        "SELECT group_id FROM contacts WHERE account_id = $1 AND project_id = $2 AND group_id = $3
         UNION ALL
         SELECT c.group_id FROM retired_groups r JOIN contacts c ON c.account_id = r.account_id AND c.id = r.contact_id
         WHERE r.account_id = $1 AND r.project_id = $2 AND r.id = $3
         LIMIT 1"
    );
    let query = query.bind(account.as_str()).bind(project.as_str()).bind(id.as_str());
    let found: Option<(String,)> = query.optional(tx).await?;
    found.map(|(group,)| GroupId::from_stored(group)).ok_or(crate::Refusal::NotFound)
}

/// Contacts that share a key of this rule with another contact.
///
/// # Errors
/// When the storage fails.
pub async fn joined_by(tx: &mut Tx, account: &AccountId, rule: &Rule) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(DISTINCT contact_id) FROM (
           SELECT contact_id, COUNT(*) OVER (PARTITION BY key_hash) AS holders FROM rule_keys
           WHERE account_id = $1 AND rule_id = $2) AS held
         WHERE holders > 1"
    );
    let (count,) = query.bind(account.as_str()).bind(rule.row().as_str()).one(tx).await?;
    Ok(count)
}
