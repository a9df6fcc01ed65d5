//! One reader per connection whose updates are asked for rather than brought.

use crate::connections::{self, Connection, HealthError};
use crate::{Messaging, Result, inbound};
use channels::{Polled, Trouble};
use db::Scope;
use model::{ConnectionId, SendError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use vault::Sealed;

/// A reader, which stops when it is let go: another node may be the one that reads now.
struct Reader {
    key: String,
    task: JoinHandle<()>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps one reader running for every polling connection until the process ends.
pub async fn run(service: Arc<Messaging>) {
    let mut readers: HashMap<ConnectionId, Reader> = HashMap::new();
    loop {
        let found = service.db.read(Scope::System, |tx| Box::pin(async move { connections::active(tx).await }));
        match found.await {
            Err(error) => tracing::warn!(error = %error, "connections could not be read, trying again"),
            Ok(found) => {
                let wanted: HashMap<ConnectionId, Connection> = found
                    .into_iter()
                    .filter(|c| channels::adapter(c.kind).is_polled(&c.settings) && !c.is_demo())
                    .map(|c| (c.id, c))
                    .collect();
                readers.retain(|id, reader| {
                    wanted.get(id).is_some_and(|c| key_of(c) == reader.key) && !reader.task.is_finished()
                });
                for (id, connection) in wanted {
                    let service = service.clone();
                    readers.entry(id).or_insert_with(|| Reader {
                        key: key_of(&connection),
                        task: tokio::spawn(read_updates(service, connection)),
                    });
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
    let link = match service.link(&connection) {
        Ok(link) => link,
        Err(error) => return set_health(&service, &mut connection, Some(HealthError::closed(&error))).await,
    };
    let Some(mut reader) = channels::adapter(connection.kind).reader(&link) else { return };
    let mut failures: i64 = 0;
    loop {
        match reader.poll(connection.poll_offset).await {
            Ok(polled) => {
                failures = 0;
                if connection.health.error.is_some() {
                    set_health(&service, &mut connection, None).await;
                }
                if polled.updates.is_empty() && polled.next == connection.poll_offset {
                    // Servers that do not hold the request would make this a busy loop.
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                let next = polled.next;
                match store(&service, &connection, polled).await {
                    Ok(()) => connection.poll_offset = next,
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
                    set_health(&service, &mut connection, Some(Trouble::of(&error).into())).await;
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

async fn store(service: &Arc<Messaging>, connection: &Connection, polled: Polled) -> Result<()> {
    let own = connection.clone();
    let stored = service.write(&connection.account_id, move |cx| {
        Box::pin(async move { inbound::journal_polled(cx, &own, &polled).await })
    });
    stored.await
}

async fn set_health(service: &Arc<Messaging>, connection: &mut Connection, error: Option<HealthError>) {
    if connection.health.error == error {
        return;
    }
    connection.health.error = error;
    let own = connection.clone();
    let noted = service.db.write(connection.account_id, move |tx| {
        Box::pin(async move { connections::set_health(tx, &own.account_id, &own.id, &own.health).await })
    });
    if let Err(error) = noted.await {
        tracing::warn!(connection.id = %connection.id, error = %error, "the health of a connection could not be noted");
    }
}
