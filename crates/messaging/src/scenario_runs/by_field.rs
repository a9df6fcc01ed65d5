//! A changed field of a client launches scenarios (R30, ruling 51). The change is committed first: what writes a field never waits for a scenario.

use super::launch::{self, Launching};
use super::store;
use crate::conversations::{self, Place};
use crate::{Messaging, Result, contacts};
use ::scenario::document::{Launch, LaunchKind};
use db::DbError;
use jobs::Job;
use model::{ContactId, ConversationStatus, Cx, ProjectId, Refusal, ValueSource};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The work of launching what waits for a field.
pub(super) const FIELD: &str = "scenario_field";

/// Fields of a client that hold something else now.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Changed {
    project: ProjectId,
    contact: ContactId,
    fields: Vec<String>,
}

/// Fields of a client changed; whoever waits for one of them is launched after the commit. What scenarios and auto-actions save launches
/// nothing, so that none launches another for ever; an import does not write to a thousand clients.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn field_changed(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    contact: &ContactId,
    fields: &[String],
    source: ValueSource,
) -> Result<()> {
    if fields.is_empty() || matches!(source, ValueSource::Bot | ValueSource::Import) {
        return Ok(());
    }
    let launches = store::launches(cx.tx, cx.account).await?;
    if !launches.iter().any(|on_path| on_path.project_id == *project && waits_for(&on_path.launch, fields)) {
        return Ok(());
    }
    let changed = Changed { project: *project, contact: *contact, fields: fields.to_vec() };
    let payload = serde_json::to_string(&changed).map_err(|error| DbError::other(error.to_string()))?;
    jobs::enqueue(cx, FIELD, &contact.to_string(), &payload).await.map(drop)
}

pub(super) async fn work(service: Arc<Messaging>, job: Job) -> Result<()> {
    let changed: Changed = serde_json::from_str(&job.payload).map_err(|error| DbError::other(error.to_string()))?;
    let launched = service.write(&job.account_id, move |cx| {
        let changed = changed.clone();
        Box::pin(async move {
            jobs::must_finish(cx, &job.id).await?;
            begin(cx, &changed).await
        })
    });
    match launched.await {
        // The client, the scenario or its option is gone meanwhile: nothing was begun.
        Err(Refusal::NotFound | Refusal::Conflict { .. }) => Ok(()),
        other => other,
    }
}

async fn begin(cx: &mut Cx<'_>, changed: &Changed) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    if contacts::closed_reason(cx.tx, cx.account, &changed.contact).await?.is_some() {
        return Ok(());
    }
    let party = contacts::party(cx.tx, cx.account, &changed.project, &changed.contact).await?;
    let Some(launching) = wanted(cx, changed).await? else { return Ok(()) };
    let open = conversations::open_place(cx.tx, cx.account, &changed.contact).await?;
    let place: Place = match &open {
        Some(place) => place.clone(),
        // The conversation that begins here is the bot's: nobody is called for a field.
        None => conversations::open_or_continue_as(cx, &party, ConversationStatus::Bot).await?,
    };
    match launch::launch(cx, &place, launching).await? {
        None if open.is_none() => Err(Refusal::Conflict { code: "not_launched", detail: "nothing began".to_owned() }),
        _ => Ok(()),
    }
}

/// The first scenario that waits for one of the fields.
async fn wanted(cx: &mut Cx<'_>, changed: &Changed) -> Result<Option<Launching>> {
    let mut launches = store::launches(cx.tx, cx.account).await?;
    launches.retain(|on_path| on_path.project_id == changed.project);
    let launches = launch::for_client(cx, &changed.contact, launches).await?;
    let found = launches.into_iter().find(|(_, launch)| waits_for(launch, &changed.fields));
    Ok(found.map(|(scenario_id, launch)| Launching { scenario_id, kind: LaunchKind::FieldChanged, of: launch.of }))
}

/// Whether a launch waits for one of these fields.
fn waits_for(launch: &Launch, fields: &[String]) -> bool {
    launch.kind == LaunchKind::FieldChanged && launch.of.as_ref().is_some_and(|key| fields.contains(key))
}
