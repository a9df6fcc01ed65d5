//! SQL of segments.

use crate::segments::Segment;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, MailingId, ProjectId, Result, SegmentId, Timestamp};

impl FromRow for Segment {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let audience = serde_json::from_str(row.text(2)?);
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            audience: audience.map_err(|e| DbError::other(format!("a stored segment cannot be read: {e}")))?,
            revision: row.get(3)?,
            changed_by: row.get(4)?,
            changed_at: Timestamp(row.get(5)?),
        })
    }
}

/// Those of a project.
pub(crate) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Segment>> {
    let query = sql!(
        "SELECT id, name, audience, revision, changed_by, changed_at FROM segments WHERE account_id = $1 AND project_id = $2 ORDER BY name_key"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// Makes one; false when the name is another's.
pub(crate) async fn insert(cx: &mut Cx<'_>, project: &ProjectId, segment: &Segment, key: &str) -> Result<bool> {
    let query = sql!(
        "INSERT INTO segments (account_id, id, project_id, name, name_key, audience, revision, changed_by, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (project_id, name_key) DO NOTHING"
    );
    let audience = text_of(segment)?;
    let query = query.bind(cx.account).bind(segment.id).bind(project).bind(&segment.name).bind(key).bind(&audience);
    let query = query.bind(segment.revision).bind(&segment.changed_by).bind(segment.changed_at.0);
    Ok(query.execute(cx.tx).await? == 1)
}

/// Saves one under the revision that it has now.
pub(crate) async fn update(cx: &mut Cx<'_>, segment: &Segment, key: &str) -> Result<()> {
    let query = sql!(
        "UPDATE segments SET name = $3, name_key = $4, audience = $5, revision = $6, changed_by = $7, changed_at = $8
         WHERE account_id = $1 AND id = $2"
    );
    let audience = text_of(segment)?;
    let query = query.bind(cx.account).bind(segment.id).bind(&segment.name).bind(key).bind(&audience);
    query.bind(segment.revision).bind(&segment.changed_by).bind(segment.changed_at.0).execute(cx.tx).await?;
    Ok(())
}

fn text_of(segment: &Segment) -> Result<String> {
    serde_json::to_string(&segment.audience).map_err(|e| DbError::other(e.to_string()).into())
}

pub(crate) async fn delete(cx: &mut Cx<'_>, id: &SegmentId) -> Result<()> {
    sql!("DELETE FROM segments WHERE account_id = $1 AND id = $2").bind(cx.account).bind(id).execute(cx.tx).await?;
    Ok(())
}

/// Mailings of a project that name a segment and have not ended: id, title, state.
pub(crate) async fn mailings_with(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &SegmentId,
) -> Result<Vec<(MailingId, String, String)>> {
    let query = sql!(
        "SELECT id, document, state FROM mailings WHERE account_id = $1 AND project_id = $2
           AND state IN ('draft', 'scheduled', 'preparing', 'running', 'paused') AND document LIKE $3 ORDER BY id DESC"
    );
    // An id is written in one way only.
    let rows: Vec<(MailingId, String, String)> =
        query.bind(account).bind(project).bind(format!("%\"{id}\"%")).all(tx).await?;
    let titled = rows.into_iter().map(|(id, document, state)| {
        let document: serde_json::Value = serde_json::from_str(&document).unwrap_or_default();
        (id, document["title"].as_str().unwrap_or_default().to_owned(), state)
    });
    Ok(titled.collect())
}
