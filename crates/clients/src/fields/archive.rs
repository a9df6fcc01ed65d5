//! Fields that were deleted: they and their values are kept apart, and can be brought back (issue 3, item 7).

use super::{end_of, store};
use crate::multi_contacts;
use db::Tx;
use jobs::Job;
use jobs::project::{self as project_jobs, Step};
use messaging::fields::{self, Field};
use messaging::{Messaging, contacts};
use model::{AccountId, ContactId, Cx, JobId, ProjectId, Refusal, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

pub use store::archived;

/// Kind of the job that brings what a search looks through up to date.
pub const REFRESH_SEARCH: &str = "refresh_search";
/// Contacts looked through in one transaction of it.
const CHUNK: i64 = 250;

/// A deleted field.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ArchivedField {
    /// As it was.
    #[serde(flatten)]
    pub field: Field,
    /// Values it held.
    pub values: i64,
    /// When it was deleted.
    pub archived_at: Timestamp,
}

/// Deletes an own field; it and its values go to the archive. Decisions about its values go, and a field of this key that was deleted
/// before goes for good: values of two fields must not mix.
///
/// # Errors
/// When the storage fails.
pub(super) async fn archive(cx: &mut Cx<'_>, project: &ProjectId, field: &Field, by: Option<&str>) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    multi_contacts::forget_values_of(cx, project, &field.key, by).await?;
    store::note(cx, project, field).await?;
    store::forget_values(cx.tx, cx.account, project, &field.key).await?;
    store::keep_values(cx.tx, cx.account, project, &field.key).await?;
    fields::delete(cx.tx, cx.account, project, &field.key).await?;
    finish(cx, project, &field.key, by).await
}

/// Brings a deleted field back with its values, at the end of the list.
///
/// # Errors
/// When there is none, or another field has its key by now.
pub async fn restore(cx: &mut Cx<'_>, project: &ProjectId, key: &str, by: Option<&str>) -> Result<Field> {
    events::lock(cx.tx, cx.account).await?;
    let found =
        store::archived(cx.tx, cx.account, project).await?.into_iter().find(|archived| archived.field.key == key);
    let mut field = found.ok_or(Refusal::NotFound)?.field;
    let known = fields::all(cx.tx, cx.account, project).await?;
    if known.iter().any(|other| other.key == key) {
        let detail = "there is another field with this key: delete that one first".to_owned();
        return Err(Refusal::Conflict { code: "taken", detail });
    }
    field.position = end_of(&known);
    fields::save(cx.tx, cx.account, project, &field).await?;
    store::bring_values_back(cx.tx, cx.account, project, key).await?;
    store::forget_values(cx.tx, cx.account, project, key).await?;
    store::forget(cx.tx, cx.account, project, key).await?;
    normalise(cx.tx, cx.account, project, &field).await?;
    finish(cx, project, key, by).await?;
    Ok(field)
}

async fn finish(cx: &mut Cx<'_>, project: &ProjectId, key: &str, by: Option<&str>) -> Result<()> {
    let input = serde_json::to_value(Input { field: key.to_owned() }).map_err(|e| Refusal::stored(&e))?;
    project_jobs::start(cx, project, REFRESH_SEARCH, &input, by).await?;
    events::settings_changed(cx, project, "fields").await
}

#[derive(Serialize, Deserialize)]
struct Input {
    /// Only contacts that hold it; empty for all.
    field: String,
}

/// Queues the job for every contact of a project: what is looked through is written in another way now.
///
/// # Errors
/// When the storage fails.
pub async fn refresh_all(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    let input = serde_json::to_value(Input { field: String::new() }).map_err(|e| Refusal::stored(&e))?;
    project_jobs::start(cx, project, REFRESH_SEARCH, &input, None).await.map(drop)
}

/// How far the job is: the last contact, and how many there were.
#[derive(Default, Clone, Serialize, Deserialize)]
struct Stage {
    after: Option<ContactId>,
    contacts: i64,
}

/// The worker: what a search for those who held the field looks through is made anew.
///
/// # Errors
/// When the storage fails; then the job is tried again from its last step.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    while step(&service, &job.account_id, &job.id).await? {}
    Ok(())
}

async fn step(service: &Arc<Messaging>, account: &AccountId, id: &JobId) -> Result<bool> {
    let (env, scope, account, id) = (service.env.clone(), *account, *account, *id);
    let done = service.db.write_alone(scope, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let mut step = Step::<Input, Stage>::begin(cx, &id).await?;
            let after = step.stage.after.unwrap_or(ContactId::from_bits(0));
            let page = store::contacts_after(cx.tx, cx.account, &step.project, after, CHUNK).await?;
            let holders = match step.input.field.as_str() {
                "" => page.clone(),
                field => store::holders_among(cx.tx, cx.account, &page, field).await?,
            };
            for contact in holders {
                contacts::values::refresh_search(cx.tx, cx.account, &contact).await?;
            }
            step.stage.contacts += i64::try_from(page.len()).unwrap_or(0);
            step.stage.after = page.last().copied().or(step.stage.after);
            let seen = step.stage.contacts;
            step.keep(cx, seen, !page.is_empty(), &json!({ "contacts": seen })).await
        })
    });
    done.await
}

/// What the values of a field that came back are compared by now.
async fn normalise(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &Field) -> Result<()> {
    let norms = messaging::multi_contacts::settings(tx, account, project).await?.norms();
    let values = store::values_of(tx, account, project, &field.key).await?;
    let compared = |value: &str| fields::normalise(field.kind, value, &norms);
    let compared: Vec<_> = values.iter().map(|(_, _, value)| compared(value)).collect();
    let rows = values.iter().zip(&compared).map(|((id, place, _), (norm, unusable))| {
        vec![id.into(), (*place).into(), norm.as_deref().into(), (*unusable).into()]
    });
    let rows: Vec<Vec<db::Value<'_>>> = rows.collect();
    store::set_norms(tx, account, &field.key, &rows).await
}
