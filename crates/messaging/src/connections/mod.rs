//! Connections: the connected channels of a project.

mod secrets;
mod set_up;
mod store;

pub use secrets::{secrets_place, to_secret};
pub use set_up::{ConnectionChange, NewConnection, change, check_now, connect};
pub(crate) use store::switched_off;
pub use store::{active, by_hook, get, list, save, set_health, set_poll_offset};

use crate::{Refusal, Result, files, multi_contacts};
use db::Tx;
use model::{AccountId, ChannelKind, ConnectionId, Cx, ProjectId, Timestamp, Topic, words};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault::Sealed;

/// A connected channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Account.
    pub account_id: AccountId,
    /// Connection id.
    pub id: ConnectionId,
    /// Project.
    pub project_id: ProjectId,
    /// Kind of channel.
    pub kind: ChannelKind,
    /// The company's name for it.
    pub title: String,
    /// Works, switched off, or broken.
    pub status: ConnectionStatus,
    /// Settings that may be shown.
    pub settings: Value,
    /// Tokens, sealed: [`Connection::open`] opens them where they are needed.
    pub secrets: Option<Sealed>,
    /// Random path of its webhook.
    pub hook_path: Option<String>,
    /// How it does.
    pub health: Health,
    /// Next update to ask for, when polling.
    pub poll_offset: i64,
}

impl Connection {
    /// Demo data: looks like a channel and calls nobody.
    pub fn is_demo(&self) -> bool {
        self.settings.get("demo").and_then(Value::as_bool) == Some(true)
    }
}

/// Deletes a connection with its contacts and conversations; those whom only its contacts joined are separate again.
///
/// # Errors
/// When the storage fails.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &ConnectionId) -> Result<()> {
    store::delete(cx.tx, cx.account, id).await?;
    files::remove_soon(cx).await?;
    cx.tx.announce(Topic::Connections);
    multi_contacts::rebuild(cx, project).await?;
    // One word for all: a channel may take a hundred thousand contacts along.
    events::settings_changed(cx, project, "connections").await
}

/// As [`delete`], of a connection that was only begun: as a rule nobody came by it, and nobody was told of it.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn delete_begun(cx: &mut Cx<'_>, project: &ProjectId, id: &ConnectionId) -> Result<()> {
    if store::has_contacts(cx.tx, cx.account, id).await? {
        return delete(cx, project, id).await;
    }
    store::delete(cx.tx, cx.account, id).await?;
    cx.tx.announce(Topic::Connections);
    Ok(())
}

/// Refuses what is brought over a connection that is switched off: it takes nothing.
///
/// # Errors
/// [`Refusal::ChannelClosed`] with `connection_off`.
pub async fn refuse_off(tx: &mut Tx, account: &AccountId, id: &ConnectionId) -> Result<()> {
    match store::switched_off(tx, account).await?.contains(id) {
        true => Err(Refusal::ChannelClosed(CONNECTION_OFF)),
        false => Ok(()),
    }
}

/// The reason for which nothing goes over a connection that is switched off.
pub const CONNECTION_OFF: &str = "connection_off";

/// The connection with its real traffic: nothing is noted beside a message of a channel that is our own log, so the log is asked.
///
/// # Errors
/// When the storage fails.
pub async fn with_traffic(tx: &mut Tx, mut connection: Connection) -> Result<Connection> {
    let can = channels::adapter(connection.kind).capabilities();
    if can.is_own_log && can.can_send {
        (connection.health.last_in_at, connection.health.last_out_at) = store::traffic(tx, &connection).await?;
    }
    Ok(connection)
}

/// States of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Works.
    Active,
    /// Switched off by an administrator.
    Off,
    /// Needs attention: see health.
    Error,
}

words!(ConnectionStatus { Active = "active", Off = "off", Error = "error" });

/// What is known of a connection's well-being.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Health {
    /// Last check.
    pub checked_at: Option<Timestamp>,
    /// Last update in.
    pub last_in_at: Option<Timestamp>,
    /// Last message out.
    pub last_out_at: Option<Timestamp>,
    /// What is wrong.
    pub error: Option<HealthError>,
    /// Who the bot is.
    pub bot: Option<BotName>,
}

/// What is wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HealthError {
    /// Stable word.
    pub code: String,
    /// The channel's words.
    pub detail: String,
}

/// How a channel names itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BotName {
    /// Without `@`.
    pub username: String,
    /// Title.
    pub name: String,
}

/// The only connection of a kind that every project has (`site`, `api`).
///
/// # Errors
/// When the project is gone.
pub async fn of_kind(tx: &mut Tx, account: &AccountId, project: &ProjectId, kind: ChannelKind) -> Result<Connection> {
    let found = list(tx, account, project).await?.into_iter().find(|c| c.kind == kind);
    found.ok_or(Refusal::NotFound)
}
