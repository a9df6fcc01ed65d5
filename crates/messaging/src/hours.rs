//! Spans of a week in a project's time zone: when the team answers, when a button is there.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use model::{Refusal, Result, Timestamp};
use serde::{Deserialize, Serialize};

/// Spans that one project has at most.
const MAX_SPANS: usize = 21;
/// A promise longer than a day is none.
const MAX_REPLY_MINUTES: i64 = 24 * 60;

/// A span on some days of the week, in the project's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WeekHours)]
pub struct Hours {
    /// `mon` to `sun`.
    pub days: Vec<Day>,
    /// `HH:MM`; it counts.
    pub from: String,
    /// `HH:MM`; it does not. Past midnight the span belongs to the day it began; the same as `from` is the whole day.
    pub to: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WeekDay)]
#[allow(missing_docs)]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn of(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

impl Hours {
    /// Refuses what is no span; `path` is where it stands in the body.
    ///
    /// # Errors
    /// With the path of the wrong member.
    pub fn check(&self, path: &str) -> Result<()> {
        for (name, time) in [("from", &self.from), ("to", &self.to)] {
            if time_of(time).is_none() {
                return Err(Refusal::invalid(&format!("{path}.{name}"), "wrong_form", "a time like 09:30"));
            }
        }
        if self.days.is_empty() {
            return Err(Refusal::invalid(&format!("{path}.days"), "empty", "choose a day at least"));
        }
        Ok(())
    }

    /// The span that begins on a date: its first moment and the first after it. None on other days.
    fn on(&self, date: Date, zone: &TimeZone) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
        if !self.days.contains(&Day::of(date.weekday())) {
            return None;
        }
        let (from, to) = (time_of(&self.from)?, time_of(&self.to)?);
        let last = if to > from { date } else { date.tomorrow().ok()? };
        // A time that summer time skips is the first that exists.
        let moment = |date: Date, time: Time| Some(date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp());
        Some((moment(date, from)?, moment(last, to)?))
    }
}

/// `HH:MM`.
fn time_of(text: &str) -> Option<Time> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        is_plain.then(|| digits.parse::<i8>().ok()).flatten()
    };
    Time::new(number(hours)?, number(minutes)?, 0, 0).ok()
}

/// Refuses working hours that a project or a department cannot have; they stand at `path` in the body.
///
/// # Errors
/// With the path of what is wrong.
pub fn check_hours(path: &str, all: &[Hours]) -> Result<()> {
    if all.len() > MAX_SPANS {
        return Err(Refusal::invalid(path, "too_many", "21 spans at most"));
    }
    all.iter().enumerate().try_for_each(|(at, hours)| hours.check(&format!("{path}.{at}")))
}

/// Whether a moment is within the hours; without any, every moment is.
pub fn is_open(all: &[Hours], zone: &str, now: Timestamp) -> bool {
    all.is_empty() || opens_at(all, zone, now).is_none()
}

/// Refuses a promise that nobody can give.
///
/// # Errors
/// When it is under a minute or over a day.
pub fn check_reply_minutes(minutes: Option<i64>) -> Result<()> {
    match minutes {
        Some(minutes) if !(1..=MAX_REPLY_MINUTES).contains(&minutes) => {
            Err(Refusal::invalid("reply_minutes", "out_of_range", "1 to 1440 minutes"))
        }
        _ => Ok(()),
    }
}

/// When the team comes back: the next beginning of a span after `now`. None within the hours, and where there are none.
pub fn opens_at(all: &[Hours], zone: &str, now: Timestamp) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).ok()?;
    let now = jiff::Timestamp::from_millisecond(now.0).ok()?;
    let today = now.to_zoned(zone.clone()).date();
    let mut next: Option<jiff::Timestamp> = None;
    // Yesterday's may last until now; a week from today is the same day again.
    for days in -1..=7 {
        let date = today.checked_add(jiff::Span::new().days(days)).ok()?;
        for (from, to) in all.iter().filter_map(|hours| hours.on(date, &zone)) {
            if from <= now && now < to {
                return None;
            }
            if from > now && next.is_none_or(|earliest| from < earliest) {
                next = Some(from);
            }
        }
    }
    next.map(|moment| Timestamp(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn hours(days: &[Day], from: &str, to: &str) -> Hours {
        Hours { days: days.to_vec(), from: from.into(), to: to.into() }
    }

    const WORK: [Day; 5] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];

    #[test]
    fn the_next_opening_is_told_outside_the_hours_only() {
        let week = [hours(&WORK, "10:00", "19:00"), hours(&[Day::Sat], "11:00", "15:00")];
        let opens = |now| opens_at(&week, "Europe/Moscow", at(now)).map(|t| t.0);
        // A Friday, 27 November 2026; Moscow is three hours ahead.
        assert_eq!(opens("2026-11-27T08:00:00Z"), None, "within the hours");
        assert_eq!(opens("2026-11-27T06:59:59Z"), Some(at("2026-11-27T07:00:00Z").0), "this morning");
        assert_eq!(opens("2026-11-27T07:00:00Z"), None, "the first moment counts");
        assert_eq!(opens("2026-11-27T16:00:00Z"), Some(at("2026-11-28T08:00:00Z").0), "the last does not");
        assert_eq!(opens("2026-11-28T12:00:00Z"), Some(at("2026-11-30T07:00:00Z").0), "after the weekend");
        assert_eq!(opens_at(&[], "Europe/Moscow", at("2026-11-28T12:00:00Z")), None, "no hours, no promise");
    }

    #[test]
    fn a_span_past_midnight_belongs_to_the_day_it_began() {
        let nights = [hours(&[Day::Fri], "22:00", "06:00")];
        let opens = |now| opens_at(&nights, "Europe/Moscow", at(now));
        assert_eq!(opens("2026-11-28T02:59:00Z"), None, "Saturday, 05:59");
        assert_eq!(opens("2026-11-28T03:00:00Z"), Some(at("2026-12-04T19:00:00Z")), "a week later");
        let day = [hours(&[Day::Sat], "00:00", "00:00")];
        assert_eq!(opens_at(&day, "Europe/Moscow", at("2026-11-28T20:59:00Z")), None, "the whole day");
        let open = |now| is_open(&nights, "Europe/Moscow", at(now));
        assert_eq!((open("2026-11-28T02:59:00Z"), open("2026-11-28T03:00:00Z")), (true, false));
        assert!(is_open(&[], "Europe/Moscow", at("2026-11-28T03:00:00Z")), "no hours are all hours");
    }

    #[test]
    fn summer_time_moves_a_time_that_it_skips() {
        // Berlin, 29 March 2026: 02:00 becomes 03:00.
        let early = [hours(&[Day::Sun], "02:30", "09:00")];
        assert_eq!(
            opens_at(&early, "Europe/Berlin", at("2026-03-29T00:00:00Z")),
            Some(at("2026-03-29T01:30:00Z")),
            "03:30 there"
        );
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for (from, to) in [("9:00", "18:00"), ("09:00", "24:00"), ("", "18:00"), ("09:60", "18:00"), ("aa:bb", "18:00")]
        {
            assert!(check_hours("working_hours", &[hours(&WORK, from, to)]).is_err(), "{from} {to}");
        }
        assert!(check_hours("working_hours", &[hours(&[], "09:00", "18:00")]).is_err());
        assert!(check_hours("working_hours", &vec![hours(&WORK, "09:00", "18:00"); 22]).is_err());
        assert!(check_reply_minutes(Some(0)).is_err() && check_reply_minutes(Some(1441)).is_err());
        assert!(check_reply_minutes(Some(5)).is_ok() && check_reply_minutes(None).is_ok());
    }
}
