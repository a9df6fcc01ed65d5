//! A site visitor: a random token in the browser, a contact once they say something (rulings 36).

mod asks;
mod facts;
mod frames;
mod hs256;
mod identity;
mod launches;
mod marks;
mod on_site;
mod signals;
mod socket;
mod tags;
mod telling;

pub use frames::Incoming as VisitorCall;
pub(crate) use frames::{SendContent, meant};
pub(crate) use socket::upgrade;

use crate::limits::Who;
use accounts::ProjectInfo;
use db::Tx;
use http_kit::{ApiError, ClientAddress, sha256_hex};
use messaging::connections::ConnectionStatus;
use messaging::contacts::NewContact;
use messaging::conversations::{self, Party, Talk};
use messaging::messages::Again;
use messaging::{
    Messaging, connections, contacts, files,
    intake::{self, FromClient, Said},
    messages,
};
use model::{
    AccountId, ActorId, ChannelKind, ConnectionId, ContactId, Content, ConversationId, Cx, Message, MessageKind,
    ProjectId, Refusal, Timestamp,
};
use std::sync::{Arc, OnceLock};

/// A token of which nothing was heard for so long has ended: whoever finds it in an old browser reads nothing with it. As long as browsers keep
/// a cookie at most.
const TOKEN_LIVES_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// A visitor of a project's site.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub account_id: AccountId,
    pub project_id: ProjectId,
    pub connection_id: ConnectionId,
    /// From the token, which nobody else ever sees.
    pub external_id: String,
    /// Set once the visitor has said something.
    pub known: OnceLock<KnownVisitor>,
    /// The site's channel was switched off when the visitor came.
    pub is_off: bool,
    /// Nothing was heard of the token for so long that it proves nobody any more.
    pub has_ended: bool,
    is_demo: bool,
}

/// The contact of a visitor who has said something.
#[derive(Debug, Clone)]
pub(crate) struct KnownVisitor {
    pub contact_id: ContactId,
    pub display: String,
}

/// The conversation a visitor sees.
pub(crate) struct Current {
    pub id: ConversationId,
    pub seq: i64,
}

impl Visitor {
    pub fn new_contact(&self) -> NewContact {
        NewContact {
            project_id: self.project_id,
            connection_id: self.connection_id,
            channel: ChannelKind::Site,
            external_id: self.external_id.clone(),
            address: None,
            name: None,
            handle: None,
            demo: self.is_demo,
        }
    }

    /// Who is counted, coming from this address.
    pub fn from(&self, address: ClientAddress) -> Who<'_> {
        Who { visitor: Some(&self.external_id), address, project: Some(self.project_id) }
    }

    fn party(&self, contact_id: &ContactId) -> Party {
        Party {
            project_id: self.project_id,
            contact_id: *contact_id,
            connection_id: self.connection_id,
            channel: ChannelKind::Site,
            demo: self.is_demo,
        }
    }
}

/// Whether a text can be a visitor token: 32 hex digits of ours.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The visitor behind a token, with the contact if there is one already.
pub(crate) async fn load(service: &Messaging, project: &ProjectInfo, token: String) -> Result<Visitor, ApiError> {
    let account_id = project.account_id.ok_or_else(ApiError::not_found)?;
    // The contact's public id must not give the token away.
    let external_id = sha256_hex(&token)[..32].to_owned();
    let (project_id, wanted) = (project.id, external_id.clone());
    let read = service.read(&account_id, move |cx| {
        Box::pin(async move {
            let site = connections::of_kind(cx.tx, cx.account, &project_id, ChannelKind::Site).await?;
            let known = find(cx.tx, cx.account, &site.id, &wanted).await?;
            Ok::<_, Refusal>((site, known))
        })
    });
    let (site, known) = read.await?;
    let is_off = site.status == ConnectionStatus::Off;
    let (cell, mut has_ended) = (OnceLock::new(), false);
    if let Some((known, last_seen)) = known {
        has_ended = service.env.now().ms_since(last_seen) > TOKEN_LIVES_MS;
        let _ = cell.set(known);
    }
    let (project_id, connection_id) = (project.id, site.id);
    let is_demo = project.demo;
    Ok(Visitor { account_id, project_id, connection_id, external_id, known: cell, is_off, has_ended, is_demo })
}

/// The contact of a visitor, if there is one by now.
pub(crate) async fn known(tx: &mut Tx, visitor: &Visitor) -> Result<Option<KnownVisitor>, Refusal> {
    let found = find(tx, &visitor.account_id, &visitor.connection_id, &visitor.external_id).await?;
    Ok(found.map(|(known, _)| known))
}

async fn find(
    tx: &mut Tx,
    account: &AccountId,
    site: &ConnectionId,
    external_id: &str,
) -> Result<Option<(KnownVisitor, Timestamp)>, Refusal> {
    let Some(id) = contacts::find(tx, account, site, external_id).await? else { return Ok(None) };
    let contact = contacts::get(tx, account, &id).await?;
    // Who never wrote a word was made at least.
    let last_seen = contact.last_seen_at.max(contact.created_at);
    Ok(Some((KnownVisitor { contact_id: id, display: contact.name.unwrap_or(contact.handle) }, last_seen)))
}

/// The visitor's newest conversation with the `seq` they have read up to.
pub(crate) async fn current_conversation(tx: &mut Tx, visitor: &Visitor) -> Result<Option<(Current, i64)>, Refusal> {
    let Some(known) = visitor.known.get() else { return Ok(None) };
    let newest = conversations::newest_of(tx, &visitor.account_id, &known.contact_id).await?;
    Ok(newest.map(|(id, seq, read)| (Current { id, seq }, read)))
}

/// A conversation of the visitor by its id.
pub(crate) async fn conversation(
    tx: &mut Tx,
    visitor: &Visitor,
    id: &ConversationId,
) -> Result<ConversationId, Refusal> {
    let place = conversations::place(tx, &visitor.account_id, &visitor.project_id, id).await?;
    match visitor.known.get() {
        Some(known) if known.contact_id == place.contact_id => Ok(place.conversation_id),
        _ => Err(Refusal::NotFound),
    }
}

/// Where a project has one conversation that goes on, whatever a page means goes there.
async fn allowed(cx: &mut Cx<'_>, project: &ProjectId, talk: Talk) -> Result<Talk, Refusal> {
    if talk == Talk::Current {
        return Ok(talk);
    }
    let project = accounts::get_project(cx.tx, cx.account, project).await?;
    Ok(if project.several_conversations { talk } else { Talk::Current })
}

/// A visitor writes. A repeated `client_id` answers the first message. What few messages need is boxed, so that the others are small.
pub(crate) async fn send(
    service: Arc<Messaging>,
    visitor: Arc<Visitor>,
    client_id: String,
    content: SendContent,
    talk: Talk,
) -> Result<Arc<Message>, ApiError> {
    check_client_id(&client_id)?;
    if content.pressed.as_ref().is_some_and(|id| id.is_empty() || id.len() > 64 || id.contains('\0')) {
        return Err(ApiError::invalid("content.pressed", "wrong_form", "the id of a button"));
    }
    let known = visitor.known.get().filter(|_| content.attachments.is_empty() && talk == Talk::Current);
    let Some(known) = known else {
        let said = (client_id.clone(), content.clone());
        let sent = Box::pin(send_alone(&service, &visitor, client_id, content, talk)).await.map(Arc::new);
        return or_first(&service, &visitor, sent, || said).await;
    };
    let content = Content { pressed: content.pressed, ..Content::text(content.text) };
    messages::check_content(&content)?;
    let (party, display) = (visitor.party(&known.contact_id), known.display.clone());
    let from = Arc::new(FromClient { party, display, said: Said::once(content, client_id) });
    let sent = service.take_from_client(visitor.account_id, from.clone()).await;
    let said = || {
        let text = from.said.content.text.clone();
        (from.said.client_id.clone().unwrap_or_default(), SendContent { text, ..SendContent::default() })
    };
    or_first(&service, &visitor, sent, said).await
}

/// What was sent, or, where it was sent before, the message that it became then.
async fn or_first(
    service: &Messaging,
    visitor: &Arc<Visitor>,
    sent: Result<Arc<Message>, Refusal>,
    said: impl FnOnce() -> (String, SendContent),
) -> Result<Arc<Message>, ApiError> {
    match sent {
        // Both came at once, and the other was stored in between.
        Err(refusal @ (Refusal::Repeated | Refusal::NotFound)) => {
            Box::pin(first(service, visitor, refusal, said())).await
        }
        sent => Ok(sent?),
    }
}

async fn first(
    service: &Messaging,
    visitor: &Arc<Visitor>,
    refusal: Refusal,
    (client_id, content): (String, SendContent),
) -> Result<Arc<Message>, ApiError> {
    let reader = visitor.clone();
    let first = service.read(&visitor.account_id, move |cx| {
        Box::pin(async move {
            let author = contacts::find(cx.tx, cx.account, &reader.connection_id, &reader.external_id).await?;
            let Some(author) = author else { return Ok(None) };
            messages::said_before(cx.tx, cx.account, &again(author, client_id, &content)).await
        })
    });
    Ok(first.await?.map(Arc::new).ok_or(refusal)?)
}

/// Refuses what is no id of a page's own making.
pub(crate) fn check_client_id(client_id: &str) -> Result<(), ApiError> {
    match client_id.is_empty() || client_id.len() > 100 || client_id.contains('\0') {
        true => Err(ApiError::invalid("client_id", "wrong_form", "1 to 100 characters of your own choice")),
        false => Ok(()),
    }
}

fn again(author: ContactId, client_id: String, content: &SendContent) -> Again {
    Again {
        author: ActorId::Contact(author),
        client_id,
        kind: MessageKind::Message,
        text: content.text.clone(),
        files: content.attachments.clone(),
        buttons: Vec::new(),
    }
}

/// A first message, one with files, or one that turns to another conversation: it has more to do than others.
async fn send_alone(
    service: &Messaging,
    visitor: &Arc<Visitor>,
    client_id: String,
    content: SendContent,
    talk: Talk,
) -> Result<Message, Refusal> {
    let writer = visitor.clone();
    let sent = service.write(&visitor.account_id, move |cx| {
        Box::pin(async move {
            connections::refuse_off(cx.tx, cx.account, &writer.connection_id).await?;
            let known = match writer.known.get() {
                Some(known) => known.clone(),
                None => {
                    let made = contacts::upsert(cx, &writer.new_contact()).await?;
                    KnownVisitor { contact_id: made.id, display: made.display }
                }
            };
            let again = again(known.contact_id, client_id.clone(), &content);
            if let Some(first) = messages::said_before(cx.tx, cx.account, &again).await? {
                return Ok((first, known));
            }
            let owner = &writer.external_id;
            let attachments = files::attach(cx.tx, cx.account, &writer.project_id, owner, &content.attachments).await?;
            let content = Content { attachments, pressed: content.pressed, ..Content::text(content.text) };
            messages::check_content(&content)?;
            let said = Said::once(content, client_id);
            let party = writer.party(&known.contact_id);
            let talk = allowed(cx, &writer.project_id, talk).await?;
            let message = intake::from_client_in(cx, &party, &known.display, said, talk).await?;
            Ok::<_, Refusal>((message, known))
        })
    });
    let (message, known) = sent.await?;
    // Only after the commit: a contact that was undone must not be remembered.
    let _ = visitor.known.set(known);
    Ok(message)
}
