//! What a project's sessions are measured by: its zone, its hours, and after how many minutes an answer is late.

use jiff::tz::TimeZone;
use messaging::hours::{self, Hours};
use model::{DepartmentId, Timestamp};
use std::collections::HashMap;

/// Minutes after which an answer is late, unless a project says otherwise.
pub(crate) const MISSED_MINUTES: i64 = 10;
/// Closed hours that are skipped for one answer: more than a week of them is no week with hours.
const MOST_CLOSINGS: usize = 2_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// Rules of one project.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub zone: String,
    pub hours: Vec<Hours>,
    pub departments: HashMap<DepartmentId, Vec<Hours>>,
    pub missed_minutes: i64,
}

impl Rules {
    /// The day, counted from 1970, and the hour of a moment, as the project's clocks show them.
    pub fn day_and_hour(&self, at: i64) -> (i64, i64) {
        let local = at + offset(&self.zone, at);
        (local.div_euclid(DAY), local.rem_euclid(DAY) / 3_600_000)
    }

    /// Until when an answer is in time: minutes outside of the hours do not count. Hours of its department come before the project's.
    pub fn due(&self, asked: i64, department: Option<&DepartmentId>) -> i64 {
        let own = department.and_then(|id| self.departments.get(id)).filter(|hours| !hours.is_empty());
        let open = own.unwrap_or(&self.hours);
        if open.is_empty() {
            return asked + self.missed_minutes * MINUTE;
        }
        let (mut at, mut left) = (asked, self.missed_minutes);
        for _ in 0..MOST_CLOSINGS {
            if left == 0 {
                break;
            }
            match hours::opens_at(open, &self.zone, Timestamp(at)) {
                Some(opens) => at = opens.0,
                None => {
                    at += MINUTE;
                    left -= 1;
                }
            }
        }
        at + left * MINUTE
    }
}

/// How far a zone's clocks are ahead then, in milliseconds; those of a zone that nobody knows show UTC.
fn offset(zone: &str, at: i64) -> i64 {
    let Ok(zone) = TimeZone::get(zone) else { return 0 };
    jiff::Timestamp::from_millisecond(at).map_or(0, |moment| i64::from(zone.to_offset(moment).seconds()) * 1000)
}

/// Today in a zone.
pub(crate) fn today(zone: &str, now: Timestamp) -> i64 {
    (now.0 + offset(zone, now.0)).div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn rules(zone: &str, hours: &str) -> Rules {
        let hours = serde_json::from_str(hours).unwrap();
        Rules { zone: zone.into(), hours, departments: HashMap::new(), missed_minutes: 10 }
    }

    const WEEK: &str = r#"[{"days":["mon","tue","wed","thu","fri"],"from":"10:00","to":"19:00"}]"#;

    #[test]
    fn a_day_is_the_projects_own_whatever_its_offset() {
        let day = |zone, moment| rules(zone, "[]").day_and_hour(at(moment));
        assert_eq!(day("Europe/Moscow", "1970-01-01T20:59:00Z"), (0, 23));
        assert_eq!(day("Europe/Moscow", "1970-01-01T21:00:00Z"), (1, 0));
        assert_eq!(day("Asia/Kathmandu", "2026-11-28T18:14:00Z").1, 23, "45 minutes past the hour");
        assert_eq!(day("Asia/Kathmandu", "2026-11-28T18:15:00Z").1, 0);
        assert_eq!(day("Nowhere/Land", "1970-01-02T00:00:00Z"), (1, 0));
    }

    #[test]
    fn minutes_outside_of_the_hours_do_not_count() {
        let week = rules("Europe/Moscow", WEEK);
        // A Friday: 18:55 in Moscow is five minutes before the end.
        assert_eq!(week.due(at("2026-11-27T15:55:00Z"), None), at("2026-11-30T07:05:00Z"));
        assert_eq!(week.due(at("2026-11-27T08:00:00Z"), None), at("2026-11-27T08:10:00Z"));
        assert_eq!(week.due(at("2026-11-28T08:00:00Z"), None), at("2026-11-30T07:10:00Z"), "a Saturday");
        assert_eq!(rules("Europe/Moscow", "[]").due(at("2026-11-28T08:00:00Z"), None), at("2026-11-28T08:10:00Z"));
    }

    #[test]
    fn a_department_has_hours_of_its_own() {
        let mut week = rules("Europe/Moscow", WEEK);
        let (night, none) = (DepartmentId::from_bits(1), DepartmentId::from_bits(2));
        let hours = r#"[{"days":["sat"],"from":"00:00","to":"00:00"}]"#;
        week.departments = HashMap::from([(night, serde_json::from_str(hours).unwrap()), (none, Vec::new())]);
        let saturday = at("2026-11-28T08:00:00Z");
        assert_eq!(week.due(saturday, Some(&night)), at("2026-11-28T08:10:00Z"));
        assert_eq!(week.due(saturday, Some(&none)), at("2026-11-30T07:10:00Z"), "the project's");
    }
}
