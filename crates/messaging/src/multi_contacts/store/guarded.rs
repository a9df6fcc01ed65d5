//! SQL of the contacts in whose groups a guard may have a say (identity::partition::guarded).

use crate::Result;
use db::{Tx, Value as Bound, sql};
use model::{AccountId, ContactId, ProjectId};
use std::collections::BTreeSet;

/// Those of some contacts in whose groups a guard may have a say.
pub async fn guarded_among(tx: &mut Tx, account: &AccountId, contacts: &[ContactId]) -> Result<BTreeSet<ContactId>> {
    let query = sql!("SELECT contact_id FROM guarded_contacts WHERE account_id = $1 AND contact_id = ANY($2)");
    let query = query.bind(account).bind(Bound::ids(contacts.iter().map(|id| id.bits())));
    Ok(query.all::<(ContactId,)>(tx).await?.into_iter().map(|(id,)| id).collect())
}

/// Contacts of a project in whose groups a guard may have a say, the first so many.
pub async fn guarded_of(tx: &mut Tx, account: &AccountId, project: &ProjectId, limit: i64) -> Result<Vec<ContactId>> {
    let query = sql!(
        "SELECT contact_id FROM guarded_contacts WHERE account_id = $1 AND project_id = $2 ORDER BY contact_id LIMIT $3"
    );
    let query = query.bind(account).bind(project).bind(limit);
    Ok(query.all::<(ContactId,)>(tx).await?.into_iter().map(|(id,)| id).collect())
}

/// Notes that a guard may have a say in the groups of these contacts; those that are gone are left out.
pub async fn add_guarded(tx: &mut Tx, account: &AccountId, guarded: &[ContactId]) -> Result<()> {
    if guarded.is_empty() {
        return Ok(());
    }
    let query = sql!(
        "INSERT INTO guarded_contacts (account_id, contact_id, project_id)
         SELECT account_id, id, project_id FROM contacts WHERE account_id = $1 AND id = ANY($2)
         ON CONFLICT (account_id, contact_id) DO NOTHING"
    );
    let query = query.bind(account).bind(Bound::ids(guarded.iter().map(|id| id.bits())));
    query.execute(tx).await?;
    Ok(())
}

/// Notes which of the contacts looked at are guarded.
pub async fn set_guarded(
    tx: &mut Tx,
    account: &AccountId,
    looked_at: &[&ContactId],
    guarded: &[ContactId],
) -> Result<()> {
    let query = sql!("DELETE FROM guarded_contacts WHERE account_id = $1 AND contact_id = ANY($2)");
    let query = query.bind(account).bind(Bound::ids(looked_at.iter().map(|id| id.bits())));
    query.execute(tx).await?;
    add_guarded(tx, account, guarded).await
}

/// Notes which contacts of a project are guarded, all of them looked at.
pub async fn set_all_guarded(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    guarded: &[ContactId],
) -> Result<()> {
    let query = sql!("DELETE FROM guarded_contacts WHERE account_id = $1 AND project_id = $2");
    query.bind(account).bind(project).execute(tx).await?;
    add_guarded(tx, account, guarded).await
}
