//! What was there before reports were: client by client, the newest first, with all their conversations, in steps that are kept.

use crate::follow::{self, Behind, Step};
use crate::store::follow as log;
use messaging::Messaging;
use model::{AccountId, ContactId, Refusal, Result};
use std::sync::Arc;

/// Clients of a step.
const CONTACTS: i64 = 30;
/// Everybody has an id before this one.
const LAST: ContactId = ContactId::from_bits(u128::MAX);

/// The log is followed from here on, and everybody is walked through.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn begin(service: &Messaging, account: &AccountId, position: i64) -> Result<()> {
    service.write(account, move |cx| Box::pin(async move { log::begin(cx, position, LAST).await })).await
}

/// The next step of an account's walk. Answers whether there was one.
///
/// # Errors
/// When the storage fails; then it is tried again from where it stood.
pub(crate) async fn go_on(service: &Arc<Messaging>, behind: &Behind, position: i64) -> Result<bool> {
    let Some(to) = behind.walked_to else { return Ok(false) };
    let read = service.read(&behind.account, move |cx| {
        Box::pin(async move {
            let contacts = log::contacts_below(cx.tx, cx.account, &to, CONTACTS).await?;
            let mut ids = Vec::new();
            for (contact,) in &contacts {
                ids.extend(log::conversations_of(cx.tx, cx.account, contact).await?.into_iter().map(|(id,)| id));
            }
            Ok::<_, Refusal>((ids, contacts.last().map(|(id,)| *id)))
        })
    });
    let (ids, walked_to) = read.await?;
    let changes = follow::read(service, &behind.account, ids, None).await?.changes;
    follow::keep(service, behind, changes, Step { position, walked_to }).await?;
    Ok(true)
}
