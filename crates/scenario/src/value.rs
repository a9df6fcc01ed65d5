//! Values of templates, and moments that they name.

use crate::facts::Facts;

/// The value under a key of a template: a variable, a field, or the moment itself.
pub(crate) fn value_of(vars: &[(String, String)], facts: &Facts, now: i64, key: &str) -> Option<String> {
    if let Some(name) = key.strip_prefix("var.") {
        return vars.iter().find(|(held, _)| held == name).map(|(_, value)| value.clone());
    }
    match facts.values(key) {
        [] if key == "now" => Some(timestamp(now)),
        values => values.first().cloned(),
    }
}

pub(crate) fn timestamp(now: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The moment of a day or time in a field, in the scenario's time zone.
pub(crate) fn moment(value: &str, utc_offset: i32) -> Option<i64> {
    let offset = i64::from(utc_offset) * 60_000;
    if let Ok(exact) = value.parse::<jiff::Timestamp>() {
        return Some(exact.as_millisecond());
    }
    let day = value.parse::<jiff::civil::DateTime>().ok()?;
    let utc = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(utc.timestamp().as_millisecond() - offset)
}

/// The next moment at which a clock ahead of UTC by `offset` minutes shows these minutes after midnight.
pub(crate) fn next_time(now: i64, minutes: i64, offset: i32) -> i64 {
    const DAY: i64 = 86_400_000;
    let shift = i64::from(offset) * 60_000;
    let today = (now + shift).div_euclid(DAY) * DAY + minutes * 60_000 - shift;
    if today > now { today } else { today + DAY }
}
