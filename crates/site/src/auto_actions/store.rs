//! SQL of auto-actions and of what visitors were shown.

use super::{Counts, Period, Stored, Visitor};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, AutoActionId, Cx, ProjectId, Refusal, Result, Timestamp};
use site_rules::Document;
use std::collections::HashMap;

struct StoredRow {
    id: AutoActionId,
    document: Document,
    created_at: i64,
    updated_at: i64,
}

impl FromRow for StoredRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |error: serde_json::Error| DbError::other(format!("a stored auto-action cannot be read: {error}"));
        Ok(Self {
            id: row.get(0)?,
            document: serde_json::from_str(row.text(1)?).map_err(bad)?,
            created_at: row.get(2)?,
            updated_at: row.get(3)?,
        })
    }
}

/// All of a project in their order, with the priority that it gives them.
pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Stored>> {
    let query = sql!(
        "SELECT id, document, created_at, updated_at FROM auto_actions WHERE account_id = $1 AND project_id = $2 ORDER BY place, id"
    );
    let rows: Vec<StoredRow> = query.bind(account).bind(project).all(tx).await?;
    let highest = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let stored = |(place, row): (i64, StoredRow)| Stored {
        id: row.id,
        document: Document { id: Some(row.id.to_string()), priority: highest - place, ..row.document },
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    };
    Ok((0..).zip(rows).map(stored).collect())
}

/// Whether a project has one that may act.
pub(super) async fn has_any(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!("SELECT id FROM auto_actions WHERE account_id = $1 AND project_id = $2 LIMIT 1");
    let found: Option<(AutoActionId,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(found.is_some())
}

pub(super) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, id: &AutoActionId, document: &Document) -> Result<()> {
    let query = sql!(
        "INSERT INTO auto_actions (account_id, id, project_id, place, document, created_at, updated_at)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(place), -1) + 1 FROM auto_actions WHERE account_id = $1 AND project_id = $3), $4, $5, $5)"
    );
    let now = cx.env.now().0;
    query.bind(cx.account).bind(id).bind(project).bind(text_of(document)?).bind(now).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(cx: &mut Cx<'_>, id: &AutoActionId, document: &Document) -> Result<()> {
    let query = sql!("UPDATE auto_actions SET document = $3, updated_at = $4 WHERE account_id = $1 AND id = $2");
    query.bind(cx.account).bind(id).bind(text_of(document)?).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

fn text_of(document: &Document) -> Result<String> {
    serde_json::to_string(document).map_err(|error| Refusal::stored(&error))
}

pub(super) async fn set_place(tx: &mut Tx, account: &AccountId, id: &AutoActionId, place: i64) -> Result<()> {
    let query = sql!("UPDATE auto_actions SET place = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(place).execute(tx).await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &AutoActionId) -> Result<bool> {
    let query = sql!("DELETE FROM auto_actions WHERE account_id = $1 AND project_id = $2 AND id = $3");
    Ok(query.bind(account).bind(project).bind(id).execute(tx).await? > 0)
}

pub(super) async fn time_zone(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<String> {
    let query = sql!("SELECT time_zone FROM projects WHERE account_id = $1 AND id = $2");
    let found: Option<(String,)> = query.bind(account).bind(project).optional(tx).await?;
    found.map(|(zone,)| zone).ok_or(Refusal::NotFound)
}

/// What came of each that was shown in a period; tries of test users are not counted.
pub(super) async fn counts(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    period: &Period,
) -> Result<HashMap<AutoActionId, Counts>> {
    let query = sql!(
        "SELECT auto_action_id, COUNT(*), COUNT(clicked_at), COUNT(dialog_at) FROM auto_action_showings
         WHERE account_id = $1 AND project_id = $2 AND shown_at >= $3 AND shown_at < $4 AND NOT is_test GROUP BY auto_action_id"
    );
    let query = query.bind(account).bind(project).bind(period.from).bind(period.to);
    let rows: Vec<(AutoActionId, i64, i64, i64)> = query.all(tx).await?;
    Ok(rows.into_iter().map(|(id, shown, clicked, dialogs)| (id, Counts { shown, clicked, dialogs })).collect())
}

/// What a visitor was shown lately: which, when.
pub(super) async fn shown_to(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    visitor: &str,
) -> Result<Vec<(AutoActionId, i64)>> {
    let query = sql!(
        "SELECT auto_action_id, shown_at FROM auto_action_showings WHERE account_id = $1 AND project_id = $2 AND visitor = $3
         ORDER BY shown_at DESC LIMIT 500"
    );
    Ok(query.bind(account).bind(project).bind(visitor).all(tx).await?)
}

/// Notes a showing; false when it was noted before.
pub(super) async fn insert_showing(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &AutoActionId,
    (visitor, client_id): (&str, &str),
    is_test: bool,
) -> Result<bool> {
    let query = sql!(
        "INSERT INTO auto_action_showings (account_id, auto_action_id, project_id, visitor, client_id, shown_at, is_test)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (project_id, visitor, client_id) DO NOTHING"
    );
    let query = query.bind(cx.account).bind(id).bind(project).bind(visitor).bind(client_id).bind(cx.env.now().0);
    Ok(query.bind(is_test).execute(cx.tx).await? > 0)
}

/// A press in what was shown last; the first counts.
pub(super) async fn set_clicked(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &AutoActionId,
    visitor: &str,
) -> Result<bool> {
    let query = sql!(
        "UPDATE auto_action_showings SET clicked_at = $5 WHERE account_id = $1 AND project_id = $2 AND auto_action_id = $3 AND visitor = $4
         AND clicked_at IS NULL AND shown_at = (SELECT MAX(shown_at) FROM auto_action_showings
           WHERE account_id = $1 AND project_id = $2 AND auto_action_id = $3 AND visitor = $4)"
    );
    let query = query.bind(cx.account).bind(project).bind(id).bind(visitor).bind(cx.env.now().0);
    Ok(query.execute(cx.tx).await? > 0)
}

/// A dialog began after what this visitor was shown last, since a moment.
pub(super) async fn set_dialog(cx: &mut Cx<'_>, project: &ProjectId, visitor: &str, since: i64) -> Result<bool> {
    let query = sql!(
        "UPDATE auto_action_showings SET dialog_at = $4 WHERE account_id = $1 AND project_id = $2 AND visitor = $3 AND dialog_at IS NULL
         AND shown_at >= $5 AND shown_at = (SELECT MAX(shown_at) FROM auto_action_showings
           WHERE account_id = $1 AND project_id = $2 AND visitor = $3)"
    );
    let query = query.bind(cx.account).bind(project).bind(visitor).bind(cx.env.now().0).bind(since);
    Ok(query.execute(cx.tx).await? > 0)
}

impl FromRow for Visitor {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            visitor: row.get(0)?,
            at: Timestamp(row.get(1)?),
            contact_id: row.get(2)?,
            name: row.get(3)?,
            shown_at: row.get(4)?,
        })
    }
}

/// Visitors behind a number of an auto-action that was shown in a period, the last first.
///
/// # Errors
/// When the storage fails.
pub async fn visitors(
    tx: &mut Tx,
    account: &AccountId,
    id: &AutoActionId,
    what: &str,
    period: &Period,
    limit: i64,
) -> Result<Vec<Visitor>> {
    let query = sql!(
        "SELECT s.visitor, CASE $3 WHEN 'clicked' THEN s.clicked_at WHEN 'dialogs' THEN s.dialog_at ELSE s.shown_at END AS at,
           c.id, COALESCE(c.name, c.handle), s.shown_at
         FROM auto_action_showings s
         LEFT JOIN connections n ON n.account_id = s.account_id AND n.project_id = s.project_id AND n.kind = 'site'
         LEFT JOIN contacts c ON c.account_id = s.account_id AND c.connection_id = n.id AND c.external_id = s.visitor
         WHERE s.account_id = $1 AND s.auto_action_id = $2 AND NOT s.is_test AND s.shown_at >= $4 AND s.shown_at < $5
           AND CASE $3 WHEN 'clicked' THEN s.clicked_at WHEN 'dialogs' THEN s.dialog_at ELSE s.shown_at END IS NOT NULL
         ORDER BY s.shown_at DESC LIMIT $6"
    );
    let query = query.bind(account).bind(id).bind(what).bind(period.from).bind(period.to);
    Ok(query.bind(limit).all(tx).await?)
}

/// Forgets some of what visitors were shown before a moment: no limit is counted so long.
///
/// # Errors
/// When the storage fails.
pub async fn forget_showings(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM auto_action_showings WHERE account_id = $1 AND (project_id, visitor, client_id) IN (
           SELECT project_id, visitor, client_id FROM auto_action_showings WHERE account_id = $1 AND shown_at < $2 LIMIT $3)"
    );
    Ok(query.bind(account).bind(before.0).bind(limit).execute(tx).await?)
}
