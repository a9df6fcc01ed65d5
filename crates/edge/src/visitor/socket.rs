//! One visitor's socket. Ten thousand of them idle must stay small: everything rarely needed is boxed.

use super::frames::{self, Auth, Incoming, SendContent};
use super::on_site::OpenPage;
use super::signals::Signal;
use super::telling::Told;
use super::{KnownVisitor, Visitor, facts, tags};
use crate::Edge;
use crate::limits::{Doing, HeldSocket, VisitorLimits, Who};
use crate::site::{host_of, is_allowed_origin, project_of};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use db::BoxFuture;
use events::hub::{AccountHub, Mark, VisitorFrame};
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http_kit::socket::{AUTH_WITHIN, End, MAX_IN_FLIGHT, Peer, accepted, feed, flush, say_goodbye, write};
use http_kit::{ApiError, ClientAddress};
use messaging::conversations::Talk;
use messaging::{Messaging, connections, contacts, messages};
use model::live::{self, OperatorFrame, Presence, VisitorConversation};
use model::{ContactId, DeliveryStatus, Message as Stored, Refusal};
use site::press::Pressing;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

/// The site's channel takes nothing: come again later.
const SWITCHED_OFF: End = End::Close(4410, "the chat of this site is switched off");

const TOO_MUCH: End = End::Close(1013, "too much at once, try again later");

type Send = BoxFuture<'static, (String, Result<Arc<Stored>, ApiError>)>;

pub(crate) async fn upgrade(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = accepted(upgrade)?;
    edge.limits.take(Doing::Connect, Who { visitor: None, address, project: None }, 1)?;
    let held = edge.limits.hold_socket(address);
    let held = held.ok_or_else(|| ApiError::too_many("too many pages are open from here; close some", 60))?;
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()).map(str::to_owned);
    // Which origins are allowed is known with the first frame; none at all only without a cookie (rulings 12).
    let is_refused = origin.as_deref() == Some("null") || (origin.is_none() && headers.contains_key(header::COOKIE));
    if is_refused {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", "this page may not use the widget"));
    }
    // Read buffers of 2 KiB, a dozen messages: the defaults cost 130 KB a socket (performance.md 1.4). As many frames are written at once as go
    // into 4 KiB; with 0 every frame would leave by itself, fed or not. A buffer that is never filled takes no memory.
    let upgrade = upgrade.read_buffer_size(2048).write_buffer_size(4096);
    let from = From { address, origin, host: host_of(&headers).map(str::to_owned) };
    Ok(upgrade.on_upgrade(move |socket| run(socket, edge, from, held)))
}

/// What a visitor says, and where.
struct Said {
    content: SendContent,
    talk: Talk,
}

/// Where a socket comes from.
struct From {
    address: ClientAddress,
    origin: Option<String>,
    host: Option<String>,
}

async fn run(mut socket: WebSocket, edge: Edge, from: From, _held: HeldSocket) {
    let opened = timeout(AUTH_WITHIN, Box::pin(authenticate(&mut socket, &edge, from))).await;
    let mut session = match opened {
        Ok(Ok(session)) => session,
        Ok(Err(End::Close(code, reason))) => return say_goodbye(&mut socket, code, reason).await,
        Ok(Err(End::Gone)) => return,
        Err(_) => return say_goodbye(&mut socket, 4401, "say who you are first").await,
    };
    let end = session.serve(&mut socket).await;
    session.leave();
    if let End::Close(code, reason) = end {
        say_goodbye(&mut socket, code, reason).await;
    }
}

/// A visitor who has said who they are.
pub(super) struct Session {
    pub(super) service: Arc<Messaging>,
    pub(super) visitor: Arc<Visitor>,
    pub(super) hub: Arc<AccountHub>,
    pub(super) id: u64,
    pub(super) frames: Option<mpsc::Receiver<VisitorFrame>>,
    /// Rings when the project's channels were changed, as long as there are no frames that would tell.
    channels: watch::Receiver<()>,
    /// What was told last; nothing before `subscribe`.
    pub(super) told: Option<Told>,
    peer: Peer,
    address: ClientAddress,
    limits: VisitorLimits,
    /// When the operators were told last that the visitor types.
    pub(super) typed: Option<Instant>,
    /// Among the pages that are open now.
    pub(super) page: Option<Box<OpenPage>>,
}

async fn authenticate(socket: &mut WebSocket, edge: &Edge, from: From) -> Result<Box<Session>, End> {
    let Some(Ok(Message::Text(text))) = socket.recv().await else {
        return Err(End::Close(4401, "say who you are first"));
    };
    let Ok(Incoming::Auth(Auth { site_key, visitor_token, identity_token, page, visit })) = serde_json::from_str(&text)
    else {
        return Err(End::Close(4401, "the first frame must be auth"));
    };
    let Ok(project) = project_of(edge, &site_key).await else { return Err(End::Close(4401, "unknown site key")) };
    if !is_allowed_origin(&project, from.origin.as_deref(), from.host.as_deref()) {
        return Err(End::Close(4403, "this site is not in the project's list"));
    }
    let service = edge.messaging.clone();
    let mut token = visitor_token.filter(|token| super::is_token(token)).unwrap_or_else(|| service.env.secret());
    let mut loaded = super::load(&service, &project, token.clone()).await.map_err(|_| End::Close(1013, "try again"))?;
    if loaded.has_ended {
        // A new visitor, as with a browser that was emptied.
        token = service.env.secret();
        loaded = super::load(&service, &project, token.clone()).await.map_err(|_| End::Close(1013, "try again"))?;
    }
    if loaded.is_off {
        return Err(SWITCHED_OFF);
    }
    let visitor = Arc::new(loaded);
    let hub = service.hub.account(&visitor.account_id).await.map_err(|_| End::Close(1013, "try again"))?;
    let channels = hub.changed_channels(&project.id);
    let mut session = Box::new(Session {
        id: hub.socket_id(),
        service,
        visitor,
        hub,
        frames: None,
        channels,
        told: None,
        peer: Peer::new(),
        address: from.address,
        limits: edge.limits.clone(),
        typed: None,
        page: None,
    });
    session.take(Doing::Connect).map_err(|_| TOO_MUCH)?;
    if let Some(proof) = identity_token {
        session.take_sized(Doing::Fields, proof.len()).map_err(|_| TOO_MUCH)?;
        let mut known = facts::store(&session.service, &session.visitor, BTreeMap::new(), Some(proof.clone())).await;
        if matches!(known, Err(Refusal::Conflict { code: facts::ANOTHER_PERSON, .. })) {
            // Somebody else signed in with this browser: a new visitor, who has said nothing yet.
            token = session.service.env.secret();
            let anew = super::load(&session.service, &project, token.clone()).await;
            session.visitor = Arc::new(anew.map_err(|_| End::Close(1013, "try again"))?);
            session.take(Doing::Contact).map_err(|_| TOO_MUCH)?;
            known = facts::store(&session.service, &session.visitor, BTreeMap::new(), Some(proof)).await;
        }
        match known {
            Ok(known) => drop(session.visitor.known.set(known)),
            Err(Refusal::Db(_)) => return Err(End::Close(1013, "try again")),
            Err(error) => {
                // The reason of a close has little room; the words come before it.
                write(socket, frames::error(None, &error.into())).await?;
                return Err(End::Close(4401, "the identity token was refused"));
            }
        }
    }
    session.join();
    if project.watch_visitors {
        session.page = OpenPage::open(&session, page, visit, edge.countries.of(session.address)).map(Box::new);
    }
    let hello = session.hello(&token, project.config_version).await?;
    write(socket, hello).await?;
    Ok(session)
}

impl Session {
    /// Counts what the visitor does.
    pub(super) fn take(&self, doing: Doing) -> Result<(), ApiError> {
        self.limits.take(doing, self.visitor.from(self.address), 1)
    }

    /// Counts what the visitor writes; the first of it makes a contact.
    fn take_sized(&self, doing: Doing, bytes: usize) -> Result<(), ApiError> {
        let who = self.visitor.from(self.address);
        if self.visitor.known.get().is_none() {
            self.limits.take(Doing::Contact, who, 1)?;
        }
        self.limits.take_sized(doing, who, bytes)
    }

    /// Another conversation weighs on the operators as another visitor does.
    fn take_message(&self, bytes: usize, is_new: bool) -> Result<(), ApiError> {
        if is_new && self.visitor.known.get().is_some() {
            self.take(Doing::Contact)?;
        }
        self.take_sized(Doing::Message, bytes)
    }

    async fn hello(&self, token: &str, config_version: i64) -> Result<Message, End> {
        let visitor = self.visitor.clone();
        let read = self.service.db.read(self.visitor.account_id, move |tx| {
            Box::pin(async move {
                let Some((current, read_seq)) = super::current_conversation(tx, &visitor).await? else {
                    return Ok(None);
                };
                let unread = messages::unread_by_client(tx, &visitor.account_id, &current.id, read_seq).await?;
                Ok::<_, Refusal>(Some((current, unread)))
            })
        });
        let current = read.await.map_err(|_| End::Close(1013, "try again"))?;
        let contact_id = self.visitor.known.get().map(|known| known.contact_id);
        Ok(frames::text(&live::VisitorFrame::Hello {
            visitor_token: token,
            contact_id: contact_id.as_ref(),
            config_version,
            unread: current.as_ref().map_or(0, |(_, unread)| *unread),
            conversation: current.map(|(now, _)| VisitorConversation { id: now.id, seq: now.seq }),
            operators_online: self.hub.has_operators(&self.visitor.project_id),
        }))
    }

    /// Connects to the contact's frames, as soon as there is a contact; true when this call did it.
    pub(super) fn join(&mut self) -> bool {
        let Some(known) = self.visitor.known.get().filter(|_| self.frames.is_none()) else { return false };
        let was_online = self.hub.is_visitor_online(&known.contact_id);
        self.frames = Some(self.hub.add_visitor(&known.contact_id, &self.visitor.project_id, self.id));
        if !was_online {
            self.tell_presence(known, true);
        }
        if let Some(page) = &self.page {
            page.spoke();
        }
        true
    }

    fn leave(&self) {
        let Some(known) = self.visitor.known.get().filter(|_| self.frames.is_some()) else { return };
        if self.hub.remove_visitor(&known.contact_id, &self.visitor.project_id, self.id) {
            self.tell_presence(known, false);
            self.note_seen(known.contact_id);
        }
    }

    /// The last sign of life is stored beside the going: nobody waits for it.
    fn note_seen(&self, contact: ContactId) {
        let (service, account) = (self.service.clone(), self.visitor.account_id);
        tokio::spawn(async move {
            let noted =
                service.write(&account, move |cx| Box::pin(async move { contacts::note_seen(cx, &contact).await }));
            if let Err(error) = noted.await {
                tracing::debug!(contact.id = %contact, error = %error, "when a visitor left was not noted");
            }
        });
    }

    fn tell_presence(&self, known: &KnownVisitor, online: bool) {
        self.hub.mark_here(
            self.mark_of(&OperatorFrame::Presence(Presence::Contact { contact_id: &known.contact_id, online })),
        );
    }

    pub(super) fn mark_of(&self, frame: &OperatorFrame<'_>) -> Mark {
        Mark::of_project(self.visitor.project_id, self.id, frame.text())
    }

    async fn serve(&mut self, socket: &mut WebSocket) -> End {
        let mut sends: FuturesUnordered<Send> = FuturesUnordered::new();
        loop {
            let outcome = tokio::select! {
                // Boxed: an idle socket must not carry the room of the largest use case.
                frame = socket.recv(), if sends.len() < MAX_IN_FLIGHT => Box::pin(self.take_frames(socket, frame, &mut sends)).await,
                Some((client_id, sent)) = sends.next() => Box::pin(self.answer_sends(socket, client_id, sent, &mut sends)).await,
                Some(frame) = next_of(&mut self.frames) => Box::pin(self.tell(socket, frame)).await,
                Ok(()) = self.channels.changed(), if self.frames.is_none() => Box::pin(self.look()).await,
                () = called(self.page.as_deref()) => Box::pin(self.take_call(socket)).await,
                ping = self.peer.ping() => match ping {
                    Ok(ping) => write(socket, ping).await,
                    Err(end) => Err(end),
                },
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    /// Takes a frame, and every further one that is already here.
    async fn take_frames(
        &mut self,
        socket: &mut WebSocket,
        first: Option<Result<Message, axum::Error>>,
        sends: &mut FuturesUnordered<Send>,
    ) -> Result<(), End> {
        let mut frame = first;
        loop {
            self.take_frame(socket, frame, sends).await?;
            if sends.len() >= MAX_IN_FLIGHT {
                return Ok(());
            }
            match socket.recv().now_or_never() {
                Some(next) => frame = next,
                None => return Ok(()),
            }
        }
    }

    async fn take_frame(
        &mut self,
        socket: &mut WebSocket,
        frame: Option<Result<Message, axum::Error>>,
        sends: &mut FuturesUnordered<Send>,
    ) -> Result<(), End> {
        let Some(text) = self.peer.take(frame)? else { return Ok(()) };
        let incoming = match frames::read(&text) {
            Ok(incoming) => incoming,
            Err(error) => {
                let (client_id, problem) = self.peer.misread(&text, &error)?;
                return write(socket, frames::error(client_id.as_deref(), &problem)).await;
            }
        };
        match incoming {
            Incoming::Auth(_) => Ok(()),
            Incoming::Message { client_id, content, conversation_id, new_conversation } => {
                match self.take_message(text.len(), new_conversation) {
                    Ok(()) => {
                        self.begin_send(
                            socket,
                            client_id,
                            Said { content, talk: frames::meant(conversation_id, new_conversation) },
                            sends,
                        )
                        .await
                    }
                    Err(error) => write(socket, frames::error(Some(&client_id), &error)).await,
                }
            }
            Incoming::Fields { fields, identity_token, client_id } => {
                match self.take_sized(Doing::Fields, text.len()) {
                    Ok(()) => self.set_fields(socket, fields, identity_token, client_id).await,
                    Err(error) => write(socket, frames::error(client_id.as_deref(), &error)).await,
                }
            }
            Incoming::Launch { client_id, menu_button_id, suggest_id, scenario_id } => {
                match self.take(Doing::Message) {
                    Ok(()) => {
                        let pressing = menu_button_id.map(Pressing::MenuButton).or(suggest_id.map(Pressing::Suggest));
                        self.launch(socket, client_id, pressing.or(scenario_id.map(Pressing::Scenario))).await
                    }
                    Err(error) => write(socket, frames::error(Some(&client_id), &error)).await,
                }
            }
            Incoming::Tags { client_id, add, remove, clear } => match self.take_sized(Doing::Fields, text.len()) {
                Ok(()) => self.set_tags(socket, client_id, tags::Tagging { add, remove, clear }).await,
                Err(error) => write(socket, frames::error(Some(&client_id), &error)).await,
            },
            Incoming::Target { client_id, reason } => match self.take_sized(Doing::Fields, text.len()) {
                Ok(()) => self.set_tags(socket, client_id, tags::Tagging::target(&reason)).await,
                Err(error) => write(socket, frames::error(Some(&client_id), &error)).await,
            },
            Incoming::Rate { client_id, score, comment } => match self.take_sized(Doing::Fields, text.len()) {
                Ok(()) => self.rate(socket, client_id, score, comment).await,
                Err(error) => write(socket, frames::error(Some(&client_id), &error)).await,
            },
            // Signals are neither stored nor passed on. Everything below asks the database: marks may be lost.
            Incoming::Page(page) => {
                // How often a page may say so is the project's marks' business: the list may lag, the visitor is served.
                if let Some(open) = self.page.as_deref().filter(|_| self.take(Doing::Mark).is_ok()) {
                    open.turn(&page);
                }
                self.signal(Signal::Page(page))
            }
            Incoming::Event(event) => self.signal(Signal::Event(event)),
            Incoming::Action(action) => self.signal(Signal::Action(action)),
            _ if self.take(Doing::Mark).is_err() => Ok(()),
            Incoming::Subscribe { from } => self.subscribe(socket, from).await,
            Incoming::Typing { text } => self.typing(text).await,
            Incoming::Read { seq, conversation_id } => self.confirm(seq, DeliveryStatus::Read, conversation_id).await,
            Incoming::Received { seq } => self.confirm(seq, DeliveryStatus::Delivered, None).await,
        }
    }

    async fn begin_send(
        &mut self,
        socket: &mut WebSocket,
        client_id: String,
        said: Said,
        sends: &mut FuturesUnordered<Send>,
    ) -> Result<(), End> {
        // A first message and one with files go in alone: whatever is before them is stored first, so a visitor's own messages keep their order.
        let Said { content, talk } = said;
        let is_alone = self.visitor.known.get().is_none() || !content.attachments.is_empty() || talk != Talk::Current;
        while is_alone && let Some((client_id, sent)) = sends.next().await {
            self.answer_sends(socket, client_id, sent, sends).await?;
        }
        let (service, visitor, name) = (self.service.clone(), self.visitor.clone(), client_id.clone());
        let mut send: Send =
            Box::pin(async move { (name, super::send(service, visitor, client_id, content, talk).await) });
        // The first poll puts it in the queue.
        let done = if is_alone { Some(send.as_mut().await) } else { send.as_mut().now_or_never() };
        match done {
            Some((client_id, sent)) => self.answer_sends(socket, client_id, sent, sends).await,
            None => {
                sends.push(send);
                Ok(())
            }
        }
    }

    /// Answers a send and every other one that the same commit finished, with one flush.
    async fn answer_sends(
        &mut self,
        socket: &mut WebSocket,
        client_id: String,
        sent: Result<Arc<Stored>, ApiError>,
        sends: &mut FuturesUnordered<Send>,
    ) -> Result<(), End> {
        if let (Some(page), true) = (&self.page, self.typed.take().is_some()) {
            page.spoke();
        }
        let mut next = Some((client_id, sent));
        while let Some((client_id, sent)) = next {
            let frame = match &sent {
                Ok(message) => frames::text(&live::VisitorFrame::Ack {
                    client_id: &client_id,
                    id: &message.id,
                    conversation_id: &message.conversation_id,
                    seq: message.seq,
                    created_at: message.created_at,
                }),
                Err(error) => frames::error(Some(&client_id), error),
            };
            feed(socket, frame).await?;
            next = sends.next().now_or_never().flatten();
        }
        flush(socket).await?;
        // What was told between the commit and the joining is in the log.
        if self.join() { self.catch_up(socket).await } else { Ok(()) }
    }

    /// Channels of the project were changed: a visitor of a site that was switched off leaves.
    pub(super) async fn look(&self) -> Result<(), End> {
        let visitor = self.visitor.clone();
        let read = self.service.read(&self.visitor.account_id, move |cx| {
            Box::pin(async move { connections::refuse_off(cx.tx, cx.account, &visitor.connection_id).await })
        });
        match read.await {
            Err(Refusal::ChannelClosed(_)) => Err(SWITCHED_OFF),
            // The next message asks again.
            _ => Ok(()),
        }
    }

    /// The team has written to a visitor who had said nothing: from here on there is a contact.
    async fn take_call(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        if self.visitor.known.get().is_none() {
            let visitor = self.visitor.clone();
            let found = self
                .service
                .read(&self.visitor.account_id, move |cx| Box::pin(async move { super::known(cx.tx, &visitor).await }));
            // Whoever cannot be found now is found with the next connection.
            let Ok(Some(known)) = found.await else { return Ok(()) };
            let _ = self.visitor.known.set(known);
        }
        self.join();
        let Some(known) = self.visitor.known.get() else { return Ok(()) };
        write(socket, frames::text(&live::VisitorFrame::Called { contact_id: &known.contact_id })).await?;
        self.catch_up(socket).await
    }
}

/// When the team has written to a visitor who had said nothing; never for a page that is not among the open ones.
async fn called(page: Option<&OpenPage>) {
    match page {
        Some(page) => page.called().await,
        None => std::future::pending().await,
    }
}

/// The next frame, or never while there is no contact.
async fn next_of(frames: &mut Option<mpsc::Receiver<VisitorFrame>>) -> Option<VisitorFrame> {
    match frames {
        Some(frames) => frames.recv().await,
        None => std::future::pending().await,
    }
}
