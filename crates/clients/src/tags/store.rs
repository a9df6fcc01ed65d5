//! SQL of what tags touch.

use db::{Tx, sql};
use messaging::contacts::tag_pattern;
use model::{
    AccountId, AutoActionId, ContactId, MailingId, ProjectId, Refusal, Result, SavedViewId, ScenarioId, SegmentId,
};
use serde_json::Value;

/// Clients with tags behind one, by id.
pub(super) async fn tagged_after(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    after: &ContactId,
    limit: i64,
) -> Result<Vec<(ContactId, Vec<String>)>> {
    let query = sql!(
        "SELECT id, tags FROM contacts WHERE account_id = $1 AND project_id = $2 AND id > $3 AND tags <> '[]' ORDER BY id LIMIT $4"
    );
    let rows: Vec<(ContactId, String)> = query.bind(account).bind(project).bind(after).bind(limit).all(tx).await?;
    let read =
        |(id, tags): (ContactId, String)| Ok((id, serde_json::from_str(&tags).map_err(|e| Refusal::stored(&e))?));
    rows.into_iter().map(read).collect()
}

/// How many clients have a tag, as the list writes it.
pub(super) async fn holders(tx: &mut Tx, account: &AccountId, project: &ProjectId, tag: &str) -> Result<i64> {
    let query =
        sql!("SELECT COUNT(*) FROM contacts WHERE account_id = $1 AND project_id = $2 AND tags LIKE $3 ESCAPE '\\'");
    let (count,) = query.bind(account).bind(project).bind(tag_pattern(tag)).one(tx).await?;
    Ok(count)
}

/// Something that may name a tag: its id, its name where its document has none, its document.
pub(super) type Found = (String, String, Value);

fn read<I: ToString>(rows: Vec<(I, String, String)>) -> Result<Vec<Found>> {
    let read = |(id, name, document): (I, String, String)| {
        Ok((id.to_string(), name, serde_json::from_str(&document).map_err(|e| Refusal::stored(&e))?))
    };
    rows.into_iter().map(read).collect()
}

/// Scenarios of a project as they are edited.
pub(super) async fn scenarios(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Found>> {
    let query = sql!(
        "SELECT id, name, document FROM scenarios WHERE account_id = $1 AND project_id = $2 AND deleted_at IS NULL ORDER BY created_at, id"
    );
    read::<ScenarioId>(query.bind(account).bind(project).all(tx).await?)
}

/// Mailings that have not ended.
pub(super) async fn mailings(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Found>> {
    let query = sql!(
        "SELECT id, '' AS name, document FROM mailings WHERE account_id = $1 AND project_id = $2
           AND state IN ('draft', 'scheduled', 'preparing', 'running', 'paused') ORDER BY created_at, id"
    );
    read::<MailingId>(query.bind(account).bind(project).all(tx).await?)
}

/// Auto-actions of a project.
pub(super) async fn auto_actions(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Found>> {
    let query = sql!(
        "SELECT id, '' AS name, document FROM auto_actions WHERE account_id = $1 AND project_id = $2 ORDER BY place, id"
    );
    read::<AutoActionId>(query.bind(account).bind(project).all(tx).await?)
}

/// Saved views of the whole team: one's own are nobody else's.
pub(super) async fn views(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Found>> {
    let query = sql!(
        "SELECT id, name, query FROM saved_views WHERE account_id = $1 AND project_id = $2 AND owner_id IS NULL ORDER BY id"
    );
    read::<SavedViewId>(query.bind(account).bind(project).all(tx).await?)
}

/// Segments of a project: audiences with a name.
pub(super) async fn segments(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Found>> {
    let query =
        sql!("SELECT id, name, audience FROM segments WHERE account_id = $1 AND project_id = $2 ORDER BY name_key, id");
    read::<SegmentId>(query.bind(account).bind(project).all(tx).await?)
}
