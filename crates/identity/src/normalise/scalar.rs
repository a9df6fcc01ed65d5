//! Numbers, dates, yes or no and links: one canonical text each (ruling 31).

use super::{Why, email};

/// A decimal number without needless zeros; a comma is a decimal point.
pub(super) fn number(clean: &str) -> Result<String, Why> {
    let compact: String = clean.chars().filter(|c| *c != ' ').map(|c| if c == ',' { '.' } else { c }).collect();
    let compact = compact.replace('\u{2212}', "-");
    let (sign, digits) = match compact.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", compact.strip_prefix('+').unwrap_or(&compact)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(Why::Invalid);
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let fraction = fraction.trim_end_matches('0');
    Ok(match (whole, fraction) {
        ("0", "") => "0".to_owned(),
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    })
}

/// A day as `2021-12-29`, written so or as `29.12.2021`.
pub(super) fn date(clean: &str) -> Result<String, Why> {
    let (year, month, day) = day_of(clean).ok_or(Why::Invalid)?;
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

/// A moment in UTC as `2021-12-29T10:00:00Z`; without an offset it is taken as UTC, without a time as midnight.
pub(super) fn date_time(clean: &str) -> Result<String, Why> {
    let upper = clean.to_ascii_uppercase();
    let (day, time) = upper.split_once(['T', ' ']).unwrap_or((&upper, "00:00"));
    let (year, month, day) = day_of(day).ok_or(Why::Invalid)?;
    let (clock, offset) = split_offset(time).ok_or(Why::Invalid)?;
    let (seconds, fraction) = seconds_of(clock).ok_or(Why::Invalid)?;
    let total = days_from_civil(year, month, day) * 86_400 + seconds - offset;
    let (year, month, day) = civil_from_days(total.div_euclid(86_400));
    if !(0..=9999).contains(&year) {
        return Err(Why::Invalid);
    }
    let rest = total.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
}

/// `true` or `false`.
pub(super) fn boolean(folded: &str) -> Result<String, Why> {
    match folded {
        "true" | "yes" | "1" | "да" | "on" => Ok("true".to_owned()),
        "false" | "no" | "0" | "нет" | "off" => Ok("false".to_owned()),
        _ => Err(Why::Invalid),
    }
}

/// A web address: scheme and host folded, a bare `/` dropped, the rest as written. Without a scheme it is https.
pub(super) fn link(clean: &str) -> Result<String, Why> {
    if clean.contains(char::is_whitespace) {
        return Err(Why::Invalid);
    }
    let (scheme, rest) = clean.split_once("://").unwrap_or(("https", clean));
    let scheme = scheme.to_ascii_lowercase();
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
        return Err(Why::Invalid);
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => (name, Some(port)),
        Some(_) => return Err(Why::Invalid),
        None => (authority, None),
    };
    let host = email::host(name)?;
    let port = port.map(|p| format!(":{p}")).unwrap_or_default();
    let path = if path == "/" { "" } else { path };
    Ok(format!("{scheme}://{host}{port}{path}"))
}

fn day_of(text: &str) -> Option<(i64, i64, i64)> {
    let (year, month, day) = if text.contains('.') {
        let mut parts = text.split('.');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some((year, month, day))?
    } else {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some((year, month, day))?
    };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=last).contains(&day).then_some((year, month, day))
}

fn digits(text: &str) -> Option<i64> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// The clock part and the offset in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    let time = time.trim();
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (clock, offset) = time.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = match offset[1..].split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 5 => offset[1..].split_at(2),
        None => (&offset[1..], "00"),
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours <= 23 && minutes <= 59).then_some((clock, sign * (hours * 3600 + minutes * 60)))
}

fn seconds_of(clock: &str) -> Option<(i64, &str)> {
    let mut parts = clock.trim().split(':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let (second, fraction) = match parts.next() {
        Some(text) => text.split_once('.').unwrap_or((text, "")),
        None => ("0", ""),
    };
    let second = digits(second)?;
    let is_good = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    let is_fraction = fraction.bytes().all(|b| b.is_ascii_digit());
    (is_good && is_fraction).then_some((hour * 3600 + minute * 60 + second, fraction.trim_end_matches('0')))
}

/// Days since 1970-01-01 of a Gregorian day (Howard Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use crate::normalise::{FieldKind, NormSettings, Normalised, Why, normalise};

    fn check(kind: FieldKind, table: &[(&str, Result<&str, Why>)]) {
        for (raw, want) in table {
            let want = match want {
                Ok(text) => Normalised::Usable((*text).to_owned()),
                Err(why) => Normalised::Unusable(*why),
            };
            assert_eq!(normalise(kind, raw, &NormSettings::default()), want, "{kind:?} {raw:?}");
        }
    }

    #[test]
    fn numbers() {
        check(
            FieldKind::Number,
            &[
                ("007", Ok("7")),
                ("1 000,50", Ok("1000.5")),
                ("-0.0", Ok("0")),
                ("+3", Ok("3")),
                (".5", Ok("0.5")),
                ("−2", Ok("-2")),
                ("5.", Ok("5")),
                ("1e3", Err(Why::Invalid)),
                ("1.2.3", Err(Why::Invalid)),
                (".", Err(Why::Invalid)),
                ("0x1", Err(Why::Invalid)),
                ("-1", Err(Why::Placeholder)),
                ("", Err(Why::Empty)),
            ],
        );
    }

    #[test]
    fn dates() {
        check(
            FieldKind::Date,
            &[
                ("2021-12-29", Ok("2021-12-29")),
                ("29.12.2021", Ok("2021-12-29")),
                ("1.2.2021", Ok("2021-02-01")),
                ("2020-02-29", Ok("2020-02-29")),
                ("2021-02-29", Err(Why::Invalid)),
                ("29.13.2021", Err(Why::Invalid)),
                ("2021-12", Err(Why::Invalid)),
                ("21-12-29", Err(Why::Invalid)),
                ("2021-00-10", Err(Why::Invalid)),
            ],
        );
    }

    #[test]
    fn moments() {
        check(
            FieldKind::DateTime,
            &[
                ("2021-12-29T10:00:00Z", Ok("2021-12-29T10:00:00Z")),
                ("2021-12-29 10:00", Ok("2021-12-29T10:00:00Z")),
                ("2022-01-01T01:30:00+03:00", Ok("2021-12-31T22:30:00Z")),
                ("2021-12-31T23:30:00.500-0100", Ok("2022-01-01T00:30:00.5Z")),
                ("2021-12-29", Ok("2021-12-29T00:00:00Z")),
                ("2021-12-29T25:00:00Z", Err(Why::Invalid)),
                ("now", Err(Why::Invalid)),
            ],
        );
    }

    #[test]
    fn yes_and_no() {
        check(
            FieldKind::Bool,
            &[
                ("Да", Ok("true")),
                ("нет", Ok("false")),
                ("1", Ok("true")),
                ("maybe", Err(Why::Invalid)),
                ("", Err(Why::Empty)),
            ],
        );
    }

    #[test]
    fn links() {
        check(
            FieldKind::Link,
            &[
                ("HTTPS://Example.COM/", Ok("https://example.com")),
                ("example.com/Path?q=A", Ok("https://example.com/Path?q=A")),
                ("http://пример.рф:8080/x", Ok("http://xn--e1afmkfd.xn--p1ai:8080/x")),
                ("a b", Err(Why::Invalid)),
                ("://x", Err(Why::Invalid)),
            ],
        );
    }

    #[test]
    fn texts_and_ids_fold() {
        for kind in [FieldKind::Text, FieldKind::LongText, FieldKind::Id, FieldKind::List, FieldKind::MultiList] {
            check(
                kind,
                &[
                    ("  Иван   ПЕТРОВ ", Ok("иван петров")),
                    ("AB-12", Ok("ab-12")),
                    ("0012", Ok("0012")),
                    ("0", Ok("0")),
                    ("Нет", Err(Why::Placeholder)),
                    ("—", Err(Why::Placeholder)),
                    ("NULL", Err(Why::Placeholder)),
                    (" \u{200b}", Err(Why::Empty)),
                ],
            );
        }
    }
}
