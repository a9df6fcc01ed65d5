//! What a session adds to the sums of its day: once for all sessions, and once for each split. A session that changed takes its old part away
//! and adds the new one, so that sums are always those of the sessions as they stand.

use crate::session::Session;
use jiff::civil::Date;
use model::{ProjectId, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By what a report is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportSplit)]
pub enum Split {
    /// By who has the conversation, or answered one that is nobody's.
    Operator,
    /// By queue.
    Department,
    /// By connection.
    Channel,
    /// By the page that the client was on when it began.
    Page,
    /// By the scenario that spoke in it last.
    Scenario,
    /// Not at all: only for sums of our own.
    #[serde(skip)]
    All,
}

words!(Split {
    Operator = "operator", Department = "department", Channel = "channel", Page = "page", Scenario = "scenario", All = "all",
});

impl Split {
    /// Under which word its days are summed.
    pub fn days(self) -> &'static str {
        self.as_str()
    }

    /// Under which word its months are.
    pub fn months(self) -> &'static str {
        match self {
            Self::Operator => "operator.month",
            Self::Department => "department.month",
            Self::Channel => "channel.month",
            Self::Page => "page.month",
            Self::Scenario => "scenario.month",
            // It has no months: the hours of a year are few.
            Self::All => "all",
        }
    }
}

/// The first day of the month of a day; days are counted from 1970.
pub(crate) fn month_of(day: i64) -> i64 {
    let first = Date::constant(1970, 1, 1);
    let date = jiff::Span::new().try_days(day).and_then(|days| first.checked_add(days));
    date.map_or(day, |date| day - i64::from(date.day()) + 1)
}

/// The first day of the month after that of a day.
pub(crate) fn month_after(day: i64) -> i64 {
    month_of(month_of(day) + 31)
}

/// Buckets of seconds: below 8, below 16, and so on; the last has no end.
pub(crate) const BUCKETS: usize = 16;
/// Sums beside the buckets.
pub(crate) const PLAIN: usize = 12;
/// All sums of a row.
pub(crate) const WIDTH: usize = PLAIN + 2 * BUCKETS;
/// The hour of rows that are of a whole day.
pub(crate) const WHOLE_DAY: i64 = -1;

/// Sums of some sessions, in the order of their columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sums(pub [i64; WIDTH]);

impl Default for Sums {
    fn default() -> Self {
        Self([0; WIDTH])
    }
}

/// One sum of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sum {
    Sessions,
    Asked,
    Answered,
    Missed,
    AnswerSeconds,
    Closed,
    DurationSeconds,
    ClientMessages,
    PeopleMessages,
    BotMessages,
    Rated,
    Score,
}

impl Sums {
    /// Sums of one session.
    pub fn of(session: &Session) -> Self {
        let mut sums = Self::default();
        let mut set = |sum: Sum, n: i64| sums.0[sum as usize] = n;
        set(Sum::Sessions, 1);
        set(Sum::Asked, session.asked_at.is_some().into());
        set(Sum::Missed, session.missed.is_some().into());
        set(Sum::ClientMessages, session.client_messages);
        set(Sum::PeopleMessages, session.people_messages);
        set(Sum::BotMessages, session.bot_messages);
        set(Sum::Rated, session.score.is_some().into());
        set(Sum::Score, session.score.unwrap_or_default());
        if let Some(seconds) = session.answer_seconds() {
            sums.0[Sum::Answered as usize] = 1;
            sums.0[Sum::AnswerSeconds as usize] = seconds;
            sums.0[PLAIN + bucket(seconds)] = 1;
        }
        if let Some(seconds) = session.duration_seconds() {
            sums.0[Sum::Closed as usize] = 1;
            sums.0[Sum::DurationSeconds as usize] = seconds;
            sums.0[PLAIN + BUCKETS + bucket(seconds)] = 1;
        }
        sums
    }

    pub fn get(&self, sum: Sum) -> i64 {
        self.0[sum as usize]
    }

    /// Buckets of first answers.
    pub fn answers(&self) -> &[i64] {
        &self.0[PLAIN..PLAIN + BUCKETS]
    }

    /// Buckets of durations.
    pub fn durations(&self) -> &[i64] {
        &self.0[PLAIN + BUCKETS..]
    }

    pub fn add(&mut self, other: &Self, times: i64) {
        for (own, more) in self.0.iter_mut().zip(other.0) {
            *own += more * times;
        }
    }

    fn is_nothing(&self) -> bool {
        self.0.iter().all(|n| *n == 0)
    }
}

fn bucket(seconds: i64) -> usize {
    // Eight is 2^3: the first bucket ends there.
    let power = (64 - seconds.max(1).leading_zeros()) as usize;
    power.saturating_sub(3).min(BUCKETS - 1)
}

/// Seconds below which a share of what is in the buckets lies, in tenths: even within a bucket. None of nothing.
pub(crate) fn quantile(buckets: &[i64], tenths: i64) -> Option<i64> {
    let all: i64 = buckets.iter().sum();
    if all <= 0 {
        return None;
    }
    let wanted = (all * tenths) as f64 / 10.0;
    let mut below = 0.0;
    for (at, n) in buckets.iter().enumerate() {
        let n = *n as f64;
        if n > 0.0 && below + n >= wanted {
            let from = if at == 0 { 0.0 } else { f64::from(1_u32 << (at + 2)) };
            let to = f64::from(1_u32 << (at + 3));
            return Some((from + (to - from) * ((wanted - below) / n)).round() as i64);
        }
        below += n;
    }
    None
}

/// Where a part of a session is summed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub project: ProjectId,
    pub split: &'static str,
    pub day: i64,
    pub hour: i64,
    pub key: String,
}

/// The places of a session; none of one in which nobody has said anything.
pub(crate) fn places(session: &Session) -> Vec<Place> {
    if !session.is_begun() {
        return Vec::new();
    }
    let id = |id: Option<String>| id.unwrap_or_default();
    let keys = [
        (Split::Operator, id(session.whose().map(|id| id.to_string()))),
        (Split::Department, id(session.department.map(|id| id.to_string()))),
        (Split::Channel, session.connection.to_string()),
        (Split::Page, session.page.clone()),
        (Split::Scenario, id(session.scenario.map(|id| id.to_string()))),
    ];
    let (project, day) = (session.project, session.day);
    let place = |split, day, hour, key| Place { project, split, day, hour, key };
    let mut all = vec![place(Split::All.days(), day, session.hour, String::new())];
    let month = month_of(day);
    for (split, key) in keys {
        all.push(place(split.days(), day, WHOLE_DAY, key.clone()));
        all.push(place(split.months(), month, WHOLE_DAY, key));
    }
    all
}

/// What changes in the sums when sessions do.
#[derive(Debug, Default)]
pub(crate) struct Deltas(BTreeMap<Place, Sums>);

impl Deltas {
    /// A session as it was goes, as it is comes.
    pub fn change(&mut self, old: Option<&Session>, new: &Session) {
        if let Some(old) = old {
            self.put(old, -1);
        }
        self.put(new, 1);
    }

    fn put(&mut self, session: &Session, times: i64) {
        let sums = Sums::of(session);
        for place in places(session) {
            self.0.entry(place).or_default().add(&sums, times);
        }
    }

    /// What is not nothing, in the order of places: two nodes never wait for each other.
    pub fn rows(&self) -> impl Iterator<Item = (&Place, &Sums)> {
        self.0.iter().filter(|(_, sums)| !sums.is_nothing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_powers_of_two_from_eight_seconds() {
        assert_eq!([0, 7, 8, 15, 16, 31, 32].map(bucket), [0, 0, 1, 1, 2, 2, 3]);
        assert_eq!([131_071, 131_072, i64::MAX].map(bucket), [14, 15, 15]);
    }

    #[test]
    fn a_month_begins_on_its_first_day() {
        assert_eq!([0, 30, 31, 58, 59].map(month_of), [0, 0, 31, 31, 59], "1970 was no leap year");
        assert_eq!([0, 31, 58, 364].map(month_after), [31, 59, 59, 365]);
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let mut buckets = [0; BUCKETS];
        assert_eq!(quantile(&buckets, 5), None);
        buckets[bucket(10)] = 10;
        assert_eq!(quantile(&buckets, 5), Some(12), "in the middle of 8 to 16");
        buckets[bucket(100)] = 10;
        assert_eq!(quantile(&buckets, 5), Some(16));
        assert_eq!(quantile(&buckets, 9), Some(115), "eight of ten of the way from 64 to 128");
    }
}
