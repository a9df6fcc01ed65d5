//! What visitors are told of the queue: their place in it, while nobody has taken them.

use super::store;
use crate::{Messaging, Result};
use events::hub::{AccountHub, VisitorFrame};
use model::live;
use model::{AccountId, ContactId, ConversationId, DepartmentId, ProjectId, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// A queue is looked at so often: a place that changes meanwhile is told with the next look.
const EVERY_MS: i64 = 3_000;
/// A page that was loaded anew hears it after so long at the latest.
const AGAIN_MS: i64 = 15_000;
/// Whoever stands behind that is told that later.
const MOST: i64 = 200;

/// What was told to whom.
#[derive(Default)]
pub(super) struct Places {
    looked: HashMap<ProjectId, Timestamp>,
    told: HashMap<ConversationId, Told>,
}

struct Told {
    project: ProjectId,
    contact: ContactId,
    place: i64,
    at: Timestamp,
}

impl Places {
    /// Tells those of a project who have the site open, if it is time for that.
    ///
    /// # Errors
    /// When the storage fails.
    pub(super) async fn tell(
        &mut self,
        service: &Arc<Messaging>,
        (account, project): (&AccountId, ProjectId),
        hub: &AccountHub,
    ) -> Result<()> {
        let now = service.env.now();
        if self.looked.get(&project).is_some_and(|at| now.ms_since(*at) < EVERY_MS) {
            return Ok(());
        }
        self.looked.insert(project, now);
        let waiting = service
            .read(account, move |cx| Box::pin(async move { store::waiting(cx.tx, cx.account, &project, MOST).await }));
        let waiting = numbered(waiting.await?);
        let mut left: HashMap<ConversationId, ContactId> = self.of(project);
        for (conversation, contact, place) in waiting {
            left.remove(&conversation);
            let known = self.told.get(&conversation);
            let is_news = known.is_none_or(|told| told.place != place || now.ms_since(told.at) >= AGAIN_MS);
            if is_news && hub.is_visitor_online(&contact) {
                say(hub, &contact, &conversation, place);
                self.told.insert(conversation, Told { project, contact, place, at: now });
            }
        }
        // Somebody has them now, or they are closed.
        for (conversation, contact) in left {
            say(hub, &contact, &conversation, 0);
            self.told.remove(&conversation);
        }
        Ok(())
    }

    fn of(&self, project: ProjectId) -> HashMap<ConversationId, ContactId> {
        let own = self.told.iter().filter(|(_, told)| told.project == project);
        own.map(|(conversation, told)| (*conversation, told.contact)).collect()
    }
}

fn say(hub: &AccountHub, contact: &ContactId, conversation: &ConversationId, place: i64) {
    let frame = live::VisitorFrame::Queue { conversation_id: conversation, place }.text();
    hub.to_visitor(contact, &VisitorFrame::Text(frame.into()));
}

/// Each department has a queue of its own; the first of one is 1.
fn numbered(waiting: Vec<(ConversationId, ContactId, Option<DepartmentId>)>) -> Vec<(ConversationId, ContactId, i64)> {
    let mut counts: HashMap<Option<DepartmentId>, i64> = HashMap::new();
    let number = |(conversation, contact, department)| {
        let count = counts.entry(department).or_default();
        *count += 1;
        (conversation, contact, *count)
    };
    waiting.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_department_counts_by_itself_in_the_order_of_waiting() {
        let (sales, id) = (Some(DepartmentId::from_bits(9)), ConversationId::from_bits);
        let contact = ContactId::from_bits;
        let waiting = vec![(id(1), contact(1), None), (id(2), contact(2), sales), (id(3), contact(3), None)];
        let places: Vec<i64> = numbered(waiting).into_iter().map(|(_, _, place)| place).collect();
        assert_eq!(places, [1, 1, 2]);
    }
}
