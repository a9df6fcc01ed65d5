//! SQL of the list of tags.

use super::{Colour, Tag, key_of};
use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, ProjectId, TagId, Timestamp};

impl FromRow for Tag {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            colour: Colour::from_stored(row.text(2)?)?,
            position: 0,
            created_at: Timestamp(row.get(3)?),
        })
    }
}

/// Those of a project in their order.
pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Tag>> {
    let query = sql!(
        "SELECT id, name, colour, created_at FROM project_tags WHERE account_id = $1 AND project_id = $2 ORDER BY place, id"
    );
    let mut tags: Vec<Tag> = query.bind(account).bind(project).all(tx).await?;
    for (position, tag) in (0..).zip(&mut tags) {
        tag.position = position;
    }
    Ok(tags)
}

/// How those of a project are written.
pub(super) async fn names(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<String>> {
    let query = sql!("SELECT name FROM project_tags WHERE account_id = $1 AND project_id = $2");
    let rows = query.bind(account).bind(project).all::<(String,)>(tx).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// Whether any word is a tag in a project.
pub(super) async fn are_free(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!("SELECT free_tags FROM projects WHERE account_id = $1 AND id = $2");
    let found = query.bind(account).bind(project).optional::<(bool,)>(tx).await?;
    Ok(found.is_none_or(|(free,)| free))
}

pub(super) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId, name: &str, colour: Colour) -> Result<()> {
    let query = sql!(
        "INSERT INTO project_tags (account_id, id, project_id, name, name_key, colour, place, created_at)
         VALUES ($1, $2, $3, $4, $5, $6,
           (SELECT COALESCE(MAX(place), -1) + 1 FROM project_tags WHERE account_id = $1 AND project_id = $3), $7)"
    );
    let query = query.bind(cx.account).bind(id).bind(project).bind(name).bind(key_of(name)).bind(colour.as_str());
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, account: &AccountId, id: &TagId, name: &str, colour: Colour) -> Result<()> {
    let query = sql!("UPDATE project_tags SET name = $3, name_key = $4, colour = $5 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(name).bind(key_of(name)).bind(colour.as_str()).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_place(tx: &mut Tx, account: &AccountId, id: &TagId, place: i64) -> Result<()> {
    let query = sql!("UPDATE project_tags SET place = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(place).execute(tx).await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, id: &TagId) -> Result<()> {
    let query = sql!("DELETE FROM project_tags WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}
