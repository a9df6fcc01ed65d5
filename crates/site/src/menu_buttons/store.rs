//! SQL of menu buttons.

use super::{Settings, Stored};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, MenuButtonId, ProjectId, Refusal, Result, Timestamp};

fn settings_of(json: &str) -> std::result::Result<Settings, DbError> {
    serde_json::from_str(json).map_err(|error| DbError::other(format!("a stored button cannot be read: {error}")))
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let (published, place): (Option<String>, Option<i64>) = (row.get(3)?, row.get(4)?);
        let published = published.map(|json| settings_of(&json)).transpose()?;
        Ok(Self {
            id: row.get(0)?,
            edited: settings_of(row.text(1)?)?,
            is_removed: row.get(2)?,
            published: published.map(|settings| (settings, place.unwrap_or_default())),
            created_at: Timestamp(row.get(5)?),
            updated_at: Timestamp(row.get(6)?),
        })
    }
}

/// In the order of the edited ones.
pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Stored>> {
    let query = sql!(
        "SELECT id, document, removed, published, published_place, created_at, updated_at FROM menu_buttons
         WHERE account_id = $1 AND project_id = $2 ORDER BY place, id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// One that is on the site, as the site has it.
pub(crate) async fn on_site(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &MenuButtonId,
) -> Result<Option<Settings>> {
    let query = sql!(
        "SELECT published FROM menu_buttons WHERE account_id = $1 AND project_id = $2 AND id = $3 AND published IS NOT NULL"
    );
    let found: Option<(String,)> = query.bind(account).bind(project).bind(id).optional(tx).await?;
    let settings = found.map(|(json,)| settings_of(&json)).transpose()?;
    Ok(settings.filter(|settings| settings.enabled))
}

pub(super) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId, settings: &Settings) -> Result<()> {
    let query = sql!(
        "INSERT INTO menu_buttons (account_id, id, project_id, place, document, removed, created_at, updated_at)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(place), -1) + 1 FROM menu_buttons WHERE account_id = $1 AND project_id = $3), $4, FALSE,
           $5, $5)"
    );
    let now = cx.env.now().0;
    query.bind(cx.account).bind(id).bind(project).bind(text_of(settings)?).bind(now).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(cx: &mut Cx<'_>, id: &MenuButtonId, settings: &Settings, is_removed: bool) -> Result<()> {
    let query =
        sql!("UPDATE menu_buttons SET document = $3, updated_at = $4, removed = $5 WHERE account_id = $1 AND id = $2");
    let now = cx.env.now().0;
    query.bind(cx.account).bind(id).bind(text_of(settings)?).bind(now).bind(is_removed).execute(cx.tx).await?;
    Ok(())
}

fn text_of(settings: &Settings) -> Result<String> {
    serde_json::to_string(settings).map_err(|error| Refusal::stored(&error))
}

pub(super) async fn set_place(tx: &mut Tx, account: &AccountId, id: &MenuButtonId, place: i64) -> Result<()> {
    let query = sql!("UPDATE menu_buttons SET place = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(place).execute(tx).await?;
    Ok(())
}

/// Marks one as taken away; whether there was one.
pub(super) async fn remove(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &MenuButtonId) -> Result<bool> {
    let query = sql!(
        "UPDATE menu_buttons SET removed = TRUE WHERE account_id = $1 AND project_id = $2 AND id = $3 AND NOT removed"
    );
    Ok(query.bind(account).bind(project).bind(id).execute(tx).await? > 0)
}

/// Those that were taken away and that no site ever had.
pub(super) async fn delete_unseen(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query =
        sql!("DELETE FROM menu_buttons WHERE account_id = $1 AND project_id = $2 AND removed AND published IS NULL");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Those that were taken away.
pub(super) async fn delete_removed(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!("DELETE FROM menu_buttons WHERE account_id = $1 AND project_id = $2 AND removed");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Those that no site ever had.
pub(super) async fn delete_unpublished(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!("DELETE FROM menu_buttons WHERE account_id = $1 AND project_id = $2 AND published IS NULL");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

pub(super) async fn publish(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!(
        "UPDATE menu_buttons SET published = document, published_place = place WHERE account_id = $1 AND project_id = $2"
    );
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

pub(super) async fn revert(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!(
        "UPDATE menu_buttons SET document = published, place = published_place, removed = FALSE
         WHERE account_id = $1 AND project_id = $2"
    );
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}
