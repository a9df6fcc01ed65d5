//! Whether PostgreSQL answers at all. A slow statement is waited for; a server that stands still, or is cut off, is not: everybody who waits
//! for it is told within some seconds (D12).

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio_postgres::{Client, Config, NoTls};

/// Between two questions.
const EVERY: Duration = Duration::from_millis(500);
/// For an answer, before it is asked for once more: this process may have been the one that stood still.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is known of the server.
#[derive(Clone)]
pub(crate) struct Pulse(watch::Receiver<bool>);

impl Pulse {
    /// What is to be awaited in the background for as long as the server is used, over a connection of its own, and what is learnt by it.
    pub(crate) fn feel(config: Config) -> (Self, impl Future<Output = ()> + Send) {
        let (say, known) = watch::channel(true);
        (Self(known), ask_for_ever(config, say))
    }

    /// Whether it answered when it was asked last.
    pub(crate) fn is_there(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when the server no longer answers, or when it answers others while nothing was heard of this piece of work for `patience`
    /// questions in a row: its backend stands still alone.
    pub(crate) async fn lost(&self, heard: &Heard, patience: u32) -> Lost {
        let mut known = self.0.clone();
        let (mut count, mut quiet) = (heard.count(), 0);
        loop {
            if !*known.borrow_and_update() {
                return Lost::Server;
            }
            if known.changed().await.is_err() {
                // Nobody asks any more: the database is being closed.
                std::future::pending::<()>().await;
            }
            // Questions are counted, not time: this process may have been the one that stood still.
            (count, quiet) = if heard.count() == count { (count, quiet + 1) } else { (heard.count(), 0) };
            if quiet > patience {
                return Lost::Backend;
            }
        }
    }
}

/// What does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The server.
    Server,
    /// One connection of it.
    Backend,
}

/// How often a piece of work went on: while it waits for the server it is woken by answers alone.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<AtomicU64>);

impl Heard {
    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// The same work, counted.
    pub(crate) async fn of<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        poll_fn(|cx| {
            self.0.fetch_add(1, Ordering::Relaxed);
            work.as_mut().poll(cx)
        })
        .await
    }
}

async fn ask_for_ever(config: Config, say: watch::Sender<bool>) {
    let mut client = None;
    loop {
        let is_there = ask(&config, &mut client).await;
        let was_there = say.send_replace(is_there);
        match (was_there, is_there) {
            (true, false) => tracing::error!("PostgreSQL does not answer: requests are refused with 503 until it does"),
            (false, true) => tracing::info!("PostgreSQL answers again"),
            _ => {}
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Over the connection of before, or over a new one.
async fn ask(config: &Config, client: &mut Option<Client>) -> bool {
    if client.as_ref().is_none_or(Client::is_closed) {
        *client = tokio::time::timeout(PATIENCE, connect(config)).await.ok().flatten();
    }
    let Some(open) = client else { return false };
    let answer = patiently(open.simple_query("SELECT 1")).await;
    if answer.is_none() {
        *client = None;
    }
    answer.is_some_and(|answered| answered.is_ok())
}

/// None when it does not come.
async fn patiently<T>(question: impl Future<Output = T>) -> Option<T> {
    let mut question = std::pin::pin!(question);
    for _ in 0..2 {
        if let Ok(answer) = tokio::time::timeout(PATIENCE, &mut question).await {
            return Some(answer);
        }
    }
    None
}

async fn connect(config: &Config) -> Option<Client> {
    let (client, connection) = config.connect(NoTls).await.ok()?;
    // It ends with its client.
    tokio::spawn(connection);
    Some(client)
}
