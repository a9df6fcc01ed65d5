//! What a page asks of the server beside its visitor's messages: fields, tags, a scenario.

use super::frames;
use super::socket::Session;
use super::{facts, launches, tags};
use crate::limits::Doing;
use axum::extract::ws::WebSocket;
use http_kit::ApiError;
use http_kit::socket::{End, write};
use messaging::ratings;
use model::live;
use serde_json::Value;
use site::press::{Pressed, Pressing};
use std::collections::BTreeMap;

impl Session {
    pub(super) async fn set_fields(
        &mut self,
        socket: &mut WebSocket,
        fields: BTreeMap<String, Value>,
        identity_token: Option<String>,
        client_id: Option<String>,
    ) -> Result<(), End> {
        let stored = facts::store(&self.service, &self.visitor, fields, identity_token).await;
        let frame = match stored {
            Ok(known) => {
                let contact_id = known.contact_id;
                let _ = self.visitor.known.set(known);
                self.join();
                let client_id = client_id.as_deref();
                frames::text(&live::VisitorFrame::Fields { client_id, contact_id: &contact_id, ok: true })
            }
            Err(error) => frames::error(client_id.as_deref(), &error.into()),
        };
        write(socket, frame).await
    }

    pub(super) async fn launch(
        &mut self,
        socket: &mut WebSocket,
        client_id: String,
        pressing: Option<Pressing>,
    ) -> Result<(), End> {
        let Some(pressing) = pressing else {
            let nothing = ApiError::invalid("menu_button_id", "missing", "name a menu button, a suggest or a scenario");
            return write(socket, frames::error(Some(&client_id), &nothing)).await;
        };
        if self.visitor.known.get().is_none()
            && let Err(error) = self.take(Doing::Contact)
        {
            return write(socket, frames::error(Some(&client_id), &error)).await;
        }
        match launches::press(&self.service, &self.visitor, &client_id, pressing).await {
            Ok((known, pressed)) => {
                let contact_id = known.contact_id;
                let _ = self.visitor.known.set(known);
                let (started, reason) = match pressed {
                    Pressed::Started => (true, None),
                    Pressed::Busy => (false, Some("busy")),
                };
                let (client_id, contact_id) = (client_id.as_str(), &contact_id);
                write(socket, frames::text(&live::VisitorFrame::Launched { client_id, contact_id, started, reason }))
                    .await?;
                // What the scenario said before the joining is in the log.
                if self.join() { self.catch_up(socket).await } else { Ok(()) }
            }
            Err(error) => write(socket, frames::error(Some(&client_id), &error)).await,
        }
    }

    pub(super) async fn set_tags(
        &mut self,
        socket: &mut WebSocket,
        client_id: String,
        tagging: tags::Tagging,
    ) -> Result<(), End> {
        if self.visitor.known.get().is_none()
            && let Err(error) = self.take(Doing::Contact)
        {
            return write(socket, frames::error(Some(&client_id), &error)).await;
        }
        let frame = match tags::store(&self.service, &self.visitor, tagging).await {
            Ok(known) => {
                let contact_id = known.contact_id;
                let _ = self.visitor.known.set(known);
                self.join();
                let client_id = Some(client_id.as_str());
                frames::text(&live::VisitorFrame::Fields { client_id, contact_id: &contact_id, ok: true })
            }
            Err(error) => frames::error(Some(&client_id), &error.into()),
        };
        write(socket, frame).await
    }

    /// Who has said nothing has nothing to rate.
    pub(super) async fn rate(
        &mut self,
        socket: &mut WebSocket,
        client_id: String,
        score: i64,
        comment: String,
    ) -> Result<(), End> {
        let Some(known) = self.visitor.known.get() else {
            return write(socket, frames::error(Some(&client_id), &ApiError::not_found())).await;
        };
        let (project, contact) = (self.visitor.project_id, known.contact_id);
        let rated = self.service.write(&self.visitor.account_id, move |cx| {
            let comment = comment.clone();
            Box::pin(async move { ratings::rate(cx, &project, &contact, score, &comment).await })
        });
        let frame = match rated.await {
            Ok(()) => {
                let client_id = Some(client_id.as_str());
                frames::text(&live::VisitorFrame::Fields { client_id, contact_id: &contact, ok: true })
            }
            Err(error) => frames::error(Some(&client_id), &error.into()),
        };
        write(socket, frame).await
    }
}
