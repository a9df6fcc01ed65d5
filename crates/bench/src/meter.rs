//! Counts what an operator reads while visitors write.

use crate::load::{Done, Target, operator};
use crate::process::cpu_seconds;
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// An operator who reads.
pub struct Meter {
    delivered: Arc<AtomicU64>,
    process: u32,
    _reading: JoinSet<()>,
}

impl Meter {
    pub async fn start(target: &Target<'_>) -> Fallible<Self> {
        let mut socket = operator(target.dialect, target.reader, target.api_key, target.project).await?;
        let delivered = Arc::new(AtomicU64::new(0));
        let (mut reading, count) = (JoinSet::new(), delivered.clone());
        reading.spawn(async move {
            while let Some(Ok(Message::Text(text))) = socket.next().await {
                // A frame may tell of several.
                count.fetch_add(text.matches("message.created").count() as u64, Ordering::Relaxed);
                if text.as_str() == "2" {
                    drop(socket.send(Message::Text("3".into())).await);
                }
            }
        });
        Ok(Self { delivered, process: target.process, _reading: reading })
    }

    /// What happens from now on, for so long; the writers end with it. A writer that ended before says why in the error.
    pub async fn measure(self, mut writers: JoinSet<Result<(), String>>, patience: Duration) -> Fallible<Done> {
        let now =
            || (self.delivered.load(Ordering::Relaxed), cpu_seconds(self.process), cpu_seconds(std::process::id()));
        let (before, started) = (now(), Instant::now());
        tokio::time::sleep(patience).await;
        let (after, took) = (now(), started.elapsed());
        if let Some(ended) = writers.try_join_next() {
            let words = ended?.err().unwrap_or_else(|| "a visitor's socket closed".to_owned());
            return Err(words.into());
        }
        writers.shutdown().await;
        Ok(Done { delivered: after.0 - before.0, took, server_cpu: after.1 - before.1, own_cpu: after.2 - before.2 })
    }
}
