//! The log is followed: what was said and who changed is read again, as it is now, and written into the index. Nothing of it makes a message wait.

use crate::index::{self, Batch};
use crate::runner::Pace;
use crate::store::follow as log;
use crate::walk;
use messaging::Messaging;
use model::{AccountId, ContactId, ConversationId, GroupId, Refusal, Result};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the index is made. What an older program made is made anew: the first left out rows for which it found no place beside thousands of others.
pub(crate) const VERSION: i64 = 2;
/// Places of the log that are read at once.
const PAGE: i64 = 400;
/// Contacts that are written at once: each may have many conversations.
const CONTACTS: usize = 50;
/// Whose settings change what is found of clients.
const FIELDS: &str = "fields";

/// How far an account is in the index; nothing of one that was not begun.
#[derive(Debug, Clone)]
pub(crate) struct Behind {
    pub account: AccountId,
    pub newest: i64,
    pub position: Option<i64>,
    pub version: Option<i64>,
    pub walked_to: Option<ContactId>,
    pub walked_conversation: Option<ConversationId>,
    pub walked_seq: Option<i64>,
}

/// What the data of two kinds of events say that matters here.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    groups: Vec<ToldGroup>,
    #[serde(default)]
    dissolved: Vec<GroupId>,
    #[serde(default)]
    resource: String,
}

#[derive(Deserialize)]
struct ToldGroup {
    contact_ids: Vec<ContactId>,
}

/// What is to be looked at again.
#[derive(Default)]
struct Changed {
    contacts: BTreeSet<ContactId>,
    dissolved: Vec<GroupId>,
    has_other_fields: bool,
}

/// The next stretch of an account's log. Answers whether more is left.
///
/// # Errors
/// When the storage fails; then it is tried again from where it stood.
pub(crate) async fn go_on(service: &Arc<Messaging>, behind: &Behind, pace: &Pace) -> Result<bool> {
    let account = behind.account;
    let Some(position) = behind.position.filter(|_| behind.version == Some(VERSION)) else {
        walk::begin(service, &account, behind.newest).await?;
        return Ok(true);
    };
    if position >= behind.newest {
        return Ok(false);
    }
    let to = behind.newest.min(position + PAGE);
    let oldest = service.read(&account, |cx| Box::pin(async move { log::oldest_kept(cx.tx, cx.account).await }));
    if position + 1 < oldest.await? {
        // The log is gone that far: everybody is looked at again.
        walk::begin(service, &account, behind.newest).await?;
        return Ok(true);
    }
    let projects = Arc::new(index::projects(service, &account).await?);
    let own = projects.clone();
    let read = service.read(&account, move |cx| {
        Box::pin(async move {
            let mut batch = Batch::default();
            for log::MessageRow(message) in log::messages(cx.tx, cx.account, position, to).await? {
                if let Some(known) = own.get(&message.project_id) {
                    batch.say(known, &message);
                }
            }
            let changed = changed(log::clients(cx.tx, cx.account, position, to).await?)?;
            batch.dissolve(changed.dissolved.iter().map(|id| id.bits()));
            Ok::<_, Refusal>((batch, changed))
        })
    });
    let (batch, changed) = read.await?;
    write(service, &account, batch, pace).await?;
    let contacts: Vec<ContactId> = changed.contacts.into_iter().collect();
    for some in contacts.chunks(CONTACTS) {
        let (some, own) = (some.to_vec(), projects.clone());
        let read = service.read(&account, move |cx| {
            Box::pin(async move {
                let mut batch = Batch::default();
                for contact in &some {
                    batch.meet(cx, &own, contact).await?;
                }
                Ok::<_, Refusal>(batch)
            })
        });
        write(service, &account, read.await?, pace).await?;
    }
    if changed.has_other_fields {
        walk::clients_again(service, behind).await?;
    }
    let done = service.write(&account, move |cx| Box::pin(async move { log::followed(cx, to).await }));
    done.await?;
    Ok(to < behind.newest)
}

/// Kind of an event, its contact and conversation, and what it says.
type Logged = (String, Option<ContactId>, Option<ConversationId>, Option<String>);

fn changed(rows: Vec<Logged>) -> Result<Changed> {
    let mut changed = Changed::default();
    for (kind, contact, _conversation, data) in rows {
        changed.contacts.extend(contact);
        let Some(data) = data else { continue };
        let told: Told = serde_json::from_str(&data).map_err(|e| Refusal::stored(&e))?;
        changed.contacts.extend(told.groups.into_iter().flat_map(|group| group.contact_ids));
        changed.dissolved.extend(told.dissolved);
        changed.has_other_fields |= kind == "settings.updated" && told.resource == FIELDS;
    }
    Ok(changed)
}

/// Writes a batch by itself, piece by piece: a message waits for one of them at most. After each everybody else has the writer for longer than
/// that took.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn write(service: &Messaging, account: &AccountId, batch: Batch, pace: &Pace) -> Result<()> {
    for piece in batch.pieces(pace.rows()) {
        let (env, own, piece) = (service.env.clone(), *account, Arc::new(piece));
        let began = pace.begin();
        let written = service.db.write_alone(account, move |tx| {
            Box::pin(async move { piece.write(&mut model::Cx::new(tx, &env, &own)).await })
        });
        written.await?;
        pace.rest(began).await;
    }
    Ok(())
}
