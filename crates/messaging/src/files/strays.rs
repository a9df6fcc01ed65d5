//! What nobody will ask for: uploads that were sent with no message, and bytes that no row names, as a process leaves them that is killed
//! between the two, or a project that is deleted with its rows.

use super::{FileStore, failed, store};
use crate::{Messaging, Refusal, Result};
use futures_util::{StreamExt, TryStreamExt};
use model::{AccountId, FileId, Timestamp};
use object_store::path::Path as StorePath;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Files that are looked at together.
const BATCH: usize = 200;

/// Removes an account's uploads of before a moment that were sent with no message; how many. The row goes first: who sends it at this very
/// moment keeps it. A process that dies in between leaves bytes that no row names.
///
/// # Errors
/// When the storage fails.
pub async fn remove_unsent(service: &Messaging, account: &AccountId, before: Timestamp) -> Result<u64> {
    let mut removed = 0;
    loop {
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let unsent = service
            .read(account, move |cx| Box::pin(async move { store::unsent(cx.tx, cx.account, before, limit).await }));
        let unsent = unsent.await?;
        if unsent.is_empty() {
            return Ok(removed);
        }
        let gone = service
            .write(account, move |cx| Box::pin(async move { store::delete_unsent(cx.tx, cx.account, &unsent).await }));
        for file in gone.await? {
            service.files.delete(account, &file).await?;
            removed += 1;
        }
    }
}

/// Removes bytes that were stored before a moment and that no row names; how many files. An upload has its bytes before its row, so the moment
/// is to be long past; and long enough for a restore to be taken back, for the database of before may name them.
///
/// # Errors
/// When the storage fails.
pub async fn remove_strays(service: &Messaging, before: Timestamp) -> Result<u64> {
    let mut removed = service.files.remove_halves(before).await?;
    let mut batches = std::pin::pin!(service.files.of_accounts(before).try_chunks(BATCH));
    while let Some(batch) = batches.next().await {
        let mut of_accounts = BTreeMap::<AccountId, Vec<Stored>>::new();
        for stored in batch.map_err(|error| error.1)? {
            of_accounts.entry(stored.account).or_default().push(stored);
        }
        for (account, stored) in of_accounts {
            removed += remove_unnamed(service, account, stored).await?;
        }
    }
    Ok(removed)
}

async fn remove_unnamed(service: &Messaging, account: AccountId, stored: Vec<Stored>) -> Result<u64> {
    let ids: Vec<FileId> = stored.iter().filter_map(|one| one.file).collect();
    let named = service.read(&account, move |cx| Box::pin(async move { store::named(cx.tx, cx.account, &ids).await }));
    let named: HashSet<FileId> = named.await?.into_iter().collect();
    let mut removed = 0;
    for Stored { file, place, .. } in stored {
        if file.is_some_and(|file| named.contains(&file)) {
            continue;
        }
        tracing::info!(file = %place, "bytes that nothing names are removed");
        service.files.remove_at(&place).await?;
        removed += 1;
    }
    Ok(removed)
}

/// Bytes at a place of an account.
struct Stored {
    account: AccountId,
    /// An attachment; none for an upload that was to be imported.
    file: Option<FileId>,
    place: StorePath,
}

impl Stored {
    /// None for what is no account's, as the ledger of erasures.
    fn at(place: StorePath) -> Option<Self> {
        let parts: Vec<_> = place.parts().collect();
        let account = parts.first()?.as_ref().parse().ok()?;
        let file = match parts.as_slice() {
            [_, file] => Some(file.as_ref().parse().ok()?),
            [_, folder, _] if folder.as_ref() == super::IMPORTS => None,
            _ => return None,
        };
        Some(Self { account, file, place })
    }
}

impl FileStore {
    /// What accounts have had here since before a moment.
    fn of_accounts(&self, before: Timestamp) -> impl futures_util::Stream<Item = Result<Stored>> + Send {
        let found = self.store.list(None).map_err(|error| Refusal::from(failed(error)));
        found.try_filter_map(move |object: ObjectMeta| async move {
            let is_old = object.last_modified.timestamp_millis() < before.0;
            Ok(Stored::at(object.location).filter(|_| is_old))
        })
    }

    async fn remove_at(&self, place: &StorePath) -> Result<()> {
        match self.store.delete(place).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error).into()),
        }
    }

    /// Removes what a killed process had not written to its end: such files have a `#` in their names, and the store does not list them.
    async fn remove_halves(&self, before: Timestamp) -> Result<u64> {
        let folder = self.folder.clone();
        let before = SystemTime::UNIX_EPOCH + Duration::from_millis(before.0.unsigned_abs());
        let removed = tokio::task::spawn_blocking(move || remove_halves(&folder, before)).await;
        let removed = removed.map_err(|error| db::DbError::other(error.to_string()))?;
        removed.map_err(|error| db::DbError::other(error.to_string()).into())
    }
}

fn remove_halves(folder: &Path, before: SystemTime) -> std::io::Result<u64> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let facts = entry.metadata()?;
        if facts.is_dir() {
            removed += remove_halves(&entry.path(), before)?;
        } else if entry.file_name().to_string_lossy().contains('#') && facts.modified()? < before {
            std::fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}
