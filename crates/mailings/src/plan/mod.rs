//! A mailing made ready to be asked about persons: who can be written to, through which contact, with which words (section 2 of `mailings.md`).
//! Pure.

mod check;

use crate::audience::{Facts, Needs};
use crate::document::{Document, Zone};
use crate::template::{Template, Values};
use crate::zone::{self, QuietHours};
use jiff::tz::TimeZone;
use messaging::consent::Reach;
use model::{ChannelKind, MailingId, Timestamp};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A field with the client's zone, where a company keeps one.
pub const ZONE_FIELD: &str = "timezone";
const PHONE_FIELD: &str = "phone";

/// Why a person gets nothing; in the order in which a contact is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Reason {
    OptedOut,
    Blocked,
    NoChannel,
    WindowClosed,
    MissingField,
    FrequencyCap,
    NoLicence,
    TooLate,
    /// The person had it already, under another row of the ledger.
    Duplicate,
    /// The contact is no more.
    Gone,
    /// An operator has the conversation (ruling 51).
    WithOperator,
    /// Another scenario is at work with them.
    ScenarioBusy,
    /// The mailing was stopped before.
    Stopped,
}

model::words!(Reason {
    OptedOut = "opted_out",
    Blocked = "blocked",
    NoChannel = "no_channel",
    WindowClosed = "window_closed",
    MissingField = "missing_field",
    FrequencyCap = "frequency_cap",
    NoLicence = "no_licence",
    TooLate = "too_late",
    Duplicate = "duplicate",
    Gone = "gone",
    WithOperator = "with_operator",
    ScenarioBusy = "scenario_busy",
    Stopped = "stopped",
});

/// What a project says about its mailings, beside the document.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The project's zone.
    pub zone: TimeZone,
    /// Its name.
    pub zone_name: String,
    /// How far an opt-out reaches.
    pub reach: Reach,
    /// Whether a mailing may begin scenarios now.
    pub has_licence: bool,
}

/// A mailing, ready.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which.
    pub id: MailingId,
    /// As it was written.
    pub document: Document,
    /// Of its project.
    pub about: Surroundings,
    /// Hours in which nobody is written to.
    pub quiet: Option<QuietHours>,
    /// Its local time, where it has one.
    at: Option<jiff::civil::DateTime>,
    /// After that nothing goes out.
    pub last: Option<Timestamp>,
    texts: BTreeMap<ChannelKind, Template>,
}

/// What becomes of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written to through the contact at this place, and if that fails through the others, in their order.
    Chosen(usize, Vec<usize>),
    /// Not written to; the contact that came furthest.
    Skipped(Reason, usize),
}

/// The values of a person as texts print them: the contact's own first.
struct OfPerson<'p>(&'p Facts, &'p [Facts]);

impl Values for OfPerson<'_> {
    fn all(&self, key: &str) -> &[String] {
        let own = self.0.all(key);
        if !own.is_empty() {
            return own;
        }
        self.1.iter().map(|facts| facts.all(key)).find(|values| !values.is_empty()).unwrap_or(&[])
    }
}

impl Plan {
    /// Makes a document ready. What is wrong with it is told by [`Self::problems`].
    pub fn new(id: MailingId, document: Document, about: Surroundings) -> Self {
        let text = |channel: &ChannelKind| Some((*channel, Template::parse(document.text_for(*channel)?)));
        let texts = document.channels.iter().filter_map(text).collect();
        let quiet = document.schedule.quiet.as_ref().and_then(QuietHours::read);
        let at = document.schedule.at.as_deref().and_then(zone::local);
        let last = document.schedule.last.as_deref().and_then(zone::local);
        let last = last.and_then(|last| zone::moment(last, &about.zone));
        Self { id, document, about, quiet, at, last, texts }
    }

    /// What has to be read of contacts.
    pub fn needs(&self) -> Needs {
        let printed: BTreeSet<String> = self.printed().map(str::to_owned).collect();
        let zones = [ZONE_FIELD, PHONE_FIELD].map(str::to_owned);
        let has_window = |kind: &ChannelKind| channels::adapter(*kind).capabilities().window_hours.is_some();
        let wrote = self.document.channels.len() > 1 || self.document.channels.iter().any(has_window);
        Needs::of(&self.document.audience, printed.into_iter().chain(zones), wrote)
    }

    /// Fields that the texts print.
    pub fn printed(&self) -> impl Iterator<Item = &str> {
        self.texts.values().flat_map(Template::keys)
    }

    /// Messages a minute that a channel's connection is given.
    pub fn per_minute(&self, channel: ChannelKind) -> u32 {
        let bears = channels::adapter(channel).capabilities().per_minute;
        self.document.pace_per_minute.map_or(bears, |own| own.min(bears)).max(1)
    }

    /// When the run begins, of a mailing that is started now; the first client's morning comes before the project's.
    pub fn starts_at(&self, now: Timestamp) -> Timestamp {
        let Some(at) = self.at else { return now };
        let zone = match self.document.schedule.zone {
            Zone::Project => self.about.zone.clone(),
            Zone::Client => zone::named("Pacific/Kiritimati").unwrap_or(TimeZone::UTC),
        };
        zone::moment(at, &zone).map_or(now, |at| at.max(now))
    }

    /// The zone of a person, and whether something told it.
    pub fn zone_of(&self, person: &[Facts]) -> (String, bool) {
        let named = person.iter().flat_map(|facts| facts.all(ZONE_FIELD)).find(|name| zone::named(name).is_some());
        if let Some(name) = named {
            return (name.trim().to_owned(), true);
        }
        let phone = person.iter().flat_map(|facts| facts.all(PHONE_FIELD)).find_map(|phone| zone::of_phone(phone));
        match phone {
            Some(zone) => (zone.to_owned(), true),
            None => (self.about.zone_name.clone(), false),
        }
    }

    /// Not before this moment a client of a zone is written to, of a run that begins at `start`.
    pub fn due_at(&self, start: Timestamp, zone_name: &str) -> Timestamp {
        let zone = zone::named(zone_name).unwrap_or_else(|| self.about.zone.clone());
        let own = self.at.filter(|_| self.document.schedule.zone == Zone::Client);
        let due = own.and_then(|at| zone::moment(at, &zone)).map_or(start, |at| at.max(start));
        self.quiet.map_or(due, |quiet| quiet.end_after(due, &zone))
    }

    /// Who of a person is written to. `is_taken` says of an address that somebody else of the run has it, `had` how many mailings the person got
    /// within the cap's days. `None` where all that is left is taken: the person is somebody else of the run.
    pub fn choose(
        &self,
        person: &[Facts],
        had: i64,
        now: Timestamp,
        is_taken: impl Fn(&Facts) -> bool,
    ) -> Option<Outcome> {
        let is_meant = |facts: &Facts| !self.document.matching_only || self.document.audience.holds(facts);
        let mut usable = Vec::new();
        let mut furthest: Option<(Reason, usize)> = None;
        let mut has_taken = false;
        for (at, facts) in person.iter().enumerate().filter(|(_, facts)| is_meant(facts)) {
            match self.refuses(facts, person, had, now) {
                None if is_taken(facts) => has_taken = true,
                None => usable.push(at),
                Some(reason) if furthest.is_none_or(|(far, _)| reason > far) => furthest = Some((reason, at)),
                Some(_) => {}
            }
        }
        if usable.is_empty() {
            if has_taken {
                return None;
            }
            let (reason, at) = furthest.unwrap_or((Reason::NoChannel, 0));
            return Some(Outcome::Skipped(reason, at));
        }
        self.in_order(person, &mut usable);
        let first = usable.remove(0);
        Some(Outcome::Chosen(first, if self.document.fallback { usable } else { Vec::new() }))
    }

    /// The contact that the client wrote from last, then the mailing's order of channels.
    fn in_order(&self, person: &[Facts], usable: &mut [usize]) {
        let newest = usable.iter().filter_map(|at| person[*at].last_wrote).max();
        usable.sort_by_key(|at| {
            let facts = &person[*at];
            let is_newest = newest.is_some() && facts.last_wrote == newest;
            let place = self.document.channels.iter().position(|kind| *kind == facts.channel);
            (Reverse(is_newest), place, Reverse(facts.last_wrote), facts.contact_id)
        });
    }

    /// The first reason why a contact is not written to now.
    pub fn refuses(&self, facts: &Facts, person: &[Facts], had: i64, now: Timestamp) -> Option<Reason> {
        let is_opted_out = match self.about.reach {
            Reach::Person => person.iter().any(|one| one.is_opted_out),
            Reach::Channel => facts.is_opted_out,
        };
        if is_opted_out && self.document.required.is_none() {
            return Some(Reason::OptedOut);
        }
        if facts.is_blocked {
            return Some(Reason::Blocked);
        }
        let can = channels::adapter(facts.channel).capabilities();
        if facts.is_off || !can.can_send || !self.document.channels.contains(&facts.channel) {
            return Some(Reason::NoChannel);
        }
        if can.window_hours.is_some() && self.window_end(facts).is_none_or(|end| end <= now) {
            return Some(Reason::WindowClosed);
        }
        if !self.missing(facts, person).is_empty() {
            return Some(Reason::MissingField);
        }
        if self.document.frequency.is_some_and(|cap| had >= i64::from(cap.times)) {
            return Some(Reason::FrequencyCap);
        }
        (self.document.body.scenario_id.is_some() && !self.about.has_licence).then_some(Reason::NoLicence)
    }

    /// When a contact's channel takes free text no more.
    pub fn window_end(&self, facts: &Facts) -> Option<Timestamp> {
        let hours = channels::adapter(facts.channel).capabilities().window_hours?;
        facts.last_wrote.map(|at| at.plus_ms(i64::from(hours) * 60 * 60 * 1000))
    }

    /// Fields that the text for a contact prints, and that are empty.
    pub fn missing(&self, facts: &Facts, person: &[Facts]) -> Vec<String> {
        let Some(text) = self.texts.get(&facts.channel) else { return Vec::new() };
        text.missing(&OfPerson(facts, person)).into_iter().map(str::to_owned).collect()
    }

    /// The text for a contact.
    pub fn text(&self, facts: &Facts, person: &[Facts]) -> Option<String> {
        self.texts.get(&facts.channel).map(|text| text.fill(&OfPerson(facts, person)))
    }

    /// An address as the ledger keeps it: it tells whether two are the same within this run, and nothing else.
    pub fn address_of(&self, facts: &Facts) -> u128 {
        let text = format!("{}\n{}\n{}", self.id, facts.channel.as_str(), facts.address.trim().to_lowercase());
        let digest = Sha256::digest(text.as_bytes());
        digest.iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}

#[cfg(test)]
mod tests;
