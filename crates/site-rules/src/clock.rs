//! Spans of the day in the project's time zone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde_json::{Value, json};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WHOLE_DAY: u32 = 1440;
/// How far back the browser may ask for the day of a showing, and how long it may keep its rules.
const BEHIND: SignedDuration = SignedDuration::from_hours(72);
const AHEAD: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Days of the week and a span of minutes of the day: the clock on the wall counts, so an hour that a change of clocks leaves out is in no
/// span, and one that it repeats is in the same span twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    days: u8,
    from: u32,
    to: u32,
}

impl Span {
    /// Reads `{"days": ["mon"], "from": "22:00", "to": "06:00"}`.
    pub fn read(value: &Value) -> Option<Self> {
        let value = value.as_object()?;
        let is_known = value.keys().all(|key| matches!(key.as_str(), "days" | "from" | "to"));
        let days = value.get("days")?.as_array().filter(|days| !days.is_empty() && is_known)?;
        let mut bits = 0;
        for day in days {
            let at = DAYS.iter().position(|name| day.as_str() == Some(name))?;
            bits |= 1 << at;
        }
        let from = minutes(value.get("from")?.as_str()?)?;
        let to = match value.get("to")?.as_str()? {
            "24:00" => WHOLE_DAY,
            text => minutes(text)?,
        };
        let (from, to) = if from == to { (0, WHOLE_DAY) } else { (from, to) };
        Some(Self { days: bits, from, to })
    }

    /// Whether a moment is in it. A span past midnight belongs to the day it began.
    pub fn holds(self, now: &Zoned) -> bool {
        let (weekday, minute) = (day_of(now), minute_of(now));
        let is_on = |weekday: u32| self.days >> (weekday % 7) & 1 == 1;
        if self.from < self.to {
            return is_on(weekday) && (self.from..self.to).contains(&minute);
        }
        (is_on(weekday) && minute >= self.from) || (is_on(weekday + 6) && minute < self.to)
    }

    /// Days as bits, Monday first, and the minutes.
    pub fn compiled(self) -> Value {
        json!([self.days, self.from, self.to])
    }
}

/// A moment as a line of a verdict shows it: `sat 23:15`.
pub(crate) fn shown(now: &Zoned) -> String {
    let minute = minute_of(now);
    format!("{} {:02}:{:02}", DAYS[day_of(now) as usize], minute / 60, minute % 60)
}

fn day_of(now: &Zoned) -> u32 {
    now.weekday().to_monday_zero_offset().unsigned_abs().into()
}

fn minute_of(now: &Zoned) -> u32 {
    u32::from(now.hour().unsigned_abs()) * 60 + u32::from(now.minute().unsigned_abs())
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let read = |text: &str, most: u32| {
        let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &u32| is_plain && *number <= most)
    };
    Some(read(hour, 23)? * 60 + read(minute, 59)?)
}

/// Since when (seconds of the epoch) the zone is how many seconds ahead of UTC, around a moment: a browser knows neither all zones nor today's
/// rules for those it knows.
pub(crate) fn offsets(zone: &TimeZone, now: Timestamp) -> Vec<[i64; 2]> {
    let start = now.checked_sub(BEHIND).unwrap_or(Timestamp::MIN);
    let end = now.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut found = vec![[start.as_second(), i64::from(zone.to_offset(start).seconds())]];
    for change in zone.following(start).take_while(|change| change.timestamp() <= end) {
        found.push([change.timestamp().as_second(), i64::from(change.offset().seconds())]);
    }
    found
}
