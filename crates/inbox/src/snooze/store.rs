//! SQL of putting off.

use db::{Tx, sql};
use model::{AccountId, ActorId, ConversationId, Result, Timestamp, UserId};

/// What it was before the first putting-off is kept.
pub(super) async fn put_off(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    until: Option<Timestamp>,
) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET snoozed_from = CASE WHEN status = 'snoozed' THEN snoozed_from ELSE status END,
           status = 'snoozed', snoozed_until = $3
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).bind(until.map(|until| until.0)).execute(tx).await?;
    Ok(())
}

/// What it was before.
pub(super) async fn give_back(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = COALESCE(snoozed_from, CASE WHEN assignee_id IS NULL THEN 'new' ELSE 'open' END),
           snoozed_until = NULL, snoozed_from = NULL
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Work for whoever has it, or for the queue.
pub(super) async fn come_back(tx: &mut Tx, account: &AccountId, id: &ConversationId) -> Result<()> {
    let query = sql!(
        "UPDATE conversations SET status = CASE WHEN assignee_id IS NULL THEN 'new' ELSE 'open' END,
           snoozed_until = NULL, snoozed_from = NULL
         WHERE account_id = $1 AND id = $2"
    );
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// The client's last message is unread again for this user; without one, for everybody who has read it.
pub(super) async fn mark_unread(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    user: Option<&UserId>,
) -> Result<()> {
    let query = sql!("SELECT client_count FROM conversations WHERE account_id = $1 AND id = $2");
    let (count,): (i64,) = query.bind(account).bind(id).one(tx).await?;
    let Some(user) = user else {
        let query = sql!(
            "UPDATE conversation_reads SET client_count = $3 WHERE account_id = $1 AND conversation_id = $2 AND client_count > $3"
        );
        query.bind(account).bind(id).bind(count - 1).execute(tx).await?;
        return Ok(());
    };
    let query = sql!(
        "INSERT INTO conversation_reads (account_id, conversation_id, user_id, seq, client_count) VALUES ($1, $2, $3, 0, $4)
         ON CONFLICT (conversation_id, user_id)
         DO UPDATE SET client_count = excluded.client_count WHERE conversation_reads.client_count > excluded.client_count"
    );
    query.bind(account).bind(id).bind(ActorId::User(*user)).bind(count - 1).execute(tx).await?;
    Ok(())
}
