//! SQL of what a licence's page shows.

use super::{Affected, AtWork, Change};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ActorId, Cx, Result, Timestamp};

/// Changes that are shown.
const SHOWN: i64 = 50;

impl FromRow for Change {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { at: Timestamp(row.get(0)?), by: row.get(1)?, what: row.get(2)?, value: row.get(3)? })
    }
}

impl FromRow for AtWork {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { id: row.get(0)?, project_id: row.get(1)?, name: row.get(2)?, active_runs: row.get(3)? })
    }
}

pub(super) async fn seats_used(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    // People of demo data take nobody's place.
    let query =
        sql!("SELECT COUNT(*) FROM users WHERE account_id = $1 AND active AND NOT (demo AND password_hash IS NULL)");
    let (used,): (i64,) = query.bind(account).one(tx).await?;
    Ok(used)
}

pub(super) async fn affected(tx: &mut Tx, account: &AccountId) -> Result<Affected> {
    let query = sql!(
        "SELECT s.id, s.project_id, s.name, COUNT(*) FROM scenario_runs r
         JOIN scenarios s ON s.account_id = r.account_id AND s.id = r.scenario_id
         WHERE r.account_id = $1 AND r.ended_at IS NULL AND NOT r.is_test
         GROUP BY s.id, s.project_id, s.name ORDER BY COUNT(*) DESC, s.name"
    );
    let scenarios: Vec<AtWork> = query.bind(account).all(tx).await?;
    let query = sql!("SELECT COUNT(*) FROM scenarios WHERE account_id = $1 AND version > 0 AND deleted_at IS NULL");
    let (published,): (i64,) = query.bind(account).one(tx).await?;
    Ok(Affected { active_runs: scenarios.iter().map(|scenario| scenario.active_runs).sum(), scenarios, published })
}

pub(super) async fn changes(tx: &mut Tx, account: &AccountId) -> Result<Vec<Change>> {
    let query =
        sql!("SELECT at, actor, what, value FROM licence_changes WHERE account_id = $1 ORDER BY number DESC LIMIT $2");
    Ok(query.bind(account).bind(SHOWN).all(tx).await?)
}

/// Notes who changed what, by the name they have now.
pub(super) async fn note(cx: &mut Cx<'_>, by: Option<ActorId>, what: &str, value: &str) -> Result<()> {
    let query = sql!(
        "INSERT INTO licence_changes (account_id, number, at, actor, what, value)
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, COALESCE((SELECT name FROM users WHERE account_id = $1 AND id = $3), $4), $5, $6
         FROM licence_changes WHERE account_id = $1"
    );
    let user = by.and_then(|by| match by {
        ActorId::User(id) => Some(id),
        _ => None,
    });
    let name = if by.is_some() { "API" } else { "" };
    let query = query.bind(cx.account).bind(cx.env.now().0).bind(user).bind(name).bind(what).bind(value);
    query.execute(cx.tx).await?;
    Ok(())
}
