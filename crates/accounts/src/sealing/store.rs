//! SQL of sealed values, over every account.

use super::Column;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ConnectionId, Result};
use vault::Sealed;

/// A sealed value and its row.
#[derive(Clone)]
pub(super) struct SealedRow {
    pub account: AccountId,
    /// Bits of the row's id.
    pub id: u128,
    pub sealed: Sealed,
}

impl FromRow for SealedRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let id: ConnectionId = row.get(1)?;
        Ok(Self { account: row.get(0)?, id: id.bits(), sealed: Sealed::from_stored(row.get(2)?) })
    }
}

/// The names of keys in the stored values: eight digits after the form and a dot.
pub(super) async fn key_names(tx: &mut Tx) -> Result<Vec<String>> {
    let query = sql!(
        "SELECT SUBSTR(secrets, 4, 8) FROM connections WHERE secrets IS NOT NULL
         UNION SELECT SUBSTR(identity_secret, 4, 8) FROM projects
         UNION SELECT SUBSTR(value, 4, 8) FROM scenario_secrets
         UNION SELECT SUBSTR(secret, 4, 8) FROM second_factors
         UNION SELECT SUBSTR(secret, 4, 8) FROM webhooks
         UNION SELECT SUBSTR(secret, 4, 8) FROM push_keys
         UNION SELECT SUBSTR(sealed, 4, 8) FROM audit_heads
         UNION SELECT SUBSTR(old_secret, 4, 8) FROM webhooks WHERE old_secret IS NOT NULL -- any account_id"
    );
    let names: Vec<(String,)> = query.all(tx).await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

/// The next values of a column, by row id.
pub(super) async fn page(tx: &mut Tx, column: Column, after: u128, limit: i64) -> Result<Vec<SealedRow>> {
    let query = match column {
        Column::ConnectionSecrets => sql!(
            "SELECT account_id, id, secrets FROM connections WHERE secrets IS NOT NULL AND id > $1 ORDER BY id LIMIT $2"
        ),
        Column::IdentitySecret => {
            sql!("SELECT account_id, id, identity_secret FROM projects WHERE id > $1 ORDER BY id LIMIT $2")
        }
        Column::ScenarioSecret => {
            sql!("SELECT account_id, id, value FROM scenario_secrets WHERE id > $1 ORDER BY id LIMIT $2")
        }
        Column::PushKey => sql!(
            "SELECT account_id, account_id, secret FROM push_keys WHERE account_id > $1 ORDER BY account_id LIMIT $2"
        ),
        Column::AuditHead => sql!(
            "SELECT account_id, account_id, sealed FROM audit_heads WHERE account_id > $1 ORDER BY account_id LIMIT $2"
        ),
        Column::WebhookSecret => sql!("SELECT account_id, id, secret FROM webhooks WHERE id > $1 ORDER BY id LIMIT $2"),
        Column::OldWebhookSecret => sql!(
            "SELECT account_id, id, old_secret FROM webhooks WHERE old_secret IS NOT NULL AND id > $1 ORDER BY id LIMIT $2"
        ),
        Column::SecondFactor => {
            sql!("SELECT account_id, user_id, secret FROM second_factors WHERE user_id > $1 ORDER BY user_id LIMIT $2")
        }
    };
    Ok(query.bind(Value::id(after)).bind(limit).all(tx).await?)
}

/// Puts a value in place of the one that was read; false when that one is not there any more.
pub(super) async fn replace(tx: &mut Tx, column: Column, row: &SealedRow, sealed: &Sealed) -> Result<bool> {
    let query = match column {
        Column::ConnectionSecrets => {
            sql!("UPDATE connections SET secrets = $4 WHERE account_id = $1 AND id = $2 AND secrets = $3")
        }
        Column::IdentitySecret => {
            sql!("UPDATE projects SET identity_secret = $4 WHERE account_id = $1 AND id = $2 AND identity_secret = $3")
        }
        Column::ScenarioSecret => {
            sql!("UPDATE scenario_secrets SET value = $4 WHERE account_id = $1 AND id = $2 AND value = $3")
        }
        Column::PushKey => {
            sql!("UPDATE push_keys SET secret = $4 WHERE account_id = $1 AND account_id = $2 AND secret = $3")
        }
        Column::AuditHead => {
            sql!("UPDATE audit_heads SET sealed = $4 WHERE account_id = $1 AND account_id = $2 AND sealed = $3")
        }
        Column::WebhookSecret => {
            sql!("UPDATE webhooks SET secret = $4 WHERE account_id = $1 AND id = $2 AND secret = $3")
        }
        Column::OldWebhookSecret => {
            sql!("UPDATE webhooks SET old_secret = $4 WHERE account_id = $1 AND id = $2 AND old_secret = $3")
        }
        Column::SecondFactor => {
            sql!("UPDATE second_factors SET secret = $4 WHERE account_id = $1 AND user_id = $2 AND secret = $3")
        }
    };
    let query = query.bind(row.account).bind(Value::id(row.id)).bind(row.sealed.as_str()).bind(sealed.as_str());
    Ok(query.execute(tx).await? == 1)
}
