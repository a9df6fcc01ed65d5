//! The connection to NATS: kept in the background, said aloud when it goes and when it is back, waited for by nobody.

use crate::outbox::{Bus, Next, Outbox, Waiting};
use crate::seal::Seal;
use crate::signal::Signal;
use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use futures_util::StreamExt;
use model::NodeId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// A server that is silent for three of these is gone.
const PING_EVERY: Duration = Duration::from_secs(2);
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Between two tries to connect.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// A server that was not there at the start is complained of after this.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is heard and not yet looked at; more is lost.
const HEARD: usize = 4096;

/// Why a node does not join the others.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The address is none.
    #[error("--nats-url: {0} is no address of a NATS server, such as nats://10.0.0.5:4222")]
    Address(String),
    /// The client did not start.
    #[error("the NATS client does not start: {0}")]
    Client(String),
}

/// What the other nodes say.
pub struct Inbox(mpsc::Receiver<(NodeId, Signal)>);

impl Inbox {
    /// The next signal of another node; `None` at the end.
    pub async fn next(&mut self) -> Option<(NodeId, Signal)> {
        self.0.recv().await
    }
}

/// Joins the other nodes of the installation that has this secret. NATS need not be there: it is looked for in the background, for as long as
/// it takes. Several addresses are parted by commas.
///
/// # Errors
/// When the address is none.
pub async fn join(url: &str, secret: &str, node: NodeId) -> Result<(Bus, Inbox), BusError> {
    let servers = addresses(url)?;
    let seal = Arc::new(Seal::new(secret));
    let is_missed = Arc::new(AtomicBool::new(false));
    let client = connect(servers, is_missed.clone()).await?;
    let subscriber = client.subscribe(seal.subject().to_owned()).await;
    let subscriber = subscriber.map_err(|e| BusError::Client(e.to_string()))?;
    let (bus, outbox, waiting) = Bus::new(node);
    let (heard, inbox) = mpsc::channel(HEARD);
    tokio::spawn(listen(subscriber, seal.clone(), outbox.clone(), heard));
    tokio::spawn(complain_at_start(client.clone(), is_missed));
    tokio::spawn(speak(client, seal, outbox, waiting));
    Ok((bus, Inbox(inbox)))
}

fn addresses(url: &str) -> Result<Vec<ServerAddr>, BusError> {
    let one = |text: &str| {
        // The client would take an empty name for this machine.
        let parsed = text.trim().parse::<ServerAddr>().ok().filter(|server| !server.host().is_empty());
        parsed.filter(|_| !text.trim().is_empty()).ok_or_else(|| BusError::Address(text.to_owned()))
    };
    url.split(',').map(one).collect()
}

async fn connect(servers: Vec<ServerAddr>, is_missed: Arc<AtomicBool>) -> Result<Client, BusError> {
    let options = ConnectOptions::new()
        .name("otklik")
        .no_echo()
        .retry_on_initial_connect()
        .max_reconnects(None)
        .reconnect_delay_callback(|_| RETRY_EVERY)
        .connection_timeout(CONNECT_WITHIN)
        .ping_interval(PING_EVERY)
        // What waits in the client while NATS is away is said late, so it is little.
        .client_capacity(256)
        .subscription_capacity(HEARD)
        .event_callback(move |event| {
            let is_missed = is_missed.clone();
            async move { note(&event, &is_missed) }
        });
    options.connect(servers).await.map_err(|e| BusError::Client(e.to_string()))
}

fn note(event: &Event, is_missed: &AtomicBool) {
    match event {
        Event::Connected => {
            is_missed.store(false, Ordering::Relaxed);
            tracing::info!("NATS is there: nodes hear of each other at once");
        }
        Event::Disconnected => miss(is_missed),
        other => tracing::debug!(event = %other, "NATS"),
    }
}

/// Said once for as long as it lasts.
fn miss(is_missed: &AtomicBool) {
    if !is_missed.swap(true, Ordering::Relaxed) {
        tracing::warn!("NATS is not there: nodes look into the database once a second until it is back");
    }
}

async fn complain_at_start(client: Client, is_missed: Arc<AtomicBool>) {
    sleep(PATIENCE).await;
    if client.connection_state() != State::Connected {
        miss(&is_missed);
    }
}

/// Says what waits, one after the other; what cannot be said now is not said at all.
async fn speak(client: Client, seal: Arc<Seal>, outbox: Arc<Outbox>, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(next) = outbox.next(&mut waiting).await {
        let is_there = client.connection_state() == State::Connected;
        match next {
            Next::Signal(signal) if is_there => {
                let Some(sealed) = seal.close(outbox.node(), signal) else { continue };
                let said = client.publish(seal.subject().to_owned(), sealed.into());
                if !matches!(timeout(CONNECT_WITHIN, said).await, Ok(Ok(()))) {
                    tracing::debug!("a signal could not be told to the other nodes");
                }
            }
            Next::Signal(_) => {}
            Next::End(said) => {
                if is_there {
                    let _ = timeout(CONNECT_WITHIN, client.flush()).await;
                }
                let _ = said.send(());
            }
        }
    }
}

async fn listen(
    mut subscriber: Subscriber,
    seal: Arc<Seal>,
    outbox: Arc<Outbox>,
    heard: mpsc::Sender<(NodeId, Signal)>,
) {
    while let Some(message) = subscriber.next().await {
        let Some((from, signal)) = seal.open(&message.payload) else {
            let ignored = outbox.ignored.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::debug!(ignored, bytes = message.payload.len(), "a message that no node of ours said is ignored");
            continue;
        };
        if from == outbox.node() {
            continue;
        }
        if heard.send((from, signal)).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_looked_at_before_anything_is_started() {
        assert_eq!(addresses("nats://127.0.0.1:4222, tls://user:word@nats.example").unwrap().len(), 2);
        for wrong in ["", "http://127.0.0.1:4222", "nats://"] {
            assert!(addresses(wrong).is_err(), "{wrong}");
        }
    }
}
