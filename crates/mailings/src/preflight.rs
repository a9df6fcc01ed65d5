//! What would happen if it began now (section 6 of `mailings.md`): contacts - duplicates = people = reachable + skipped.

use crate::plan::{Outcome, Plan, Reason};
use crate::survey::{Page, Person, Survey};
use messaging::Messaging;
use model::{AccountId, ChannelKind, ConnectionId, Invalid, ProjectId, Result, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a start would do.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingPreflight)]
pub struct Preflight {
    /// Counted then.
    pub at: Timestamp,
    /// Contacts that the audience means.
    pub contacts: i64,
    /// People among them.
    pub people: i64,
    /// Contacts of people who are counted already.
    pub duplicates: i64,
    /// People who get it.
    pub reachable: i64,
    /// Through which kind of channel.
    #[schema(value_type = Object)]
    pub by_channel: BTreeMap<ChannelKind, ByChannel>,
    /// People who have another channel if the first refuses.
    pub fallback: i64,
    /// People who get nothing, by reason.
    pub skipped: BTreeMap<&'static str, i64>,
    /// Fields that are printed and empty: of how many people.
    pub missing_fields: BTreeMap<String, i64>,
    /// Seconds that sending takes, without quiet hours.
    pub seconds: i64,
    /// When the last would be sent.
    pub ends_at: Option<Timestamp>,
    /// By zone of the people who get it, the largest first.
    pub zones: Vec<ByZone>,
    /// People whose zone nobody told: the project's is taken.
    pub zone_unknown: i64,
    /// People whose window may close before the start.
    pub may_close: i64,
    /// What forbids the start.
    #[schema(value_type = Vec<http_kit::ProblemPlace>)]
    pub problems: Vec<Invalid>,
}

/// People that are reached through a kind of channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingByChannel)]
pub struct ByChannel {
    /// How many.
    pub people: i64,
    /// Messages a minute on each of its connections.
    pub per_minute: u32,
    /// Seconds that takes.
    pub seconds: i64,
}

/// People of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingByZone)]
pub struct ByZone {
    /// Its name.
    pub zone: String,
    /// How many.
    pub people: i64,
    /// Not before.
    pub starts_at: Timestamp,
    /// Seconds after the start.
    pub waits_seconds: i64,
}

/// Counts what a start at this moment would do, page after page, each in a transaction of its own.
///
/// # Errors
/// When the storage fails.
pub async fn count(
    service: &Arc<Messaging>,
    account: &AccountId,
    project: &ProjectId,
    plan: &Arc<Plan>,
) -> Result<Preflight> {
    let now = service.env.now();
    let start = plan.starts_at(now);
    let mut counting = Counting::new(plan, now, start);
    let mut survey = Survey::new(plan.clone(), *account, *project, start);
    loop {
        let (page, behind) = survey.step(service, now).await?;
        survey = behind;
        let Some(page) = page else { break };
        counting.add(&page);
    }
    Ok(counting.done())
}

struct Counting<'p> {
    plan: &'p Plan,
    start: Timestamp,
    told: Preflight,
    zones: BTreeMap<String, ByZone>,
    /// People by connection and the moment before which they are not written to.
    queues: BTreeMap<(ChannelKind, ConnectionId), BTreeMap<Timestamp, i64>>,
}

impl<'p> Counting<'p> {
    fn new(plan: &'p Plan, now: Timestamp, start: Timestamp) -> Self {
        let told = Preflight {
            at: now,
            contacts: 0,
            people: 0,
            duplicates: 0,
            reachable: 0,
            by_channel: BTreeMap::new(),
            fallback: 0,
            skipped: BTreeMap::new(),
            missing_fields: BTreeMap::new(),
            seconds: 0,
            ends_at: None,
            zones: Vec::new(),
            zone_unknown: 0,
            may_close: 0,
            problems: plan.problems(now),
        };
        Self { plan, start, told, zones: BTreeMap::new(), queues: BTreeMap::new() }
    }

    fn add(&mut self, page: &Page) {
        self.told.contacts += page.contacts;
        for person in &page.people {
            self.told.people += 1;
            match &person.outcome {
                Outcome::Chosen(_, others) => self.reached(person, !others.is_empty()),
                Outcome::Skipped(reason, _) => {
                    *self.told.skipped.entry(reason.as_str()).or_default() += 1;
                    if *reason == Reason::MissingField {
                        for field in self.plan.missing(person.contact(), &person.contacts) {
                            *self.told.missing_fields.entry(field).or_default() += 1;
                        }
                    }
                }
            }
        }
    }

    fn reached(&mut self, person: &Person, has_others: bool) {
        let contact = person.contact();
        self.told.reachable += 1;
        self.told.fallback += i64::from(has_others);
        self.told.zone_unknown += i64::from(!person.is_zone_known);
        self.told.may_close += i64::from(self.plan.window_end(contact).is_some_and(|end| end < person.due_at));
        self.told.by_channel.entry(contact.channel).or_default().people += 1;
        let zone = self.zones.entry(person.zone.clone()).or_insert_with(|| ByZone {
            zone: person.zone.clone(),
            people: 0,
            starts_at: person.due_at,
            waits_seconds: person.due_at.ms_since(self.start) / 1000,
        });
        zone.people += 1;
        let queue = self.queues.entry((contact.channel, contact.connection_id)).or_default();
        *queue.entry(person.due_at).or_default() += 1;
    }

    fn done(self) -> Preflight {
        let Self { plan, start, mut told, zones, queues } = self;
        told.duplicates = told.contacts - told.people;
        for ((channel, _), queue) in queues {
            let per_minute = plan.per_minute(channel);
            let millis = |people: i64| people.saturating_mul(60_000) / i64::from(per_minute);
            let people: i64 = queue.values().sum();
            let by = told.by_channel.entry(channel).or_default();
            by.per_minute = per_minute;
            by.seconds = by.seconds.max((millis(people) + 999) / 1000);
            told.seconds = told.seconds.max(by.seconds);
            let end = queue.iter().fold(start, |end, (due, people)| end.max(*due).plus_ms(millis(*people)));
            told.ends_at = told.ends_at.max(Some(end));
        }
        told.zones = zones.into_values().collect();
        told.zones.sort_by_key(|zone| (std::cmp::Reverse(zone.people), zone.zone.clone()));
        told
    }
}
