//! SQL over every account, for work that concerns all of them.

use db::{Tx, sql};
use model::{AccountId, ProjectId, Refusal, Timestamp};

pub(crate) async fn accounts(tx: &mut Tx) -> Result<Vec<AccountId>, Refusal> {
    let query = sql!("SELECT account_id FROM accounts ORDER BY account_id");
    let rows = query.all::<(AccountId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Accounts and their projects, the oldest first.
pub(crate) async fn projects(tx: &mut Tx) -> Result<Vec<(AccountId, ProjectId)>, Refusal> {
    let query = sql!("SELECT account_id, id FROM projects ORDER BY created_at");
    let rows = query.all::<(AccountId, ProjectId)>(tx).await?;
    Ok(rows.into_iter().collect())
}

/// What all nodes of this database share under a name; the first who asks decides it.
pub(crate) async fn shared_value(tx: &mut Tx, name: &str, new: &str) -> Result<String, Refusal> {
    let insert =
        sql!("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING -- no account_id");
    insert.bind(name).bind(new).execute(tx).await?;
    let (value,) = sql!("SELECT value FROM installation WHERE name = $1 -- no account_id").bind(name).one(tx).await?;
    Ok(value)
}

/// Notes how this installation runs, for `doctor`.
pub(crate) async fn note(tx: &mut Tx, name: &str, value: &str) -> Result<(), Refusal> {
    let query = sql!(
        "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value -- no account_id"
    );
    query.bind(name).bind(value).execute(tx).await?;
    Ok(())
}

/// What was noted.
pub(crate) async fn noted(tx: &mut Tx, name: &str) -> Result<Option<String>, Refusal> {
    let query = sql!("SELECT value FROM installation WHERE name = $1 -- no account_id");
    Ok(query.bind(name).optional::<(String,)>(tx).await?.map(|(value,)| value))
}

pub(crate) async fn count_accounts(tx: &mut Tx) -> Result<i64, Refusal> {
    let query = sql!("SELECT COUNT(*) FROM accounts -- any account_id");
    let (count,) = query.one(tx).await?;
    Ok(count)
}

pub(crate) async fn count_failed_jobs(tx: &mut Tx) -> Result<i64, Refusal> {
    let query = sql!("SELECT COUNT(*) FROM jobs WHERE state = 'failed' -- any account_id");
    let (count,) = query.one(tx).await?;
    Ok(count)
}

pub(crate) async fn count_broken_connections(tx: &mut Tx) -> Result<i64, Refusal> {
    let query = sql!("SELECT COUNT(*) FROM connections WHERE status = 'error' -- any account_id");
    let (count,) = query.one(tx).await?;
    Ok(count)
}

/// When the newest thing happened that any account's log tells; none while nothing has.
pub(crate) async fn newest_event_at(tx: &mut Tx) -> Result<Option<Timestamp>, Refusal> {
    let query = sql!(
        "SELECT MAX(e.created_at) FROM account_positions p JOIN events e ON e.account_id = p.account_id AND e.position = p.position
         -- any account_id"
    );
    let (newest,): (Option<i64>,) = query.one(tx).await?;
    Ok(newest.map(Timestamp))
}

/// The key of the site that the demo page shows: a demo project's if there is one.
pub(crate) async fn shown_site_key(tx: &mut Tx) -> Result<Option<String>, Refusal> {
    let query = sql!(
        "SELECT site_key FROM projects ORDER BY CASE WHEN demo THEN 0 ELSE 1 END, created_at LIMIT 1 -- any account_id"
    );
    Ok(query.optional::<(String,)>(tx).await?.map(|(key,)| key))
}
