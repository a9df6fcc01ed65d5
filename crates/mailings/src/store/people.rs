//! SQL of who is meant.

use crate::audience::{Facts, OfMailing, OfReport};
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ChannelKind, ContactId, GroupId, ProjectId, Result, Timestamp};
use std::collections::{BTreeSet, HashSet};

impl FromRow for Facts {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let tags = serde_json::from_str(row.text(8)?).map_err(|e| DbError::other(format!("stored tags: {e}")))?;
        Ok(Self {
            now: Timestamp(0),
            contact_id: row.get(0)?,
            group_id: row.get(1)?,
            connection_id: row.get(2)?,
            channel: ChannelKind::from_stored(row.text(3)?)?,
            address: row.get(4)?,
            name: row.get(5)?,
            handle: row.get(6)?,
            is_blocked: row.get(7)?,
            is_off: row.text(9)? == "off",
            last_seen_at: Timestamp(row.get(10)?),
            last_wrote: None,
            is_opted_out: false,
            tags,
            fields: Vec::new(),
            reports: HashSet::new(),
            mailings: HashSet::new(),
        })
    }
}

/// Contacts of a project in the order of their persons, after one of them.
pub(crate) async fn page(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    after: GroupId,
    limit: i64,
) -> Result<Vec<Facts>> {
    let query = sql!(
        "SELECT c.id, c.group_id, c.connection_id, c.channel, COALESCE(c.address, c.external_id), COALESCE(c.name, c.handle), c.handle,
           c.blocked, c.tags, k.status, c.last_seen_at
         FROM contacts c JOIN connections k ON k.account_id = c.account_id AND k.id = c.connection_id
         WHERE c.account_id = $1 AND c.group_id > $2 AND c.project_id = $3 ORDER BY c.group_id, c.id LIMIT $4"
    );
    Ok(query.bind(account).bind(after).bind(project).bind(limit).all(tx).await?)
}

/// The contacts of some persons as they are now, whole.
pub(crate) async fn of_groups(tx: &mut Tx, account: &AccountId, groups: &[GroupId]) -> Result<Vec<Facts>> {
    let query = sql!(
        "SELECT c.id, c.group_id, c.connection_id, c.channel, COALESCE(c.address, c.external_id), COALESCE(c.name, c.handle), c.handle,
           c.blocked, c.tags, k.status, c.last_seen_at
         FROM contacts c JOIN connections k ON k.account_id = c.account_id AND k.id = c.connection_id
         WHERE c.account_id = $1 AND c.group_id = ANY($2) ORDER BY c.group_id, c.id"
    );
    let ids = Value::ids(groups.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(ids).all(tx).await?)
}

/// The person that each of some contacts belongs to now; nothing of those who are gone.
pub(crate) async fn groups_of(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, GroupId)>> {
    let query = sql!("SELECT id, group_id FROM contacts WHERE account_id = $1 AND id = ANY($2)");
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(ids).all(tx).await?)
}

/// Usable values of some fields.
pub(crate) async fn values(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
    fields: &BTreeSet<String>,
) -> Result<Vec<(ContactId, String, String)>> {
    let query = sql!(
        "SELECT contact_id, field_key, value FROM field_values
         WHERE account_id = $1 AND contact_id = ANY($2) AND field_key = ANY($3) AND unusable IS NULL AND NOT behind
         ORDER BY contact_id, field_key, place"
    );
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let keys = Value::texts(fields.iter().map(String::as_str));
    Ok(query.bind(account).bind(ids).bind(keys).all(tx).await?)
}

/// When some contacts wrote last.
pub(crate) async fn last_wrote(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, Timestamp)>> {
    let query = sql!(
        "SELECT v.contact_id, MAX(m.created_at) FROM conversations v
         JOIN messages m ON m.conversation_id = v.id AND m.author_kind = 'client'
         WHERE v.account_id = $1 AND v.contact_id = ANY($2) AND v.client_count > 0 GROUP BY v.contact_id"
    );
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let rows: Vec<(ContactId, i64)> = query.bind(account).bind(ids).all(tx).await?;
    Ok(rows.into_iter().map(|(id, at)| (id, Timestamp(at))).collect())
}

/// Those of some contacts that are behind a number of a report.
pub(crate) async fn of_report(
    tx: &mut Tx,
    account: &AccountId,
    of: &OfReport,
    contacts: &[ContactId],
) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT DISTINCT r.contact_id FROM scenario_runs r
         JOIN scenario_visits s ON s.account_id = r.account_id AND s.run_id = r.id
         WHERE r.account_id = $1 AND r.contact_id = ANY($2) AND s.scenario_id = $3 AND s.block = $4 AND r.day >= $5 AND r.day <= $6
           AND ($7 = '' OR r.source = $7) AND NOT r.is_test
           AND ($8 = '' OR ($8 = '-' AND s.exit IS NULL) OR ($8 = '.' AND s.exit = '') OR s.exit = $8
                OR ($8 = 'incorrect' AND s.incorrect > 0))"
    );
    let day = |date: &Option<String>, missing: i64| {
        date.as_deref().and_then(|date| date.parse().ok()).map_or(missing, days_of)
    };
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let source = of.mailing_id.map(|id| id.to_string()).unwrap_or_default();
    let query = query.bind(account).bind(ids).bind(of.scenario_id).bind(&of.block);
    let query = query.bind(day(&of.from, 0)).bind(day(&of.to, i64::MAX)).bind(&source);
    let rows: Vec<(ContactId,)> = query.bind(of.exit.as_deref().unwrap_or_default()).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Days since 1970.
fn days_of(date: jiff::civil::Date) -> i64 {
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).map(|start| start.timestamp().as_second());
    start.unwrap_or(0).div_euclid(86_400)
}

/// Those of some contacts that are in a mailing, in a state.
pub(crate) async fn of_mailing(
    tx: &mut Tx,
    account: &AccountId,
    of: &OfMailing,
    contacts: &[ContactId],
) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM mailing_recipients
         WHERE account_id = $1 AND mailing_id = $2 AND contact_id = ANY($3)
           AND ($4 = '' OR state = $4 OR ($4 = 'sent' AND state IN ('delivered', 'read'))
                OR ($4 = 'answered' AND answered_at IS NOT NULL) OR ($4 = 'clicked' AND clicked_at IS NOT NULL)
                OR ($4 = 'goal' AND goal_at IS NOT NULL))"
    );
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let query = query.bind(account).bind(of.id).bind(ids).bind(of.state.as_deref().unwrap_or_default());
    let rows: Vec<(ContactId,)> = query.all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// How many mailings each of some contacts got since a moment.
pub(crate) async fn had(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
    since: Timestamp,
) -> Result<Vec<(ContactId, i64)>> {
    let query = sql!(
        "SELECT contact_id, COUNT(*) FROM mailing_recipients
         WHERE account_id = $1 AND contact_id = ANY($2) AND claimed_at IS NOT NULL AND claimed_at >= $3
           AND state IN ('sending', 'sent', 'delivered', 'read', 'unknown')
         GROUP BY contact_id"
    );
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(ids).bind(since.0).all(tx).await?)
}

/// Names of some contacts of a project.
pub(crate) async fn names(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    ids: &[ContactId],
) -> Result<Vec<(ContactId, String)>> {
    let query = sql!(
        "SELECT id, COALESCE(name, handle) FROM contacts WHERE account_id = $1 AND project_id = $2 AND id = ANY($3)"
    );
    let ids = Value::ids(ids.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(project).bind(ids).all(tx).await?)
}
