//! What our WebSockets share, whoever is at the other end: how one is accepted, kept alive, kept in bounds and closed.

use crate::ApiError;
use crate::frame_rate::FrameRate;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use bytes::Bytes;
use futures_util::SinkExt;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

/// Who has not said who he is by then is sent away.
pub const AUTH_WITHIN: Duration = Duration::from_secs(5);
/// Sends of one socket that may wait for their commit.
pub const MAX_IN_FLIGHT: usize = 64;
const PING_EVERY: Duration = Duration::from_secs(25);
const DEAD_AFTER: Duration = Duration::from_secs(60);
const MAX_FRAME: usize = 64 * 1024;
/// Frames that nobody understands; the next of them is the last.
const UNKNOWN_FRAMES: u8 = 2;

/// Why a socket ends.
#[derive(Debug)]
pub enum End {
    /// The peer is not there any more.
    Gone,
    /// We close it: code and reason.
    Close(u16, &'static str),
}

/// A request that is really an upgrade, with our limits of size.
///
/// # Errors
/// When it is none.
pub fn accepted(upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>) -> Result<WebSocketUpgrade, ApiError> {
    match upgrade {
        Ok(upgrade) => Ok(upgrade.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME)),
        Err(rejection) => Err(ApiError::new(rejection.status(), "not_a_websocket", rejection.body_text())),
    }
}

/// What is watched of a peer: its pace, its silence and what it says that nobody understands.
#[derive(Debug)]
pub struct Peer {
    rate: FrameRate,
    heard: Instant,
    ping: Interval,
    unknown_frames: u8,
}

impl Peer {
    /// One that has just come.
    pub fn new() -> Self {
        let now = Instant::now();
        let mut ping = interval_at(now + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { rate: FrameRate::new(now.into_std()), heard: now, ping, unknown_frames: 0 }
    }

    /// What a received frame says; nothing when it only shows that the peer lives.
    ///
    /// # Errors
    /// When the socket is to end.
    pub fn take(&mut self, frame: Option<Result<Message, axum::Error>>) -> Result<Option<Utf8Bytes>, End> {
        self.heard = Instant::now();
        if !self.rate.takes(self.heard.into_std()) {
            return Err(End::Close(1013, "too many frames"));
        }
        match frame {
            Some(Ok(Message::Text(text))) => Ok(Some(text)),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Binary(_))) => Err(End::Close(1003, "text frames only")),
            Some(Err(error)) => Err(unreadable(error)),
            Some(Ok(Message::Close(_))) | None => Err(End::Gone),
        }
    }

    /// Counts a frame that nobody understands: the `client_id` to answer with, when it can be read, and the problem. A message whose
    /// id can be read always gets its answer, so that the page does not wait for ever.
    ///
    /// # Errors
    /// When it is one too many.
    pub fn misread(&mut self, text: &str, error: &serde_json::Error) -> Result<(Option<String>, ApiError), End> {
        let value = serde_json::from_str::<serde_json::Value>(text).ok();
        let client_id = value.and_then(|value| value["client_id"].as_str().map(str::to_owned));
        if client_id.is_none() && self.unknown_frames >= UNKNOWN_FRAMES {
            return Err(End::Close(1008, "unknown frames"));
        }
        self.unknown_frames = self.unknown_frames.saturating_add(1);
        Ok((client_id, ApiError::invalid("frame", "wrong_shape", error.to_string())))
    }

    /// Waits until the peer is to be asked whether it lives: the frame that asks.
    ///
    /// # Errors
    /// When it has been silent for too long.
    pub async fn ping(&mut self) -> Result<Message, End> {
        self.ping.tick().await;
        if self.heard.elapsed() > DEAD_AFTER { Err(End::Gone) } else { Ok(Message::Ping(Bytes::new())) }
    }
}

impl Default for Peer {
    fn default() -> Self {
        Self::new()
    }
}

/// Why what came is no frame: a connection that broke is gone, a peer that breaks the rules is told which (RFC 6455, 7.4.1).
fn unreadable(error: axum::Error) -> End {
    let inner = error.into_inner();
    match inner.downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(_)) => End::Close(1009, "frames of 64 KiB at most"),
        Some(tungstenite::Error::Utf8(_)) => End::Close(1007, "a text frame is not UTF-8"),
        _ => End::Gone,
    }
}

/// A frame out of text that is UTF-8 already.
pub fn text_of(frame: Bytes) -> Message {
    Utf8Bytes::try_from(frame).map_or_else(|_| Message::Text("{}".into()), Message::Text)
}

/// Says why a socket ends, and reads on until the peer has closed too: a connection dropped with something unread is reset, and the
/// reason is lost.
pub async fn say_goodbye(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let goodbye = async {
        let frame = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        if socket.send(frame).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = timeout(Duration::from_secs(1), goodbye).await;
}

/// Writes a frame.
///
/// # Errors
/// When the peer is gone: one that takes nothing for a minute is, so that its socket does not hold memory for ever (D14).
pub async fn write(socket: &mut WebSocket, frame: Message) -> Result<(), End> {
    in_time(socket.send(frame)).await
}

/// Writes a frame that may wait for the next [`flush`].
///
/// # Errors
/// As [`write`].
pub async fn feed(socket: &mut WebSocket, frame: Message) -> Result<(), End> {
    in_time(socket.feed(frame)).await
}

/// Sends what was fed.
///
/// # Errors
/// As [`write`].
pub async fn flush(socket: &mut WebSocket) -> Result<(), End> {
    in_time(socket.flush()).await
}

async fn in_time(work: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(DEAD_AFTER, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}
