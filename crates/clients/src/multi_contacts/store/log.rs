//! SQL of the log of what joins contacts.

use crate::multi_contacts::LogLine;
use db::{DbError, FromRow, Row, Tx, sql};
use messaging::multi_contacts::log::ChangeKind;
use model::{AccountId, LogId, OverrideId, ProjectId, Refusal, Result, Timestamp};

impl FromRow for LogLine {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        fn json<T: serde::de::DeserializeOwned>(text: &str) -> std::result::Result<T, DbError> {
            serde_json::from_str(text).map_err(|e| DbError::other(format!("multi-contact log: {e}")))
        }
        Ok(Self {
            id: row.get(0)?,
            kind: ChangeKind::from_stored(row.text(1)?)?,
            before: json(&row.get::<String>(2)?)?,
            after: json(&row.get::<String>(3)?)?,
            result: json(&row.get::<String>(4)?)?,
            note: row.get(5)?,
            by: row.get(6)?,
            at: Timestamp(row.get(7)?),
        })
    }
}

/// Lines of a project's log, newest first, before a line.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    before: Option<LogId>,
    limit: i64,
) -> Result<Vec<LogLine>> {
    let query = sql!(
        "SELECT id, kind, state_before, state_after, result, note, created_by, created_at FROM multi_contact_log
         WHERE account_id = $1 AND project_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
    );
    Ok(query
        .bind(account)
        .bind(project)
        .bind(before.unwrap_or(LogId::from_bits(u128::MAX)))
        .bind(limit)
        .all(tx)
        .await?)
}

/// The newest change of rules, settings and values. Only the newest few lines are read: an undo says of which sort it is by what it
/// holds.
///
/// # Errors
/// When the storage fails.
pub async fn newest_configuration(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<LogId>> {
    let query = sql!(
        "SELECT id FROM multi_contact_log WHERE account_id = $1 AND project_id = $2
         AND (kind IN ('rules', 'settings', 'value') OR (kind = 'undo' AND state_before NOT LIKE '{\"of\":\"override\"%'))
         ORDER BY id DESC LIMIT 1"
    );
    let row = query.bind(account).bind(project).optional::<(LogId,)>(tx).await?;
    Ok(row.map(|(id,)| id))
}

/// The newest decision by hand. See [`newest_configuration`].
///
/// # Errors
/// When the storage fails.
pub async fn newest_decision(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<LogId>> {
    let query = sql!(
        "SELECT id FROM multi_contact_log WHERE account_id = $1 AND project_id = $2
         AND (kind = 'override' OR (kind = 'undo' AND state_before LIKE '{\"of\":\"override\"%'))
         ORDER BY id DESC LIMIT 1"
    );
    let row = query.bind(account).bind(project).optional::<(LogId,)>(tx).await?;
    Ok(row.map(|(id,)| id))
}

/// Whether any line is about a decision by hand.
///
/// # Errors
/// When the storage fails.
pub async fn names(tx: &mut Tx, account: &AccountId, project: &ProjectId, decision: &OverrideId) -> Result<bool> {
    let query = sql!(
        "SELECT id FROM multi_contact_log WHERE account_id = $1 AND project_id = $2
         AND (state_before LIKE $3 ESCAPE '\\' OR state_after LIKE $3 ESCAPE '\\') LIMIT 1"
    );
    let query = query.bind(account).bind(project).bind(db::like(&decision.to_string()));
    Ok(query.optional::<(LogId,)>(tx).await?.is_some())
}

/// One line.
///
/// # Errors
/// When there is none in this project.
pub async fn get(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &LogId) -> Result<LogLine> {
    let query = sql!(
        "SELECT id, kind, state_before, state_after, result, note, created_by, created_at FROM multi_contact_log
         WHERE account_id = $1 AND project_id = $2 AND id = $3"
    );
    let found = query.bind(account).bind(project).bind(id).optional(tx).await?;
    found.ok_or(Refusal::NotFound)
}
