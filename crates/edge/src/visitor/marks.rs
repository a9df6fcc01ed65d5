//! What a page says that is no message: that its visitor types, has received or read, and what the site's own script tells.

use super::on_site::preview;
use super::signals::{self, Signal};
use super::socket::Session;
use http_kit::socket::End;
use messaging::{conversations, messages};
use model::live::OperatorFrame;
use model::{ActorId, Author, AuthorKind, ConversationId, Cx, DeliveryStatus, Refusal};
use std::time::Duration;
use tokio::time::Instant;

/// However often a page says that its visitor types.
const TELL_TYPING_EVERY: Duration = Duration::from_secs(1);

impl Session {
    /// A signal that nobody can use is no fault of the visitor's: it is passed over.
    pub(super) fn signal(&self, signal: Signal) -> Result<(), End> {
        signals::take(&self.visitor, &signal);
        Ok(())
    }

    pub(super) async fn typing(&mut self, text: Option<String>) -> Result<(), End> {
        // One mark lasts longer than this at every reader.
        if self.typed.is_some_and(|told| told.elapsed() < TELL_TYPING_EVERY) {
            return Ok(());
        }
        self.typed = Some(Instant::now());
        let visitor = self.visitor.clone();
        let read = self.service.db.read(self.visitor.account_id, move |tx| {
            Box::pin(async move {
                let shown = accounts::get_project(tx, &visitor.account_id, &visitor.project_id).await?.typing_preview;
                Ok::<_, Refusal>((super::current_conversation(tx, &visitor).await?, shown))
            })
        });
        let Ok((current, is_shown)) = read.await else { return Ok(()) };
        let text = text.filter(|_| is_shown).map(|text| preview(&text));
        if let Some(page) = &self.page {
            page.typed(text.clone());
        }
        if let (Some((current, _)), Some(known)) = (current, self.visitor.known.get()) {
            let author = Author {
                kind: AuthorKind::Client,
                id: Some(ActorId::Contact(known.contact_id)),
                name: Some(known.display.clone()),
            };
            let contact_id = &known.contact_id;
            self.hub.mark(self.mark_of(&OperatorFrame::Typing {
                conversation_id: &current.id,
                contact_id,
                author,
                text: text.as_deref(),
            }));
        }
        Ok(())
    }

    pub(super) async fn confirm(
        &self,
        seq: i64,
        status: DeliveryStatus,
        of: Option<ConversationId>,
    ) -> Result<(), End> {
        let (env, visitor) = (self.service.env.clone(), self.visitor.clone());
        let confirmed = self.service.db.write(self.visitor.account_id, move |tx| {
            Box::pin(async move {
                let cx = &mut Cx::new(tx, &env, &visitor.account_id);
                let known = match of {
                    Some(id) => super::conversation(cx.tx, &visitor, &id).await.map(|id| (id, seq)).ok(),
                    None => {
                        super::current_conversation(cx.tx, &visitor).await?.map(|(now, _)| (now.id, seq.min(now.seq)))
                    }
                };
                let Some((id, up_to)) = known else { return Ok(()) };
                if status == DeliveryStatus::Read {
                    conversations::read_by_client(cx, &id, up_to).await
                } else {
                    messages::confirm_by_client(cx, &id, up_to, status).await
                }
            })
        });
        confirmed.await.map_err(|_| End::Close(1013, "try again"))
    }
}
