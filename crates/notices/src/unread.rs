//! Who is to be written to: people of a project who have no page open, about clients who have waited as long as they said. What they are told
//! of is what the desk counts as unread for them, and of each wait they hear once.

use crate::store;
use messaging::Messaging;
use messaging::notices::{self, Notice};
use model::{AccountId, ProjectId, Result, Timestamp, UserId};
use std::collections::HashSet;
use std::sync::Arc;

/// The longest wait that is still news.
const NEWS_MS: i64 = 24 * 60 * 60 * 1000;
/// Nobody gets a second letter of a project sooner.
const PAUSE_MS: i64 = 10 * 60 * 1000;
const MINUTE_MS: i64 = 60 * 1000;

/// Queues the letters that are due in a project.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn look(service: &Messaging, account: &AccountId, project: &ProjectId) -> Result<()> {
    let project = *project;
    let people = service.read(account, move |cx| {
        Box::pin(async move {
            match notices::mailbox(cx.tx, cx.account, &project).await? {
                None => Ok(Vec::new()),
                Some(_) => store::people(cx.tx, cx.account, &project).await,
            }
        })
    });
    let (people, now) = (people.await?, service.env.now());
    let may_hear = |person: &store::Person| person.sent_at.plus_ms(PAUSE_MS) <= now;
    let people: Vec<store::Person> = people.into_iter().filter(may_hear).collect();
    if people.is_empty() {
        return Ok(());
    }
    let online: Arc<HashSet<UserId>> = Arc::new(service.hub.account(account).await?.online_users());
    for person in people.into_iter().filter(|person| !online.contains(&person.id)) {
        service.write(account, move |cx| Box::pin(async move { tell(cx, project, &person, now).await })).await?;
    }
    Ok(())
}

async fn tell(cx: &mut model::Cx<'_>, project: ProjectId, person: &store::Person, now: Timestamp) -> Result<()> {
    let since = first_news(person, now);
    let until = now.plus_ms(-person.after_minutes * MINUTE_MS);
    let conversations = store::waiting(cx.tx, cx.account, &project, person, (since, until)).await?;
    if conversations.is_empty() {
        return Ok(());
    }
    store::set_sent(cx.tx, cx.account, &project, &person.id, now).await?;
    let order = person.id.to_string();
    notices::enqueue(cx, &Notice::Unread { project_id: project, user_id: person.id, conversations }, &order).await
}

/// Whoever waited since before this moment was told of, or is no news: a wait is due so many minutes after it began.
fn first_news(person: &store::Person, now: Timestamp) -> Timestamp {
    let told = person.sent_at.plus_ms(-person.after_minutes * MINUTE_MS);
    told.max(now.plus_ms(-NEWS_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_that_became_due_before_the_last_letter_is_no_news_and_neither_is_one_of_yesterday() {
        let person = |sent_at| store::Person {
            id: UserId::from_bits(1),
            after_minutes: 5,
            sent_at: Timestamp(sent_at),
            is_away: false,
        };
        let now = Timestamp(100 * NEWS_MS);
        assert_eq!(first_news(&person(0), now), now.plus_ms(-NEWS_MS));
        assert_eq!(first_news(&person(now.0 - 1000), now), now.plus_ms(-1000 - 5 * MINUTE_MS));
    }
}
