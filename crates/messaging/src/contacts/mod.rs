//! Contacts: one person on one connection. The upsert by the channel's id is also the lock that keeps one sender in order.

pub mod draft;
pub mod held;
pub mod history;
pub mod names;
pub mod page_tags;
pub mod search;
pub mod store;
pub mod values;
pub mod written;

pub use store::ContactFilter;

use crate::connections::{CONNECTION_OFF, ConnectionStatus};
use crate::conversations::Party;
use crate::multi_contacts::Grouping;
use crate::{Refusal, Result, files};
use db::Tx;
use draft::Draft;
use model::{AccountId, ChannelKind, ConnectionId, Contact, ContactDeleted, ContactId, Cx, Event, GroupId, ProjectId};
use std::collections::HashMap;

/// Tables that imports and rules fill, and look things up in.
pub const GROWING_TABLES: &[&str] = &["contacts", "field_values", "rule_keys"];

/// Tags of a contact.
const MOST_TAGS: usize = 50;

/// A person a channel speaks of.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// Project.
    pub project_id: ProjectId,
    /// Connection.
    pub connection_id: ConnectionId,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// The channel's id of the person.
    pub external_id: String,
    /// Where to answer, when it is not that id.
    pub address: Option<String>,
    /// Name the channel shows.
    pub name: Option<String>,
    /// `@name`; made up from a number when there is none. Empty when it was given up, none when nothing is known of it.
    pub handle: Option<String>,
    /// Demo data.
    pub demo: bool,
}

/// A contact as the path needs it.
#[derive(Debug, Clone)]
pub struct Known {
    /// Contact id.
    pub id: ContactId,
    /// Where conversations of it are.
    pub party: Party,
    /// Name or handle, for messages.
    pub display: String,
    /// Made by this very call.
    pub is_new: bool,
}

/// Finds the contact by (connection, external id) or makes it; brings name, address and last visit up to date.
///
/// # Errors
/// When the storage fails.
pub async fn upsert(cx: &mut Cx<'_>, new: &NewContact) -> Result<Known> {
    // The lock first: two first messages at once must find one contact, and positions must stay gapless.
    events::lock(cx.tx, cx.account).await?;
    let found = store::by_external_id(cx.tx, cx.account, &new.connection_id, &new.external_id).await?;
    let (id, display, is_new) = match found {
        Some(stored) => {
            let display = refresh(cx, &stored, new).await?;
            (stored.id, display, false)
        }
        None => {
            let (id, display) = create(cx, new).await?;
            (id, display, true)
        }
    };
    let party = Party {
        project_id: new.project_id,
        contact_id: id,
        connection_id: new.connection_id,
        channel: new.channel,
        demo: new.demo,
    };
    Ok(Known { id, party, display, is_new })
}

async fn create(cx: &mut Cx<'_>, new: &NewContact) -> Result<(ContactId, String)> {
    let position = events::next_position(cx.tx, cx.account).await?;
    // Contacts are numbered by the log: a short number for people to say aloud.
    let handle = new.handle.clone().filter(|handle| !handle.is_empty()).unwrap_or_else(|| numbered(position));
    let draft = Draft::bare(cx.env, new, handle)?;
    draft::insert_all(cx, std::slice::from_ref(&draft), position).await?;
    Ok((*draft.id(), draft.display().to_owned()))
}

fn numbered(position: i64) -> String {
    format!("Посетитель {}", 10_000 + position)
}

async fn refresh(cx: &mut Cx<'_>, stored: &store::Brief, new: &NewContact) -> Result<String> {
    let name = new.name.clone().or_else(|| stored.name.clone());
    let handle = match new.handle.as_deref() {
        Some("") if stored.handle.starts_with('@') => numbered(stored.created_seq),
        Some("") | None => stored.handle.clone(),
        Some(handle) => handle.to_owned(),
    };
    let display = stored.shown_name.clone().or_else(|| name.clone()).unwrap_or_else(|| handle.clone());
    let is_changed =
        name != stored.name || handle != stored.handle || stored.is_blocked || new.address != stored.address;
    store::touch(cx, &stored.id, name.as_deref(), &handle, new.address.as_deref()).await?;
    if is_changed {
        values::refresh_search(cx.tx, cx.account, &stored.id).await?;
        tell(cx, &stored.id).await?;
    }
    Ok(display)
}

/// One contact with its values.
///
/// # Errors
/// When there is none in this account.
pub async fn get(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Contact> {
    let mut contact = store::get(tx, account, id).await?.ok_or(Refusal::NotFound)?;
    contact.fields = values::all_of(tx, account, id).await?;
    Ok(contact)
}

/// What is known of a client, as far as it can be compared.
#[derive(Debug, Clone, Default)]
pub struct KnownOf {
    /// Usable values by field, in the order of the keys.
    pub fields: Vec<(String, Vec<String>)>,
    /// Tags.
    pub tags: Vec<String>,
}

/// What is known of some clients; nothing of those who are gone.
///
/// # Errors
/// When the storage fails.
pub async fn known_of(tx: &mut Tx, account: &AccountId, ids: &[ContactId]) -> Result<HashMap<ContactId, KnownOf>> {
    let mut all: HashMap<ContactId, KnownOf> = HashMap::with_capacity(ids.len());
    for (id, tags) in store::tags(tx, account, ids).await? {
        all.entry(id).or_default().tags = tags;
    }
    for (id, field, value) in store::values::usable(tx, account, ids).await? {
        let fields = &mut all.entry(id).or_default().fields;
        match fields.last_mut().filter(|(last, _)| *last == field) {
            Some((_, values)) => values.push(value),
            None => fields.push((field, vec![value])),
        }
    }
    Ok(all)
}

/// One contact of this project.
///
/// # Errors
/// When there is none in this project.
pub async fn get_in(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &ContactId) -> Result<Contact> {
    let contact = get(tx, account, id).await?;
    if contact.project_id == *project { Ok(contact) } else { Err(Refusal::NotFound) }
}

/// Where conversations of a contact are.
///
/// # Errors
/// When there is none in this project.
pub async fn party(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &ContactId) -> Result<Party> {
    let contact = store::get(tx, account, id).await?.filter(|c| c.project_id == *project).ok_or(Refusal::NotFound)?;
    Ok(Party {
        project_id: contact.project_id,
        contact_id: contact.id,
        connection_id: contact.connection_id,
        channel: contact.channel,
        demo: contact.demo,
    })
}

/// A page of contacts, last seen first.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    filter: &ContactFilter,
) -> Result<Vec<Contact>> {
    let compared = compared(tx, account, project, (&filter.field, &filter.value)).await?;
    let words = search::asked(tx, account, project, &filter.words).await?;
    let mut contacts = store::list(tx, account, project, filter, &words, &compared).await?;
    for contact in &mut contacts {
        contact.fields = values::all_of(tx, account, &contact.id).await?;
    }
    Ok(contacts)
}

/// A value as rules compare it, or as given where it can match nothing.
///
/// # Errors
/// When the storage fails.
pub async fn compared(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    (field, value): (&str, &str),
) -> Result<String> {
    if value.is_empty() {
        return Ok(String::new());
    }
    let found = values::Known::load(tx, account, project).await?.compared(field, value);
    Ok(found.unwrap_or_else(|| value.to_owned()))
}

/// How a tag stands in the list of a contact's tags, for `LIKE`; empty for none. Tags are a JSON list of texts: a whole tag stands between
/// quotes.
pub fn tag_pattern(tag: &str) -> String {
    if tag.is_empty() { String::new() } else { db::like(&serde_json::Value::from(tag).to_string()) }
}

/// Contacts of the same multi-contact, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn group_of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<Contact>> {
    let mut contacts = store::group_of(tx, account, id).await?;
    for contact in &mut contacts {
        contact.fields = values::all_of(tx, account, &contact.id).await?;
    }
    Ok(contacts)
}

/// Contacts of a multi-contact by its id, oldest first, without their values.
///
/// # Errors
/// When the storage fails.
pub async fn of_group(tx: &mut Tx, account: &AccountId, group: &GroupId) -> Result<Vec<Contact>> {
    store::of_group(tx, account, group).await
}

/// The contact with this id of the channel.
///
/// # Errors
/// When the storage fails.
pub async fn find(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    external_id: &str,
) -> Result<Option<ContactId>> {
    Ok(store::by_external_id(tx, account, connection, external_id).await?.map(|brief| brief.id))
}

/// Notes that the person blocked us, or lets us write again.
///
/// # Errors
/// When the storage fails.
pub async fn set_blocked(cx: &mut Cx<'_>, id: &ContactId, is_blocked: bool) -> Result<()> {
    if store::set_blocked(cx.tx, cx.account, id, is_blocked).await? {
        tell(cx, id).await?;
    }
    Ok(())
}

/// Sets the tags of a contact, in the order given, each once.
///
/// # Errors
/// For an empty, too long or one tag too many, or when there is no such contact in this project.
pub async fn set_tags(cx: &mut Cx<'_>, project: &ProjectId, id: &ContactId, tags: &[String]) -> Result<()> {
    if tags.len() > MOST_TAGS {
        return Err(Refusal::invalid("tags", "too_many", format!("at most {MOST_TAGS} tags")));
    }
    for (index, tag) in tags.iter().enumerate() {
        let (tag, path) = (tag.trim(), format!("tags.{index}"));
        if names::readable(tag).is_none() {
            return Err(Refusal::invalid(&path, "empty", "a tag is a word or a few"));
        }
        if tag.chars().count() > crate::tags::LONGEST {
            return Err(Refusal::invalid(&path, "too_long", format!("at most {} characters", crate::tags::LONGEST)));
        }
    }
    events::lock(cx.tx, cx.account).await?;
    let wanted = crate::tags::as_listed(cx, project, tags).await?;
    if get_in(cx.tx, cx.account, project, id).await?.tags == wanted {
        return Ok(());
    }
    retag(cx, id, &wanted).await
}

/// Writes the tags of a contact as they are, and tells it.
///
/// # Errors
/// When the storage fails.
pub async fn retag(cx: &mut Cx<'_>, id: &ContactId, tags: &[String]) -> Result<()> {
    store::set_tags(cx.tx, cx.account, id, tags).await?;
    tell(cx, id).await
}

/// Deletes a contact with its values, conversations and messages.
///
/// # Errors
/// When there is none in this project.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &ContactId) -> Result<()> {
    let mut grouping = Grouping::begin(cx.tx, cx.env, cx.account, project).await?;
    delete_in(cx.tx, &mut grouping, id).await?;
    grouping.finish(cx.tx).await.map(drop)
}

/// As [`delete`], within a change of more.
pub async fn delete_in(tx: &mut Tx, grouping: &mut Grouping<'_>, id: &ContactId) -> Result<()> {
    let (env, account, project) = (grouping.env, grouping.account, grouping.project);
    get_in(tx, account, project, id).await?;
    grouping.leaving(tx, id).await?;
    store::delete(tx, account, id).await?;
    let gone = Event::ContactDeleted(ContactDeleted { id: *id });
    let mut cx = Cx::new(tx, env, account);
    events::append(&mut cx, project, &gone).await?;
    files::remove_soon(&mut cx).await
}

/// Writes an event with the contact as it stands.
///
/// # Errors
/// When the storage fails.
pub async fn tell(cx: &mut Cx<'_>, id: &ContactId) -> Result<()> {
    let contact = get(cx.tx, cx.account, id).await?;
    events::append(cx, &contact.project_id, &Event::ContactUpdated(&contact)).await?;
    Ok(())
}

/// Notes that somebody was here until now: a visitor who closes the page. Nothing is told; sockets heard of the presence.
///
/// # Errors
/// When the storage fails.
pub async fn note_seen(cx: &mut Cx<'_>, id: &ContactId) -> Result<()> {
    store::note_seen(cx.tx, cx.account, id, cx.env.now()).await
}

/// Why a contact cannot be written to now; none when it can.
///
/// # Errors
/// When the storage fails.
pub async fn closed_reason(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Option<&'static str>> {
    let Some((is_blocked, connection_status, kind)) = store::reachability(tx, account, id).await? else {
        return Err(Refusal::NotFound);
    };
    let can_send = channels::adapter(kind).capabilities().can_send;
    Ok(match (can_send, connection_status, is_blocked) {
        (false, _, _) => Some("no_way_out"),
        (_, ConnectionStatus::Off, _) => Some(CONNECTION_OFF),
        (_, _, true) => Some("blocked_by_client"),
        (true, ConnectionStatus::Active | ConnectionStatus::Error, false) => None,
    })
}
