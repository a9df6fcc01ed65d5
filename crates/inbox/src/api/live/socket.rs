//! One operator's socket, from the first frame to the last.

use super::frames::{self, Incoming, MessageFrame};
use super::{LiveState, Proof, tell_client_read};
use crate::send::{self, Draft};
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use db::Dialect;
use events::hub::{AccountHub, Mark, VisitorFrame};
use futures_util::stream::{FuturesUnordered, StreamExt};
use http_kit::socket::{AUTH_WITHIN, End, MAX_IN_FLIGHT, Peer, feed, flush, say_goodbye, text_of, write};
use http_kit::{Actor, ApiError, Principal, Role, Scope};
use messaging::conversations::Place;
use messaging::{contacts, conversations};
use model::live::{self, LivePerson, OperatorFrame, Presence, VisitorSees};
use model::{Author, AuthorKind, ConversationId, Cx, Message as Stored, MessageKind, ProjectId, Refusal};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// A revoked session closes its sockets within this time (T6).
const RECHECK_EVERY: Duration = Duration::from_secs(2);
/// Events written between two flushes.
const BATCH: usize = 256;

type Send = db::BoxFuture<'static, (String, Result<Stored, ApiError>)>;

struct Session {
    state: LiveState,
    principal: Principal,
    proof: Proof,
    hub: Arc<AccountHub>,
    id: u64,
    projects: HashSet<ProjectId>,
    /// Position told last; none before `subscribe`.
    told: Option<i64>,
    peer: Peer,
}

pub(super) async fn run(mut socket: WebSocket, state: LiveState, cookies: String) {
    let opened = timeout(AUTH_WITHIN, authenticate(&mut socket, &state, &cookies)).await;
    let Ok(Some(session)) = opened else {
        return say_goodbye(&mut socket, 4401, "sign in first").await;
    };
    let (hub, id, user) = (session.hub.clone(), session.id, session.principal.clone());
    tell_presence(&hub, id, &user, true);
    let end = serve(&mut socket, session).await;
    if hub.remove_operator(id) {
        tell_presence(&hub, id, &user, false);
    }
    if let End::Close(code, reason) = end {
        say_goodbye(&mut socket, code, reason).await;
    }
}

async fn authenticate(socket: &mut WebSocket, state: &LiveState, cookies: &str) -> Option<Session> {
    let Some(Ok(Message::Text(text))) = socket.recv().await else { return None };
    let Ok(Incoming::Auth { csrf, api_key }) = serde_json::from_str(&text) else { return None };
    let proof = match (api_key, csrf) {
        (Some(key), _) => Proof::Key(key),
        (None, Some(csrf)) => Proof::Session { cookies: cookies.to_owned(), csrf },
        (None, None) => return None,
    };
    let principal = (state.authenticate)(proof.clone()).await.ok().flatten()?;
    if !principal.may(Role::Operator, Some(Scope::Read)) {
        return None;
    }
    let hub = state.service.hub.account(&principal.account_id).await.ok()?;
    let id = hub.socket_id();
    let online = hub.online_contacts(|project| principal.sees(project));
    socket.send(frames::hello(&principal, hub.newest(), &online)).await.ok()?;
    Some(Session {
        state: state.clone(),
        principal,
        proof,
        hub,
        id,
        projects: HashSet::new(),
        told: None,
        peer: Peer::new(),
    })
}

async fn serve(socket: &mut WebSocket, mut session: Session) -> End {
    let mut newest = session.hub.watch();
    let mut marks = session.hub.marks();
    let mut sends: FuturesUnordered<Send> = FuturesUnordered::new();
    let mut recheck = interval_at(Instant::now() + RECHECK_EVERY, RECHECK_EVERY);
    recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let outcome = tokio::select! {
            frame = socket.recv(), if sends.len() < MAX_IN_FLIGHT => session.take_frame(socket, frame, &mut sends).await,
            Some((client_id, sent)) = sends.next() => answer_send(socket, &client_id, sent).await,
            changed = newest.changed() => match changed {
                Ok(()) => session.tell_events(socket).await,
                Err(_) => Err(End::Close(1001, "going away")),
            },
            mark = marks.recv() => session.tell_mark(socket, mark).await,
            ping = session.peer.ping() => match ping {
                Ok(ping) => write(socket, ping).await,
                Err(end) => Err(end),
            },
            _ = recheck.tick() => session.recheck().await,
        };
        if let Err(end) = outcome {
            return end;
        }
    }
}

impl Session {
    async fn take_frame(
        &mut self,
        socket: &mut WebSocket,
        frame: Option<Result<Message, axum::Error>>,
        sends: &mut FuturesUnordered<Send>,
    ) -> Result<(), End> {
        let Some(text) = self.peer.take(frame)? else { return Ok(()) };
        let incoming: Incoming = match serde_json::from_str(&text) {
            Ok(incoming) => incoming,
            Err(error) => {
                let (client_id, problem) = self.peer.misread(&text, &error)?;
                return write(socket, frames::error(client_id.as_deref(), &problem)).await;
            }
        };
        match incoming {
            Incoming::Auth { .. } | Incoming::Presence {} => Ok(()),
            Incoming::Subscribe { projects, from } => self.subscribe(socket, projects, from).await,
            Incoming::Message(frame) => {
                let mut send = self.send(frame);
                // The first poll hands it to the writer, so a client's own sends keep their order.
                match futures_util::poll!(send.as_mut()) {
                    std::task::Poll::Ready((client_id, sent)) => answer_send(socket, &client_id, sent).await,
                    std::task::Poll::Pending => {
                        sends.push(send);
                        self.wait_on_postgres(socket, sends).await
                    }
                }
            }
            // Marks that a key may not make are passed over.
            Incoming::Typing { .. } | Incoming::Viewing { .. } | Incoming::Read { .. } if !self.may_write() => Ok(()),
            Incoming::Typing { conversation_id } => self.typing(conversation_id).await,
            Incoming::Viewing { conversation_id } => self.viewing(conversation_id).await,
            Incoming::Read { conversation_id, seq } => self.read(conversation_id, seq).await,
        }
    }

    /// On PostgreSQL each send is a transaction of its own: the next begins when this one is done, or order would be lost.
    async fn wait_on_postgres(&self, socket: &mut WebSocket, sends: &mut FuturesUnordered<Send>) -> Result<(), End> {
        if self.state.service.db.dialect() == Dialect::Postgres
            && let Some((client_id, sent)) = sends.next().await
        {
            return answer_send(socket, &client_id, sent).await;
        }
        Ok(())
    }

    async fn subscribe(&mut self, socket: &mut WebSocket, projects: Vec<ProjectId>, from: i64) -> Result<(), End> {
        self.projects = projects.into_iter().filter(|project| self.principal.sees(project)).collect();
        if let Actor::User { id, is_away, .. } = &self.principal.actor {
            self.hub.add_operator(self.id, id, self.projects.clone(), *is_away);
        }
        self.told = Some(from.min(self.hub.newest()));
        self.tell_events(socket).await
    }

    fn send(&self, frame: MessageFrame) -> Send {
        let (service, principal) = (self.state.service.clone(), self.principal.clone());
        let may_write = self.may_write();
        Box::pin(async move {
            let client_id = frame.client_id.clone();
            let kind = frame.kind.unwrap_or(MessageKind::Message);
            let sent = async {
                if kind == MessageKind::Event {
                    return Err(ApiError::invalid("kind", "wrong_form", "message or note"));
                }
                let (from, contact_id) = match (frame.conversation_id, frame.contact_id) {
                    (Some(id), contact) => (send::From::Conversation(id), contact),
                    (None, Some(contact)) => (send::From::Contact(contact), None),
                    (None, None) => return Err(ApiError::invalid("conversation_id", "missing", "say where it goes")),
                };
                if !may_write {
                    return Err(ApiError::forbidden("this key may read only: give it the scope `write`"));
                }
                let project = send::project_of(&service, &principal, &from).await?;
                let draft = Draft {
                    client_id: frame.client_id,
                    content: frame.content,
                    seen_seq: frame.seen_seq,
                    contact_id,
                    connection_id: None,
                    reply_to: frame.reply_to,
                };
                Ok(send::send(&service, &principal, &project, from, draft, kind).await?)
            };
            let sent = sent.await;
            (client_id, sent)
        })
    }

    /// Where a conversation is, if this operator may know.
    async fn seen_place(&self, id: ConversationId) -> Option<Place> {
        let place = self.state.service.read(&self.principal.account_id, move |cx| {
            Box::pin(async move { conversations::place_anywhere(cx.tx, cx.account, &id).await })
        });
        place.await.ok().filter(|place| self.principal.sees(&place.project_id))
    }

    async fn viewing(&self, id: ConversationId) -> Result<(), End> {
        if let Some(place) = self.seen_place(id).await {
            let user = LivePerson { id: self.principal.id(), name: self.principal.name() };
            self.mark(place.project_id, &OperatorFrame::Viewing { conversation_id: &id, user });
        }
        Ok(())
    }

    async fn typing(&self, id: ConversationId) -> Result<(), End> {
        let Some(place) = self.seen_place(id).await else { return Ok(()) };
        let (own, name) = (self.principal.id().to_owned(), self.principal.name());
        let author = Author { kind: AuthorKind::Operator, id: Some(own), name: Some(name.to_owned()) };
        let frame = OperatorFrame::Typing { conversation_id: &id, contact_id: &place.contact_id, author, text: None };
        self.mark(place.project_id, &frame);
        let frame = live::VisitorFrame::Typing { author: VisitorSees { name } }.text();
        self.hub.to_visitor(&place.contact_id, &VisitorFrame::Text(Bytes::from(frame)));
        Ok(())
    }

    async fn read(&self, id: ConversationId, seq: i64) -> Result<(), End> {
        let (env, principal) = (self.state.service.env.clone(), self.principal.clone());
        let done = self.state.service.db.write(self.principal.account_id, move |tx| {
            Box::pin(async move {
                let account = &principal.account_id;
                let place = conversations::place_anywhere(tx, account, &id).await?;
                if !principal.sees(&place.project_id) {
                    return Err(Refusal::NotFound);
                }
                let reader = principal.id();
                crate::conversations::mark_read(&mut Cx::new(tx, &env, account), &place.project_id, &id, reader, seq)
                    .await?;
                contacts::get(tx, account, &place.contact_id).await.map(|contact| contact.id)
            })
        });
        if let Ok(contact) = done.await {
            tell_client_read(&self.hub, &contact, seq);
        }
        Ok(())
    }

    fn may_write(&self) -> bool {
        self.principal.may(Role::Operator, Some(Scope::Write))
    }

    fn mark(&self, project: ProjectId, frame: &OperatorFrame<'_>) {
        self.hub.mark(Mark::of_project(project, self.id, frame.text()));
    }

    async fn tell_mark(
        &self,
        socket: &mut WebSocket,
        mark: Result<Mark, tokio::sync::broadcast::error::RecvError>,
    ) -> Result<(), End> {
        // A lagging reader loses marks: they are the first thing to shed (D14).
        let Ok(mark) = mark else { return Ok(()) };
        let reader = match &self.principal.actor {
            Actor::User { id, .. } => Some(id),
            Actor::Key { .. } => None,
        };
        let is_for_us = mark.from != self.id && mark.is_for(&self.projects, reader);
        if is_for_us && self.told.is_some() { write(socket, text_of(mark.frame)).await } else { Ok(()) }
    }

    /// Writes every event after the last one told: from memory, or from the log when this reader fell behind.
    async fn tell_events(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        let Some(mut told) = self.told else { return Ok(()) };
        while told < self.hub.newest() {
            match self.hub.recent_after(told, BATCH) {
                Some(recent) => {
                    for event in &recent {
                        told = event.position;
                        if self.projects.iter().any(|project| *project == event.project_id) {
                            feed(socket, text_of(event.frame(self.principal.links()))).await?;
                        }
                    }
                }
                None => match self.read_log(told).await? {
                    Ok(rows) => {
                        for row in &rows {
                            told = row.position;
                            if self.projects.iter().any(|project| *project == row.project_id) {
                                let (env, links) = (&self.state.service.env, self.principal.links());
                                feed(socket, Message::Text(events::operator_frame(env, row, links).into())).await?;
                            }
                        }
                    }
                    Err(snapshot) => {
                        told = snapshot;
                        feed(socket, frames::text(&OperatorFrame::Gap { position: snapshot })).await?;
                    }
                },
            }
            flush(socket).await?;
            self.told = Some(told);
        }
        Ok(())
    }

    /// Rows after a position, or the position to begin anew from when they are no longer kept (rulings 10).
    async fn read_log(&self, told: i64) -> Result<Result<Vec<events::EventRow>, i64>, End> {
        let rows = self.state.service.read(&self.principal.account_id, move |cx| {
            Box::pin(async move {
                let (newest, oldest) = events::bounds(cx.tx, cx.account).await?;
                if told + 1 < oldest {
                    return Ok(Err(newest));
                }
                Ok::<_, Refusal>(Ok(events::after(cx.tx, cx.account, told, 500).await?))
            })
        });
        match rows.await {
            Ok(Ok(rows)) if rows.is_empty() => Err(End::Close(1011, "the log ends early")),
            Ok(Ok(mut rows)) => {
                let lookalikes = self.hub.lookalikes(&self.state.service.db).await;
                rows.iter_mut().for_each(|row| lookalikes.mark_event(row));
                Ok(Ok(rows))
            }
            Ok(gap) => Ok(gap),
            Err(_) => Err(End::Close(1013, "try again")),
        }
    }

    async fn recheck(&mut self) -> Result<(), End> {
        match (self.state.authenticate)(self.proof.clone()).await {
            Ok(Some(principal)) => {
                let can_still_see = self.projects.iter().all(|project| principal.sees(project));
                self.principal = principal;
                if let Actor::User { id, is_away, .. } = &self.principal.actor {
                    self.hub.set_away(id, *is_away);
                }
                if can_still_see { Ok(()) } else { Err(End::Close(4401, "your rights changed")) }
            }
            Ok(None) => Err(End::Close(4401, "signed out")),
            // The database hiccups: keep the socket, ask again.
            Err(_) => Ok(()),
        }
    }
}

async fn answer_send(socket: &mut WebSocket, client_id: &str, sent: Result<Stored, ApiError>) -> Result<(), End> {
    let frame = match sent {
        Ok(message) => frames::text(&OperatorFrame::Ack {
            client_id,
            id: &message.id,
            conversation_id: &message.conversation_id,
            seq: message.seq,
            message: &message,
        }),
        Err(error) => frames::error(Some(client_id), &error),
    };
    write(socket, frame).await
}

/// Tells colleagues of the same projects who came or went.
fn tell_presence(hub: &AccountHub, from: u64, user: &Principal, online: bool) {
    let frame = OperatorFrame::Presence(Presence::User { user_id: user.id(), online }).text();
    let projects = user.projects.as_ref().map(|projects| projects.iter().copied().collect());
    hub.mark_here(Mark { projects, user: None, from, frame: Bytes::from(frame) });
}
