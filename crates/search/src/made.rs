//! What search looks through of a message and of a client, and what filters ask of them.

use crate::hits::Kind;
use crate::terms::{Spelled, whole};
use crate::words::{PARTED, read};
use identity::normalise::NormSettings;
use model::{ActorId, AuthorKind, ChannelKind, Contact, ConversationId, Message, UserId};

/// Characters of a user's id that tell users apart in a filter; a hit is held to the whole id.
const OF_ID: usize = 12;

/// A message in words: what it is about, what it says, the names of its files.
pub(crate) fn text_of(message: &Message) -> String {
    let content = &message.content;
    let subject = content.extra.as_ref().and_then(|extra| extra.subject.as_deref());
    let files = content.attachments.iter().map(|file| file.name.as_str());
    let parts = subject.into_iter().chain([content.text.as_str()]).chain(files);
    joined(parts)
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        if !once.contains(&part) {
            once.push(part);
        }
    }
    once.join(PARTED)
}

/// The terms of a message.
pub(crate) fn message(message: &Message, norms: &NormSettings) -> Spelled {
    let spelled = Spelled::of(&text_of(message), norms).with(channel(message.channel));
    let spelled = spelled.with(side(message.author.kind));
    match message.author.id {
        Some(ActorId::User(user)) => spelled.with(author(&user)),
        _ => spelled,
    }
}

/// Contacts of one client in words: names, values, tags.
pub(crate) fn text_of_contacts(contacts: &[Contact]) -> String {
    joined(contacts.iter().flat_map(values_of).chain(contacts.iter().flat_map(tags_of)))
}

fn values_of(contact: &Contact) -> impl Iterator<Item = &str> {
    let values = contact.fields.values().flatten();
    let values = values.flat_map(|value| value.still_compared.iter().chain([&value.value])).map(String::as_str);
    contact.name.as_deref().into_iter().chain([contact.handle.as_str()]).chain(values)
}

fn tags_of(contact: &Contact) -> impl Iterator<Item = &str> {
    contact.tags.iter().map(String::as_str)
}

/// The terms of a contact, or of the contacts of a group: their names and values are found whole, too.
pub(crate) fn client(contacts: &[Contact], norms: &NormSettings) -> Spelled {
    let kind = if contacts.len() > 1 { Kind::Group } else { Kind::Contact };
    let mut spelled = filters(contacts, norms).with(kind_of(kind));
    for value in contacts.iter().flat_map(values_of) {
        if let Some(term) = whole(value, norms) {
            spelled = spelled.with(term);
        }
    }
    let ids = contacts.iter().filter_map(|contact| whole(&contact.id.to_string(), norms));
    ids.fold(spelled, Spelled::with)
}

/// The terms of a conversation: those of its client, and its own id whole.
pub(crate) fn conversation(id: &ConversationId, contact: &Contact, norms: &NormSettings) -> Spelled {
    let spelled = filters(std::slice::from_ref(contact), norms).with(kind_of(Kind::Conversation));
    whole(&id.to_string(), norms).into_iter().fold(spelled, Spelled::with)
}

fn filters(contacts: &[Contact], norms: &NormSettings) -> Spelled {
    let spelled = Spelled::of(&text_of_contacts(contacts), norms);
    let channels = contacts.iter().map(|contact| channel(contact.channel));
    let tags = contacts.iter().flat_map(tags_of).filter_map(tag);
    channels.chain(tags).fold(spelled, Spelled::with)
}

/// The term of a kind.
pub(crate) fn kind_of(kind: Kind) -> String {
    format!("#k{}", kind.as_str())
}

/// The term of a channel.
pub(crate) fn channel(channel: ChannelKind) -> String {
    format!("#c{}", channel.as_str())
}

/// The term of a tag; none for one without words.
pub(crate) fn tag(tag: &str) -> Option<String> {
    let forms: Vec<String> = read(tag).forms.into_iter().map(|(form, _)| form).collect();
    (!forms.is_empty()).then(|| format!("#t{}", forms.join("_")))
}

/// The term of a side of the talk.
pub(crate) fn side(side: AuthorKind) -> String {
    format!("#s{}", side.as_str())
}

/// The term of a colleague.
pub(crate) fn author(user: &UserId) -> String {
    let id = format!("{:032x}", user.bits());
    format!("#a{}", &id[id.len() - OF_ID..])
}
