//! SQL of projects.

use super::{Appearance, ProjectInfo};
use db::{DbError, FromRow, Row, Tx, sql};
use messaging::fields::NORM_VERSION;
use model::{AccountId, Cx, ProjectId, Refusal, Result, Timestamp, UserId};
use vault::Sealed;

impl FromRow for ProjectInfo {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |e: serde_json::Error| DbError::other(format!("project JSON: {e}"));
        let (origins, appearance): (String, String) = (row.get(4)?, row.get(5)?);
        Ok(Self {
            account_id: Some(row.get(0)?),
            id: row.get(1)?,
            name: row.get(2)?,
            site_key: row.get(3)?,
            allowed_origins: serde_json::from_str(&origins).map_err(bad)?,
            appearance: serde_json::from_str(&appearance).map_err(bad)?,
            config_version: row.get(6)?,
            identity_secret: Sealed::from_stored(row.get(7)?),
            demo: row.get(8)?,
            created_at: Timestamp(row.get(9)?),
            answer_assigns: row.get(10)?,
            time_zone: row.get(11)?,
            watch_visitors: row.get(12)?,
            typing_preview: row.get(13)?,
            working_hours: serde_json::from_str(row.text(14)?).map_err(bad)?,
            reply_minutes: row.get(15)?,
            several_conversations: row.get(16)?,
            free_tags: row.get(17)?,
            told_by_department: row.get(18)?,
        })
    }
}

macro_rules! project_columns {
    () => {
        "account_id, id, name, site_key, allowed_origins, appearance, config_version, identity_secret, demo, created_at,
           answer_assigns, time_zone, watch_visitors, typing_preview, working_hours, reply_minutes, several_conversations,
           free_tags, told_by_department"
    };
}

/// A project to be written.
pub(super) struct NewProject<'a> {
    pub id: &'a ProjectId,
    pub name: &'a str,
    pub appearance: &'a Appearance,
    pub identity_secret: &'a Sealed,
    pub demo: bool,
}

pub(super) async fn insert(cx: &mut Cx<'_>, new: &NewProject<'_>) -> Result<()> {
    let appearance = serde_json::to_string(new.appearance).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "INSERT INTO projects (account_id, id, name, site_key, identity_secret, allowed_origins, appearance, config_version, hub_limit,
           max_group, default_region, demo, created_at, norm_version)
         VALUES ($1, $2, $3, $4, $5, '[]', $6, 1, 20, 100, 'RU', $7, $8, $9)"
    )
    .bind(cx.account)
    .bind(new.id)
    .bind(new.name)
    .bind(cx.env.secret())
    .bind(new.identity_secret.as_str())
    .bind(appearance)
    .bind(new.demo)
    .bind(cx.env.now().0)
    // It has no values yet: whatever comes is made by this version.
    .bind(i64::from(NORM_VERSION))
    .execute(cx.tx)
    .await?;
    Ok(())
}

pub(super) async fn set_identity_secret(
    tx: &mut Tx,
    account: &AccountId,
    id: &ProjectId,
    sealed: &Sealed,
) -> Result<()> {
    let query = sql!("UPDATE projects SET identity_secret = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(sealed.as_str()).execute(tx).await?;
    Ok(())
}

/// One project.
///
/// # Errors
/// When there is none in this account.
pub async fn get_project(tx: &mut Tx, account: &AccountId, id: &ProjectId) -> Result<ProjectInfo> {
    let query = sql!(concat!("SELECT ", project_columns!(), " FROM projects WHERE account_id = $1 AND id = $2"));
    query.bind(account).bind(id).optional(tx).await?.ok_or(Refusal::NotFound)
}

/// The project behind a site's key, whatever its account.
///
/// # Errors
/// When the storage fails.
pub async fn by_site_key(tx: &mut Tx, site_key: &str) -> Result<Option<ProjectInfo>> {
    let query = sql!(concat!("SELECT ", project_columns!(), " FROM projects WHERE site_key = $1"));
    Ok(query.bind(site_key).optional(tx).await?)
}

/// Whether a page of this origin may show the widget of any project, whatever its account.
///
/// # Errors
/// When the storage fails.
pub async fn is_known_origin(tx: &mut Tx, origin: &str) -> Result<bool> {
    let query = sql!(
        "SELECT id FROM projects WHERE allowed_origins = '[]' OR allowed_origins LIKE $1 ESCAPE '\\' LIMIT 1 -- any account_id"
    );
    let named = db::like(&format!("\"{origin}\""));
    Ok(query.bind(named).optional::<(ProjectId,)>(tx).await?.is_some())
}

/// Projects of the account, oldest first.
pub(crate) async fn list(tx: &mut Tx, account: &AccountId) -> Result<Vec<ProjectInfo>> {
    let query =
        sql!(concat!("SELECT ", project_columns!(), " FROM projects WHERE account_id = $1 ORDER BY created_at, id"));
    Ok(query.bind(account).all(tx).await?)
}

/// Stores a changed project; sites see it within a minute.
pub(crate) async fn update(tx: &mut Tx, account: &AccountId, project: &ProjectInfo) -> Result<()> {
    let origins = serde_json::to_string(&project.allowed_origins).map_err(|e| Refusal::stored(&e))?;
    let appearance = serde_json::to_string(&project.appearance).map_err(|e| Refusal::stored(&e))?;
    let hours = serde_json::to_string(&project.working_hours).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "UPDATE projects SET name = $3, allowed_origins = $4, appearance = $5, answer_assigns = $6, time_zone = $7,
           watch_visitors = $8, typing_preview = $9, working_hours = $10, reply_minutes = $11, several_conversations = $12, free_tags = $13,
           told_by_department = $14,
           config_version = config_version + 1
         WHERE account_id = $1 AND id = $2"
    )
    .bind(account)
    .bind(project.id)
    .bind(&project.name)
    .bind(origins)
    .bind(appearance)
    .bind(project.answer_assigns)
    .bind(&project.time_zone)
    .bind(project.watch_visitors)
    .bind(project.typing_preview)
    .bind(hours)
    .bind(project.reply_minutes)
    .bind(project.several_conversations)
    .bind(project.free_tags)
    .bind(project.told_by_department)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes every demo project of the account with all that is in it, and the demo people; how many projects.
pub(crate) async fn delete_demo(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    let projects = sql!("DELETE FROM projects WHERE account_id = $1 AND demo");
    let gone = projects.bind(account).execute(tx).await?;
    let users = sql!("DELETE FROM users WHERE account_id = $1 AND demo AND role <> 'owner'");
    users.bind(account).execute(tx).await?;
    Ok(gone)
}

/// Removes one demo project with all that is in it, and the demo people who were in no other.
pub(super) async fn delete_demo_project(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    // Their numbers are of no project's row.
    let counts = sql!(
        "DELETE FROM scenario_counts WHERE account_id = $1
           AND scenario_id IN (SELECT s.id FROM scenarios s WHERE s.account_id = $1 AND s.project_id = $2)"
    );
    counts.bind(account).bind(project).execute(tx).await?;
    let people = sql!(
        "SELECT u.id FROM users u JOIN project_users p ON p.account_id = u.account_id AND p.user_id = u.id
         WHERE u.account_id = $1 AND p.project_id = $2 AND u.demo AND u.role <> 'owner'"
    );
    let people: Vec<(UserId,)> = people.bind(account).bind(project).all(tx).await?;
    let gone = sql!("DELETE FROM projects WHERE account_id = $1 AND id = $2 AND demo");
    gone.bind(account).bind(project).execute(tx).await?;
    for (person,) in people {
        let query = sql!(
            "DELETE FROM users WHERE account_id = $1 AND id = $2 AND demo AND NOT EXISTS (
               SELECT 1 FROM project_users w JOIN projects p ON p.account_id = w.account_id AND p.id = w.project_id
               WHERE w.account_id = $1 AND w.user_id = $2 AND p.demo)"
        );
        query.bind(account).bind(person).execute(tx).await?;
    }
    Ok(())
}
