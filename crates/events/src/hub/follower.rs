//! The one that follows an account's log on this node, and passes on what it finds.

use super::{AccountHub, LiveEvent, REMEMBERED, VisitorFrame, locked};
use crate::log::{self, Frames};
use crate::{EventData, EventRow};
use bytes::Bytes;
use db::Db;
use model::{AccountId, ContactId, Refusal, Result};
use std::sync::Arc;
use std::time::Duration;

/// Events read from the log at once.
const READ_AT_ONCE: i64 = 1000;
const CONTACT_DELETED: &str = "contact.deleted";
const SETTINGS_UPDATED: &str = "settings.updated";
/// The log is looked at this often even without a wake-up: another node may have written (D12).
const POLL: Duration = Duration::from_secs(1);

/// What commits of this node have told since the follower looked last.
#[derive(Default)]
pub(super) struct Arrived {
    rows: Vec<EventRow>,
    /// Something is in the log that is not among the rows.
    pub must_read: bool,
}

impl Arrived {
    /// Before the first look: the log may have grown since its end was read.
    pub fn unread() -> Self {
        Self { rows: Vec::new(), must_read: true }
    }

    /// More than the memory of the hub is not kept for a follower that is busy: it will read the log.
    pub fn push(&mut self, row: EventRow) {
        if self.rows.len() < REMEMBERED {
            self.rows.push(row);
        } else {
            self.must_read = true;
        }
    }

    /// Takes the rows that continue the log after `position` without a gap, and whether the log has more.
    fn take_after(&mut self, position: i64) -> (Vec<EventRow>, bool) {
        let Self { mut rows, must_read } = std::mem::take(self);
        // On PostgreSQL two commits may tell in another order than they were made.
        rows.sort_by_key(|row| row.position);
        rows.retain(|row| row.position > position);
        let whole = rows.iter().zip(position + 1..).take_while(|(row, next)| row.position == *next).count();
        let has_gap = whole < rows.len();
        rows.truncate(whole);
        (rows, must_read || has_gap)
    }
}

impl AccountHub {
    fn take_in(&self, rows: Vec<EventRow>) {
        let Some(newest) = rows.last().map(|row| row.position) else { return };
        let told: Vec<_> = rows.iter().map(|row| self.told_of(row)).collect();
        {
            let mut recent = locked(&self.recent);
            for (row, (event, _)) in rows.iter().zip(&told) {
                if row.kind == CONTACT_DELETED {
                    // What was said before is erased from the log, on whichever node that was asked for.
                    recent.clear();
                }
                recent.push_back(event.clone());
            }
            let excess = recent.len().saturating_sub(REMEMBERED);
            recent.drain(..excess);
            self.newest.send_replace(newest);
        }
        for (row, (_, to_visitor)) in rows.iter().zip(told) {
            if let Some((contact, frame)) = to_visitor {
                self.to_visitor_here(&contact, &frame);
            } else if row.kind == SETTINGS_UPDATED && is_of_channels(&row.data) {
                self.let_visitors_look(&row.project_id);
            }
        }
    }

    /// What the team is told of an event, and what its client is told who is here.
    fn told_of(&self, row: &EventRow) -> (Arc<LiveEvent>, Option<(ContactId, VisitorFrame)>) {
        let here = row.contact_id.filter(|contact| row.for_client && self.is_visitor_here(contact));
        let frames = Frames::of(&self.env, row, here.is_some());
        let event = LiveEvent {
            position: row.position,
            project_id: row.project_id,
            linked_at: frames.signed.as_ref().map(|_| self.env.now()),
            frame: frames.team.into(),
            signed: frames.signed.map(Bytes::from),
        };
        let to_visitor = here.zip(frames.visitor).map(|(contact, frame)| (contact, of_visitor(row, frame.into())));
        (Arc::new(event), to_visitor)
    }
}

fn of_visitor(row: &EventRow, frame: Bytes) -> VisitorFrame {
    match (row.kind.as_ref(), row.conversation_id, row.seq) {
        ("message.created", Some(conversation), Some(seq)) => VisitorFrame::Message(conversation, seq, frame),
        _ => VisitorFrame::Text(frame),
    }
}

/// Whether a change of settings is one of connected channels.
fn is_of_channels(data: &EventData) -> bool {
    matches!(data, EventData::Text(text) if text.contains("\"connections\""))
}

/// Follows the account's log as it grows: what this node committed is told, the rest is read. Ends when the account is deleted.
pub(super) async fn follow(db: Db, account: AccountId, hub: Arc<AccountHub>) {
    let mut position = hub.newest();
    loop {
        let is_told = tokio::time::timeout(POLL, hub.wake.notified()).await.is_ok();
        let (rows, must_read) = locked(&hub.arrived).take_after(position);
        position = rows.last().map_or(position, |row| row.position);
        hub.take_in(hub.our_names.mark(&db, &account, rows).await);
        if is_told && !must_read {
            continue;
        }
        match read_log(&db, &account, &hub, position).await {
            Ok(newest) => position = newest,
            Err(Refusal::NotFound) => return,
            Err(error) => {
                tracing::warn!(account.id = %account, error = %error, "the event log could not be read, trying again");
                tokio::time::sleep(POLL).await;
                locked(&hub.arrived).must_read = true;
                hub.wake.notify_one();
            }
        }
    }
}

/// Takes in what the log has after `position`; the newest position then.
async fn read_log(db: &Db, account: &AccountId, hub: &AccountHub, mut position: i64) -> Result<i64> {
    loop {
        let wanted = *account;
        let read =
            db.read(account, move |tx| Box::pin(async move { log::after(tx, &wanted, position, READ_AT_ONCE).await }));
        let rows = read.await?;
        let Some(last) = rows.last() else { return Ok(position) };
        position = last.position;
        // Whatever came after this look rings again.
        let is_all = i64::try_from(rows.len()).is_ok_and(|count| count < READ_AT_ONCE);
        hub.take_in(hub.our_names.mark(db, account, rows).await);
        if is_all {
            return Ok(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrived, CONTACT_DELETED};
    use crate::EventRow;
    use crate::hub::AccountHub;
    use model::{AccountId, Env};
    use vault::Vault;

    fn row(position: i64) -> EventRow {
        EventRow {
            position,
            project_id: model::ProjectId::from_bits(1),
            kind: "".into(),
            conversation_id: None,
            contact_id: None,
            seq: None,
            for_client: false,
            data: crate::EventData::Gone,
        }
    }

    fn taken(positions: &[i64], after: i64) -> (Vec<i64>, bool) {
        let mut arrived = Arrived { rows: positions.iter().copied().map(row).collect(), must_read: false };
        let (rows, must_read) = arrived.take_after(after);
        assert!(arrived.rows.is_empty());
        (rows.iter().map(|row| row.position).collect(), must_read)
    }

    #[test]
    fn what_was_said_before_a_contact_was_deleted_is_read_from_the_log_where_it_is_erased() {
        let hub = AccountHub::new(AccountId::from_bits(1), Env::system(Vault::throwaway()), Default::default(), 0);
        hub.take_in(vec![row(1), row(2), EventRow { kind: CONTACT_DELETED.into(), ..row(3) }, row(4)]);
        assert!(hub.recent_after(0, 10).is_none() && hub.recent_after(1, 10).is_none());
        assert_eq!(hub.recent_after(2, 10).map(|recent| recent.len()), Some(2));
    }

    #[test]
    fn told_events_are_taken_in_order_and_a_gap_is_read_from_the_log() {
        assert_eq!(taken(&[], 5), (vec![], false));
        assert_eq!(taken(&[6, 7], 5), (vec![6, 7], false));
        assert_eq!(taken(&[7, 6], 5), (vec![6, 7], false));
        assert_eq!(taken(&[4, 5], 5), (vec![], false));
        assert_eq!(taken(&[6, 8], 5), (vec![6], true));
        assert_eq!(taken(&[8], 5), (vec![], true));
    }
}
