//! SQL of secrets.

use super::{Held, ScenarioSecret};
use crate::Result;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, Cx, ProjectId, Timestamp};
use vault::Sealed;

impl FromRow for Held {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let hosts = serde_json::from_str(row.text(2)?).map_err(|error| DbError::other(error.to_string()))?;
        Ok(Self {
            id: row.get(0)?,
            value: Sealed::from_stored(row.get(3)?),
            secret: ScenarioSecret { name: row.get(1)?, hosts, changed_at: Timestamp(row.get(4)?) },
        })
    }
}

pub(super) async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Held>> {
    let query = sql!(
        "SELECT id, name, hosts, value, changed_at FROM scenario_secrets WHERE account_id = $1 AND project_id = $2 ORDER BY name"
    );
    Ok(query.bind(account).bind(project).all(tx).await?)
}

pub(super) async fn save(cx: &mut Cx<'_>, project: &ProjectId, held: &Held) -> Result<()> {
    let Held { id, value, secret: ScenarioSecret { name, hosts, changed_at } } = held;
    let hosts = serde_json::to_string(hosts).map_err(|error| DbError::other(error.to_string()))?;
    let query = sql!(
        "INSERT INTO scenario_secrets (account_id, id, project_id, name, hosts, value, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET hosts = excluded.hosts, value = excluded.value, changed_at = excluded.changed_at"
    );
    let query = query.bind(cx.account).bind(id).bind(project).bind(name.as_str()).bind(hosts.as_str());
    query.bind(value.as_str()).bind(changed_at.0).execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, name: &str) -> Result<bool> {
    let query = sql!("DELETE FROM scenario_secrets WHERE account_id = $1 AND project_id = $2 AND name = $3");
    Ok(query.bind(account).bind(project).bind(name).execute(tx).await? > 0)
}
