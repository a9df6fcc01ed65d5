//! Colleagues whom notes name (Упоминания). Each is told, whoever's conversation it is, and finds it in a folder until it is read.

mod store;

use crate::conversations;
use model::{ActorId, ConversationId, Cx, Message, MessageId, MessageKind, ProjectId, Refusal, Result, UserId};

/// People whom one note names at most.
const MOST: usize = 20;

/// Whom a note names, each once.
///
/// # Errors
/// At `content.mentions` for a message to a client and for too many; when one of them is no colleague of this project.
pub(crate) async fn checked(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    kind: MessageKind,
    named: Vec<UserId>,
) -> Result<Vec<UserId>> {
    if named.is_empty() {
        return Ok(named);
    }
    if kind != MessageKind::Note {
        return Err(Refusal::invalid("content.mentions", "only_in_notes", "a client is not told of colleagues"));
    }
    let mut people: Vec<UserId> = Vec::with_capacity(named.len());
    for user in named {
        if !people.contains(&user) {
            people.push(user);
        }
    }
    if people.len() > MOST {
        return Err(Refusal::invalid("content.mentions", "too_many", format!("at most {MOST} people")));
    }
    for user in &people {
        match conversations::colleague(cx.tx, cx.account, project, user).await? {
            Some((_, true)) => {}
            Some((_, false)) => {
                let detail = "this colleague does not work in this project";
                return Err(Refusal::invalid("content.mentions", "not_in_project", detail));
            }
            None => return Err(Refusal::NotFound),
        }
    }
    Ok(people)
}

/// Keeps whom a note names, until they have read it; who wrote it has.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn note(cx: &mut Cx<'_>, message: &Message) -> Result<()> {
    let author = message.author.id;
    for user in message.content.mentions.iter().filter(|user| author != Some(ActorId::User(**user))) {
        store::insert(cx.tx, cx.account, message, user).await?;
    }
    Ok(())
}

/// Somebody has read a conversation up to `seq`; whether a note that names them was among it.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn read(cx: &mut Cx<'_>, id: &ConversationId, reader: ActorId, seq: i64) -> Result<bool> {
    store::set_read(cx.tx, cx.account, id, reader, seq).await
}

/// Whoever a note named need not read it: it is gone.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn forget(cx: &mut Cx<'_>, id: &MessageId) -> Result<()> {
    store::forget(cx.tx, cx.account, id).await
}
