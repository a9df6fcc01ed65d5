//! Telegram connections: check and set-up, and one long-polling reader per connection that asks for it.

use crate::connections::{self, BotName, Connection, Health, HealthError};
use crate::inbound::{bot_of as inbound_bot, journal_all};
use crate::{Messaging, Refusal, Result};
use channels::telegram::{Mode, Telegram};
use db::Scope;
use model::{ConnectionId, SendError};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use vault::Sealed;

/// How updates of a connection come to us.
pub fn mode_of(connection: &Connection) -> Mode {
    let mode = connection.settings.get("mode").cloned();
    mode.and_then(|mode| serde_json::from_value(mode).ok()).unwrap_or_default()
}

/// Checks the token and sets the channel up: a webhook with its secret, or none for polling. The result carries the bot's name.
///
/// # Errors
/// When the token is refused, the channel cannot be reached, or a webhook has no https address to call.
pub async fn check(service: &Messaging, mut connection: Connection) -> Result<Connection> {
    let bot = inbound_bot(service, &connection)?;
    let name = match bot.get_me().await {
        Ok(me) => BotName { username: me.username.unwrap_or_default(), name: me.first_name },
        Err(error) => return Err(refusal("settings.token", &error)),
    };
    match mode_of(&connection) {
        Mode::Polling => bot.delete_webhook().await.map(drop).map_err(|e| refusal("settings.mode", &e))?,
        Mode::Webhook => set_webhook(service, &connection, &bot).await?,
    }
    connection.status = connections::ConnectionStatus::Active;
    connection.health =
        Health { checked_at: Some(service.env.now()), error: None, bot: Some(name), ..connection.health };
    Ok(connection)
}

async fn set_webhook(service: &Messaging, connection: &Connection, bot: &Telegram) -> Result<()> {
    let public = &service.settings.public_url;
    if public.is_empty() {
        let words =
            "start otklik with --public-url https://... or choose polling: Telegram must be able to call this server";
        return Err(Refusal::invalid("settings.mode", "no_public_url", words));
    }
    let path = connection.hook_path.as_deref().unwrap_or_default();
    let Some(secret) = connection.open(service.env.vault())?.hook else { return Err(Refusal::NotFound) };
    let set = bot.set_webhook(&format!("{public}/hooks/telegram/{path}"), secret.expose()).await;
    set.map(drop).map_err(|e| refusal("settings.mode", &e))
}

fn refusal(path: &str, error: &SendError) -> Refusal {
    Refusal::invalid(path, "channel_refused", format!("Telegram: {error}"))
}

/// The connection with its health as the channel tells it now.
pub async fn health_of(service: &Messaging, mut connection: Connection) -> Connection {
    let trouble = match inbound_bot(service, &connection) {
        Ok(bot) => bot_trouble(&bot, mode_of(&connection)).await,
        Err(error) => Some(closed(&error)),
    };
    connection.health.checked_at = Some(service.env.now());
    connection.health.error = trouble;
    if connection.status != connections::ConnectionStatus::Off {
        let is_well = connection.health.error.is_none();
        connection.status =
            if is_well { connections::ConnectionStatus::Active } else { connections::ConnectionStatus::Error };
    }
    connection
}

async fn bot_trouble(bot: &Telegram, mode: Mode) -> Option<HealthError> {
    match bot.get_me().await {
        Err(error) => Some(trouble_of(&error)),
        Ok(_) if mode == Mode::Webhook => webhook_trouble(bot).await,
        Ok(_) => None,
    }
}

/// The token is there and does not open: the channel is not to blame.
fn closed(error: &Refusal) -> HealthError {
    HealthError { code: "secret_closed".into(), detail: error.to_string() }
}

async fn webhook_trouble(bot: &Telegram) -> Option<HealthError> {
    match bot.webhook_info().await {
        Err(error) => Some(trouble_of(&error)),
        Ok(info) if info.url.is_empty() => Some(HealthError {
            code: "no_webhook".into(),
            detail: "Telegram has no webhook of ours: save the connection again".into(),
        }),
        Ok(info) => info.last_error_message.map(|detail| HealthError { code: "webhook_failing".into(), detail }),
    }
}

fn trouble_of(error: &SendError) -> HealthError {
    let code = match error {
        SendError::Refused { code, .. } => code.as_str(),
        SendError::Later { .. } => "rate_limited",
        SendError::NotReached { .. } => "not_reached",
        SendError::Unknown { .. } => "no_answer",
    };
    HealthError { code: code.to_owned(), detail: error.to_string() }
}

/// Keeps one reader running for every polling connection until the process ends.
pub async fn run(service: Arc<Messaging>) {
    let mut readers: HashMap<ConnectionId, (String, JoinHandle<()>)> = HashMap::new();
    loop {
        let found = service
            .db
            .read(Scope::System, |tx| Box::pin(async move { connections::active_of_kind(tx, "telegram").await }));
        match found.await {
            Err(error) => tracing::warn!(error = %error, "connections could not be read, trying again"),
            Ok(found) => {
                let wanted: HashMap<ConnectionId, Connection> = found
                    .into_iter()
                    .filter(|c| mode_of(c) == Mode::Polling && !c.is_demo())
                    .map(|c| (c.id.clone(), c))
                    .collect();
                readers.retain(|id, (key, task)| {
                    let is_same = wanted.get(id).is_some_and(|c| key_of(c) == *key) && !task.is_finished();
                    if !is_same {
                        task.abort();
                    }
                    is_same
                });
                for (id, connection) in wanted {
                    let service = service.clone();
                    readers
                        .entry(id)
                        .or_insert_with(|| (key_of(&connection), tokio::spawn(read_updates(service, connection))));
                }
            }
        }
        let _ = tokio::time::timeout(Duration::from_secs(30), service.connections_changed.notified()).await;
    }
}

/// What a reader must be started anew for.
fn key_of(connection: &Connection) -> String {
    format!("{}{}", connection.secrets.as_ref().map_or("", Sealed::as_str), connection.settings)
}

async fn read_updates(service: Arc<Messaging>, mut connection: Connection) {
    let bot = match inbound_bot(&service, &connection) {
        Ok(bot) => bot,
        Err(error) => return set_health(&service, &mut connection, Some(closed(&error))).await,
    };
    let mut failures: i64 = 0;
    loop {
        match bot.get_updates(connection.poll_offset).await {
            Ok(updates) => {
                failures = 0;
                if connection.health.error.is_some() {
                    set_health(&service, &mut connection, None).await;
                }
                if updates.is_empty() {
                    // Servers that do not hold the request would make this a busy loop.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                match store(&service, &connection, updates).await {
                    Ok(next) => connection.poll_offset = next,
                    Err(error) => {
                        tracing::warn!(connection.id = %connection.id, error = %error, "updates could not be stored, asking again");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(connection.id = %connection.id, error = %error, "updates could not be read");
                // 409 is another reader or a webhook; one failure may be a hiccup.
                if failures == 2 || matches!(error, SendError::Refused { .. }) {
                    set_health(&service, &mut connection, Some(trouble_of(&error))).await;
                }
                tokio::time::sleep(wait_after(&error, failures)).await;
            }
        }
    }
}

fn wait_after(error: &SendError, failures: i64) -> Duration {
    match error {
        SendError::Later { after_seconds, .. } => Duration::from_secs(u64::from(*after_seconds)),
        _ => Duration::from_millis(u64::try_from(jobs::backoff_ms(failures).min(30_000)).unwrap_or(1000)),
    }
}

async fn store(service: &Arc<Messaging>, connection: &Connection, updates: Vec<Value>) -> Result<i64> {
    let own = connection.clone();
    let stored =
        service.write(&connection.account_id, move |cx| Box::pin(async move { journal_all(cx, &own, &updates).await }));
    stored.await
}

async fn set_health(service: &Arc<Messaging>, connection: &mut Connection, error: Option<HealthError>) {
    if connection.health.error == error {
        return;
    }
    connection.health.error = error;
    let own = connection.clone();
    let noted = service.db.write(connection.account_id.as_str(), move |tx| {
        Box::pin(async move { connections::set_health(tx, &own.account_id, &own.id, &own.health).await })
    });
    if let Err(error) = noted.await {
        tracing::warn!(connection.id = %connection.id, error = %error, "the health of a connection could not be noted");
    }
}
