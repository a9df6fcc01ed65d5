//! SQL of mailings themselves.

use crate::mailing::{Held, Row as Mailing, State};
use db::{DbError, FromRow, Row, Tx, sql};
use jiff::tz::TimeZone;
use model::{AccountId, Cx, GroupId, MailingId, ProjectId, Refusal, Result, ScenarioId, Timestamp};

impl FromRow for Mailing {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let document = serde_json::from_str(row.text(3)?);
        let held: Option<String> = row.get(6)?;
        Ok(Self {
            account_id: row.get(0)?,
            id: row.get(1)?,
            project_id: row.get(2)?,
            document: document.map_err(|e| DbError::other(format!("a stored mailing cannot be read: {e}")))?,
            revision: row.get(4)?,
            state: State::from_stored(row.text(5)?)?,
            held: held.map(|word| Held::from_stored(&word)).transpose()?,
            starts_at: row.get::<Option<i64>>(7)?.map(Timestamp),
            prepared_to: row.get(8)?,
            contacts: row.get(9)?,
            created_at: Timestamp(row.get(10)?),
            created_by: row.get(11)?,
            changed_at: Timestamp(row.get(12)?),
            started_at: row.get::<Option<i64>>(13)?.map(Timestamp),
            ended_at: row.get::<Option<i64>>(14)?.map(Timestamp),
        })
    }
}

/// One of a project.
pub(crate) async fn get(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &MailingId) -> Result<Mailing> {
    let found = by_id(tx, account, id).await?.filter(|row| row.project_id == *project);
    found.ok_or(Refusal::NotFound)
}

/// One of an account.
pub(crate) async fn by_id(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Option<Mailing>> {
    let query = sql!(
        "SELECT account_id, id, project_id, document, revision, state, held, starts_at, prepared_to, contacts, created_at, created_by,
           changed_at, started_at, ended_at
         FROM mailings WHERE account_id = $1 AND id = $2"
    );
    Ok(query.bind(account).bind(id).optional(tx).await?)
}

/// Those of a project in a state, or in any, the newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    state: Option<State>,
    before: MailingId,
    limit: i64,
) -> Result<Vec<Mailing>> {
    let query = sql!(
        "SELECT account_id, id, project_id, document, revision, state, held, starts_at, prepared_to, contacts, created_at, created_by,
           changed_at, started_at, ended_at
         FROM mailings WHERE account_id = $1 AND project_id = $2 AND ($3 = '' OR state = $3) AND id < $4 ORDER BY id DESC LIMIT $5"
    );
    let query = query.bind(account).bind(project).bind(state.map_or("", State::as_str));
    Ok(query.bind(before).bind(limit).all(tx).await?)
}

/// How many a project has.
pub(crate) async fn number(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<i64> {
    let query = sql!("SELECT COUNT(*) FROM mailings WHERE account_id = $1 AND project_id = $2");
    let (count,): (i64,) = query.bind(account).bind(project).one(tx).await?;
    Ok(count)
}

pub(crate) async fn insert(cx: &mut Cx<'_>, row: &Mailing) -> Result<()> {
    let query = sql!(
        "INSERT INTO mailings (account_id, id, project_id, document, revision, state, scenario_id, created_at, created_by, changed_at, demo)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8,
           (SELECT demo FROM projects WHERE account_id = $1 AND id = $3))"
    );
    let document = text_of(row)?;
    let query = query.bind(cx.account).bind(row.id).bind(row.project_id).bind(&document).bind(row.revision);
    let query = query.bind(row.state.as_str()).bind(row.scenario());
    query.bind(row.created_at.0).bind(row.created_by.as_deref()).execute(cx.tx).await?;
    Ok(())
}

/// Saves the document over a revision; false when somebody has saved since.
pub(crate) async fn save(cx: &mut Cx<'_>, row: &Mailing, basis: i64) -> Result<bool> {
    let query = sql!(
        "UPDATE mailings SET document = $3, revision = revision + 1, scenario_id = $4, changed_at = $5
         WHERE account_id = $1 AND id = $2 AND revision = $6 AND state IN ('draft', 'scheduled')"
    );
    let document = text_of(row)?;
    let query = query.bind(cx.account).bind(row.id).bind(&document).bind(row.scenario());
    Ok(query.bind(cx.env.now().0).bind(basis).execute(cx.tx).await? == 1)
}

fn text_of(row: &Mailing) -> Result<String> {
    serde_json::to_string(&row.document).map_err(|e| DbError::other(e.to_string()).into())
}

/// From one state to another; false when it was in another by then.
pub(crate) async fn go(cx: &mut Cx<'_>, id: &MailingId, from: State, to: State) -> Result<bool> {
    let query = sql!(
        "UPDATE mailings SET state = $4, held = NULL, changed_at = $5, ended_at = CASE WHEN $6 THEN $5 ELSE ended_at END
         WHERE account_id = $1 AND id = $2 AND state = $3"
    );
    let query = query.bind(cx.account).bind(id).bind(from.as_str()).bind(to.as_str());
    Ok(query.bind(cx.env.now().0).bind(to.is_ended()).execute(cx.tx).await? == 1)
}

/// When it begins.
pub(crate) async fn set_start(cx: &mut Cx<'_>, id: &MailingId, starts_at: Timestamp) -> Result<()> {
    let query = sql!("UPDATE mailings SET starts_at = $3 WHERE account_id = $1 AND id = $2");
    query.bind(cx.account).bind(id).bind(starts_at.0).execute(cx.tx).await?;
    Ok(())
}

/// Waits for somebody's word.
pub(crate) async fn hold(cx: &mut Cx<'_>, id: &MailingId, held: Held) -> Result<()> {
    let query = sql!("UPDATE mailings SET held = $3, changed_at = $4 WHERE account_id = $1 AND id = $2");
    query.bind(cx.account).bind(id).bind(held.as_str()).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// The freeze is so far; at its beginning the moment is noted, too.
pub(crate) async fn prepared(cx: &mut Cx<'_>, id: &MailingId, to: GroupId, contacts: i64) -> Result<()> {
    let query = sql!(
        "UPDATE mailings SET prepared_to = $3, contacts = contacts + $4, started_at = COALESCE(started_at, $5)
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(cx.account).bind(id).bind(to).bind(contacts).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<()> {
    sql!("DELETE FROM mailings WHERE account_id = $1 AND id = $2").bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// What there is to do, over all accounts.
pub(crate) async fn at_work(tx: &mut Tx) -> Result<Vec<Mailing>> {
    let query = sql!(
        "SELECT account_id, id, project_id, document, revision, state, held, starts_at, prepared_to, contacts, created_at, created_by,
           changed_at, started_at, ended_at
         FROM mailings WHERE state IN ('scheduled', 'preparing', 'running', 'paused', 'stopping') ORDER BY id -- any account_id"
    );
    Ok(query.all(tx).await?)
}

/// Everything that would begin or go on by itself waits for somebody's word: this database is a restored copy.
pub(crate) async fn hold_all(tx: &mut Tx) -> Result<()> {
    let query = sql!("UPDATE mailings SET held = 'restored' WHERE state = 'scheduled' -- any account_id");
    query.execute(tx).await?;
    let query = sql!(
        "UPDATE mailings SET state = 'paused', held = 'restored' WHERE state IN ('running', 'preparing') -- any account_id"
    );
    query.execute(tx).await?;
    Ok(())
}

/// The zone of a project, with its name.
pub(crate) async fn zone(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<(String, TimeZone)> {
    let query = sql!("SELECT time_zone FROM projects WHERE account_id = $1 AND id = $2");
    let found: Option<(String,)> = query.bind(account).bind(project).optional(tx).await?;
    let (name,) = found.ok_or(Refusal::NotFound)?;
    let zone = TimeZone::get(&name).unwrap_or(TimeZone::UTC);
    Ok((name, zone))
}

/// The name of a scenario that is published; none of one that is not there, or never was.
pub(crate) async fn published(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ScenarioId,
) -> Result<Option<(String, bool)>> {
    let query = sql!(
        "SELECT name, version > 0 FROM scenarios WHERE account_id = $1 AND project_id = $2 AND id = $3 AND deleted_at IS NULL"
    );
    Ok(query.bind(account).bind(project).bind(id).optional(tx).await?)
}
