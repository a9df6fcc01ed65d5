//! How a stored message is read. An event of a message names it, so whoever reads the log reads messages, too.

use db::{DbError, Row};
use model::{
    ActorId, ApiKeyId, Author, AuthorKind, ChannelKind, ContactId, Delivery, DeliveryReason, DeliveryStatus, Message,
    MessageKind, Timestamp, UserId,
};

/// Every column of a message `m` in its conversation `v`, in the order [`read_message`] reads them.
#[macro_export]
macro_rules! message_columns {
    () => {
        "m.id, v.project_id, m.conversation_id, v.contact_id, v.connection_id, v.channel, m.seq, m.position, m.author_kind,
         m.author_id, m.author_name, m.kind, m.content, m.client_id, m.delivery_status, m.delivery_code, m.delivery_detail,
         m.delivery_at, m.reply_to, m.created_at, m.edited_at"
    };
}

/// The word for a program that speaks as an operator.
const KEY: &str = "key";

/// How an author's side is stored.
pub fn stored_side(author: &Author) -> &'static str {
    match author.id {
        Some(ActorId::Key(_)) => KEY,
        _ => author.kind.as_str(),
    }
}

/// Reads [`message_columns!`] starting at column `first`.
///
/// # Errors
/// When a column holds what no message of ours can have.
pub fn read_message(row: &Row<'_>, first: usize) -> Result<Message, DbError> {
    let content = serde_json::from_str(row.text(first + 12)?);
    let status: Option<String> = row.get(first + 14)?;
    let delivery = match status {
        None => None,
        Some(status) => {
            let code: Option<String> = row.get(first + 15)?;
            let detail: Option<String> = row.get(first + 16)?;
            let at: Option<i64> = row.get(first + 17)?;
            Some(Delivery {
                status: DeliveryStatus::from_stored(&status)?,
                reason: code.map(|code| DeliveryReason { code, detail: detail.unwrap_or_default() }),
                at: Timestamp(at.unwrap_or_default()),
            })
        }
    };
    Ok(Message {
        id: row.get(first)?,
        project_id: row.get(first + 1)?,
        conversation_id: row.get(first + 2)?,
        contact_id: row.get(first + 3)?,
        connection_id: row.get(first + 4)?,
        channel: ChannelKind::from_stored(row.text(first + 5)?)?,
        seq: row.get(first + 6)?,
        position: row.get(first + 7)?,
        author: author(row, first + 8)?,
        kind: MessageKind::from_stored(row.text(first + 11)?)?,
        content: content.map_err(|e| DbError::other(format!("message content: {e}")))?,
        client_id: row.get(first + 13)?,
        delivery,
        reply_to: row.get(first + 18)?,
        created_at: Timestamp(row.get(first + 19)?),
        edited_at: row.get::<Option<i64>>(first + 20)?.map(Timestamp),
    })
}

fn author(row: &Row<'_>, first: usize) -> Result<Author, DbError> {
    let (kind, id) = match row.text(first)? {
        KEY => (AuthorKind::Operator, row.get::<Option<ApiKeyId>>(first + 1)?.map(ActorId::Key)),
        side => match AuthorKind::from_stored(side)? {
            AuthorKind::Client => (AuthorKind::Client, row.get::<Option<ContactId>>(first + 1)?.map(ActorId::Contact)),
            AuthorKind::Operator => (AuthorKind::Operator, row.get::<Option<UserId>>(first + 1)?.map(ActorId::User)),
            kind @ (AuthorKind::Bot | AuthorKind::System) => (kind, None),
        },
    };
    Ok(Author { kind, id, name: row.get(first + 2)? })
}
