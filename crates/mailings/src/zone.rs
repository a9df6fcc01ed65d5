//! When a client may be written to: their zone, quiet hours, times that a change of clocks skips or repeats (section 4 of `mailings.md`).

use crate::document::Quiet;
use jiff::civil::{DateTime, Time};
use jiff::tz::{Disambiguation, TimeZone};
use model::Timestamp;

/// Countries with one zone, by the calling code of their phones. A code that several zones share tells nothing.
const BY_CODE: &[(&str, &str)] = &[
    ("+375", "Europe/Minsk"),
    ("+374", "Asia/Yerevan"),
    ("+994", "Asia/Baku"),
    ("+995", "Asia/Tbilisi"),
    ("+996", "Asia/Bishkek"),
    ("+992", "Asia/Dushanbe"),
    ("+993", "Asia/Ashgabat"),
    ("+998", "Asia/Tashkent"),
    ("+373", "Europe/Chisinau"),
    ("+370", "Europe/Vilnius"),
    ("+371", "Europe/Riga"),
    ("+372", "Europe/Tallinn"),
    ("+380", "Europe/Kyiv"),
    ("+358", "Europe/Helsinki"),
    ("+972", "Asia/Jerusalem"),
    ("+971", "Asia/Dubai"),
    ("+90", "Europe/Istanbul"),
    ("+48", "Europe/Warsaw"),
    ("+49", "Europe/Berlin"),
    ("+33", "Europe/Paris"),
    ("+39", "Europe/Rome"),
    ("+44", "Europe/London"),
    ("+420", "Europe/Prague"),
    ("+359", "Europe/Sofia"),
    ("+40", "Europe/Bucharest"),
    ("+381", "Europe/Belgrade"),
];

/// The zone that a phone's country has, where it has one.
pub fn of_phone(phone: &str) -> Option<&'static str> {
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    BY_CODE.iter().find(|(code, _)| digits.starts_with(code)).map(|(_, zone)| *zone)
}

/// A zone by its name; none for one that this machine does not know.
pub fn named(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    (name.contains('/') || name == "UTC").then(|| TimeZone::get(name).ok()).flatten()
}

/// A moment in a zone. A time that the clocks skip is the first after it; one that they repeat is the first of the two.
pub fn moment(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let at = ambiguous.disambiguate(Disambiguation::Compatible).ok()?;
    let start_of_gap = zone.to_datetime(at) != local;
    if !start_of_gap {
        return Some(Timestamp(at.as_millisecond()));
    }
    // "Compatible" keeps the distance into the gap; the first time that exists is its end.
    let end = zone.preceding(at.checked_add(jiff::SignedDuration::from_secs(1)).ok()?).next()?;
    Some(Timestamp(end.timestamp().as_millisecond()))
}

/// A local time as it is written: `2026-12-03T10:00`.
pub fn local(text: &str) -> Option<DateTime> {
    let has_offset =
        text.ends_with('Z') || text.contains('[') || text.get(11..).is_some_and(|t| t.contains(['+', '-']));
    if has_offset { None } else { text.parse().ok() }
}

/// Quiet hours, ready to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    to: Time,
}

impl QuietHours {
    /// Reads `HH:MM`; none for what is no time, or no span.
    pub fn read(quiet: &Quiet) -> Option<Self> {
        let time = |text: &str| (text.len() == 5).then(|| Time::strptime("%H:%M", text).ok()).flatten();
        let (from, to) = (time(&quiet.from)?, time(&quiet.to)?);
        (from != to).then_some(Self { from, to })
    }

    /// The first moment from `at` on that is not quiet in a zone.
    pub fn end_after(&self, at: Timestamp, zone: &TimeZone) -> Timestamp {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else { return at };
        let here = zone.to_datetime(instant);
        let now = here.time();
        let is_quiet = match self.from < self.to {
            true => self.from <= now && now < self.to,
            false => now >= self.from || now < self.to,
        };
        if !is_quiet {
            return at;
        }
        let ends_today = now < self.to;
        let day = if ends_today { Ok(here.date()) } else { here.date().tomorrow() };
        day.ok().and_then(|day| moment(day.to_datetime(self.to), zone)).map_or(at, |end| end.max(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        named("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn quiet() -> QuietHours {
        QuietHours::read(&Quiet { from: "21:00".into(), to: "09:00".into() }).unwrap()
    }

    #[test]
    fn a_time_that_summer_time_skips_is_the_first_that_exists() {
        assert_eq!(moment(local("2026-03-29T02:30").unwrap(), &berlin()), Some(at("2026-03-29T01:00:00Z")));
        assert_eq!(moment(local("2026-03-29T03:30").unwrap(), &berlin()), Some(at("2026-03-29T01:30:00Z")));
    }

    #[test]
    fn a_time_that_is_repeated_is_used_once_the_first_time() {
        assert_eq!(moment(local("2026-10-25T02:30").unwrap(), &berlin()), Some(at("2026-10-25T00:30:00Z")));
    }

    #[test]
    fn quiet_hours_end_in_the_clients_morning() {
        let zone = named("Europe/Moscow").unwrap();
        assert_eq!(quiet().end_after(at("2026-12-03T05:00:00Z"), &zone), at("2026-12-03T06:00:00Z"));
        assert_eq!(quiet().end_after(at("2026-12-03T18:30:00Z"), &zone), at("2026-12-04T06:00:00Z"));
        assert_eq!(quiet().end_after(at("2026-12-03T07:00:00Z"), &zone), at("2026-12-03T07:00:00Z"));
        let vladivostok = named("Asia/Vladivostok").unwrap();
        assert_eq!(quiet().end_after(at("2026-12-03T05:00:00Z"), &vladivostok), at("2026-12-03T05:00:00Z"));
    }

    #[test]
    fn hours_of_a_day_that_do_not_pass_midnight_are_hours_too() {
        let noon = QuietHours::read(&Quiet { from: "12:00".into(), to: "13:00".into() }).unwrap();
        assert_eq!(noon.end_after(at("2026-12-03T12:10:00Z"), &TimeZone::UTC), at("2026-12-03T13:00:00Z"));
        assert_eq!(noon.end_after(at("2026-12-03T13:00:00Z"), &TimeZone::UTC), at("2026-12-03T13:00:00Z"));
    }

    #[test]
    fn what_is_no_time_or_no_zone_is_none() {
        for (from, to) in [("9:00", "21:00"), ("21:00", "21:00"), ("25:00", "09:00")] {
            assert_eq!(QuietHours::read(&Quiet { from: from.into(), to: to.into() }), None);
        }
        assert!(local("2026-12-03T10:00Z").is_none() && local("2026-12-03T10:00+03:00").is_none());
        assert!(local("03.12.2026").is_none() && local("2026-12-03T10:00").is_some());
        assert!(named("Москва").is_none() && named("Asia/Nowhere").is_none() && named("UTC").is_some());
    }

    #[test]
    fn a_phone_tells_the_zone_of_a_country_that_has_one() {
        assert_eq!(of_phone("+375 29 123-45-67"), Some("Europe/Minsk"));
        assert_eq!(of_phone("+7 900 123 45 67"), None);
    }

    #[test]
    fn every_zone_by_code_is_known() {
        for (code, zone) in BY_CODE {
            assert!(named(zone).is_some(), "{code} {zone}");
        }
    }
}
