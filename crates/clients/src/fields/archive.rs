//! Fields that were deleted: they and their values are kept apart, and can be brought back (issue 3, item 7).

use crate::multi_contacts;
use db::{DbError, FromRow, Row, Tx, sql};
use jobs::Job;
use jobs::project::{self as project_jobs, GoOn, JobState, Progress};
use messaging::fields::{self, Field};
use messaging::{Messaging, contacts};
use model::{AccountId, ContactId, Cx, JobId, ProjectId, Timestamp};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

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

impl FromRow for ArchivedField {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let field = serde_json::from_str(&row.get::<String>(0)?);
        Ok(Self {
            field: field.map_err(|e| DbError::other(format!("archived field: {e}")))?,
            archived_at: Timestamp(row.get(1)?),
            values: row.get(2)?,
        })
    }
}

/// Deleted fields of a project, the last first.
///
/// # Errors
/// When the storage fails.
pub async fn archived(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<ArchivedField>> {
    let query = sql!(
        "SELECT a.field, a.archived_at, (SELECT COUNT(*) FROM archived_values v
           JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
           WHERE v.account_id = a.account_id AND c.project_id = a.project_id AND v.field_key = a.key)
         FROM archived_fields a WHERE a.account_id = $1 AND a.project_id = $2 ORDER BY a.archived_at DESC, a.key"
    );
    Ok(query.bind(account.as_str()).bind(project.as_str()).all(tx).await?)
}

/// Deletes an own field; it and its values go to the archive. Decisions about its values go, and a field of this key that was deleted
/// before goes for good: values of two fields must not mix.
///
/// # Errors
/// When the storage fails.
pub async fn archive(cx: &mut Cx<'_>, project: &ProjectId, field: &Field, by: Option<&str>) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    multi_contacts::forget_values_of(cx, project, &field.key, by).await?;
    let json = serde_json::to_string(field).map_err(|e| Refusal::stored(&e))?;
    let note = sql!(
        "INSERT INTO archived_fields (account_id, project_id, key, field, archived_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, project_id, key) DO UPDATE SET field = excluded.field, archived_at = excluded.archived_at"
    );
    let note = note.bind(cx.account.as_str()).bind(project.as_str()).bind(&field.key).bind(json).bind(cx.env.now().0);
    note.execute(cx.tx).await?;
    forget_values(cx.tx, cx.account, project, &field.key).await?;
    let values = sql!(
        "INSERT INTO archived_values (account_id, contact_id, field_key, place, value, verified, source, set_by, set_at)
         SELECT v.account_id, v.contact_id, v.field_key, v.place, v.value, v.verified, v.source, v.set_by, v.set_at
         FROM field_values v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3"
    );
    values.bind(cx.account.as_str()).bind(project.as_str()).bind(&field.key).execute(cx.tx).await?;
    fields::delete(cx.tx, cx.account, project, &field.key).await?;
    finish(cx, project, &field.key, by).await
}

/// Brings a deleted field back with its values, at the end of the list.
///
/// # Errors
/// When there is none, or another field has its key by now.
pub async fn restore(cx: &mut Cx<'_>, project: &ProjectId, key: &str, by: Option<&str>) -> Result<Field> {
    events::lock(cx.tx, cx.account).await?;
    let found = archived(cx.tx, cx.account, project).await?.into_iter().find(|archived| archived.field.key == key);
    let mut field = found.ok_or(Refusal::NotFound)?.field;
    let known = fields::all(cx.tx, cx.account, project).await?;
    if known.iter().any(|other| other.key == key) {
        let detail = "there is another field with this key: delete that one first".to_owned();
        return Err(Refusal::Conflict { code: "taken", detail });
    }
    field.position = known.iter().map(|other| other.position + 1).max().unwrap_or(0);
    fields::save(cx.tx, cx.account, project, &field).await?;
    let values = sql!(
        "INSERT INTO field_values (account_id, contact_id, field_key, place, value, verified, source, set_by, set_at)
         SELECT v.account_id, v.contact_id, v.field_key, v.place, v.value, v.verified, v.source, v.set_by, v.set_at
         FROM archived_values v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3"
    );
    values.bind(cx.account.as_str()).bind(project.as_str()).bind(key).execute(cx.tx).await?;
    forget_values(cx.tx, cx.account, project, key).await?;
    let gone = sql!("DELETE FROM archived_fields WHERE account_id = $1 AND project_id = $2 AND key = $3");
    gone.bind(cx.account.as_str()).bind(project.as_str()).bind(key).execute(cx.tx).await?;
    normalise(cx.tx, cx.account, project, &field).await?;
    finish(cx, project, key, by).await?;
    Ok(field)
}

async fn forget_values(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let gone = sql!(
        "DELETE FROM archived_values WHERE account_id = $1 AND field_key = $3
         AND contact_id IN (SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2)"
    );
    gone.bind(account.as_str()).bind(project.as_str()).bind(key).execute(tx).await?;
    Ok(())
}

async fn finish(cx: &mut Cx<'_>, project: &ProjectId, key: &str, by: Option<&str>) -> Result<()> {
    let input = serde_json::to_value(Input { field: key.to_owned() }).map_err(|e| Refusal::stored(&e))?;
    project_jobs::start(cx, project, REFRESH_SEARCH, &input, by).await?;
    events::settings_changed(cx, project, "fields").await
}

#[derive(Serialize, Deserialize)]
struct Input {
    field: String,
}

/// How far the job is: the last contact, and how many there were.
#[derive(Default, Clone, Serialize, Deserialize)]
struct Stage {
    after: String,
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
    let (env, scope, account, id) = (service.env.clone(), account.clone(), account.clone(), id.clone());
    let done = service.db.write_alone(scope.as_str(), move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            events::lock(cx.tx, cx.account).await?;
            let job = project_jobs::by_id(cx.tx, cx.account, &id).await?;
            let Input { field } = serde_json::from_value(job.input).map_err(|e| Refusal::stored(&e))?;
            let stage = job.result.map_or_else(|| Ok(Stage::default()), serde_json::from_value);
            let mut stage = stage.map_err(|e| Refusal::stored(&e))?;
            let page = contacts_after(cx.tx, cx.account, &job.project_id, &stage.after).await?;
            for contact in holders_among(cx.tx, cx.account, &page, &field).await? {
                contacts::values::refresh_search(cx.tx, cx.account, &contact).await?;
            }
            stage.contacts += i64::try_from(page.len()).unwrap_or(0);
            if let Some(last) = page.last() {
                last.as_str().clone_into(&mut stage.after);
            }
            let progress = Progress { done: stage.contacts, total: None };
            let go_on = project_jobs::report_with(cx, &id, progress, &json!(stage)).await?;
            let state = match (go_on, page.is_empty()) {
                (GoOn::Yes, false) => return Ok(true),
                (GoOn::Yes, true) => JobState::Done,
                (GoOn::Cancelled, _) => JobState::Cancelled,
            };
            let result = json!({ "contacts": stage.contacts });
            project_jobs::end(cx, &id, state, Some(&result), None).await?;
            Ok::<_, Refusal>(false)
        })
    });
    done.await
}

/// The next contacts of a project in order of their ids.
async fn contacts_after(tx: &mut Tx, account: &AccountId, project: &ProjectId, after: &str) -> Result<Vec<ContactId>> {
    let query =
        sql!("SELECT id FROM contacts WHERE account_id = $1 AND id > $2 AND project_id = $3 ORDER BY id LIMIT $4");
    let query = query.bind(account.as_str()).bind(after).bind(project.as_str()).bind(CHUNK);
    Ok(query.all::<(String,)>(tx).await?.into_iter().map(|(id,)| ContactId::from_stored(id)).collect())
}

/// Those of some contacts that hold the field, or did before it was deleted.
async fn holders_among(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
    field: &str,
) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM field_values WHERE account_id = $1 AND contact_id = ANY($2) AND field_key = $3
         UNION SELECT contact_id FROM archived_values WHERE account_id = $1 AND contact_id = ANY($2) AND field_key = $3"
    );
    let ids = db::Value::texts(contacts.iter().map(ContactId::as_str));
    let rows = query.bind(account.as_str()).bind(ids).bind(field).all::<(String,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| ContactId::from_stored(id)).collect())
}

/// What the values of a field that came back are compared by now.
async fn normalise(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &Field) -> Result<()> {
    let norms = messaging::multi_contacts::settings(tx, account, project).await?.norms();
    let query = sql!(
        "SELECT v.contact_id, v.place, v.value FROM field_values v
         JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = $3"
    );
    let query = query.bind(account.as_str()).bind(project.as_str()).bind(&field.key);
    let values = query.all::<(String, i64, String)>(tx).await?;
    let compared = |value: &str| fields::normalise(field.kind, value, &norms);
    let compared: Vec<_> = values.iter().map(|(_, _, value)| compared(value)).collect();
    let rows = values.iter().zip(&compared).map(|((id, place, _), (norm, unusable))| {
        vec![id.as_str().into(), (*place).into(), norm.as_deref().into(), (*unusable).into()]
    });
    let rows: Vec<Vec<db::Value<'_>>> = rows.collect();
    let query = sql!(
        "UPDATE field_values SET norm = $5, unusable = $6
         WHERE account_id = $1 AND field_key = $2 AND contact_id = $3 AND place = $4"
    );
    Ok(query.bind(account.as_str()).bind(&field.key).execute_each(tx, &rows).await?)
}
