//! What a visitor's socket is told of conversations: each message once, in its order.

use super::frames;
use super::socket::Session;
use axum::extract::ws::WebSocket;
use events::hub::VisitorFrame;
use http_kit::socket::{End, feed, flush, text_of};
use messaging::messages;
use model::{ConversationId, Event, Links, Refusal, live};

/// Messages told at once to a returning visitor; older ones are history, read over HTTP.
const CATCH_UP: i64 = 100;

/// The place of the message that a page was told last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// None as long as only the page's own word is known.
    conversation: Option<ConversationId>,
    seq: i64,
}

impl Told {
    /// Whether this message is the next one: the one after it, or the first that is told of another conversation.
    fn is_before(&self, conversation: &ConversationId, seq: i64) -> bool {
        match &self.conversation {
            Some(known) if known != conversation => true,
            _ => seq == self.seq + 1,
        }
    }
}

impl Session {
    pub(super) async fn subscribe(&mut self, socket: &mut WebSocket, from: i64) -> Result<(), End> {
        self.told = Some(Told { conversation: None, seq: from });
        self.catch_up(socket).await
    }

    /// Tells what the log has after the `seq` told last.
    pub(super) async fn catch_up(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        let Some(Told { mut conversation, seq: mut told }) = self.told else { return Ok(()) };
        loop {
            let visitor = self.visitor.clone();
            let read = self.service.db.read(self.visitor.account_id, move |tx| {
                Box::pin(async move {
                    let Some((current, _)) = super::current_conversation(tx, &visitor).await? else { return Ok(None) };
                    let rows = messages::for_client_after(tx, &visitor.account_id, &current.id, told, CATCH_UP).await?;
                    Ok::<_, Refusal>(Some((rows, current)))
                })
            });
            let Some((rows, current)) = read.await.map_err(|_| End::Close(1013, "try again"))? else { return Ok(()) };
            if told > current.seq || conversation.is_some_and(|known| known != current.id) {
                // Another conversation goes on: its numbers are its own.
                (conversation, told) = (Some(current.id), 0);
                continue;
            }
            let is_all = rows.len() < usize::try_from(CATCH_UP).unwrap_or(usize::MAX);
            for message in rows {
                told = message.seq;
                let message = message.shown(&self.service.env, Links::Signed);
                let event = live::VisitorFrame::Event { event: Event::MessageCreated(&message) };
                feed(socket, frames::text(&event)).await?;
            }
            self.told = Some(Told { conversation: Some(current.id), seq: told });
            flush(socket).await?;
            if is_all {
                return Ok(());
            }
        }
    }

    pub(super) async fn tell(&mut self, socket: &mut WebSocket, first: VisitorFrame) -> Result<(), End> {
        let mut next = Some(first);
        while let Some(frame) = next {
            match (frame, self.told) {
                (VisitorFrame::Look, _) => self.look().await?,
                (VisitorFrame::Text(text), _) => feed(socket, text_of(text)).await?,
                (VisitorFrame::Message(..), None) => {}
                // Notes and events take numbers too, so a step of more than one may be a lost frame: the log knows.
                (VisitorFrame::Message(conversation, seq, text), Some(told)) if told.is_before(&conversation, seq) => {
                    feed(socket, text_of(text)).await?;
                    self.told = Some(Told { conversation: Some(conversation), seq });
                }
                (VisitorFrame::Message(_, seq, _), Some(told)) if seq > told.seq || seq == 1 => {
                    self.catch_up(socket).await?;
                }
                (VisitorFrame::Message(..), Some(_)) => {}
            }
            next = self.frames.as_mut().and_then(|frames| frames.try_recv().ok());
        }
        flush(socket).await
    }
}
