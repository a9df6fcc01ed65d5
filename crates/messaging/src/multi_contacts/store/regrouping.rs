//! SQL of a project whose rules are being applied in steps, beside live traffic: who was brought up to date meanwhile, and whether
//! everything was (ADR 9).

use crate::Result;
use db::{Tx, sql};
use model::{AccountId, ContactId, JobId, ProjectId};
use std::collections::HashSet;

/// Begins to note what live traffic does; a job taken up again finds its notes as they are.
pub async fn begin(tx: &mut Tx, account: &AccountId, project: &ProjectId, job: &JobId) -> Result<()> {
    let query = sql!(
        "INSERT INTO regroupings (account_id, project_id, job_id, epoch) VALUES ($1, $2, $3, 0)
         ON CONFLICT (account_id, project_id) DO UPDATE SET job_id = excluded.job_id"
    );
    query.bind(account).bind(project).bind(job).execute(tx).await?;
    Ok(())
}

/// The notes are not needed any more.
pub async fn end(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!("DELETE FROM regroupings WHERE account_id = $1 AND project_id = $2");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Begins the notes anew: what follows is computed from here on.
pub async fn forget(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!("DELETE FROM regrouped_contacts WHERE account_id = $1 AND project_id = $2");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Whether a job is under way: changes when everything was computed anew; none when there is no job.
pub async fn epoch(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<i64>> {
    let query = sql!("SELECT epoch FROM regroupings WHERE account_id = $1 AND project_id = $2");
    let row: Option<(i64,)> = query.bind(account).bind(project).optional(tx).await?;
    Ok(row.map(|(epoch,)| epoch))
}

/// Whether a job that may go on is under way: one that was given up leaves its notes behind.
pub async fn is_alive(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<bool> {
    let query = sql!(
        "SELECT COUNT(*) FROM regroupings r JOIN project_jobs j ON j.account_id = r.account_id AND j.id = r.job_id
         WHERE r.account_id = $1 AND r.project_id = $2 AND j.state IN ('waiting', 'running')"
    );
    let (count,): (i64,) = query.bind(account).bind(project).one(tx).await?;
    Ok(count > 0)
}

/// Notes that every group of the project was computed anew.
pub async fn all_done(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    let query = sql!("UPDATE regroupings SET epoch = epoch + 1 WHERE account_id = $1 AND project_id = $2");
    query.bind(account).bind(project).execute(tx).await?;
    Ok(())
}

/// Notes contacts whose keys and groups are up to date.
pub async fn note<'c>(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contacts: impl IntoIterator<Item = &'c ContactId>,
) -> Result<()> {
    for contact in contacts {
        let query = sql!(
            "INSERT INTO regrouped_contacts (account_id, project_id, contact_id) VALUES ($1, $2, $3)
             ON CONFLICT (account_id, project_id, contact_id) DO NOTHING"
        );
        query.bind(account).bind(project).bind(contact).execute(tx).await?;
    }
    Ok(())
}

/// The contacts noted so far.
pub async fn noted(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<HashSet<u128>> {
    let mut contacts = HashSet::new();
    let query = sql!("SELECT contact_id FROM regrouped_contacts WHERE account_id = $1 AND project_id = $2");
    let read = query.bind(account).bind(project).each(tx, |row| {
        contacts.insert(row.get::<ContactId>(0)?.bits());
        Ok(())
    });
    read.await?;
    Ok(contacts)
}
