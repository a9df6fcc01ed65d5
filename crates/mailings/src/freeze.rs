//! Writing down who gets it (section 2 of `mailings.md`): in steps, each of which finds out where the one before ended, so a kill changes nothing.

use crate::mailing::{Row, State};
use crate::plan::{Outcome, Plan};
use crate::store::{mailings, recipients};
use crate::survey::{Page, Person, Survey};
use db::{DbError, Value};
use messaging::Messaging;
use model::{ContactId, Cx, GroupId, Result};
use std::sync::Arc;

/// Rows of one transaction: live messages wait for it.
const ROWS: usize = 500;

/// Writes down everybody who is meant, and lets the run begin.
///
/// # Errors
/// When the storage fails: what was written stays, and it goes on from there.
pub async fn run(service: &Arc<Messaging>, mailing: &Row, plan: &Arc<Plan>) -> Result<()> {
    let now = service.env.now();
    let start = mailing.starts_at.unwrap_or(now);
    let (account, id) = (mailing.account_id, mailing.id);
    let mut survey = Survey::new(plan.clone(), account, mailing.project_id, start);
    if let Some(to) = mailing.prepared_to {
        survey.after = to;
        let taken = service
            .read(&account, move |cx| Box::pin(async move { recipients::addresses(cx.tx, cx.account, &id).await }));
        survey.taken = taken.await?.into_iter().map(|(address,)| address.bits()).collect();
    }
    loop {
        let before = survey.after;
        let (page, behind) = survey.step(service, now).await?;
        survey = behind;
        let Some(page) = page else { break };
        if !write(service, mailing, plan, page, (before, survey.after)).await? {
            return Ok(());
        }
    }
    let begun = service.write(&account, move |cx| {
        Box::pin(async move {
            events::lock(cx.tx, cx.account).await?;
            // Whoever comes from now on is not meant.
            mailings::prepared(cx, &id, GroupId::from_bits(u128::MAX), 0).await?;
            mailings::go(cx, &id, State::Preparing, State::Running).await
        })
    });
    begun.await.map(drop)
}

/// Writes a page down; false when it is not being prepared any more.
async fn write(
    service: &Messaging,
    mailing: &Row,
    plan: &Plan,
    page: Page,
    (before, to): (GroupId, GroupId),
) -> Result<bool> {
    let Page { contacts, people } = page;
    let mut chunks: Vec<Vec<Person>> = Vec::new();
    for person in people {
        match chunks.last_mut().filter(|chunk| chunk.len() < ROWS) {
            Some(chunk) => chunk.push(person),
            None => chunks.push(vec![person]),
        }
    }
    if chunks.is_empty() {
        chunks.push(Vec::new());
    }
    let last = chunks.len() - 1;
    for (at, chunk) in chunks.into_iter().enumerate() {
        let id = mailing.id;
        let frozen: Vec<Frozen> = chunk.iter().map(|person| Frozen::of(plan, person)).collect::<Result<_>>()?;
        // The place is noted after each part: the persons of one are in order.
        let reached = if at == last { to } else { chunk.last().map_or(before, |person| person.id) };
        let counted = if at == last { contacts } else { 0 };
        let written = service.write(&mailing.account_id, move |cx| {
            Box::pin(async move { store(cx, &id, &frozen, reached, counted).await })
        });
        if !written.await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes some persons down in this very transaction.
///
/// # Errors
/// When the storage fails.
pub async fn write_now(cx: &mut Cx<'_>, id: &model::MailingId, plan: &Plan, people: &[Person]) -> Result<()> {
    let rows: Vec<Frozen> = people.iter().map(|person| Frozen::of(plan, person)).collect::<Result<_>>()?;
    let to = people.last().map_or(GroupId::from_bits(0), |person| person.id);
    store(cx, id, &rows, to, 0).await.map(drop)
}

async fn store(cx: &mut Cx<'_>, id: &model::MailingId, rows: &[Frozen], to: GroupId, contacts: i64) -> Result<bool> {
    let is_preparing = mailings::by_id(cx.tx, cx.account, id).await?.is_some_and(|row| row.state == State::Preparing);
    if !is_preparing {
        return Ok(false);
    }
    let now = cx.env.now().0;
    let values: Vec<Vec<Value<'_>>> = rows.iter().map(|row| row.values(cx.account, id, now)).collect();
    if !values.is_empty() {
        recipients::freeze(cx, &values).await?;
    }
    mailings::prepared(cx, id, to, contacts).await?;
    Ok(true)
}

/// A row of the ledger to be.
#[derive(Clone)]
struct Frozen {
    person: GroupId,
    contact: ContactId,
    connection: model::ConnectionId,
    channel: &'static str,
    address: Option<u128>,
    others: String,
    reason: Option<&'static str>,
    zone: String,
    due_at: i64,
}

impl Frozen {
    fn of(plan: &Plan, person: &Person) -> Result<Self> {
        let contact = person.contact();
        let others: Vec<ContactId> = match &person.outcome {
            Outcome::Chosen(_, others) => others.iter().map(|at| person.contacts[*at].contact_id).collect(),
            Outcome::Skipped(..) => Vec::new(),
        };
        let reason = person.reason();
        Ok(Self {
            person: person.id,
            contact: contact.contact_id,
            connection: contact.connection_id,
            channel: contact.channel.as_str(),
            address: reason.is_none().then(|| plan.address_of(contact)),
            others: serde_json::to_string(&others).map_err(|e| DbError::other(e.to_string()))?,
            reason: reason.map(crate::plan::Reason::as_str),
            zone: person.zone.clone(),
            due_at: person.due_at.0,
        })
    }

    fn values<'a>(&'a self, account: &'a model::AccountId, id: &'a model::MailingId, now: i64) -> Vec<Value<'a>> {
        let state = if self.reason.is_some() { "skipped" } else { "queued" };
        vec![
            account.into(),
            id.into(),
            self.person.into(),
            self.contact.into(),
            self.connection.into(),
            self.channel.into(),
            self.address.map(GroupId::from_bits).into(),
            self.others.as_str().into(),
            state.into(),
            self.reason.unwrap_or_default().into(),
            self.zone.as_str().into(),
            self.due_at.into(),
            now.into(),
            now.into(),
        ]
    }
}
