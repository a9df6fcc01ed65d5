//! SQL of connections.

use super::{Connection, ConnectionStatus, Health};
use crate::{Refusal, Result};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ChannelKind, ConnectionId, Cx, ProjectId, Timestamp, Topic};
use vault::Sealed;

impl FromRow for Connection {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let json =
            |text: String| serde_json::from_str(&text).map_err(|e| DbError::other(format!("connection JSON: {e}")));
        let health: String = row.get(9)?;
        Ok(Self {
            account_id: row.get(0)?,
            id: row.get(1)?,
            project_id: row.get(2)?,
            kind: ChannelKind::from_stored(row.text(3)?)?,
            title: row.get(4)?,
            status: ConnectionStatus::from_stored(row.text(5)?)?,
            settings: json(row.get(6)?)?,
            secrets: row.get::<Option<String>>(7)?.map(Sealed::from_stored),
            hook_path: row.get(8)?,
            health: serde_json::from_str(&health).map_err(|e| DbError::other(format!("connection health: {e}")))?,
            poll_offset: row.get(10)?,
        })
    }
}

macro_rules! connection_columns {
    () => {
        "account_id, id, project_id, kind, title, status, settings, secrets, hook_path, health, poll_offset"
    };
}

/// Stores a new connection or the changed one.
///
/// # Errors
/// When the storage fails.
pub async fn save(cx: &mut Cx<'_>, connection: &Connection) -> Result<()> {
    let health = serde_json::to_string(&connection.health).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "INSERT INTO connections (account_id, id, project_id, kind, title, status, settings, secrets, hook_path, health, poll_offset,
           created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (account_id, id) DO UPDATE SET title = excluded.title, status = excluded.status, settings = excluded.settings,
           secrets = excluded.secrets, health = excluded.health,
           poll_offset = CASE WHEN excluded.poll_offset = 0 THEN 0 ELSE connections.poll_offset END"
    )
    .bind(connection.account_id)
    .bind(connection.id)
    .bind(connection.project_id)
    .bind(connection.kind.as_str())
    .bind(&connection.title)
    .bind(connection.status.as_str())
    .bind(connection.settings.to_string())
    .bind(connection.secrets.as_ref().map(Sealed::as_str))
    .bind(connection.hook_path.as_deref())
    .bind(health)
    .bind(connection.poll_offset)
    .bind(cx.env.now().0)
    .execute(cx.tx)
    .await?;
    cx.tx.announce(Topic::Connections);
    Ok(())
}

/// Connections of a project, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn list(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Connection>> {
    let query = sql!(concat!(
        "SELECT ",
        connection_columns!(),
        " FROM connections WHERE account_id = $1 AND project_id = $2 ORDER BY created_at, id"
    ));
    Ok(query.bind(account).bind(project).all(tx).await?)
}

/// One connection.
///
/// # Errors
/// When there is none in this account.
pub async fn get(tx: &mut Tx, account: &AccountId, id: &ConnectionId) -> Result<Connection> {
    let query = sql!(concat!("SELECT ", connection_columns!(), " FROM connections WHERE account_id = $1 AND id = $2"));
    query.bind(account).bind(id).optional(tx).await?.ok_or(Refusal::NotFound)
}

/// The connection behind a webhook's random path, whatever its account.
///
/// # Errors
/// When the storage fails.
pub async fn by_hook(tx: &mut Tx, kind: ChannelKind, path: &str) -> Result<Option<Connection>> {
    let query = sql!(concat!(
        "SELECT ",
        connection_columns!(),
        " FROM connections WHERE hook_path = $1 AND kind = $2 -- any account_id"
    ));
    Ok(query.bind(path).bind(kind.as_str()).optional(tx).await?)
}

/// Every connection on this installation that is not switched off.
///
/// # Errors
/// When the storage fails.
pub async fn active(tx: &mut Tx) -> Result<Vec<Connection>> {
    let query =
        sql!(concat!("SELECT ", connection_columns!(), " FROM connections WHERE status <> 'off' -- any account_id"));
    Ok(query.all(tx).await?)
}

/// Notes how a connection does. A trouble makes it `error`, its end `active`; what an administrator switched off stays off.
///
/// # Errors
/// When the storage fails.
pub async fn set_health(tx: &mut Tx, account: &AccountId, id: &ConnectionId, health: &Health) -> Result<()> {
    let json = serde_json::to_string(health).map_err(|e| Refusal::stored(&e))?;
    let query = sql!(
        "UPDATE connections SET health = $3, status = CASE WHEN status = 'off' THEN 'off' WHEN $4 THEN 'error' ELSE 'active' END
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).bind(json).bind(health.error.is_some()).execute(tx).await?;
    Ok(())
}

/// Remembers the next update to ask for, unless the connection has other tokens by now: then the place is another bot's. It goes forward,
/// or on from the place that was asked from: a mailbox that was made anew counts from where it likes.
///
/// # Errors
/// When the storage fails.
pub async fn set_poll_offset(tx: &mut Tx, connection: &Connection, offset: i64) -> Result<()> {
    let query = sql!(
        "UPDATE connections SET poll_offset = $3 WHERE account_id = $1 AND id = $2 AND secrets = $4
           AND (poll_offset < $3 OR poll_offset = $5)"
    );
    let secrets = connection.secrets.as_ref().map(Sealed::as_str);
    let query = query.bind(connection.account_id).bind(connection.id).bind(offset).bind(secrets);
    query.bind(connection.poll_offset).execute(tx).await?;
    Ok(())
}

/// Which of the account's connections are switched off.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn switched_off(tx: &mut Tx, account: &AccountId) -> Result<Vec<ConnectionId>> {
    let query = sql!("SELECT id FROM connections WHERE account_id = $1 AND status = 'off'");
    let found = query.bind(account).all::<(ConnectionId,)>(tx).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// When something came in and went out last, by what is in the conversations that changed last: of a channel that is our own log.
pub(super) async fn traffic(tx: &mut Tx, connection: &Connection) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let query = sql!(
        "SELECT MAX((SELECT m.created_at FROM messages m WHERE m.conversation_id = v.id AND m.kind = 'message'
                     AND m.author_kind = 'client' ORDER BY m.seq DESC LIMIT 1)),
                MAX((SELECT m.created_at FROM messages m WHERE m.conversation_id = v.id AND m.kind = 'message'
                     AND m.author_kind <> 'client' ORDER BY m.seq DESC LIMIT 1))
         FROM (SELECT id FROM (SELECT id, connection_id FROM conversations WHERE account_id = $1 AND project_id = $2
                               ORDER BY position DESC LIMIT 5000) newest
               WHERE connection_id = $3 LIMIT 200) v"
    );
    let query = query.bind(connection.account_id).bind(connection.project_id).bind(connection.id);
    let (last_in, last_out): (Option<i64>, Option<i64>) = query.one(tx).await?;
    Ok((last_in.map(Timestamp), last_out.map(Timestamp)))
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, id: &ConnectionId) -> Result<()> {
    let keys = sql!(
        "DELETE FROM rule_keys WHERE account_id = $1
         AND contact_id IN (SELECT id FROM contacts WHERE account_id = $1 AND connection_id = $2)"
    );
    keys.bind(account).bind(id).execute(tx).await?;
    let query = sql!("DELETE FROM connections WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Whether anybody came by a connection.
pub(super) async fn has_contacts(tx: &mut Tx, account: &AccountId, id: &ConnectionId) -> Result<bool> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND connection_id = $2 LIMIT 1");
    let found: Option<(model::ContactId,)> = query.bind(account).bind(id).optional(tx).await?;
    Ok(found.is_some())
}
