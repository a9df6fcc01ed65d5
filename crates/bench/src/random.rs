//! Many conversations that say little each: as many messages unanswered as in the hot load, every one in another conversation than the one before.

use crate::hot;
use crate::load::{Dialect, Done, Heard, Socket, TEXT, Target, heard, message};
use crate::meter::Meter;
use crate::order::Picks;
use crate::process::open_files;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Conversations asked for.
pub const WANTED: usize = 20_000;
/// Messages unanswered over all of them.
pub const IN_FLIGHT: usize = hot::VISITORS * hot::DEPTH;
/// Files that the server and the load have open beside visitors' sockets.
const OTHER_FILES: usize = 200;

/// Conversations that this machine's limit of open files allows.
pub fn conversations() -> usize {
    WANTED.min(open_files().saturating_sub(OTHER_FILES))
}

/// Puts the load on for so long, when the conversations have begun.
pub async fn run(target: &Target<'_>, visitors: Vec<Socket>, patience: Duration) -> Fallible<Done> {
    let meter = Meter::start(target).await?;
    let (sinks, streams): (Vec<_>, Vec<_>) = visitors.into_iter().map(StreamExt::split).unzip();
    let crowd = Arc::new(Crowd {
        dialect: target.dialect,
        picks: std::sync::Mutex::new(Picks::new(sinks.len())),
        sinks: sinks.into_iter().map(Mutex::new).collect(),
    });
    let mut writers = JoinSet::new();
    for stream in streams {
        writers.spawn(answer(crowd.clone(), stream));
    }
    for _ in 0..IN_FLIGHT {
        crowd.write_one().await?;
    }
    meter.measure(writers, patience).await
}

struct Crowd {
    dialect: Dialect,
    picks: std::sync::Mutex<Picks>,
    sinks: Vec<Mutex<SplitSink<Socket, Message>>>,
}

impl Crowd {
    /// Somebody writes.
    async fn write_one(&self) -> Result<(), String> {
        let at = self.picks.lock().unwrap_or_else(PoisonError::into_inner).next();
        let mut sink = self.sinks[at].lock().await;
        sink.send(message(self.dialect, TEXT)).await.map_err(|error| error.to_string())
    }
}

/// Whenever this visitor's message is stored, somebody else writes the next.
async fn answer(crowd: Arc<Crowd>, mut stream: SplitStream<Socket>) -> Result<(), String> {
    while let Some(frame) = stream.next().await {
        let Message::Text(text) = frame.map_err(|error| error.to_string())? else { continue };
        if let Heard::Ack = heard(crowd.dialect, &text)? {
            crowd.write_one().await?;
        }
    }
    Ok(())
}
