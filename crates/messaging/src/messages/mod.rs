//! Messages: one order per conversation, one effect per client id, one way in for people, bots and mailings.

pub(crate) mod forget;
mod receipts;
pub mod revise;
pub(crate) mod store;

pub use receipts::{confirm_by_client, set_delivery, take_receipt};

use crate::{Refusal, Result, files};
use db::Tx;
use model::{
    AccountId, ActorId, Attachment, Author, AuthorKind, Button, ConnectionId, ContactId, Content, ConversationId, Cx,
    DeliveryStatus, Event, FileId, Message, MessageId, MessageKind, Thread,
};
use std::collections::HashSet;

/// Longest text taken from anybody, in characters.
pub const MAX_TEXT: usize = 10_000;
/// Messages that one of ours names as those before it.
const LONGEST_THREAD: i64 = 20;

/// A message to be stored.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Who wrote it.
    pub author: Author,
    /// Message, note or event.
    pub kind: MessageKind,
    /// What it says.
    pub content: Content,
    /// The sender's id for it (D2).
    pub client_id: Option<String>,
    /// The channel's id of it, when it came from a channel.
    pub external_id: Option<String>,
    /// Delivery state it begins with: none for what came in or stays inside.
    pub delivery: Option<DeliveryStatus>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
}

impl NewMessage {
    /// A line about what happened.
    pub fn event(code: &str, data: serde_json::Value) -> Self {
        Self {
            author: Author { kind: AuthorKind::System, id: None, name: None },
            kind: MessageKind::Event,
            content: Content::event(code, data),
            client_id: None,
            external_id: None,
            delivery: None,
            reply_to: None,
        }
    }
}

/// What an author says under an id of their own, as far as it makes the message: the same id with anything else in it is another message.
#[derive(Debug, Clone)]
pub struct Again {
    /// Who says it.
    pub author: ActorId,
    /// The author's id for it.
    pub client_id: String,
    /// Message or note.
    pub kind: MessageKind,
    /// Text.
    pub text: String,
    /// Files by id, in their order.
    pub files: Vec<FileId>,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
}

impl Again {
    fn is(&self, first: &Message) -> bool {
        let files = first.content.attachments.iter().map(|file| &file.id);
        self.kind == first.kind
            && self.text == first.content.text
            && self.buttons == first.content.buttons
            && self.files.iter().eq(files)
    }
}

/// The message that was stored under this author's `client_id`; none when there is none yet. To be looked up before anything else is, for
/// its files are bound by now and a colleague may have answered; and after [`Refusal::Repeated`] or a file that is gone, for two may come at once.
///
/// # Errors
/// [`Refusal::ClientIdReused`] when it said something else.
pub async fn said_before(tx: &mut Tx, account: &AccountId, again: &Again) -> Result<Option<Message>> {
    match store::by_client_id(tx, account, again.author, &again.client_id).await? {
        Some(first) if !again.is(&first) => Err(Refusal::ClientIdReused),
        first => Ok(first),
    }
}

/// Those of these clients' messages that were stored before: by client and their own id.
///
/// # Errors
/// When the storage fails.
pub async fn used_client_ids(
    tx: &mut Tx,
    account: &AccountId,
    client_ids: impl Iterator<Item = &str>,
) -> Result<HashSet<(ContactId, String)>> {
    store::used_client_ids(tx, account, client_ids).await
}

/// One message.
///
/// # Errors
/// When there is none in this account.
pub async fn get(tx: &mut Tx, account: &AccountId, id: &MessageId) -> Result<Message> {
    store::by_id(tx, account, id).await?.ok_or(Refusal::NotFound)
}

/// A page of one conversation, newest first, before a `seq`.
///
/// # Errors
/// When the storage fails.
pub async fn page(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    before: i64,
    for_client: bool,
    limit: i64,
) -> Result<Vec<Message>> {
    store::page(tx, account, conversation, before, for_client, limit).await
}

/// What a returning visitor missed, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn for_client_after(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    store::for_client_after(tx, account, conversation, after, limit).await
}

/// Whether a client or an operator has said something in a conversation since a moment.
///
/// # Errors
/// When the storage fails.
pub async fn is_dialog_since(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    since: model::Timestamp,
) -> Result<bool> {
    store::is_dialog_since(tx, account, conversation, since).await
}

/// How many of our messages the client has not read.
///
/// # Errors
/// When the storage fails.
pub async fn unread_by_client(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    read_seq: i64,
) -> Result<i64> {
    store::unread_by_client(tx, account, conversation, read_seq).await
}

/// A page of the joint timeline of a contact's multi-contact, newest first, before a position (rulings 39).
///
/// # Errors
/// When the storage fails.
pub async fn timeline(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    before: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    let mut page: Vec<Message> = Vec::new();
    let wanted = usize::try_from(limit).unwrap_or(0);
    for (conversation, newest) in store::conversations_of_group(tx, account, contact).await? {
        // Last changed first: once the page is full and ends above this conversation, nothing further down belongs to it.
        if page.get(wanted.wrapping_sub(1)).is_some_and(|last| last.position > newest) {
            break;
        }
        page.extend(store::before_position(tx, account, &conversation, before, limit).await?);
        page.sort_by_key(|message| std::cmp::Reverse(message.position));
        page.truncate(wanted);
    }
    Ok(page)
}

/// Messages with files of a contact's multi-contact, newest first, up to a position and with it.
///
/// # Errors
/// When the storage fails.
pub async fn with_files(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    up_to: i64,
    limit: i64,
) -> Result<Vec<Message>> {
    store::with_files(tx, account, contact, up_to, limit).await
}

/// When a contact wrote last.
///
/// # Errors
/// When the storage fails.
pub async fn last_from_client(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
) -> Result<Option<model::Timestamp>> {
    store::last_from_client(tx, account, contact).await
}

/// Refuses when a colleague wrote after `seen_seq`.
///
/// # Errors
/// [`Refusal::Stale`].
pub async fn refuse_if_stale(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    reader: ActorId,
    seen_seq: i64,
) -> Result<()> {
    let newest = store::newest_team_seq(tx, account, conversation, reader).await?;
    if newest > seen_seq { Err(Refusal::Stale) } else { Ok(()) }
}

/// The message of a contact, or of ours to it, that has this id of the channel.
///
/// # Errors
/// When the storage fails.
pub async fn of_channel(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    contact: &ContactId,
    external_id: &str,
) -> Result<Option<MessageId>> {
    let found = store::by_external_id(tx, account, connection, contact, external_id).await?;
    Ok(found.map(|message| message.id))
}

/// What a message of ours follows in its conversation, in the channel's ids. An answer to one message follows that one.
///
/// # Errors
/// When the storage fails.
pub async fn thread_before(tx: &mut Tx, account: &AccountId, message: &Message) -> Result<Thread> {
    let before = store::known_to_channel(tx, account, message, LONGEST_THREAD).await?;
    let is_answered = |said: &&store::OnChannel| Some(said.id) == message.reply_to;
    let by_client = |said: &&store::OnChannel| said.is_client;
    let answered = before.iter().find(is_answered).or_else(|| before.iter().find(by_client));
    let subject = before.iter().find_map(|said| said.content.extra.as_ref()?.subject.clone());
    Ok(Thread {
        subject,
        answers: answered.map(|said| said.external_id.clone()),
        before: before.iter().rev().map(|said| said.external_id.clone()).collect(),
    })
}

/// The channel's own id of a message, as a bot numbers them; none when it has none, or had another bot's.
///
/// # Errors
/// When the storage fails.
pub async fn named_at_channel(
    tx: &mut Tx,
    account: &AccountId,
    id: &MessageId,
    numbered_by: Option<&str>,
) -> Result<Option<String>> {
    let known = store::channel_id(tx, account, id).await?;
    Ok(known.and_then(|id| crate::inbound::unscoped(numbered_by, &id).map(str::to_owned)))
}

/// Whether a contact's message with this id of the channel is here.
///
/// # Errors
/// When the storage fails.
pub async fn is_stored(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    contact: &ContactId,
    external_id: &str,
) -> Result<bool> {
    Ok(store::by_external_id(tx, account, connection, contact, external_id).await?.is_some())
}

/// The client changed an earlier message of theirs; files are replaced only when the edit speaks of them. Nothing happens when we never had it.
///
/// # Errors
/// When the storage fails.
pub async fn edit_from_channel(
    cx: &mut Cx<'_>,
    connection: &ConnectionId,
    contact: &ContactId,
    external_id: &str,
    now: Content,
    has_files: bool,
) -> Result<()> {
    let found = store::by_external_id(cx.tx, cx.account, connection, contact, external_id).await?;
    let Some(mut message) = found.filter(|m| m.author.kind == AuthorKind::Client) else { return Ok(()) };
    let is_replaced = has_files && !has_same_files(&message.content, &now);
    if message.content.text == now.text && message.content.extra == now.extra && !is_replaced {
        return Ok(());
    }
    (message.content.text, message.content.extra) = (now.text, now.extra);
    if is_replaced {
        files::bind(cx.tx, cx.account, &now.attachments, &message.id).await?;
        message.content.attachments = now.attachments;
    }
    message.edited_at = Some(cx.env.now());
    let content = serde_json::to_string(&message.content).map_err(|e| Refusal::stored(&e))?;
    store::set_text(cx.tx, cx.account, &message.id, &content, cx.env.now()).await?;
    events::append(cx, &message.project_id, &Event::MessageUpdated(&message)).await?;
    Ok(())
}

/// Whether an edit left the files as they are: the same file fetched again has the same name, kind, size and sides.
fn has_same_files(before: &Content, now: &Content) -> bool {
    let look = |file: &Attachment| (file.name.clone(), file.mime.clone(), file.size, file.width, file.height);
    before.attachments.iter().map(look).eq(now.attachments.iter().map(look))
}

/// Refuses text that no message may carry.
///
/// # Errors
/// [`Refusal::Invalid`] when it is empty, too long, holds NUL, or a button leads to what a browser would run.
pub fn check_content(content: &Content) -> Result<()> {
    if content.is_empty() {
        return Err(Refusal::invalid("content.text", "empty", "write a text or attach a file"));
    }
    if content.text.chars().count() > MAX_TEXT {
        return Err(Refusal::invalid("content.text", "too_long", format!("at most {MAX_TEXT} characters")));
    }
    if content.text.contains('\0') {
        return Err(Refusal::invalid("content.text", "bad_character", "the text holds a NUL character"));
    }
    if content.attachments.len() > 10 {
        return Err(Refusal::invalid("content.attachments", "too_many", "at most 10 files in a message"));
    }
    let urls = content.buttons.iter().flatten().filter_map(|button| button.url.as_deref());
    if urls.into_iter().any(|url| !is_safe_address(url)) {
        let words = "an address of a button begins with https://, http://, mailto:, tel: or tg:";
        return Err(Refusal::invalid("content.buttons", "bad_address", words));
    }
    let button_count: usize = content.buttons.iter().map(Vec::len).sum();
    let has_bad_button = content.buttons.iter().flatten().any(|b| b.label.trim().is_empty() || b.id.len() > 64);
    if button_count > 24 || has_bad_button {
        return Err(Refusal::invalid(
            "content.buttons",
            "bad_button",
            "at most 24 buttons with labels, ids of 64 bytes",
        ));
    }
    Ok(())
}

/// Addresses that open something and run nothing.
pub fn is_safe_address(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| ["https", "http", "mailto", "tel", "tg"].contains(&scheme.as_str()))
}
