//! Every project of every account, for work that concerns all of them.

use crate::store;
use db::{Db, Scope};
use model::{AccountId, ProjectId, Refusal};

/// Accounts and their projects, the oldest first.
pub(crate) async fn all(db: &Db) -> Result<Vec<(AccountId, ProjectId)>, Refusal> {
    db.read(Scope::System, |tx| Box::pin(store::projects(tx))).await
}
