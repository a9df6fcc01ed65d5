//! Everybody that a mailing means, person by person, a page at a time: what the pre-flight counts, a preview shows and the freeze writes down is
//! the same walk.

use crate::audience::{Facts, Needs};
use crate::plan::{Outcome, Plan, Reason};
use crate::store::people;
use db::Tx;
use messaging::Messaging;
use model::{AccountId, GroupId, ProjectId, Result, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Contacts that are read at once.
const PAGE: i64 = 2_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A person who is meant.
#[derive(Debug, Clone)]
pub struct Person {
    /// The multi-contact.
    pub id: GroupId,
    /// What becomes of them.
    pub outcome: Outcome,
    /// Their contacts.
    pub contacts: Vec<Facts>,
    /// Their zone.
    pub zone: String,
    /// Something told it.
    pub is_zone_known: bool,
    /// Not to be written to before.
    pub due_at: Timestamp,
}

impl Person {
    /// The contact that is written to, or came furthest.
    pub fn contact(&self) -> &Facts {
        let (Outcome::Chosen(at, _) | Outcome::Skipped(_, at)) = self.outcome;
        &self.contacts[at]
    }

    /// Why they get nothing.
    pub fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Chosen(..) => None,
            Outcome::Skipped(reason, _) => Some(reason),
        }
    }
}

/// A page of the walk.
#[derive(Debug, Default)]
pub struct Page {
    /// Contacts that match.
    pub contacts: i64,
    /// Persons among them who are nobody else of the run.
    pub people: Vec<Person>,
}

/// The walk: it goes on where it was.
#[derive(Clone)]
pub struct Survey {
    plan: Arc<Plan>,
    needs: Needs,
    account: AccountId,
    project: ProjectId,
    start: Timestamp,
    /// The person after whom it goes on.
    pub after: GroupId,
    /// Addresses that are taken.
    pub taken: HashSet<u128>,
}

impl Survey {
    /// Of a run that begins at `start`.
    pub fn new(plan: Arc<Plan>, account: AccountId, project: ProjectId, start: Timestamp) -> Self {
        let after = GroupId::from_bits(0);
        Self { needs: plan.needs(), plan, account, project, start, after, taken: HashSet::new() }
    }

    /// The next page; none at the end.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn next(&mut self, tx: &mut Tx, now: Timestamp) -> Result<Option<Page>> {
        let Some(mut rows) = self.rows(tx).await? else { return Ok(None) };
        for facts in &mut rows {
            facts.now = now;
        }
        self.needs.fill(tx, &self.account, &mut rows).await?;
        let had = self.had(tx, &rows, now).await?;
        let mut page = Page::default();
        while let Some(first) = rows.first() {
            let id = first.group_id;
            let size = rows.iter().take_while(|facts| facts.group_id == id).count();
            let person: Vec<Facts> = rows.drain(..size).collect();
            let matching = person.iter().filter(|facts| self.plan.document.audience.holds(facts)).count();
            if matching == 0 {
                continue;
            }
            page.contacts += i64::try_from(matching).unwrap_or(i64::MAX);
            page.people.extend(self.person(id, person, &had, now));
        }
        Ok(Some(page))
    }

    /// The next page with the walk behind it, read in a transaction of its own: a long walk holds nobody up.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn step(mut self, service: &Messaging, now: Timestamp) -> Result<(Option<Page>, Self)> {
        let account = self.account;
        let read = service.db.read(account, move |tx| {
            Box::pin(async move {
                let page = self.next(tx, now).await?;
                Ok((page, self))
            })
        });
        read.await
    }

    fn person(
        &mut self,
        id: GroupId,
        contacts: Vec<Facts>,
        had: &HashMap<GroupId, i64>,
        now: Timestamp,
    ) -> Option<Person> {
        let plan = self.plan.clone();
        let is_taken = |facts: &Facts| self.taken.contains(&plan.address_of(facts));
        let mut outcome = plan.choose(&contacts, had.get(&id).copied().unwrap_or(0), now, is_taken)?;
        let (zone, is_zone_known) = plan.zone_of(&contacts);
        let due_at = plan.due_at(self.start, &zone);
        if let Outcome::Chosen(at, _) = outcome {
            if plan.last.is_some_and(|last| due_at > last) {
                outcome = Outcome::Skipped(Reason::TooLate, at);
            } else {
                self.taken.insert(plan.address_of(&contacts[at]));
            }
        }
        Some(Person { id, outcome, contacts, zone, is_zone_known, due_at })
    }

    /// The next contacts, in the order of their persons; no person is cut in two.
    async fn rows(&mut self, tx: &mut Tx) -> Result<Option<Vec<Facts>>> {
        let mut limit = PAGE;
        loop {
            let mut rows = people::page(tx, &self.account, &self.project, self.after, limit).await?;
            let Some(last) = rows.last().map(|facts| facts.group_id) else { return Ok(None) };
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) == limit {
                rows.retain(|facts| facts.group_id != last);
            }
            if let Some(end) = rows.last().map(|facts| facts.group_id) {
                self.after = end;
                return Ok(Some(rows));
            }
            limit *= 4;
        }
    }

    /// How many mailings each person got within the cap's days.
    async fn had(&self, tx: &mut Tx, rows: &[Facts], now: Timestamp) -> Result<HashMap<GroupId, i64>> {
        let mut had = HashMap::new();
        let Some(cap) = self.plan.document.frequency else { return Ok(had) };
        let groups: HashMap<_, _> = rows.iter().map(|facts| (facts.contact_id, facts.group_id)).collect();
        let ids: Vec<_> = groups.keys().copied().collect();
        let since = now.plus_ms(-i64::from(cap.days) * DAY_MS);
        for (contact, count) in people::had(tx, &self.account, &ids, since).await? {
            *had.entry(groups[&contact]).or_default() += count;
        }
        Ok(had)
    }
}
