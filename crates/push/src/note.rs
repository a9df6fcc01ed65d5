//! Who is told of what: of a client's message whoever it concerns (as the desk counts what is unread), if none of their pages is open.

use crate::store;
use crate::subscription::Subscription;
use db::Tx;
use events::{EventData, EventRow};
use messaging::{conversations, departments};
use model::{
    AccountId, ActorId, AuthorKind, ConversationId, ConversationStatus, Message, MessageKind, Result, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What is older was told in time by somebody else, or is told by nobody: after a stop nobody wants yesterday's notes.
const FRESH_MS: i64 = 2 * 60 * 1000;
/// Characters of a text that a note shows.
const LONGEST: usize = 160;

/// What a device shows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Note {
    /// `message`, `read` or `test`.
    pub kind: &'static str,
    pub title: String,
    pub body: String,
    /// Where it leads, and what a later one of it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// Several that were read at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversation_ids: Vec<ConversationId>,
}

impl Note {
    /// Takes away what was told of conversations that were read elsewhere since. One alone has the topic of its note, so that a push service
    /// that still holds that note for a device that is away lets it go; several go in one.
    pub fn read(conversations: &[ConversationId]) -> Self {
        let (one, several) = match conversations {
            [one] => (Some(*one), Vec::new()),
            all => (None, all.to_vec()),
        };
        Self {
            kind: "read",
            title: String::new(),
            body: String::new(),
            conversation_id: one,
            conversation_ids: several,
        }
    }
}

/// How far people have read, by conversation.
pub(crate) type Reads = BTreeMap<(UserId, ConversationId), i64>;

/// How far people have read, as these events tell it.
pub(crate) fn read(events: &[EventRow]) -> Reads {
    let mut newest = Reads::new();
    for event in events.iter().filter(|event| event.kind == "conversation.read") {
        let EventData::Text(text) = &event.data else { continue };
        let Ok(read) = serde_json::from_str::<ReadBy>(text) else { continue };
        // Keys read, too, and have no devices.
        let ActorId::User(user) = read.user_id else { continue };
        let seq = newest.entry((user, read.conversation_id)).or_default();
        *seq = read.seq.max(*seq);
    }
    newest
}

#[derive(Deserialize)]
struct ReadBy {
    conversation_id: ConversationId,
    user_id: ActorId,
    seq: i64,
}

/// The newest message of a client in each conversation that these events tell of.
pub(crate) fn said(events: &[EventRow], now: Timestamp) -> Vec<Arc<Message>> {
    let mut newest: BTreeMap<ConversationId, Arc<Message>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.kind == "message.created") {
        let EventData::Message(message) = &event.data else { continue };
        let is_clients = message.author.kind == AuthorKind::Client && message.kind == MessageKind::Message;
        if is_clients && now.ms_since(message.created_at) < FRESH_MS {
            newest.insert(message.conversation_id, message.clone());
        }
    }
    newest.into_values().collect()
}

/// A note of a message with the browsers that are to show it.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn of_message(
    tx: &mut Tx,
    account: &AccountId,
    message: &Message,
    online: &HashSet<UserId>,
    reads: &Reads,
    now: Timestamp,
) -> Result<Option<(Note, Vec<Subscription>)>> {
    let conversation = conversations::get(tx, account, &message.conversation_id, None).await?;
    // A bot answers for itself, and of what nobody has and somebody answered nobody hears.
    // What demo data say is a story that is being told, and nobody's business.
    let is_somebodys = !conversation.demo
        && !matches!(conversation.status, ConversationStatus::Bot | ConversationStatus::Closed)
        && (conversation.assignee_id.is_some() || conversation.waiting_since.is_some());
    if !is_somebodys {
        return Ok(None);
    }
    let mut browsers =
        store::of_project(tx, account, &conversation.project_id, conversation.assignee_id.as_ref(), now).await?;
    let has_read = |user: UserId| reads.get(&(user, message.conversation_id)).is_some_and(|seq| *seq >= message.seq);
    browsers.retain(|browser| !online.contains(&browser.user_id) && !has_read(browser.user_id));
    if let (Some(department), None, false) =
        (&conversation.department_id, &conversation.assignee_id, browsers.is_empty())
        && let Some(theirs) = departments::told_of(tx, account, &conversation.project_id, department).await?
    {
        browsers.retain(|browser| theirs.contains(&browser.user_id));
    }
    if browsers.is_empty() {
        return Ok(None);
    }
    let contact = conversation.contact;
    let note = Note {
        kind: "message",
        title: contact.name.unwrap_or(contact.handle),
        body: body_of(message),
        conversation_id: Some(message.conversation_id),
        conversation_ids: Vec::new(),
    };
    Ok(Some((note, browsers)))
}

fn body_of(message: &Message) -> String {
    let text = message.content.text.trim();
    if text.is_empty() {
        let names = message.content.attachments.iter().map(|file| file.name.as_str());
        return cut(&names.collect::<Vec<_>>().join(", "));
    }
    cut(text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(cut("коротко"), "коротко");
        let long = cut(&"ю".repeat(500));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
