//! Those who were there before search was, contact by contact, the newest first, with all their messages: in steps that are kept, beside whatever
//! else goes on.

use crate::follow::{self, Behind, VERSION};
use crate::index::{self, Batch};
use crate::runner::Pace;
use crate::store::follow as log;
use messaging::Messaging;
use model::{AccountId, ContactId, ConversationId, MessageKind, Refusal, Result};
use std::sync::Arc;

/// Rows written at once, about.
const ROWS: usize = 300;
/// Contacts read at once.
const CONTACTS: i64 = 40;
/// Everybody has an id before this one.
pub(crate) const LAST: ContactId = ContactId::from_bits(u128::MAX);
/// In the place of a `seq`: only clients are read again, not what they said.
pub(crate) const CLIENTS_ONLY: i64 = -1;
const START: (ConversationId, i64) = (ConversationId::from_bits(0), 0);

/// The log is followed from here on, and everybody is walked through.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn begin(service: &Messaging, account: &AccountId, position: i64) -> Result<()> {
    let begun =
        service.write(account, move |cx| Box::pin(async move { log::begin(cx, position, VERSION, LAST).await }));
    begun.await
}

/// All clients are read again, for other fields are kept of them; one walk that goes on begins anew.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn clients_again(service: &Messaging, behind: &Behind) -> Result<()> {
    let goes_on = behind.walked_to.is_some() && behind.walked_seq != Some(CLIENTS_ONLY);
    let seq = if goes_on { 0 } else { CLIENTS_ONLY };
    let noted = service.write(&behind.account, move |cx| {
        Box::pin(async move { log::walked(cx, Some(LAST), ConversationId::from_bits(0), seq).await })
    });
    noted.await
}

/// The next step of an account's walk. Answers whether there was one.
///
/// # Errors
/// When the storage fails; then it is tried again from where it stood.
pub(crate) async fn go_on(service: &Arc<Messaging>, behind: &Behind, pace: &Pace) -> Result<bool> {
    let account = behind.account;
    let (Some(to), Some(VERSION)) = (behind.walked_to, behind.version) else { return Ok(false) };
    let place = (behind.walked_conversation.unwrap_or(START.0), behind.walked_seq.unwrap_or_default());
    let projects = Arc::new(index::projects(service, &account).await?);
    let read = service.read(&account, move |cx| {
        Box::pin(async move {
            let mut batch = Batch::default();
            let (mut to, mut place) = (to, place);
            let is_light = place.1 == CLIENTS_ONLY;
            // One whose messages did not all fit in the step before comes first: its place is not the start.
            let is_within = !is_light && place != START;
            let below = log::contacts_below(cx.tx, cx.account, &to, CONTACTS).await?;
            let contacts: Vec<ContactId> = is_within.then_some(to).into_iter().chain(below).collect();
            for contact in &contacts {
                if batch.len() >= ROWS {
                    return Ok::<_, Refusal>((batch, Some((to, place))));
                }
                if !(is_within && *contact == to) {
                    batch.meet(cx, &projects, contact).await?;
                    place = if is_light { place } else { START };
                }
                to = *contact;
                if is_light {
                    continue;
                }
                loop {
                    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX);
                    let page = log::messages_of(cx.tx, cx.account, contact, place, limit).await?;
                    let is_last = page.len() < ROWS;
                    for log::MessageRow(message) in page {
                        place = (message.conversation_id, message.seq);
                        if let (true, Some(known)) =
                            (message.kind != MessageKind::Event, projects.get(&message.project_id))
                        {
                            batch.say(known, &message);
                        }
                    }
                    if is_last {
                        place = START;
                        break;
                    }
                    if batch.len() >= ROWS {
                        return Ok((batch, Some((to, place))));
                    }
                }
            }
            Ok((batch, (!contacts.is_empty()).then_some((to, place))))
        })
    });
    let (batch, next) = read.await?;
    follow::write(service, &account, batch, pace).await?;
    let noted = service.write(&account, move |cx| {
        Box::pin(async move {
            let (to, (conversation, seq)) = next.map_or((None, START), |(to, place)| (Some(to), place));
            log::walked(cx, to, conversation, seq).await
        })
    });
    noted.await?;
    Ok(true)
}
