//! Values that an administrator blocked or allowed, and those the hub limit suspends (rulings 25, 26).

use super::{context, store};
use crate::{MessagingError, Result, fields};
use db::{Tx, sql};
use model::{AccountId, Env, ProjectId};
use serde::{Deserialize, Serialize};

/// A value with its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ValueState {
    /// Field.
    pub field: String,
    /// Value.
    pub value: String,
    /// Live contacts that hold it.
    pub holders: i64,
    /// State.
    pub state: State,
}

/// States of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Over the hub limit: joins nobody for now.
    Suspended,
    /// Acts as empty.
    Blocked,
    /// Has no hub limit.
    Allowed,
}

/// Blocked, allowed and suspended values of a project.
///
/// # Errors
/// When the storage fails.
pub async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ValueState>> {
    let decided =
        sql!("SELECT field_key, value, norm, state FROM value_states WHERE account_id = $1 AND project_id = $2");
    let rows =
        decided.bind(account.as_str()).bind(project.as_str()).all::<(String, String, String, String)>(tx).await?;
    let mut all = Vec::new();
    for (field, value, norm, state) in rows {
        let holders = store::holders_of_value(tx, account, project, &field, &norm).await?.len();
        let state = if state == "blocked" { State::Blocked } else { State::Allowed };
        all.push(ValueState { field, value, holders: i64::try_from(holders).unwrap_or(i64::MAX), state });
    }
    all.extend(suspended(tx, account, project).await?);
    Ok(all)
}

/// Keys over the hub limit, as field and value; several fields are joined with a dot.
pub(super) async fn suspended(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ValueState>> {
    let context = context::load(tx, account, project).await?;
    let mut found = Vec::new();
    for rule in context.rules.iter().filter(|rule| rule.joins()) {
        let Some(limit) = rule.limit(context.limits.hub_limit) else { continue };
        let query = sql!(
            "SELECT MIN(key_text), COUNT(*) FROM rule_keys WHERE account_id = $1 AND rule_id = $2
             GROUP BY key_hash HAVING COUNT(*) > $3 ORDER BY COUNT(*) DESC LIMIT 200"
        );
        for (text, holders) in query.bind(account.as_str()).bind(&rule.key).bind(limit).all::<(String, i64)>(tx).await?
        {
            let values = identity::keys::parse_key_text(&text).unwrap_or_default();
            let is_allowed = rule
                .key_fields()
                .iter()
                .zip(&values)
                .any(|(f, v)| context.allowed.contains(&((*f).to_owned(), (*v).to_owned())));
            if !is_allowed {
                let field = rule.key_fields().join(" · ");
                found.push(ValueState { field, value: values.join(" · "), holders, state: State::Suspended });
            }
        }
    }
    Ok(found)
}

/// Blocks or allows a value in any spelling. Groups are made anew by the caller.
///
/// # Errors
/// For an unknown field, or a value that cannot be compared.
pub async fn set(
    tx: &mut Tx,
    env: &Env,
    account: &AccountId,
    project: &ProjectId,
    field: &str,
    value: &str,
    is_blocked: bool,
    by: Option<&str>,
) -> Result<()> {
    let norm = norm_of(tx, account, project, field, value).await?;
    sql!(
        "INSERT INTO value_states (account_id, project_id, field_key, norm, state, value, set_by, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (account_id, project_id, field_key, norm, state) DO NOTHING"
    )
    .bind(account.as_str())
    .bind(project.as_str())
    .bind(field)
    .bind(norm)
    .bind(if is_blocked { "blocked" } else { "allowed" })
    .bind(value)
    .bind(by)
    .bind(env.now().0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a block or an allowance back. Groups are made anew by the caller.
///
/// # Errors
/// For an unknown field, or a value that cannot be compared.
pub async fn unset(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    field: &str,
    value: &str,
    is_blocked: Option<bool>,
) -> Result<()> {
    let norm = norm_of(tx, account, project, field, value).await?;
    let state = match is_blocked {
        Some(true) => "blocked",
        Some(false) => "allowed",
        None => "",
    };
    let query = sql!(
        "DELETE FROM value_states WHERE account_id = $1 AND project_id = $2 AND field_key = $3 AND norm = $4
         AND ($5 = '' OR state = $5)"
    );
    query.bind(account.as_str()).bind(project.as_str()).bind(field).bind(norm).bind(state).execute(tx).await?;
    Ok(())
}

async fn norm_of(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &str, value: &str) -> Result<String> {
    let known = fields::all(tx, account, project).await?;
    let unknown = || MessagingError::invalid("field", "unknown_field", format!("there is no field {field}"));
    let field = known.iter().find(|f| f.key == field).ok_or_else(unknown)?;
    let settings = context::settings(tx, account, project).await?;
    let (norm, _) = context::normalise(field.kind, value, &settings);
    norm.ok_or_else(|| MessagingError::invalid("value", "unusable", "this value never matches anyway"))
}
