//! Every project of every account, for work that concerns all of them.

use db::{Db, Scope, sql};

use model::{AccountId, ProjectId, Refusal};

/// Accounts and their projects, the oldest first.
pub(crate) async fn all(db: &Db) -> Result<Vec<(AccountId, ProjectId)>, Refusal> {
    let found = db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = sql!("SELECT account_id, id FROM projects ORDER BY created_at");
            Ok::<_, Refusal>(query.all::<(String, String)>(tx).await?)
        })
    });
    let rows = found.await?.into_iter();
    Ok(rows.map(|(account, id)| (AccountId::from_stored(account), ProjectId::from_stored(id))).collect())
}
