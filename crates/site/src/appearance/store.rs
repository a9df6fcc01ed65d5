//! SQL of drafts of appearances.

use accounts::Appearance;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, ProjectId, Refusal, Result, Timestamp};

#[derive(Default)]
pub(super) struct Stored {
    pub version: i64,
    /// None: as it is published.
    pub document: Option<Appearance>,
    pub published_at: Option<Timestamp>,
    pub published_by: Option<String>,
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |error: serde_json::Error| DbError::other(format!("a stored draft cannot be read: {error}"));
        let document: Option<String> = row.get(1)?;
        Ok(Self {
            version: row.get(0)?,
            document: document.map(|json| serde_json::from_str(&json).map_err(bad)).transpose()?,
            published_at: row.get::<Option<i64>>(2)?.map(Timestamp),
            published_by: row.get(3)?,
        })
    }
}

pub(super) async fn get(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Stored>> {
    let query = sql!(
        "SELECT version, document, published_at, published_by FROM appearance_drafts WHERE account_id = $1 AND project_id = $2"
    );
    Ok(query.bind(account).bind(project).optional(tx).await?)
}

pub(super) async fn save(cx: &mut Cx<'_>, project: &ProjectId, draft: &Appearance) -> Result<()> {
    let json = serde_json::to_string(draft).map_err(|error| Refusal::stored(&error))?;
    let query = sql!(
        "INSERT INTO appearance_drafts (account_id, project_id, version, document) VALUES ($1, $2, 1, $3)
         ON CONFLICT (project_id) DO UPDATE SET version = appearance_drafts.version + 1, document = excluded.document"
    );
    query.bind(cx.account).bind(project).bind(json).execute(cx.tx).await?;
    Ok(())
}

/// The draft is on the site.
pub(super) async fn published(cx: &mut Cx<'_>, project: &ProjectId, by: &str) -> Result<()> {
    let query = sql!(
        "INSERT INTO appearance_drafts (account_id, project_id, version, published_at, published_by) VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (project_id) DO UPDATE SET version = appearance_drafts.version + 1, document = NULL,
           published_at = excluded.published_at, published_by = excluded.published_by"
    );
    query.bind(cx.account).bind(project).bind(cx.env.now().0).bind(by).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn clear(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!(
        "UPDATE appearance_drafts SET version = version + 1, document = NULL WHERE account_id = $1 AND project_id = $2"
    );
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}
