//! Who was erased stays erased when an older backup takes the place of the database (D16): before anything is served, the ledger is held
//! against what is there.

use super::{Input, KIND, Task, store};
use jobs::project as project_jobs;
use messaging::Messaging;
use model::{AccountId, ContactId, ProjectId, Refusal, Result};
use serde::{Deserialize, Serialize};

/// A line of the ledger: ids, nothing else of the people.
#[derive(Serialize, Deserialize)]
struct Line {
    project: ProjectId,
    contacts: Vec<ContactId>,
}

/// Notes whom a job is about to erase.
pub(super) async fn note(service: &Messaging, task: &Task) -> Result<()> {
    let line = Line { project: task.project, contacts: task.contacts.to_vec() };
    let line = serde_json::to_string(&line).map_err(|e| Refusal::stored(&e))?;
    service.files.note_erased(&task.account, &task.id, line).await
}

/// Queues the erasure of whoever is in the ledger and in the database again; how many contacts.
///
/// # Errors
/// When the storage fails.
pub async fn replay(service: &Messaging) -> Result<usize> {
    let mut back = 0;
    for (account, line) in service.files.erased().await? {
        let Ok(Line { project, contacts }) = serde_json::from_str(&line) else {
            tracing::warn!(account.id = %account, "a line of the ledger of erasures cannot be read");
            continue;
        };
        back += erase_again(service, account, project, contacts).await?;
    }
    if back > 0 {
        tracing::warn!(
            contacts = back,
            "erased clients came back with an older copy of the database and are erased again"
        );
    }
    Ok(back)
}

async fn erase_again(
    service: &Messaging,
    account: AccountId,
    project: ProjectId,
    contacts: Vec<ContactId>,
) -> Result<usize> {
    let queued = service.write(&account, move |cx| {
        Box::pin(async move {
            let contacts = store::still_there(cx.tx, cx.account, &project, &contacts).await?;
            let count = contacts.len();
            if count > 0 {
                let input = serde_json::to_value(Input { contacts }).map_err(|e| Refusal::stored(&e))?;
                project_jobs::start(cx, &project, KIND, &input, None).await?;
            }
            Ok::<_, Refusal>(count)
        })
    });
    queued.await
}
