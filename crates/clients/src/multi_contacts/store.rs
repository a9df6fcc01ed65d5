//! SQL of editing what joins contacts. That of the core, which editing needs, too, is reached through here.

pub(super) mod conflicts;
pub(super) mod log;
pub(super) mod rules;
pub(super) mod values;

pub(super) use messaging::multi_contacts::store::*;

use db::{DbError, Row, Tx, Value as Bound, sql};
use messaging::multi_contacts::{ProjectSettings, Rule};
use model::{AccountId, ContactId, Cx, FieldKind, GroupId, ProjectId, Refusal, Result, RuleId};
use std::collections::BTreeSet;

/// A value with the text it is compared by, or why it never matches.
#[derive(Debug, Clone)]
pub struct Compared {
    pub contact: ContactId,
    field: String,
    place: i64,
    norm: Option<String>,
    unusable: Option<&'static str>,
}

impl Compared {
    fn row(&self) -> Vec<Bound<'_>> {
        let Self { contact, field, place, norm, unusable } = self;
        vec![contact.into(), field.as_str().into(), (*place).into(), norm.as_deref().into(), (*unusable).into()]
    }
}

/// Values of a project that `norm_of` makes something else of than is stored.
pub async fn outdated_values(
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
    let query = query.bind(account).bind(project);
    let read = query.each(tx, |row| {
        outdated.extend(compared_otherwise(row, &norm_of)?);
        Ok(())
    });
    read.await?;
    Ok(outdated)
}

/// As [`outdated_values`], of some contacts.
pub async fn outdated_values_of(
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
    let query = query.bind(account).bind(project);
    let query = query.bind(Bound::ids(contacts.iter().map(|id| id.bits())));
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
    Ok(Some(Compared { contact: row.get(0)?, field: row.get(1)?, place: row.get(2)?, norm, unusable }))
}

/// Stores what values are compared by.
pub async fn set_compared(tx: &mut Tx, account: &AccountId, values: &[Compared]) -> Result<()> {
    let query = sql!(
        "UPDATE field_values SET norm = $5, unusable = $6
         WHERE account_id = $1 AND contact_id = $2 AND field_key = $3 AND place = $4"
    );
    let rows: Vec<_> = values.iter().map(Compared::row).collect();
    query.bind(account).execute_each(tx, &rows).await?;
    Ok(())
}

/// Projects whose values an older version of the normaliser made, and that no job makes anew yet.
pub async fn projects_before_version(tx: &mut Tx, version: u32) -> Result<Vec<(AccountId, ProjectId)>> {
    let query = sql!(
        "SELECT p.account_id, p.id FROM projects p WHERE p.norm_version < $1 AND NOT EXISTS (
           SELECT 1 FROM project_jobs j WHERE j.account_id = p.account_id AND j.project_id = p.id AND j.kind = 'renormalise'
             AND j.state IN ('waiting', 'running'))"
    );
    let rows = query.bind(i64::from(version)).all::<(AccountId, ProjectId)>(tx).await?;
    Ok(rows)
}

pub async fn set_norm_version(tx: &mut Tx, account: &AccountId, project: &ProjectId, version: u32) -> Result<()> {
    let query = sql!("UPDATE projects SET norm_version = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(project).bind(i64::from(version)).execute(tx).await?;
    Ok(())
}

/// Takes out about so many keys of a rule, the first in order; false when there are none.
pub async fn delete_keys_of_rule(tx: &mut Tx, account: &AccountId, rule: &RuleId, count: usize) -> Result<bool> {
    let last = sql!(
        "SELECT MAX(key_hash) FROM (
           SELECT key_hash FROM rule_keys WHERE account_id = $1 AND rule_id = $2 ORDER BY key_hash LIMIT $3) AS first_keys"
    );
    let last = last.bind(account).bind(rule).bind(i64::try_from(count).unwrap_or(i64::MAX));
    let (Some(last),): (Option<String>,) = last.one(tx).await? else { return Ok(false) };
    let query = sql!("DELETE FROM rule_keys WHERE account_id = $1 AND rule_id = $2 AND key_hash <= $3");
    query.bind(account).bind(rule).bind(last).execute(tx).await?;
    Ok(true)
}

/// Which groups a list shows.
#[derive(Debug, Clone)]
pub struct GroupFilter {
    /// Words to find in what a search for one of its contacts looks through.
    pub words: String,
    /// Contacts in a group at least.
    pub min_size: i64,
    /// The id that the page before ended with.
    pub after: GroupId,
    /// Rows at most.
    pub limit: i64,
}

/// Groups of a project in order of their ids.
///
/// # Errors
/// When the storage fails.
pub async fn page(tx: &mut Tx, account: &AccountId, project: &ProjectId, filter: &GroupFilter) -> Result<Vec<GroupId>> {
    let words = messaging::contacts::search::asked(tx, account, project, &filter.words).await?;
    let query = sql!(
        "SELECT group_id FROM contacts WHERE account_id = $1 AND project_id = $2 AND group_id > $3
         GROUP BY group_id
         HAVING COUNT(*) >= $4 AND ($5 = '' OR MAX(CASE WHEN search LIKE $5 ESCAPE '\\' THEN 1 ELSE 0 END) = 1)
         ORDER BY group_id LIMIT $6"
    );
    let query = query.bind(account).bind(project).bind(filter.after).bind(filter.min_size);
    let query = query.bind(db::like(&words)).bind(filter.limit);
    Ok(query.all::<(GroupId,)>(tx).await?.into_iter().map(|(id,)| id).collect())
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
    let query = query.bind(account).bind(project).bind(id);
    let found: Option<(GroupId,)> = query.optional(tx).await?;
    found.map(|(group,)| group).ok_or(Refusal::NotFound)
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
    let (count,) = query.bind(account).bind(rule.row()).one(tx).await?;
    Ok(count)
}

/// Stores changed settings.
///
/// # Errors
/// When the storage fails.
pub async fn set_settings(tx: &mut Tx, account: &AccountId, project: &ProjectId, new: &ProjectSettings) -> Result<()> {
    let placeholders = serde_json::to_string(&new.placeholders).map_err(|e| Refusal::stored(&e))?;
    let query = sql!(
        "UPDATE projects SET hub_limit = $3, max_group = $4, default_region = $5, placeholders = $6
         WHERE account_id = $1 AND id = $2"
    );
    query
        .bind(account)
        .bind(project)
        .bind(new.hub_limit)
        .bind(new.max_group)
        .bind(&new.default_region)
        .bind(placeholders)
        .execute(tx)
        .await?;
    Ok(())
}

/// Everybody in a multi-contact of somebody who was refused for one of these.
///
/// # Errors
/// When the storage fails.
pub async fn refused_with(tx: &mut Tx, account: &AccountId, members: &[ContactId]) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT id FROM contacts WHERE account_id = $1 AND group_id IN (
           SELECT c.group_id FROM refused_pairs r JOIN contacts c ON c.account_id = r.account_id AND c.id IN (r.a, r.b)
           WHERE r.account_id = $1 AND (r.a = ANY($2) OR r.b = ANY($2)))"
    );
    let query = query.bind(account).bind(Bound::ids(members.iter().map(|id| id.bits())));
    let rows = query.all::<(ContactId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Forgets a refused pair.
///
/// # Errors
/// When the storage fails.
pub async fn delete_refused(tx: &mut Tx, account: &AccountId, a: &ContactId, b: &ContactId) -> Result<()> {
    let query = sql!("DELETE FROM refused_pairs WHERE account_id = $1 AND a = $2 AND b = $3");
    query.bind(account).bind(a).bind(b).execute(tx).await?;
    Ok(())
}

/// Remembers a refused pair; a pair that was refused before stays as it is.
///
/// # Errors
/// When the storage fails.
pub async fn insert_refused(cx: &mut Cx<'_>, a: &ContactId, b: &ContactId, by: Option<&str>) -> Result<()> {
    let query = sql!(
        "INSERT INTO refused_pairs (account_id, a, b, refused_by, refused_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, a, b) DO NOTHING"
    );
    query.bind(cx.account).bind(a).bind(b).bind(by).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}
