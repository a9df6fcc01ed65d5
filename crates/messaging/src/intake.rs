//! The way in. [`process`] is the one function a newcomer should read: from what a channel brought to a stored, told message.

use crate::connections::{self, CONNECTION_OFF, Connection};
use crate::contacts::{self, Known, NewContact, values};
use crate::conversations::{self, Party, Standing, Talk};
use crate::inbound::is_stand_in;
use crate::messages::{self, NewMessage};
use crate::scenario_runs::together::Talks;
use crate::{Refusal, Result, consent, files, links, scenario_runs};
use ::scenario::End;
use ::scenario::launch::by_keyword;
use model::{
    ActorId, Attachment, Author, AuthorKind, ContactId, Content, ConversationStatus, Cx, Inbound, InboundEvent,
    Message, MessageId, MessageKind, Sender, ValueSource,
};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Takes one thing that happened on a channel: contact, fields, multi-contact, conversation, message, event, in one transaction.
/// The caller has made sure that each thing comes here once (the raw journal); `cx` acts in the connection's account.
///
/// # Errors
/// When the storage fails; then nothing of it stays and the job tries again.
pub async fn process(
    cx: &mut Cx<'_>,
    connection: &Connection,
    inbound: Inbound,
    attachments: Vec<Attachment>,
) -> Result<()> {
    if let InboundEvent::Receipt(receipt) = &inbound.event {
        return messages::take_receipt(cx, connection, &inbound.sender, receipt).await;
    }
    let contact = contact_of(cx, connection, &inbound.sender).await?;
    if let Some(email) = inbound.sender.email.as_deref().filter(|_| contact.is_new) {
        claim_email(cx, connection, &contact, email).await?;
    }
    match inbound.event {
        InboundEvent::Message { external_id, text, buttons, extra, reply_to, .. } => {
            let content = Content { text: clean(&text), attachments, buttons, extra, ..Content::default() };
            // An edit may overtake its message: then the edited form is here already.
            let is_here = messages::is_stored(cx.tx, cx.account, &connection.id, &contact.id, &external_id).await?;
            if !content.is_empty() && !is_here {
                let reply_to = answered(cx, connection, &contact, reply_to).await?;
                let said = Said { reply_to, ..Said::on_channel(content, external_id) };
                from_client(cx, &contact.party, &contact.display, said).await?;
            }
        }
        InboundEvent::Pressed { button_id, .. } => {
            let text = label_of(cx, &contact, &button_id).await?;
            from_client(cx, &contact.party, &contact.display, Said::now(Content::pressed(text, button_id))).await?;
        }
        InboundEvent::Edited { external_id, text, files, extra } => {
            // What could not be fetched again is no reason to lose what is here.
            let is_fetched = |files: &Vec<_>| !files.iter().zip(&attachments).any(|(file, got)| is_stand_in(file, got));
            let has_files = files.as_ref().is_some_and(is_fetched);
            let content = Content { text: clean(&text), attachments, extra, ..Content::default() };
            if messages::is_stored(cx.tx, cx.account, &connection.id, &contact.id, &external_id).await? {
                messages::edit_from_channel(cx, &connection.id, &contact.id, &external_id, content, has_files).await?;
            } else if !content.is_empty() {
                let said = Said::on_channel(content, external_id);
                from_client(cx, &contact.party, &contact.display, said).await?;
            }
        }
        InboundEvent::SharedPhone { phone } => share_phone(cx, connection, &contact, &phone).await?,
        InboundEvent::Started { payload } => start(cx, connection, &contact, payload.as_deref()).await?,
        InboundEvent::Blocked => {
            contacts::set_blocked(cx, &contact.id, true).await?;
            if let Some(place) = conversations::open_place(cx.tx, cx.account, &contact.id).await? {
                scenario_runs::stop(cx, &place, End::ContactRemoved).await?;
            }
        }
        InboundEvent::Unblocked => contacts::set_blocked(cx, &contact.id, false).await?,
        // Taken above: a receipt has no sender.
        InboundEvent::Receipt(_) => {}
    }
    Ok(())
}

async fn contact_of(cx: &mut Cx<'_>, connection: &Connection, sender: &Sender) -> Result<Known> {
    let new = NewContact {
        project_id: connection.project_id,
        connection_id: connection.id,
        channel: connection.kind,
        external_id: sender.external_id.clone(),
        address: sender.address.clone(),
        name: sender.name.as_deref().and_then(contacts::names::readable),
        // An address tells people apart as well as a name with an `@`.
        handle: sender.username.as_deref().map(handle_of).or_else(|| sender.email.clone()),
        demo: false,
    };
    contacts::upsert(cx, &new).await
}

/// The address that a channel says is theirs: anybody can write under any, so it is a claim. A project may have no such field.
async fn claim_email(cx: &mut Cx<'_>, connection: &Connection, contact: &Known, email: &str) -> Result<()> {
    let set_by = Some(connection.id.to_string());
    let giver = values::Giver { source: ValueSource::Channel, set_by, is_verified: false };
    let given = values::Given::from([("email".to_owned(), vec![email.to_owned()])]);
    match values::begin_with(cx, &connection.project_id, &contact.id, &given, &giver).await {
        Err(Refusal::Invalid(_)) => Ok(()),
        done => done.map(drop),
    }
}

/// `@name`, or empty for nobody's.
fn handle_of(username: &str) -> String {
    contacts::names::readable(username).map(|name| format!("@{name}")).unwrap_or_default()
}

/// The message that one of a channel answers, when it is here.
async fn answered(
    cx: &mut Cx<'_>,
    connection: &Connection,
    contact: &Known,
    external_id: Option<String>,
) -> Result<Option<MessageId>> {
    let Some(id) = external_id else { return Ok(None) };
    messages::of_channel(cx.tx, cx.account, &connection.id, &contact.id, &id).await
}

/// What a client said, with the ids by which a repeat is known.
#[derive(Debug, Clone)]
pub struct Said {
    /// Text, files, a pressed button.
    pub content: Content,
    /// The sender's own id for it (D2).
    pub client_id: Option<String>,
    /// The channel's id of it.
    pub external_id: Option<String>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
}

impl Said {
    /// Without an id of anybody's: the raw journal took out the repeats.
    pub fn now(content: Content) -> Self {
        Self { content, client_id: None, external_id: None, reply_to: None }
    }

    /// Under the sender's own id, by which a repeat is known.
    pub fn once(content: Content, client_id: String) -> Self {
        Self { content, client_id: Some(client_id), external_id: None, reply_to: None }
    }

    /// Under the channel's id, so that an edit finds it.
    pub fn on_channel(content: Content, external_id: String) -> Self {
        Self { content, client_id: None, external_id: Some(external_id), reply_to: None }
    }
}

/// A client's message in any channel: its conversation continues, reopens or begins. `display` is the name shown as its author.
///
/// # Errors
/// [`model::Refusal::Repeated`] when the client id was used before.
pub async fn from_client(cx: &mut Cx<'_>, party: &Party, display: &str, said: Said) -> Result<Message> {
    from_client_in(cx, party, display, said, Talk::Current).await
}

/// As [`from_client`], in the conversation that the client means.
///
/// # Errors
/// As [`from_client`].
pub async fn from_client_in(cx: &mut Cx<'_>, party: &Party, display: &str, said: Said, talk: Talk) -> Result<Message> {
    let place = conversations::turn_to(cx, party, talk, display).await?;
    let files = said.content.attachments.clone();
    let message = conversations::append(cx, &place, new_message(party, display, said)).await?;
    files::bind(cx.tx, cx.account, &files, &message.id).await?;
    // Scenarios enter here: a run that waits for this answer goes on, or one is launched by it; what it says leaves by `outgoing::say`.
    // A word by which the client takes no more mailings is for nobody else.
    if consent::hear(cx, &place, &message).await? {
        return Ok(message);
    }
    // A program is not listened to: two of them would talk for ever.
    let is_automatic = message.content.extra.as_ref().is_some_and(|extra| extra.automatic);
    let place = if is_automatic { place } else { scenario_runs::hear(cx, place, &message).await? };
    // What a scenario closed because of this message is not opened by it.
    if place.status != ConversationStatus::Closed {
        conversations::follow_message(cx, &place, AuthorKind::Client).await?;
    }
    Ok(message)
}

/// A text that a known client of the site writes.
#[derive(Debug, Clone)]
pub struct FromClient {
    /// Who writes.
    pub party: Party,
    /// The name shown as the author.
    pub display: String,
    /// Without files.
    pub said: Said,
}

/// As [`from_client`], for many at once, under the account's lock ([`events::lock`]); each client's messages keep their order. Those that change
/// nothing but their conversation's counters are written together, the others one after the other. A message that was sent before is
/// answered [`Refusal::Repeated`] and changes nothing.
///
/// # Errors
/// When one of them cannot be stored: undo the transaction.
pub async fn from_clients(cx: &mut Cx<'_>, all: &[Arc<FromClient>]) -> Result<Vec<Result<Arc<Message>>>> {
    let (standing, talks) = ready(cx, all).await?;
    let in_turn: Vec<bool> = all.iter().map(|from| standing.contains_key(&from.party.contact_id)).collect();
    let those = |wanted: bool| -> Vec<Arc<FromClient>> {
        let in_turn = all.iter().zip(&in_turn).filter(|(_, is_ready)| **is_ready == wanted);
        in_turn.map(|(from, _)| from.clone()).collect()
    };
    let (together, apart) = (those(true), those(false));
    let mut apart = store_apart(cx, &apart).await?.into_iter();
    let mut together = store_together(cx, &together, standing, talks).await?.into_iter();
    let outcomes = in_turn.into_iter().filter_map(|is_ready| if is_ready { together.next() } else { apart.next() });
    Ok(outcomes.collect())
}

/// The conversations in which a message changes nothing but counters, or is only answered by a bot, with what the bot says; none of a
/// connection that is switched off. Where a scenario may be launched, or a status changes, or a conversation begins, there is more to do for each.
async fn ready(cx: &mut Cx<'_>, all: &[Arc<FromClient>]) -> Result<(HashMap<ContactId, Standing>, Talks)> {
    let clients: BTreeSet<ContactId> = all.iter().map(|from| from.party.contact_id).collect();
    let clients: Vec<ContactId> = clients.into_iter().collect();
    let mut standing = conversations::standing(cx, &clients).await?;
    let launches = scenario_runs::launch::words_of_account(cx).await?;
    let is_heard_alone = |from: &&Arc<FromClient>| {
        let text = &from.said.content.text;
        by_keyword(&launches, text).is_some() || consent::is_default_word(text)
    };
    for from in all.iter().filter(is_heard_alone) {
        standing.remove(&from.party.contact_id);
    }
    let talks = scenario_runs::together::prepare(cx, &standing, all).await?;
    standing.retain(|contact, here| {
        let place = here.place();
        let is_for_people = matches!(place.status, ConversationStatus::New | ConversationStatus::Open);
        talks.has(contact) || (is_for_people && place.run_id.is_none())
    });
    Ok((standing, talks))
}

async fn store_apart(cx: &mut Cx<'_>, all: &[Arc<FromClient>]) -> Result<Vec<Result<Arc<Message>>>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let repeats = repeats(cx, all).await?;
    let off = connections::switched_off(cx.tx, cx.account).await?;
    let mut outcomes = Vec::with_capacity(all.len());
    for (from, is_repeat) in all.iter().zip(repeats) {
        let FromClient { party, display, said } = from.as_ref();
        outcomes.push(match is_repeat {
            true => Err(Refusal::Repeated),
            false if off.contains(&party.connection_id) => Err(Refusal::ChannelClosed(CONNECTION_OFF)),
            false => Ok(Arc::new(from_client(cx, party, display, said.clone()).await?)),
        });
    }
    Ok(outcomes)
}

async fn store_together(
    cx: &mut Cx<'_>,
    all: &[Arc<FromClient>],
    standing: HashMap<ContactId, Standing>,
    mut talks: Talks,
) -> Result<Vec<Result<Arc<Message>>>> {
    let new = |from: &Arc<FromClient>| {
        let FromClient { party, display, said } = from.as_ref();
        (party.contact_id, new_message(party, display, said.clone()))
    };
    let mut wanted = Vec::with_capacity(all.len());
    for from in all {
        let (contact, message) = new(from);
        wanted.push((contact, message));
        wanted.extend(talks.next_answer(&contact).into_iter().map(|answer| (contact, answer)));
    }
    // Nearly always none was sent before, and the table itself says so when they are written.
    if let Some(stored) = conversations::append_all(cx, standing, wanted).await? {
        talks.store(cx, &stored).await?;
        let is_clients = |message: &Arc<Message>| message.author.kind == AuthorKind::Client;
        return Ok(stored.into_iter().filter(is_clients).map(Ok).collect());
    }
    if !talks.is_empty() {
        // What a bot answers to the others may be something else: each is heard alone.
        return store_apart(cx, all).await;
    }
    let repeats = repeats(cx, all).await?;
    let fresh: Vec<_> =
        all.iter().zip(&repeats).filter(|(_, is_repeat)| !**is_repeat).map(|(from, _)| new(from)).collect();
    let (standing, _) = ready(cx, all).await?;
    let stored = conversations::append_all(cx, standing, fresh).await?.ok_or(Refusal::Repeated)?;
    let mut stored = stored.into_iter();
    let outcomes = repeats.into_iter().filter_map(|is_repeat| match is_repeat {
        true => Some(Err(Refusal::Repeated)),
        false => stored.next().map(Ok),
    });
    Ok(outcomes.collect())
}

/// Which were sent before, also within these.
async fn repeats(cx: &mut Cx<'_>, all: &[Arc<FromClient>]) -> Result<Vec<bool>> {
    let ids = all.iter().filter_map(|from| from.said.client_id.as_deref());
    let mut used = messages::used_client_ids(cx.tx, cx.account, ids).await?;
    let is_repeat = |from: &Arc<FromClient>| {
        from.said.client_id.clone().is_some_and(|id| !used.insert((from.party.contact_id, id)))
    };
    Ok(all.iter().map(is_repeat).collect())
}

fn new_message(party: &Party, display: &str, said: Said) -> NewMessage {
    let id = Some(ActorId::Contact(party.contact_id));
    NewMessage {
        author: Author { kind: AuthorKind::Client, id, name: Some(display.to_owned()) },
        kind: MessageKind::Message,
        content: said.content,
        client_id: said.client_id,
        external_id: said.external_id,
        delivery: None,
        reply_to: said.reply_to,
    }
}

/// The number a messenger vouches for: verified, told in the thread, and reason enough to join (R7, rulings 35).
async fn share_phone(cx: &mut Cx<'_>, connection: &Connection, contact: &Known, phone: &str) -> Result<()> {
    let place = conversations::open_or_continue(cx, &contact.party).await?;
    let giver =
        values::Giver { source: ValueSource::Channel, set_by: Some(connection.id.to_string()), is_verified: true };
    let mut given = values::Given::new();
    given.insert("phone".into(), vec![phone.to_owned()]);
    let changed = values::set(cx, &connection.project_id, &contact.id, &given, &giver).await?;
    if !changed.is_empty() {
        let data = json!({ "key": "phone", "value": phone, "source": "channel" });
        conversations::append(cx, &place, NewMessage::event("field.saved", data)).await?;
    }
    scenario_runs::hear_phone(cx, &place, phone).await
}

/// The person opened the bot: a conversation is there from now on, so that operators see who came and a scenario has a place to speak. A
/// payload of ours ties them to the site visitor who followed the link.
async fn start(cx: &mut Cx<'_>, connection: &Connection, contact: &Known, payload: Option<&str>) -> Result<()> {
    contacts::set_blocked(cx, &contact.id, false).await?;
    let is_linked = match payload {
        Some(token) => links::follow(cx, &connection.project_id, token, &contact.id).await?,
        None => false,
    };
    let is_new = conversations::open_place(cx.tx, cx.account, &contact.id).await?.is_none();
    let place = conversations::open_or_continue(cx, &contact.party).await?;
    let channel = json!({ "channel": connection.kind });
    if is_linked {
        conversations::append(cx, &place, NewMessage::event("contact.linked", channel)).await?;
    } else if is_new {
        conversations::append(cx, &place, NewMessage::event("contact.started", channel)).await?;
    }
    Ok(())
}

/// What the pressed button said, so that the operator reads words and not an id.
async fn label_of(cx: &mut Cx<'_>, contact: &Known, button_id: &str) -> Result<String> {
    let newest = conversations::newest_of(cx.tx, cx.account, &contact.id).await?;
    let Some((conversation, _, _)) = newest else { return Ok(button_id.to_owned()) };
    let recent = messages::page(cx.tx, cx.account, &conversation, i64::MAX, true, 50).await?;
    let mut buttons = recent.iter().flat_map(|m| m.content.buttons.iter().flatten());
    Ok(buttons.find(|b| b.id == button_id).map_or_else(|| button_id.to_owned(), |b| b.label.clone()))
}

/// Text as it may be stored: no NUL, at most what a message may hold.
fn clean(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(messages::MAX_TEXT).collect()
}

/// Fields that a visitor's page or a person gives for themselves: the contact is made if need be.
///
/// # Errors
/// When a field is unknown or a value is of the wrong form.
pub async fn fields_from_client(
    cx: &mut Cx<'_>,
    new: &NewContact,
    given: &values::Given,
    giver: &values::Giver,
) -> Result<Known> {
    let contact = contacts::upsert(cx, new).await?;
    values::set(cx, &new.project_id, &contact.id, given, giver).await?;
    Ok(contact)
}
