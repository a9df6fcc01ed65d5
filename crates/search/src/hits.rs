//! What is shown of a row that was found, read from what it was made of: so nothing is shown that is not said any more.

use crate::find::Ask;
use crate::made;
use crate::query::Query;
use crate::snippet::{self, Snippet};
use crate::store::hits::{self as store, Found, Said};
use crate::terms::Spelled;
use db::Tx;
use identity::normalise::NormSettings;
use messaging::contacts;
use model::{
    AccountId, ActorId, Author, AuthorKind, ChannelKind, Contact, ContactId, ConversationId, GroupId, LooksLike,
    MessageId, ProjectId, Refusal, Result, Timestamp, words,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchKind)]
pub enum Kind {
    /// A contact.
    Contact,
    /// A multi-contact of two or more.
    Group,
    /// A conversation.
    Conversation,
    /// A message or note.
    Message,
}

words!(Kind { Contact = "contact", Group = "group", Conversation = "conversation", Message = "message" });

/// Something that was found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SearchHit)]
pub(crate) struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// Its contact; of a group the oldest.
    pub contact_id: ContactId,
    /// Its conversation; of a contact and a group the newest, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The place of a message in its conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// The client's name, or handle.
    pub title: String,
    /// Whether the client may be taken for one of ours by this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<LooksLike>,
    /// Of the demo, whose clients are our own.
    #[serde(skip)]
    pub is_demo: bool,
    /// Kind of its channel.
    pub channel: ChannelKind,
    /// Who wrote a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// The words around what was found.
    pub snippet: String,
    /// What was found in `snippet`: `[start, end]`, counted in Unicode characters (code points), the end not included.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub marks: Vec<[usize; 2]>,
    /// Written, begun, or first seen.
    pub at: Timestamp,
}

/// What rows are held to, and shown by.
pub(crate) struct Reader<'a> {
    pub account: &'a AccountId,
    pub project: &'a ProjectId,
    pub norms: &'a NormSettings,
    pub query: &'a Query,
    pub ask: &'a Ask,
}

impl Reader<'_> {
    /// Hits of rows, in their order; none for a row that has it no more.
    pub async fn show(&self, tx: &mut Tx, found: &[Found]) -> Result<Vec<Option<Hit>>> {
        let ids = found.iter().filter(|found| found.kind == Kind::Message).map(|found| found.id);
        let ids: Vec<u128> = ids.collect();
        let mut said: HashMap<u128, Said> = HashMap::new();
        if !ids.is_empty() {
            let rows = store::messages(tx, self.account, ids.into_iter()).await?;
            let own = rows.into_iter().filter(|said| said.message.project_id == *self.project);
            said.extend(own.map(|said| (said.message.id.bits(), said)));
        }
        let mut hits = Vec::with_capacity(found.len());
        for found in found {
            hits.push(match found.kind {
                Kind::Message => match said.remove(&found.id) {
                    Some(said) => self.message(said)?,
                    None => None,
                },
                _ => self.client(tx, found).await?,
            });
        }
        Ok(hits)
    }

    fn message(&self, said: Said) -> Result<Option<Hit>> {
        let Said { message, client, tags, is_demo } = said;
        let tags: Vec<String> = serde_json::from_str(&tags).map_err(|e| Refusal::stored(&e))?;
        if !self.is_wanted(&tags, message.created_at) || self.ask.author.is_some_and(|by| !by.is(&message.author)) {
            return Ok(None);
        }
        let Some(Snippet { text, marks }) = self.found_in(&made::text_of(&message)) else { return Ok(None) };
        Ok(Some(Hit {
            kind: Kind::Message,
            id: MessageId::from_bits(message.id.bits()).to_string(),
            contact_id: message.contact_id,
            conversation_id: Some(message.conversation_id),
            seq: Some(message.seq),
            title: client,
            looks_like: None,
            is_demo,
            channel: message.channel,
            author: Some(message.author),
            snippet: text,
            marks,
            at: message.created_at,
        }))
    }

    async fn client(&self, tx: &mut Tx, found: &Found) -> Result<Option<Hit>> {
        let Some(contact) = found.contact else { return Ok(None) };
        let group = contacts::group_of(tx, self.account, &contact).await?;
        let in_project = |contact: &&Contact| contact.project_id == *self.project;
        let Some(own) = group.iter().find(|one| one.id == contact).filter(in_project).cloned() else { return Ok(None) };
        let (id, contacts, at, conversation) = match found.kind {
            Kind::Group => {
                let id = GroupId::from_bits(found.id);
                if own.multi_contact_id != id || group.len() < 2 {
                    return Ok(None);
                }
                let newest = store::newest_of(tx, self.account, &contact).await?;
                (id.to_string(), group, own.created_at, newest)
            }
            Kind::Conversation => {
                let id = ConversationId::from_bits(found.id);
                let row = store::conversation(tx, self.account, self.project, &id).await?;
                let Some((_, _, at)) = row else { return Ok(None) };
                (id.to_string(), vec![own.clone()], at, Some(id))
            }
            Kind::Contact | Kind::Message => {
                let newest = store::newest_of(tx, self.account, &contact).await?;
                (contact.to_string(), vec![own.clone()], own.created_at, newest)
            }
        };
        let tags: Vec<String> = contacts.iter().flat_map(|contact| contact.tags.iter().cloned()).collect();
        if !self.is_wanted(&tags, at) {
            return Ok(None);
        }
        let text = made::text_of_contacts(&contacts);
        let is_asked_for = self.is_id(&id);
        let found_in = self.found_in(&text).or_else(|| is_asked_for.then(|| snippet::cut(&text, &[])));
        let Some(Snippet { text, marks }) = found_in else { return Ok(None) };
        let title = contacts.iter().find_map(|contact| contact.name.clone()).unwrap_or_else(|| own.handle.clone());
        Ok(Some(Hit {
            kind: found.kind,
            id,
            contact_id: own.id,
            conversation_id: conversation,
            seq: None,
            title,
            looks_like: None,
            is_demo: own.demo,
            channel: own.channel,
            author: None,
            snippet: text,
            marks,
            at,
        }))
    }

    fn is_id(&self, id: &str) -> bool {
        self.query.whole.is_some() && self.query.whole == crate::terms::whole(id, self.norms)
    }

    fn is_wanted(&self, tags: &[String], at: Timestamp) -> bool {
        let Ask { tag, from, to, .. } = self.ask;
        let has_tag = tag.as_ref().is_none_or(|tag| tags.contains(tag));
        has_tag && from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to)
    }

    fn found_in(&self, text: &str) -> Option<Snippet> {
        let marks = self.query.marks(&Spelled::of(text, self.norms))?;
        Some(snippet::cut(text, &marks))
    }
}

/// Who is asked for as the author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A side.
    Side(AuthorKind),
    /// A colleague, or a program.
    Actor(ActorId),
}

impl By {
    fn is(self, author: &Author) -> bool {
        match self {
            Self::Side(side) => author.kind == side,
            Self::Actor(actor) => author.id == Some(actor),
        }
    }
}
