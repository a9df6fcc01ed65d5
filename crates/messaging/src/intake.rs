//! The way in. [`process`] is the one function a newcomer should read: from what a channel brought to a stored, told message.

use crate::connections::Connection;
use crate::contacts::{self, Known, NewContact, values};
use crate::conversations::{self, Party};
use crate::messages::{self, NewMessage};
use crate::{Result, files, links};
use db::Tx;
use model::{
    Attachment, Author, AuthorKind, Content, Env, Inbound, InboundEvent, Message, MessageKind, Sender, ValueSource,
};
use serde_json::json;

/// Takes one thing that happened on a channel: contact, fields, multi-contact, conversation, message, event, in one transaction.
/// The caller has made sure that each thing comes here once (the raw journal).
///
/// # Errors
/// When the storage fails; then nothing of it stays and the job tries again.
pub async fn process(
    tx: &mut Tx,
    env: &Env,
    connection: &Connection,
    inbound: Inbound,
    attachments: Vec<Attachment>,
) -> Result<()> {
    let contact = contact_of(tx, env, connection, &inbound.sender).await?;
    match inbound.event {
        InboundEvent::Message { external_id, text, buttons, .. } => {
            let content = Content { text: clean(&text), attachments, buttons, event: None };
            // An edit may overtake its message: then the edited form is here already.
            let is_here =
                messages::is_stored(tx, &connection.account_id, &connection.id, &contact.id, &external_id).await?;
            if !content.is_empty() && !is_here {
                from_client(tx, env, connection, &contact, content, None, Some(external_id)).await?;
            }
        }
        InboundEvent::Pressed { button_id, .. } => {
            let text = label_of(tx, connection, &contact, &button_id).await?;
            from_client(tx, env, connection, &contact, Content::text(text), None, None).await?;
        }
        InboundEvent::Edited { external_id, text } => {
            let (account, text) = (&connection.account_id, clean(&text));
            if messages::is_stored(tx, account, &connection.id, &contact.id, &external_id).await? {
                messages::edit_from_channel(tx, env, account, &connection.id, &contact.id, &external_id, &text).await?;
            } else if !text.trim().is_empty() {
                from_client(tx, env, connection, &contact, Content::text(text), None, Some(external_id)).await?;
            }
        }
        InboundEvent::SharedPhone { phone } => share_phone(tx, env, connection, &contact, &phone).await?,
        InboundEvent::Started { payload } => start(tx, env, connection, &contact, payload.as_deref()).await?,
        InboundEvent::Blocked => contacts::set_blocked(tx, env, &connection.account_id, &contact.id, true).await?,
        InboundEvent::Unblocked => contacts::set_blocked(tx, env, &connection.account_id, &contact.id, false).await?,
        InboundEvent::Ignored => {}
    }
    Ok(())
}

async fn contact_of(tx: &mut Tx, env: &Env, connection: &Connection, sender: &Sender) -> Result<Known> {
    let new = NewContact {
        project_id: connection.project_id.clone(),
        connection_id: connection.id.clone(),
        channel: connection.kind.clone(),
        external_id: sender.external_id.clone(),
        address: sender.address.clone(),
        name: sender.name.as_deref().map(|name| clean(name).chars().take(200).collect()),
        handle: sender.username.as_ref().map(|name| format!("@{name}")),
        demo: false,
    };
    contacts::upsert(tx, env, &connection.account_id, &new).await
}

/// A client's message in any channel: its conversation continues, reopens or begins.
///
/// # Errors
/// [`crate::Refusal::Repeated`] when the client id was used before.
pub async fn from_client(
    tx: &mut Tx,
    env: &Env,
    connection: &Connection,
    contact: &Known,
    content: Content,
    client_id: Option<String>,
    external_id: Option<String>,
) -> Result<Message> {
    from_client_of(tx, env, &connection.account_id, &contact.party, &contact.display, content, client_id, external_id)
        .await
}

/// The same for a caller that knows the contact already: a visitor's socket.
///
/// # Errors
/// [`crate::Refusal::Repeated`] when the client id was used before.
#[allow(clippy::too_many_arguments)] // The parts of one message.
pub async fn from_client_of(
    tx: &mut Tx,
    env: &Env,
    account: &model::AccountId,
    party: &Party,
    display: &str,
    content: Content,
    client_id: Option<String>,
    external_id: Option<String>,
) -> Result<Message> {
    let place = conversations::open_or_continue(tx, env, account, party).await?;
    let author =
        Author { kind: AuthorKind::Client, id: Some(party.contact_id.to_string()), name: Some(display.to_owned()) };
    let files = content.attachments.clone();
    let new = NewMessage {
        author,
        kind: MessageKind::Message,
        content,
        client_id,
        external_id,
        delivery: None,
        reply_to: None,
    };
    let message = messages::append(tx, env, account, &place, new).await?;
    files::bind(tx, account, &files, &message.id).await?;
    conversations::follow_message(tx, env, account, &place, AuthorKind::Client).await?;
    Ok(message)
}

/// The number a messenger vouches for: verified, told in the thread, and reason enough to join (R7, rulings 35).
async fn share_phone(tx: &mut Tx, env: &Env, connection: &Connection, contact: &Known, phone: &str) -> Result<()> {
    let account = &connection.account_id;
    let place = conversations::open_or_continue(tx, env, account, &contact.party).await?;
    let giver =
        values::Giver { source: ValueSource::Channel, set_by: Some(connection.id.to_string()), is_verified: true };
    let mut given = values::Given::new();
    given.insert("phone".into(), vec![phone.to_owned()]);
    let changed = values::set(tx, env, account, &connection.project_id, &contact.id, &given, &giver).await?;
    if !changed.is_empty() {
        let data = json!({ "key": "phone", "value": phone, "source": "channel" });
        messages::append(tx, env, account, &place, NewMessage::event("field.saved", data)).await?;
    }
    Ok(())
}

/// The person opened the bot. A payload of ours ties them to the site visitor who followed the link.
async fn start(tx: &mut Tx, env: &Env, connection: &Connection, contact: &Known, payload: Option<&str>) -> Result<()> {
    contacts::set_blocked(tx, env, &connection.account_id, &contact.id, false).await?;
    let Some(token) = payload else { return Ok(()) };
    let is_linked = links::follow(tx, env, &connection.account_id, &connection.project_id, token, &contact.id).await?;
    if is_linked {
        let place = conversations::open_or_continue(tx, env, &connection.account_id, &contact.party).await?;
        let linked = NewMessage::event("contact.linked", json!({ "channel": connection.kind }));
        messages::append(tx, env, &connection.account_id, &place, linked).await?;
    }
    Ok(())
}

/// What the pressed button said, so that the operator reads words and not an id.
async fn label_of(tx: &mut Tx, connection: &Connection, contact: &Known, button_id: &str) -> Result<String> {
    let newest = conversations::newest_of(tx, &connection.account_id, &contact.id).await?;
    let Some((conversation, _, _)) = newest else { return Ok(button_id.to_owned()) };
    let recent = messages::page(tx, &connection.account_id, &conversation, i64::MAX, true, 50).await?;
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
    tx: &mut Tx,
    env: &Env,
    account: &model::AccountId,
    new: &NewContact,
    given: &values::Given,
    giver: &values::Giver,
) -> Result<Known> {
    let contact = contacts::upsert(tx, env, account, new).await?;
    values::set(tx, env, account, &new.project_id, &contact.id, given, giver).await?;
    Ok(contact)
}
