//! What a change of the list of tags does to clients: a job of small steps, each kept, so that one that was killed goes on (ADR 38).

mod store;
mod usage;

pub(crate) use usage::segments_with_field;
pub use usage::{Named, Usage, usage};

use jobs::Job;
use jobs::project::{self as project_jobs, ProjectJob, Step};
use messaging::tags::{self, Tag, UpdateTag, key_of};
use messaging::{Messaging, contacts};
use model::{AccountId, ContactId, Cx, JobId, ProjectId, Refusal, Result, TagId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Kind of the job.
pub const KIND: &str = "retag";
/// Clients looked at in one transaction.
const CHUNK: i64 = 250;

/// What clients that have one tag get in its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Input {
    from: String,
    /// None to take it away.
    to: Option<String>,
}

/// How far the job is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stage {
    after: Option<ContactId>,
    /// Clients with tags that were looked at.
    seen: i64,
    /// Those that were changed.
    contacts: i64,
}

/// Changes a tag of the list. Another name reaches the clients as a job.
///
/// # Errors
/// As [`tags::update`].
pub async fn update(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId, change: UpdateTag, by: &str) -> Result<Tag> {
    let (tag, before) = tags::update(cx, project, id, change).await?;
    if tag.name != before {
        start(cx, project, &before, Some(&tag.name), by).await?;
    }
    Ok(tag)
}

/// Takes a tag out of the list, and, as a job, from the clients, too.
///
/// # Errors
/// When there is none.
pub async fn delete(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &TagId,
    from_clients: bool,
    by: &str,
) -> Result<Option<ProjectJob>> {
    let tag = tags::delete(cx, project, id).await?;
    match from_clients {
        true => start(cx, project, &tag.name, None, by).await.map(Some),
        false => Ok(None),
    }
}

/// Makes one tag of two: clients of the first get the second, as a job.
///
/// # Errors
/// When there is none of them, or they are one.
pub async fn merge(cx: &mut Cx<'_>, project: &ProjectId, id: &TagId, into: &TagId, by: &str) -> Result<ProjectJob> {
    if id == into {
        return Err(Refusal::invalid("into", "same", "a tag is not merged into itself"));
    }
    tags::get(cx, project, id).await?;
    let into = tags::get(cx, project, into)
        .await
        .map_err(|_| Refusal::invalid("into", "unknown", "no such tag in this project"))?;
    let tag = tags::delete(cx, project, id).await?;
    start(cx, project, &tag.name, Some(&into.name), by).await
}

async fn start(cx: &mut Cx<'_>, project: &ProjectId, from: &str, to: Option<&str>, by: &str) -> Result<ProjectJob> {
    let input = Input { from: from.to_owned(), to: to.map(str::to_owned) };
    let input = serde_json::to_value(input).map_err(|error| Refusal::stored(&error))?;
    project_jobs::start(cx, project, KIND, &input, Some(by)).await
}

/// The worker.
///
/// # Errors
/// When the storage fails; then the job is tried again from its last step.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    while step(&service, &job.account_id, &job.id).await? {}
    Ok(())
}

async fn step(service: &Arc<Messaging>, account: &AccountId, id: &JobId) -> Result<bool> {
    let id = *id;
    let done = service.write(account, move |cx| {
        Box::pin(async move {
            let mut step = Step::<Input, Stage>::begin(cx, &id).await?;
            let after = step.stage.after.unwrap_or(ContactId::from_bits(0));
            let page = store::tagged_after(cx.tx, cx.account, &step.project, &after, CHUNK).await?;
            for (contact, held) in &page {
                if let Some(wanted) = retagged(held, &step.input) {
                    contacts::retag(cx, contact, &wanted).await?;
                    step.stage.contacts += 1;
                }
            }
            step.stage.seen += i64::try_from(page.len()).unwrap_or(0);
            step.stage.after = page.last().map(|(contact, _)| *contact).or(step.stage.after);
            let (seen, contacts) = (step.stage.seen, step.stage.contacts);
            let result = json!({ "contacts": contacts, "from": step.input.from, "to": step.input.to });
            step.keep(cx, seen, !page.is_empty(), &result).await
        })
    });
    done.await
}

/// The tags of a client after the change, in their order, each once; none where nothing changes.
fn retagged(held: &[String], input: &Input) -> Option<Vec<String>> {
    let key = key_of(&input.from);
    let mut wanted: Vec<String> = Vec::with_capacity(held.len());
    for tag in held {
        let tag = match key_of(tag) == key {
            true => input.to.as_ref(),
            false => Some(tag),
        };
        if let Some(tag) = tag.filter(|tag| !wanted.contains(tag)) {
            wanted.push(tag.clone());
        }
    }
    (wanted != held).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_tag_is_renamed_merged_or_taken_away() {
        let input = |to: Option<&str>| Input { from: "Опт".to_owned(), to: to.map(str::to_owned) };
        let to = |held: &[&str], to: Option<&str>| retagged(&tags(held), &input(to));
        assert_eq!(to(&["VIP", "опт", "новый"], Some("Оптовик")), Some(tags(&["VIP", "Оптовик", "новый"])));
        assert_eq!(to(&["Оптовик", "ОПТ"], Some("Оптовик")), Some(tags(&["Оптовик"])), "both were there");
        assert_eq!(to(&["Опт", "опт"], None), Some(Vec::new()));
        assert_eq!(to(&["VIP"], Some("Оптовик")), None);
        assert_eq!(to(&["Опт"], Some("Опт")), None);
    }
}
