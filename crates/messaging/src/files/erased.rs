//! The ledger of erasures (D16). It stands beside the attachments and not in the database: a backup that is put in the place of the
//! database is older than it.

use super::{FileStore, failed};
use crate::{Refusal, Result};
use futures_util::{StreamExt, TryStreamExt};
use model::{AccountId, JobId};
use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt};

const FOLDER: &str = "erased";

impl FileStore {
    /// Notes what an erasure takes, before it does; told twice it is noted once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_erased(&self, account: &AccountId, job: &JobId, line: String) -> Result<()> {
        let place = StorePath::from(format!("{FOLDER}/{account}/{job}"));
        self.store.put(&place, line.into()).await.map_err(failed)?;
        Ok(())
    }

    /// Every line of the ledger with its account, in no order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn erased(&self) -> Result<Vec<(AccountId, String)>> {
        let found = self.store.list(Some(&StorePath::from(FOLDER))).map_err(failed).map_err(Refusal::from);
        let read = found.and_then(|object| async move {
            let bytes = self.store.get(&object.location).await.map_err(failed)?.bytes().await.map_err(failed)?;
            let account = object.location.parts().nth(1).and_then(|part| part.as_ref().parse().ok());
            Ok(account.map(|account| (account, String::from_utf8_lossy(&bytes).into_owned())))
        });
        let lines: Vec<Option<(AccountId, String)>> = read.boxed().try_collect().await?;
        Ok(lines.into_iter().flatten().collect())
    }
}
