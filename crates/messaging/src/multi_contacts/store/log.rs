//! SQL of the log of what joins contacts.

use crate::multi_contacts::Effect;
use crate::multi_contacts::log_line::NewLine;
use crate::{Refusal, Result};
use db::{Tx, sql};
use model::{AccountId, Cx, LogId, ProjectId};
use serde::Serialize;

/// Writes a line.
///
/// # Errors
/// When the storage fails.
pub async fn insert(cx: &mut Cx<'_>, project: &ProjectId, id: &LogId, line: NewLine<'_>) -> Result<()> {
    let query = sql!(
        "INSERT INTO multi_contact_log (account_id, id, project_id, kind, state_before, state_after, result, note, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    let query = query.bind(cx.account).bind(id).bind(project).bind(line.kind.as_str());
    let query = query.bind(line.before).bind(line.after).bind(as_json(&line.effect)?).bind(line.note).bind(line.by);
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// Writes what a change did in the end into its line.
///
/// # Errors
/// When the storage fails.
pub async fn set_result(tx: &mut Tx, account: &AccountId, line: &LogId, effect: Effect) -> Result<()> {
    let result = as_json(&effect)?;
    let query = sql!("UPDATE multi_contact_log SET result = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(line).bind(result).execute(tx).await?;
    Ok(())
}

fn as_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Refusal::stored(&e))
}
