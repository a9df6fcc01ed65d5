//! SQL of mentions.

use db::{Tx, sql};
use model::{AccountId, ActorId, ConversationId, Message, MessageId, Result, UserId};

pub(super) async fn insert(tx: &mut Tx, account: &AccountId, message: &Message, user: &UserId) -> Result<()> {
    let query = sql!(
        "INSERT INTO mentions (account_id, message_id, user_id, project_id, conversation_id, seq, is_read)
         VALUES ($1, $2, $3, $4, $5, $6, FALSE) ON CONFLICT DO NOTHING"
    );
    let query = query.bind(account).bind(message.id).bind(user).bind(message.project_id);
    query.bind(message.conversation_id).bind(message.seq).execute(tx).await?;
    Ok(())
}

/// Whether there was one to be read.
pub(super) async fn set_read(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    reader: ActorId,
    seq: i64,
) -> Result<bool> {
    let query = sql!(
        "UPDATE mentions SET is_read = TRUE
         WHERE account_id = $1 AND conversation_id = $2 AND user_id = $3 AND seq <= $4 AND NOT is_read"
    );
    Ok(query.bind(account).bind(conversation).bind(reader).bind(seq).execute(tx).await? > 0)
}

pub(super) async fn forget(tx: &mut Tx, account: &AccountId, message: &MessageId) -> Result<()> {
    let query = sql!("DELETE FROM mentions WHERE account_id = $1 AND message_id = $2");
    query.bind(account).bind(message).execute(tx).await?;
    Ok(())
}
