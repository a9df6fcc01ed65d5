//! A few conversations that never rest: every visitor keeps many messages unanswered.

use crate::crowd;
use crate::load::{Dialect, Done, Heard, Socket, TEXT, Target, heard, message};
use crate::meter::Meter;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

pub const VISITORS: usize = 64;
pub const DEPTH: usize = 32;

/// Puts the load on for so long, when the conversations have begun.
pub async fn run(target: &Target<'_>, visitors: Vec<Socket>, patience: Duration) -> Fallible<Done> {
    let meter = Meter::start(target).await?;
    let mut writers = JoinSet::new();
    for socket in visitors {
        writers.spawn(write(target.dialect, socket));
    }
    meter.measure(writers, patience).await
}

/// The same with visitors of its own.
pub async fn fresh(target: &Target<'_>, patience: Duration) -> Fallible<Done> {
    let visitors = crowd::gather(target, VISITORS).await?;
    run(target, visitors, patience).await
}

async fn write(dialect: Dialect, mut socket: Socket) -> Result<(), String> {
    let words = |error: tokio_tungstenite::tungstenite::Error| error.to_string();
    for _ in 0..DEPTH {
        socket.feed(message(dialect, TEXT)).await.map_err(words)?;
    }
    socket.flush().await.map_err(words)?;
    while let Some(frame) = socket.next().await {
        let Message::Text(text) = frame.map_err(words)? else { continue };
        match heard(dialect, &text)? {
            Heard::Ack => socket.send(message(dialect, TEXT)).await.map_err(words)?,
            Heard::Ping => socket.send(Message::Text("3".into())).await.map_err(words)?,
            Heard::Other => {}
        }
    }
    Ok(())
}
