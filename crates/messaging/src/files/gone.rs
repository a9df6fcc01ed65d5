//! Files go with the message they came with, and so with its contact or channel: nobody can read them from then on, and a timer removes them.

use super::store;
use crate::{Messaging, Result};
use jobs::{Job, Timer};
use model::Cx;
use std::sync::Arc;

pub(crate) const KIND: &str = "files_gone";
/// Files of one transaction.
const BATCH: i64 = 200;

/// Messages were deleted: their files are removed soon.
///
/// # Errors
/// When the storage fails.
pub async fn remove_soon(cx: &mut Cx<'_>) -> Result<()> {
    let due = cx.env.now();
    jobs::set_timer(cx, Timer { kind: KIND, key: "all", due, payload: "{}" }).await.map(drop)
}

/// Removes the bytes first and the row after them, so that a process that dies in between leaves a row that says what is left to do.
pub(crate) async fn remove(service: Arc<Messaging>, job: Job) -> Result<()> {
    let account = job.account_id;
    loop {
        let gone = service.read(&account, |cx| Box::pin(async move { store::gone(cx.tx, cx.account, BATCH).await }));
        let gone = gone.await?;
        if gone.is_empty() {
            break;
        }
        for file in &gone {
            service.files.delete(&account, file).await?;
        }
        let removed =
            service.write(&account, move |cx| Box::pin(async move { store::delete(cx.tx, cx.account, &gone).await }));
        removed.await?;
    }
    // More may have gone meanwhile: then there is a newer timer, and it is not ours to end.
    let ended = service.write(&account, move |cx| Box::pin(async move { jobs::finish(cx, &job.id).await }));
    ended.await.map(drop)
}
