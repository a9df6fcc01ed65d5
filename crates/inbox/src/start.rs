//! Writing first (Начать чат, R46-R49): whom somebody means, through which channels they can be written to now and why not through the others, and the
//! first message. A client who is known already is found first; the answer comes into the same conversation.

use crate::send::{self, Draft, DraftContent, From};
use channels::adapter;
use http_kit::Principal;
use messaging::connections::{self, CONNECTION_OFF, Connection, ConnectionStatus};
use messaging::contacts::values::{Given, Giver};
use messaging::contacts::{self, NewContact, values, written};
use messaging::{Messaging, messages};
use model::{
    ChannelKind, ConnectionId, Contact, ContactId, Cx, Message, MessageKind, ProjectId, Refusal, Result, Timestamp,
    ValueSource,
};
use serde::{Deserialize, Serialize};

/// Characters of an address at most.
const LONGEST: usize = 254;
/// Known clients that are shown at most: more would be a list, not a person.
const MOST_CLIENTS: usize = 20;

/// Who is meant: an address in writing, or a known client.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChatAddressee)]
pub struct Addressee {
    /// A phone, an e-mail address or a `@name`.
    #[serde(default)]
    pub to: Option<String>,
    /// A client of the project.
    #[serde(default)]
    pub contact_id: Option<ContactId>,
}

/// How somebody can be written to.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = ChatStart)]
pub struct Ways {
    /// Known clients who are meant: open one of them rather than making another.
    pub clients: Vec<Contact>,
    /// Every channel of the project: those that can be written to first.
    pub channels: Vec<Way>,
}

/// A channel, and whether somebody can be written to through it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = ChatWay)]
pub struct Way {
    /// The channel.
    pub connection_id: ConnectionId,
    /// Its kind.
    pub channel: ChannelKind,
    /// Its title.
    pub title: String,
    /// It can be written to now.
    pub can_start: bool,
    /// Why not: `connection_off`, `no_way_out`, `blocked_by_client`, `window_closed`, `client_writes_first`, `needs_address`.
    pub reason: Option<&'static str>,
    /// The client's contact there, if there is one.
    pub contact_id: Option<ContactId>,
    /// The address that it would go to.
    pub address: Option<String>,
    /// Characters of a text at most.
    pub max_text: usize,
    /// Bytes of a file at most.
    pub max_file: usize,
    /// When the client wrote there last.
    pub last_wrote_at: Option<Timestamp>,
}

/// Looks who is meant and how they can be written to.
///
/// # Errors
/// For no address, a contact of elsewhere.
pub async fn ways(cx: &mut Cx<'_>, project: &ProjectId, addressee: &Addressee) -> Result<Ways> {
    let text = addressee.to.as_deref().map(str::trim).unwrap_or_default();
    if text.chars().count() > LONGEST || text.contains('\0') {
        return Err(Refusal::invalid("to", "wrong_form", "a phone, an e-mail address or a @name"));
    }
    let mut people: Vec<ContactId> = match (addressee.contact_id, text) {
        (Some(id), _) => vec![contacts::get_in(cx.tx, cx.account, project, &id).await?.id],
        (None, "") => return Err(Refusal::invalid("to", "empty", "say whom: a phone, an e-mail address or a @name")),
        (None, text) => written::find(cx, project, &[text.to_owned()]).await?.swap_remove(0),
    };
    people.truncate(MOST_CLIENTS);
    let mut group: Vec<Contact> = Vec::new();
    for id in &people {
        for contact in contacts::group_of(cx.tx, cx.account, id).await? {
            if !group.iter().any(|known| known.id == contact.id) {
                group.push(contact);
            }
        }
    }
    let mut channels = Vec::new();
    for connection in connections::list(cx.tx, cx.account, project).await? {
        channels.push(way(cx, &connection, &group, text).await?);
    }
    channels.sort_by_key(|way| (!way.can_start, std::cmp::Reverse(way.last_wrote_at)));
    Ok(Ways { clients: group, channels })
}

async fn way(cx: &mut Cx<'_>, connection: &Connection, group: &[Contact], text: &str) -> Result<Way> {
    let can = adapter(connection.kind).capabilities();
    let known = group.iter().find(|contact| contact.connection_id == connection.id);
    let last_wrote_at = match known {
        Some(contact) => messages::last_from_client(cx.tx, cx.account, &contact.id).await?,
        None => None,
    };
    let address = address_of(connection, group, text);
    let reason = match known {
        Some(contact) => match contacts::closed_reason(cx.tx, cx.account, &contact.id).await? {
            None if is_window_closed(can.window_hours, last_wrote_at, cx.env.now()) => Some("window_closed"),
            reason => reason,
        },
        None if !can.can_send => Some("no_way_out"),
        None if connection.status == ConnectionStatus::Off => Some(CONNECTION_OFF),
        None if !can.can_start => Some("client_writes_first"),
        None if address.is_none() => Some("needs_address"),
        None => None,
    };
    Ok(Way {
        connection_id: connection.id,
        channel: connection.kind,
        title: connection.title.clone(),
        can_start: reason.is_none(),
        reason,
        contact_id: known.map(|contact| contact.id),
        address: known.map(|contact| contact.external_id.clone()).or(address),
        max_text: can.max_text,
        max_file: can.max_file,
        last_wrote_at,
    })
}

fn is_window_closed(hours: Option<u32>, last: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(hours) = hours else { return false };
    last.is_none_or(|at| at.plus_ms(i64::from(hours) * 60 * 60 * 1000) <= now)
}

/// What a channel makes of what was written, or of what is known of the client.
fn address_of(connection: &Connection, group: &[Contact], text: &str) -> Option<String> {
    let adapter = adapter(connection.kind);
    let known = group.iter().flat_map(|contact| contact.fields.values().flatten()).map(|value| value.value.as_str());
    std::iter::once(text).chain(known).find_map(|written| adapter.address_of(written))
}

/// A first message.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StartChat)]
pub struct Start {
    /// The channel.
    pub connection_id: ConnectionId,
    /// A client of the project...
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    /// ...or an address.
    #[serde(default)]
    pub to: Option<String>,
    /// Made by the sender: one visible effect each.
    pub client_id: String,
    /// What it says.
    pub content: DraftContent,
}

/// Writes first; a repeated `client_id` answers the first message.
///
/// # Errors
/// The reason why this channel cannot be written to, as a conflict; foreign ids; bad content.
pub async fn start(service: &Messaging, by: &Principal, project: &ProjectId, wanted: Start) -> Result<Message> {
    let Start { connection_id, contact_id, to, client_id, content } = wanted;
    messages::check_content(&model::Content { text: content.text.clone(), ..model::Content::default() })
        .or_else(|refusal| if content.attachments.is_empty() { Err(refusal) } else { Ok(()) })?;
    let (of, principal) = (*project, by.clone());
    let found = service.write(&by.account_id, move |cx| {
        Box::pin(async move { contact_for(cx, &principal, &of, &Addressee { to, contact_id }, &connection_id).await })
    });
    let contact = found.await?;
    let draft = Draft {
        client_id,
        content,
        seen_seq: None,
        contact_id: None,
        connection_id: Some(connection_id),
        reply_to: None,
    };
    send::send(service, by, project, From::Contact(contact), draft, MessageKind::Message).await
}

/// The contact on this channel: known, or made of the address.
async fn contact_for(
    cx: &mut Cx<'_>,
    by: &Principal,
    project: &ProjectId,
    addressee: &Addressee,
    connection: &ConnectionId,
) -> Result<ContactId> {
    events::lock(cx.tx, cx.account).await?;
    let ways = ways(cx, project, addressee).await?;
    let way = ways.channels.into_iter().find(|way| way.connection_id == *connection).ok_or(Refusal::NotFound)?;
    if let Some(reason) = way.reason {
        return Err(Refusal::ChannelClosed(reason));
    }
    if let Some(known) = way.contact_id {
        return Ok(known);
    }
    let external_id = way.address.ok_or(Refusal::ChannelClosed("needs_address"))?;
    let connection = connections::get(cx.tx, cx.account, connection).await?;
    let new = NewContact {
        project_id: *project,
        connection_id: connection.id,
        channel: connection.kind,
        handle: Some(external_id.clone()),
        external_id: external_id.clone(),
        address: None,
        name: None,
        demo: connection.is_demo(),
    };
    let made = contacts::upsert(cx, &new).await?;
    // The same value that the client's own letter would bring; here a person of ours says so.
    let given = Given::from([("email".to_owned(), vec![external_id])]);
    let giver = Giver { source: ValueSource::Operator, set_by: Some(by.user_id().to_string()), is_verified: true };
    match values::set(cx, project, &made.id, &given, &giver).await {
        Ok(_) | Err(Refusal::Invalid(_)) => Ok(made.id),
        Err(refusal) => Err(refusal),
    }
}
