//! SQL of scenarios, their versions, their people and their numbers.

mod launches;
mod report;
mod test_users;

pub(crate) use launches::{Of, forget_launches, set_launches};
pub(crate) use report::{Visits, counts, launch_kinds, of_runs, sent_times, visits};
pub(crate) use test_users::{recent_writers, set_test_users, test_users};

use crate::drafts::{Draft, Found, Grade, Scenario, Version};
use crate::runs::Listed;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ConversationId, Cx, ProjectId, Result, RunId, ScenarioId, Timestamp, UserId};
use scenario::Document;

impl FromRow for Scenario {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let (version, published): (i64, Option<i64>) = (row.get(2)?, row.get(7)?);
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            version: Some(version).filter(|version| *version > 0),
            revision: row.get(3)?,
            errors: row.get(4)?,
            warnings: row.get(5)?,
            updated_at: Timestamp(row.get(6)?),
            published_at: published.map(Timestamp),
            demo: row.get(8)?,
            active_runs: row.get(9)?,
            changed: row.get(10)?,
        })
    }
}

pub(crate) async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Scenario>> {
    let query = sql!(
        "SELECT s.id, s.name, s.version, s.revision, s.errors, s.warnings, s.saved_at, s.published_at, s.demo,
           (SELECT COUNT(*) FROM scenario_runs r WHERE r.account_id = s.account_id AND r.scenario_id = s.id AND r.ended_at IS NULL),
           s.saved_at > COALESCE(s.published_at, 0)
         FROM scenarios s WHERE s.account_id = $1 AND s.project_id = $2 AND s.deleted_at IS NULL ORDER BY s.name, s.id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(crate) async fn get(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
) -> Result<Option<Scenario>> {
    let query = sql!(
        "SELECT s.id, s.name, s.version, s.revision, s.errors, s.warnings, s.saved_at, s.published_at, s.demo,
           (SELECT COUNT(*) FROM scenario_runs r WHERE r.account_id = s.account_id AND r.scenario_id = s.id AND r.ended_at IS NULL),
           s.saved_at > COALESCE(s.published_at, 0)
         FROM scenarios s WHERE s.account_id = $1 AND s.project_id = $2 AND s.id = $3 AND s.deleted_at IS NULL"
    );
    Ok(query.bind(account).bind(project).bind(id).optional(tx).await?)
}

pub(crate) async fn how_many(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<i64> {
    let query = sql!("SELECT COUNT(*) FROM scenarios WHERE account_id = $1 AND project_id = $2 AND deleted_at IS NULL");
    let (count,): (i64,) = query.bind(account).bind(project).one(tx).await?;
    Ok(count)
}

/// Ids of the scenarios that were published.
pub(crate) async fn published(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ScenarioId>> {
    let query = sql!(
        "SELECT id FROM scenarios WHERE account_id = $1 AND project_id = $2 AND version > 0 AND deleted_at IS NULL"
    );
    let rows: Vec<(ScenarioId,)> = query.bind(account).bind(project).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

fn counted(problems: &[Found]) -> (i64, i64) {
    let errors = problems.iter().filter(|problem| problem.level == Grade::Error).count();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    (count(errors), count(problems.len() - errors))
}

fn text_of(document: &Document) -> Result<String> {
    serde_json::to_string(document).map_err(|error| DbError::other(error.to_string()).into())
}

fn document_of(text: &str) -> std::result::Result<Document, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::other(format!("a stored document cannot be read: {error}")))
}

pub(crate) async fn insert(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    document: &Document,
    problems: &[Found],
    by: Option<UserId>,
) -> Result<()> {
    let (errors, warnings) = counted(problems);
    let query = sql!(
        "INSERT INTO scenarios (account_id, id, project_id, name, document, revision, saved_at, saved_by, errors, warnings, version,
           created_at, demo)
         SELECT $1, $2, $3, $4, $5, 1, $6, $7, $8, $9, 0, $6, p.demo FROM projects p WHERE p.account_id = $1 AND p.id = $3"
    );
    let text = text_of(document)?;
    let query = query.bind(cx.account).bind(id).bind(project).bind(document.name.as_str()).bind(text.as_str());
    query.bind(cx.env.now().0).bind(by).bind(errors).bind(warnings).execute(cx.tx).await?;
    Ok(())
}

impl FromRow for Draft {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            document: document_of(row.text(0)?)?,
            revision: row.get(1)?,
            problems: Vec::new(),
            saved_at: Timestamp(row.get(2)?),
            saved_by: row.get(3)?,
            saved_by_name: row.get(4)?,
        })
    }
}

pub(crate) async fn draft(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
) -> Result<Option<Draft>> {
    let query = sql!(
        "SELECT s.document, s.revision, s.saved_at, s.saved_by, u.name FROM scenarios s
         LEFT JOIN users u ON u.account_id = s.account_id AND u.id = s.saved_by
         WHERE s.account_id = $1 AND s.project_id = $2 AND s.id = $3 AND s.deleted_at IS NULL"
    );
    Ok(query.bind(account).bind(project).bind(id).optional(tx).await?)
}

/// What is saved of a draft.
pub(crate) struct Saving {
    /// The document.
    pub document: Document,
    /// What was found in it.
    pub problems: Vec<Found>,
    /// The revision that it was made from.
    pub revision: i64,
    /// Who saves.
    pub by: Option<UserId>,
}

/// Saves over a revision; false when it is not the newest.
pub(crate) async fn save(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId, saving: &Saving) -> Result<bool> {
    let Saving { document, problems, revision, by } = saving;
    let (errors, warnings) = counted(problems);
    let query = sql!(
        "UPDATE scenarios SET name = $4, document = $5, revision = revision + 1, saved_at = $6, saved_by = $7, errors = $8, warnings = $9
         WHERE account_id = $1 AND project_id = $2 AND id = $3 AND revision = $10 AND deleted_at IS NULL"
    );
    let text = text_of(document)?;
    let query = query.bind(cx.account).bind(project).bind(id).bind(document.name.as_str()).bind(text.as_str());
    let query = query.bind(cx.env.now().0).bind(*by).bind(errors).bind(warnings).bind(*revision);
    Ok(query.execute(cx.tx).await? > 0)
}

/// Keeps a document as the newest version; answers its number.
pub(crate) async fn publish(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    document: &Document,
    by: Option<UserId>,
) -> Result<i64> {
    let now = cx.env.now().0;
    let query = sql!(
        "UPDATE scenarios SET version = version + 1, published_at = $4 WHERE account_id = $1 AND project_id = $2 AND id = $3
         RETURNING version"
    );
    let (version,): (i64,) = query.bind(cx.account).bind(project).bind(id).bind(now).one(cx.tx).await?;
    let query = sql!(
        "INSERT INTO scenario_versions (account_id, scenario_id, version, document, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6)"
    );
    let text = text_of(document)?;
    let query = query.bind(cx.account).bind(id).bind(version).bind(text.as_str()).bind(now).bind(by);
    query.execute(cx.tx).await?;
    Ok(version)
}

impl FromRow for Version {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let document = document_of(row.text(4)?)?;
        Ok(Self {
            version: row.get(0)?,
            published_at: Timestamp(row.get(1)?),
            published_by: row.get(2)?,
            published_by_name: row.get(3)?,
            blocks: i64::try_from(document.blocks.len()).unwrap_or(i64::MAX),
            document: Some(document),
        })
    }
}

/// Published versions without their documents, the newest first.
pub(crate) async fn versions(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
) -> Result<Vec<Version>> {
    let query = sql!(
        "SELECT v.version, v.made_at, v.made_by, u.name, v.document FROM scenario_versions v
         JOIN scenarios s ON s.account_id = v.account_id AND s.id = v.scenario_id
         LEFT JOIN users u ON u.account_id = v.account_id AND u.id = v.made_by
         WHERE v.account_id = $1 AND s.project_id = $2 AND v.scenario_id = $3 AND v.version > 0 AND s.deleted_at IS NULL
         ORDER BY v.version DESC"
    );
    let found: Vec<Version> = query.bind(account).bind(project).bind(id).all(tx).await?;
    Ok(found.into_iter().map(|version| Version { document: None, ..version }).collect())
}

pub(crate) async fn version(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
    number: i64,
) -> Result<Option<Version>> {
    let query = sql!(
        "SELECT v.version, v.made_at, v.made_by, u.name, v.document FROM scenario_versions v
         JOIN scenarios s ON s.account_id = v.account_id AND s.id = v.scenario_id
         LEFT JOIN users u ON u.account_id = v.account_id AND u.id = v.made_by
         WHERE v.account_id = $1 AND s.project_id = $2 AND v.scenario_id = $3 AND v.version = $4 AND v.version > 0
           AND s.deleted_at IS NULL"
    );
    Ok(query.bind(account).bind(project).bind(id).bind(number).optional(tx).await?)
}

/// The newest published document of a scenario.
pub(crate) async fn newest(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
) -> Result<Option<serde_json::Value>> {
    let query = sql!(
        "SELECT v.document FROM scenario_versions v JOIN scenarios s ON s.account_id = v.account_id AND s.id = v.scenario_id
         WHERE v.account_id = $1 AND s.project_id = $2 AND v.scenario_id = $3 AND v.version = s.version AND s.deleted_at IS NULL"
    );
    let row: Option<(String,)> = query.bind(account).bind(project).bind(id).optional(tx).await?;
    let read = |text: String| serde_json::from_str(&text).map_err(|error| DbError::other(error.to_string()));
    Ok(row.map(|(text,)| read(text)).transpose()?)
}

/// What the editor calls a block of a version.
pub(crate) async fn title_of(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    version: i64,
    block: &str,
) -> Result<Option<String>> {
    let query =
        sql!("SELECT document FROM scenario_versions WHERE account_id = $1 AND scenario_id = $2 AND version = $3");
    let row: Option<(String,)> = query.bind(account).bind(id).bind(version).optional(tx).await?;
    let Some((text,)) = row else { return Ok(None) };
    let document = document_of(&text)?;
    let found = document.blocks.into_iter().find(|known| known.id == block);
    Ok(found.and_then(|block| block.title.filter(|title| !title.trim().is_empty())))
}

pub(crate) async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<bool> {
    let query = sql!(
        "UPDATE scenarios SET deleted_at = $4 WHERE account_id = $1 AND project_id = $2 AND id = $3 AND deleted_at IS NULL"
    );
    Ok(query.bind(cx.account).bind(project).bind(id).bind(cx.env.now().0).execute(cx.tx).await? > 0)
}

/// Conversations in which a scenario is at work, some of them.
pub(crate) async fn conversations_of(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    limit: i64,
) -> Result<Vec<ConversationId>> {
    let query = sql!(
        "SELECT conversation_id FROM scenario_runs WHERE account_id = $1 AND scenario_id = $2 AND ended_at IS NULL LIMIT $3"
    );
    let rows: Vec<(ConversationId,)> = query.bind(account).bind(id).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

impl FromRow for Listed {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let ended: Option<i64> = row.get(8)?;
        Ok(Self {
            id: row.get(0)?,
            contact_id: row.get(1)?,
            conversation_id: row.get(2)?,
            version: row.get(3)?,
            launch: row.get(4)?,
            test: row.get(5)?,
            block: row.get(6)?,
            started_at: Timestamp(row.get(7)?),
            ended_at: ended.map(Timestamp),
            reason: row.get(9)?,
        })
    }
}

/// Runs of a scenario, the last first, before a moment and id.
pub(crate) async fn runs(
    tx: &mut Tx,
    account: &AccountId,
    id: &ScenarioId,
    before: Option<(i64, RunId)>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let (moment, run) = before.unwrap_or((i64::MAX, RunId::from_bits(u128::MAX)));
    let query = sql!(
        "SELECT id, contact_id, conversation_id, version, launch, is_test, block, started_at, ended_at, reason FROM scenario_runs
         WHERE account_id = $1 AND scenario_id = $2 AND (started_at < $3 OR (started_at = $3 AND id < $4))
         ORDER BY started_at DESC, id DESC LIMIT $5"
    );
    Ok(query.bind(account).bind(id).bind(moment).bind(run).bind(limit).all(tx).await?)
}
