//! Who is due is written to (section 4 of `mailings.md`): everything that was true at the freeze is looked at again, in the transaction that says it.

use crate::audience::{Facts, Needs};
use crate::links;
use crate::mailing::{Row, State};
use crate::plan::{Plan, Reason};
use crate::say::{self, Unsaid};
use crate::store::{goals, mailings, people, recipients};
use crate::zone;
use db::Tx;
use model::{AccountId, Click, ConnectionId, ContactId, Cx, GroupId, Result, Timestamp};
use recipients::{Turn, Waiting};
use std::collections::{BTreeSet, HashMap};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A mailing at work.
pub struct Run<'r> {
    /// As it is stored.
    pub mailing: &'r Row,
    /// Made ready.
    pub plan: &'r Plan,
    /// Where letters are unsubscribed from.
    pub link: say::LinkOf<'r>,
    /// The installation's address, where links are counted; empty while it has none.
    pub public_url: &'r str,
    /// Links of the texts.
    pub links: &'r [String],
}

/// Takes some who are due on a connection and says it to each who may still have it. Answers how many messages that made.
///
/// # Errors
/// When the storage fails.
pub async fn take(cx: &mut Cx<'_>, run: &Run<'_>, connection: &ConnectionId, limit: i64) -> Result<usize> {
    let Run { mailing, plan, .. } = run;
    events::lock(cx.tx, cx.account).await?;
    // A pause or a stop that was committed before this moment holds.
    let is_running =
        mailings::by_id(cx.tx, cx.account, &mailing.id).await?.is_some_and(|row| row.state == State::Running);
    if !is_running {
        return Ok(0);
    }
    let now = cx.env.now();
    let waiting = recipients::due(cx.tx, cx.account, &mailing.id, connection, now, limit).await?;
    let known = Known::read(cx.tx, cx.account, plan, &waiting, now).await?;
    let mut said = 0;
    for one in &waiting {
        said += usize::from(write_to(cx, run, &known, one).await?);
    }
    Ok(said)
}

/// What is known now of those who are due.
struct Known {
    groups: HashMap<ContactId, GroupId>,
    people: HashMap<GroupId, Vec<Facts>>,
    had: HashMap<GroupId, i64>,
}

impl Known {
    async fn read(tx: &mut Tx, account: &AccountId, plan: &Plan, waiting: &[Waiting], now: Timestamp) -> Result<Self> {
        let contacts: Vec<ContactId> = waiting.iter().map(|one| one.contact_id).collect();
        let groups: HashMap<ContactId, GroupId> =
            people::groups_of(tx, account, &contacts).await?.into_iter().collect();
        let distinct: BTreeSet<GroupId> = groups.values().copied().collect();
        let distinct: Vec<GroupId> = distinct.into_iter().collect();
        let mut rows = people::of_groups(tx, account, &distinct).await?;
        for facts in &mut rows {
            facts.now = now;
        }
        let needs: Needs = plan.needs();
        needs.fill(tx, account, &mut rows).await?;
        let mut had: HashMap<GroupId, i64> = HashMap::new();
        if let Some(cap) = plan.document.frequency {
            let of: HashMap<ContactId, GroupId> = rows.iter().map(|facts| (facts.contact_id, facts.group_id)).collect();
            let ids: Vec<ContactId> = of.keys().copied().collect();
            let since = now.plus_ms(-i64::from(cap.days) * DAY_MS);
            for (contact, count) in people::had(tx, account, &ids, since).await? {
                *had.entry(of[&contact]).or_default() += count;
            }
        }
        let mut people: HashMap<GroupId, Vec<Facts>> = HashMap::new();
        for facts in rows {
            people.entry(facts.group_id).or_default().push(facts);
        }
        Ok(Self { groups, people, had })
    }

    fn person(&self, contact: &ContactId) -> Option<&[Facts]> {
        self.people.get(self.groups.get(contact)?).map(Vec::as_slice)
    }
}

async fn write_to(cx: &mut Cx<'_>, run: &Run<'_>, known: &Known, one: &Waiting) -> Result<bool> {
    let Run { mailing, plan, .. } = run;
    let now = cx.env.now();
    let skip = async |cx: &mut Cx<'_>, reason: Reason| {
        recipients::end(cx, &mailing.id, &one.person_id, "skipped", reason.as_str()).await.map(|()| false)
    };
    let Some(person) = known.person(&one.contact_id) else { return skip(cx, Reason::Gone).await };
    if plan.last.is_some_and(|last| now > last) {
        return skip(cx, Reason::TooLate).await;
    }
    if let Some(until) = quiet_until(plan, &one.zone, now) {
        recipients::wait(cx, &mailing.id, &one.person_id, until).await?;
        return Ok(false);
    }
    let members: Vec<ContactId> = person.iter().map(|facts| facts.contact_id).collect();
    if recipients::has_had(cx.tx, cx.account, &mailing.id, &one.person_id, &members).await? {
        return skip(cx, Reason::Duplicate).await;
    }
    let had = known.had.get(&person[0].group_id).copied().unwrap_or(0);
    let Some(contact) = person.iter().find(|facts| facts.contact_id == one.contact_id) else {
        return skip(cx, Reason::Gone).await;
    };
    if let Some(reason) = plan.refuses(contact, person, had, now) {
        // Another contact may still be written to, on its own connection and pace.
        return match turn(cx, run, person, one, had, "queued").await? {
            true => Ok(false),
            false => skip(cx, reason).await,
        };
    }
    let mut content = say::content(plan, contact, person, (run.link)(contact));
    if !run.public_url.is_empty() && links::is_for(&plan.document, contact.channel) {
        content.text = links::counted(&content.text, run.links, |link| {
            let click = Click { mailing: mailing.id, person: one.person_id, link };
            Some(format!("{}{}", run.public_url, cx.env.click_link(&click)))
        });
    }
    match say::say(cx, &mailing.project_id, plan, contact, content).await? {
        Ok(said) => {
            recipients::claim(cx, &mailing.id, &one.person_id, &said).await?;
            if let Some(goal) = &plan.document.goal {
                goals::look_until(cx, &mailing.id, now.plus_ms(goal.lasts_ms())).await?;
            }
            Ok(true)
        }
        Err(Unsaid::Skipped(reason)) => skip(cx, reason).await,
        Err(Unsaid::Failed(code, words)) => {
            tracing::info!(mailing = %mailing.id, code, words, "a mailing's message could not be said");
            recipients::end(cx, &mailing.id, &one.person_id, "failed", &code).await?;
            Ok(false)
        }
    }
}

/// The end of the quiet hours of a zone, while they last.
fn quiet_until(plan: &Plan, zone_name: &str, now: Timestamp) -> Option<Timestamp> {
    let zone = zone::named(zone_name).unwrap_or_else(|| plan.about.zone.clone());
    plan.quiet.map(|quiet| quiet.end_after(now, &zone)).filter(|until| *until > now)
}

/// Turns to the next contact of those that were chosen at the freeze, that still is the same person and may be written to; `from` is the state of
/// the row by then.
async fn turn(cx: &mut Cx<'_>, run: &Run<'_>, person: &[Facts], one: &Waiting, had: i64, from: &str) -> Result<bool> {
    let now = cx.env.now();
    for (at, other) in one.others.iter().enumerate() {
        let Some(facts) = person.iter().find(|facts| facts.contact_id == *other) else { continue };
        if run.plan.refuses(facts, person, had, now).is_some() {
            continue;
        }
        let turn = Turn {
            person_id: &one.person_id,
            contact_id: facts.contact_id,
            connection_id: facts.connection_id,
            channel: facts.channel,
            address: run.plan.address_of(facts),
            others: &one.others[at + 1..],
            from,
        };
        if recipients::turn_to(cx, &run.mailing.id, &turn).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A channel refused somebody: the next contact of the person waits, if it may be written to. Answers whether there is one.
///
/// # Errors
/// When the storage fails.
pub async fn fall_back(cx: &mut Cx<'_>, run: &Run<'_>, refused: &Waiting) -> Result<bool> {
    let known = Known::read(cx.tx, cx.account, run.plan, std::slice::from_ref(refused), cx.env.now()).await?;
    let Some(person) = known.person(&refused.contact_id) else { return Ok(false) };
    let had = known.had.get(&person[0].group_id).copied().unwrap_or(0);
    turn(cx, run, person, refused, had, "failed").await
}
