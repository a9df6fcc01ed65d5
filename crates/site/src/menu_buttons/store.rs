//! SQL of menu buttons.

use super::{MenuButton, Settings};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, MenuButtonId, ProjectId, Refusal, Result, Timestamp};

impl FromRow for MenuButton {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |error: serde_json::Error| DbError::other(format!("a stored button cannot be read: {error}"));
        Ok(Self {
            id: row.get(0)?,
            settings: serde_json::from_str(row.text(1)?).map_err(bad)?,
            problem: None,
            created_at: Timestamp(row.get(2)?),
            updated_at: Timestamp(row.get(3)?),
        })
    }
}

pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<MenuButton>> {
    let query = sql!(
        "SELECT id, document, created_at, updated_at FROM menu_buttons WHERE account_id = $1 AND project_id = $2 ORDER BY place, id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// One that is on.
pub(crate) async fn one(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &MenuButtonId,
) -> Result<Option<MenuButton>> {
    let query = sql!(
        "SELECT id, document, created_at, updated_at FROM menu_buttons WHERE account_id = $1 AND project_id = $2 AND id = $3"
    );
    let found: Option<MenuButton> = query.bind(account).bind(project).bind(id).optional(tx).await?;
    Ok(found.filter(|button| button.settings.enabled))
}

pub(super) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId, settings: &Settings) -> Result<()> {
    let query = sql!(
        "INSERT INTO menu_buttons (account_id, id, project_id, place, document, created_at, updated_at)
         VALUES ($1, $2, $3, (SELECT COALESCE(MAX(place), -1) + 1 FROM menu_buttons WHERE account_id = $1 AND project_id = $3), $4, $5, $5)"
    );
    let now = cx.env.now().0;
    query.bind(cx.account).bind(id).bind(project).bind(text_of(settings)?).bind(now).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(cx: &mut Cx<'_>, id: &MenuButtonId, settings: &Settings) -> Result<()> {
    let query = sql!("UPDATE menu_buttons SET document = $3, updated_at = $4 WHERE account_id = $1 AND id = $2");
    query.bind(cx.account).bind(id).bind(text_of(settings)?).bind(cx.env.now().0).execute(cx.tx).await?;
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

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &MenuButtonId) -> Result<bool> {
    let query = sql!("DELETE FROM menu_buttons WHERE account_id = $1 AND project_id = $2 AND id = $3");
    Ok(query.bind(account).bind(project).bind(id).execute(tx).await? > 0)
}
