//! SQL of an erasure: what the deletion of a contact does not take along.

use db::{Tx, Value, sql};
use model::Result;
use model::{AccountId, Contact, ContactId, ConversationId, FileId, ProjectId};
use serde_json::json;

pub(super) async fn conversations_of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Vec<ConversationId>> {
    let query = sql!("SELECT id FROM conversations WHERE account_id = $1 AND contact_id = $2");
    let rows = query.bind(account).bind(id).all::<(ConversationId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn count_messages(tx: &mut Tx, account: &AccountId, conversations: &[ConversationId]) -> Result<u64> {
    let query = sql!("SELECT COUNT(*) FROM messages WHERE account_id = $1 AND conversation_id = ANY($2)");
    let (count,) = query.bind(account).bind(ids(conversations)).one::<(i64,)>(tx).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Files of the contact's conversations, whoever sent them, and what a visitor of the site uploaded and never sent: only a visitor's
/// id is a secret that no contact of another channel can have.
pub(super) async fn files_of(tx: &mut Tx, account: &AccountId, contact: &Contact) -> Result<Vec<FileId>> {
    let query = sql!(
        "SELECT id FROM files WHERE account_id = $1 AND project_id = $2 AND ((message_id IS NULL AND owner_id = $3 AND $5 = 'site') OR message_id IN (
           SELECT m.id FROM conversations c JOIN messages m ON m.account_id = c.account_id AND m.conversation_id = c.id
           WHERE c.account_id = $1 AND c.contact_id = $4))"
    );
    let query = query.bind(account).bind(contact.project_id).bind(&contact.external_id);
    let rows = query.bind(contact.id).bind(contact.channel.as_str()).all::<(FileId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn delete_files(tx: &mut Tx, account: &AccountId, files: &[FileId]) -> Result<()> {
    let query = sql!("DELETE FROM files WHERE account_id = $1 AND id = ANY($2)");
    let files = Value::ids(files.iter().map(|id| id.bits()));
    query.bind(account).bind(files).execute(tx).await?;
    Ok(())
}

/// What a visitor of the site was shown.
pub(super) async fn forget_showings(tx: &mut Tx, account: &AccountId, contact: &Contact) -> Result<()> {
    let query = sql!("DELETE FROM auto_action_showings WHERE account_id = $1 AND project_id = $2 AND visitor = $3");
    query.bind(account).bind(contact.project_id).bind(&contact.external_id).execute(tx).await?;
    Ok(())
}

/// Empties what the log says of contacts that are gone, between two positions. The positions stay: a log has no gaps (D4). That a
/// contact was deleted stays said, too.
pub(super) async fn erase_events(
    tx: &mut Tx,
    account: &AccountId,
    (after, up_to): (i64, i64),
    contacts: &[ContactId],
    conversations: &[ConversationId],
) -> Result<u64> {
    let query = sql!(
        "UPDATE events SET kind = 'erased', data = '{}', conversation_id = NULL, contact_id = NULL, seq = NULL, for_client = FALSE
         WHERE account_id = $1 AND position > $2 AND position <= $3 AND kind <> 'contact.deleted'
           AND (contact_id = ANY($4) OR conversation_id = ANY($5))"
    );
    let contacts = Value::ids(contacts.iter().map(|id| id.bits()));
    let query = query.bind(account).bind(after).bind(up_to).bind(contacts).bind(ids(conversations));
    Ok(query.execute(tx).await?)
}

/// Forgets kept answers (`Idempotency-Key`) that speak of a client: each is sealed, and says beside it of whom it speaks.
pub(super) async fn forget_answers(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    conversations: &[ConversationId],
) -> Result<()> {
    let ids = conversations.iter().map(ToString::to_string).chain([contact.to_string()]);
    for id in ids {
        let query = sql!("DELETE FROM idempotency_keys WHERE account_id = $1 AND mentions LIKE $2 ESCAPE '\\'");
        query.bind(account).bind(db::like(&id)).execute(tx).await?;
    }
    Ok(())
}

/// Empties what the log of joining says of decisions by hand about a contact: whom, and why in somebody's words. That one was made stays.
pub(super) async fn forget_decisions(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contact: &ContactId,
) -> Result<()> {
    let query = sql!(
        "UPDATE multi_contact_log SET state_before = $4, state_after = $4, note = NULL
         WHERE account_id = $1 AND project_id = $2
           AND (state_before LIKE $3 ESCAPE '\\' OR state_after LIKE $3 ESCAPE '\\')"
    );
    let nothing = json!({ "of": "override", "decision": null }).to_string();
    let query = query.bind(account).bind(project).bind(db::like(&contact.to_string())).bind(nothing);
    query.execute(tx).await?;
    Ok(())
}

/// Those of these contacts that are in the project.
pub(super) async fn still_there(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contacts: &[ContactId],
) -> Result<Vec<ContactId>> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2 AND id = ANY($3) ORDER BY id");
    let contacts = Value::ids(contacts.iter().map(|id| id.bits()));
    let rows = query.bind(account).bind(project).bind(contacts).all::<(ContactId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

fn ids(conversations: &[ConversationId]) -> Value<'_> {
    Value::ids(conversations.iter().map(|id| id.bits()))
}
