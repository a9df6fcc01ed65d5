//! SQL of saved views.

use super::SavedView;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, ProjectId, Refusal, Result, SavedViewId, Timestamp, UserId};

impl FromRow for SavedView {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |error: serde_json::Error| DbError::other(format!("a stored view cannot be read: {error}"));
        let owner: Option<UserId> = row.get(1)?;
        Ok(Self {
            id: row.get(0)?,
            owner,
            shared: owner.is_none(),
            name: row.get(2)?,
            query: serde_json::from_str(row.text(3)?).map_err(bad)?,
            revision: row.get(4)?,
            changed_by: row.get(5)?,
            changed_at: Timestamp(row.get(6)?),
        })
    }
}

/// Of everybody: the caller shows each reader his own.
pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<SavedView>> {
    let query = sql!(
        "SELECT id, owner_id, name, query, revision, changed_by, changed_at FROM saved_views
         WHERE account_id = $1 AND project_id = $2 ORDER BY id"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(super) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, view: &SavedView) -> Result<()> {
    let query = sql!(
        "INSERT INTO saved_views (account_id, id, project_id, owner_id, name, query, revision, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    );
    let query = query.bind(cx.account).bind(view.id).bind(project).bind(view.owner).bind(view.name.as_str());
    let query = query.bind(text_of(view)?).bind(view.revision).bind(view.changed_by.as_str());
    query.bind(view.changed_at.0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(cx: &mut Cx<'_>, view: &SavedView) -> Result<()> {
    let query = sql!(
        "UPDATE saved_views SET owner_id = $3, name = $4, query = $5, revision = $6, changed_by = $7, changed_at = $8
         WHERE account_id = $1 AND id = $2"
    );
    let query = query.bind(cx.account).bind(view.id).bind(view.owner).bind(view.name.as_str());
    let query = query.bind(text_of(view)?).bind(view.revision).bind(view.changed_by.as_str());
    query.bind(view.changed_at.0).execute(cx.tx).await?;
    Ok(())
}

fn text_of(view: &SavedView) -> Result<String> {
    serde_json::to_string(&view.query).map_err(|error| Refusal::stored(&error))
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &SavedViewId) -> Result<()> {
    let query = sql!("DELETE FROM saved_views WHERE account_id = $1 AND project_id = $2 AND id = $3");
    query.bind(account).bind(project).bind(id).execute(tx).await?;
    Ok(())
}
