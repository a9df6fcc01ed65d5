//! The numbers of a project for some days, whole and by one split, beside those of as many days before.

use crate::rules;
use crate::store::{board as names, sums, thread};
use crate::sums::{Split, Sum, Sums, month_after, month_of, quantile};
use db::Tx;
use jiff::civil::Date;
use model::{AccountId, Cx, ProjectId, Refusal, Result, UserId};
use serde::Serialize;

/// Days of a report at most.
const MOST_DAYS: i64 = 400;
/// Rows of a split at most.
const MOST_ROWS: i64 = 300;

/// Some days, both counted, as numbers from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub from: i64,
    pub to: i64,
}

impl Period {
    /// What somebody asks for, as `YYYY-MM-DD`; without a word the last seven days of the zone.
    ///
    /// # Errors
    /// For what is no date, for an end before its beginning, and for too many days.
    pub fn parse(from: Option<&str>, to: Option<&str>, today: i64) -> Result<Self> {
        let read = |name: &str, text: Option<&str>, usual: i64| match text {
            None => Ok(usual),
            Some(text) => day_of(text).ok_or_else(|| Refusal::invalid(name, "wrong_form", "a date like 2026-11-29")),
        };
        let to = read("to", to, today)?;
        let from = read("from", from, to - 6)?;
        if from > to {
            return Err(Refusal::invalid("from", "out_of_range", "not after `to`"));
        }
        if to - from >= MOST_DAYS {
            return Err(Refusal::invalid("from", "too_long", "400 days at most"));
        }
        Ok(Self { from, to })
    }

    /// As many days before it.
    pub fn before(self) -> Self {
        Self { from: self.from - (self.to - self.from + 1), to: self.from - 1 }
    }
}

/// A period as sums are kept: days until its first whole month, whole months, days after the last of them. Any part may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The first day of the first whole month.
    pub months_from: i64,
    /// The day after the last of the last one.
    pub months_to: i64,
}

impl Period {
    pub fn parts(self) -> Parts {
        let first = if month_of(self.from) == self.from { self.from } else { month_after(self.from) };
        let end = month_of(self.to + 1);
        if first < end {
            return Parts { months_from: first, months_to: end };
        }
        Parts { months_from: self.from, months_to: self.from }
    }
}

fn day_of(text: &str) -> Option<i64> {
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    let since = date.since((jiff::Unit::Day, Date::new(1970, 1, 1).ok()?)).ok()?;
    Some(i64::from(since.get_days()))
}

/// A day as its date.
pub(crate) fn date_of(day: i64) -> String {
    let first = Date::new(1970, 1, 1).ok();
    let date = first.and_then(|first| first.checked_add(jiff::Span::new().try_days(day).ok()?).ok());
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportNumbers)]
pub struct Numbers {
    /// Conversations, each from its first word until it was closed.
    conversations: i64,
    /// Those in which people were asked.
    asked: i64,
    /// Those of them that a person answered.
    answered: i64,
    /// Those that were missed.
    missed: i64,
    /// Half of the first answers came within so many seconds.
    answer_median: Option<i64>,
    /// Nine of ten did.
    answer_p90: Option<i64>,
    /// Those that were closed.
    closed: i64,
    /// Half of them lasted so many seconds at most.
    duration_median: Option<i64>,
    client_messages: i64,
    people_messages: i64,
    bot_messages: i64,
    /// Those that were rated.
    rated: i64,
    /// Their score in the middle, 1 to 5.
    rating: Option<f64>,
}

impl Numbers {
    fn of(sums: &Sums) -> Self {
        let rated = sums.get(Sum::Rated);
        Self {
            conversations: sums.get(Sum::Sessions),
            asked: sums.get(Sum::Asked),
            answered: sums.get(Sum::Answered),
            missed: sums.get(Sum::Missed),
            answer_median: quantile(sums.answers(), 5),
            answer_p90: quantile(sums.answers(), 9),
            closed: sums.get(Sum::Closed),
            duration_median: quantile(sums.durations(), 5),
            client_messages: sums.get(Sum::ClientMessages),
            people_messages: sums.get(Sum::PeopleMessages),
            bot_messages: sums.get(Sum::BotMessages),
            rated,
            // Two digits: the same on the screen and in the table.
            rating: (rated > 0).then(|| (sums.get(Sum::Score) as f64 / rated as f64 * 100.0).round() / 100.0),
        }
    }

    /// As cells of a table, under [`HEADER`].
    pub(crate) fn cells(&self) -> Vec<String> {
        let maybe = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
        vec![
            self.conversations.to_string(),
            self.asked.to_string(),
            self.answered.to_string(),
            self.missed.to_string(),
            maybe(self.answer_median),
            maybe(self.answer_p90),
            self.closed.to_string(),
            maybe(self.duration_median),
            self.client_messages.to_string(),
            self.people_messages.to_string(),
            self.bot_messages.to_string(),
            self.rated.to_string(),
            self.rating.map(|score| score.to_string()).unwrap_or_default(),
        ]
    }
}

/// Names of the cells of [`Numbers::cells`].
pub(crate) const HEADER: [&str; 13] = [
    "conversations",
    "asked",
    "answered",
    "missed",
    "answer_median",
    "answer_p90",
    "closed",
    "duration_median",
    "client_messages",
    "people_messages",
    "bot_messages",
    "rated",
    "rating",
];

/// One value of the split.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ReportRow)]
pub struct ReportRow {
    /// An id, or an address; empty for nobody and nothing, `*` for all pages beyond 200 of a day.
    pub(crate) key: String,
    /// Its name; null where it was deleted, and where there is none.
    pub(crate) name: Option<String>,
    #[serde(flatten)]
    pub(crate) numbers: Numbers,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReportDay {
    /// `YYYY-MM-DD` in the project's zone.
    date: String,
    conversations: i64,
    answered: i64,
    missed: i64,
}

/// An hour of the week.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ReportHour {
    /// 0 for Monday.
    weekday: i64,
    /// 0 to 23, in the project's zone.
    hour: i64,
    conversations: i64,
    missed: i64,
}

/// The numbers of a project.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ConversationReport)]
pub struct Report {
    /// First day, `YYYY-MM-DD`.
    from: String,
    /// Last day.
    to: String,
    /// The project's zone, whose days these are.
    time_zone: String,
    /// Minutes after which an answer is late.
    missed_minutes: i64,
    /// Older conversations are still being counted.
    is_counting: bool,
    /// All of them.
    total: Numbers,
    /// As many days before.
    before: Numbers,
    by: Split,
    /// By the split, most conversations first.
    pub(crate) rows: Vec<ReportRow>,
    /// There are more rows than these.
    has_more_rows: bool,
    /// Days with conversations, in order.
    days: Vec<ReportDay>,
    /// Hours with conversations.
    hours: Vec<ReportHour>,
}

/// The report of a project.
///
/// # Errors
/// For dates that make no period; when the storage fails.
pub(crate) async fn make(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    (from, to): (Option<&str>, Option<&str>),
    by: Split,
) -> Result<Report> {
    let rules = thread::rules(cx.tx, cx.account, project).await?;
    let period = Period::parse(from, to, rules::today(&rules.zone, cx.env.now()))?;
    let (tx, account) = (&mut *cx.tx, cx.account);
    let total = sums::total(tx, account, project, period).await?;
    let before = sums::total(tx, account, project, period.before()).await?;
    let mut rows = rows(tx, account, (project, by), period).await?;
    let has_more_rows = rows.len() as i64 > MOST_ROWS;
    rows.truncate(MOST_ROWS as usize);
    let days = sums::days(tx, account, project, period).await?;
    let hours = sums::hours(tx, account, project, period).await?;
    let is_counting = names::is_counting(tx, account).await?;
    Ok(Report {
        from: date_of(period.from),
        to: date_of(period.to),
        time_zone: rules.zone,
        missed_minutes: rules.missed_minutes,
        is_counting,
        total: Numbers::of(&total),
        before: Numbers::of(&before),
        by,
        rows,
        has_more_rows,
        days: days.into_iter().map(ReportDay::from).collect(),
        hours: hours
            .into_iter()
            .map(|(weekday, hour, conversations, missed)| ReportHour { weekday, hour, conversations, missed })
            .collect(),
    })
}

/// The numbers of one operator: his own conversations, and nothing of anybody else's.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct OwnReport {
    /// First day, `YYYY-MM-DD`.
    from: String,
    /// Last day.
    to: String,
    /// The project's zone, whose days these are.
    time_zone: String,
    /// Minutes after which an answer is late.
    missed_minutes: i64,
    /// Older conversations are still being counted.
    is_counting: bool,
    /// All of one's own.
    total: Numbers,
    /// As many days before.
    before: Numbers,
    /// Days with conversations, in order.
    days: Vec<ReportDay>,
}

/// The report of one operator about himself.
///
/// # Errors
/// For dates that make no period; when the storage fails.
pub(crate) async fn own(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    (from, to): (Option<&str>, Option<&str>),
    whose: UserId,
) -> Result<OwnReport> {
    let rules = thread::rules(cx.tx, cx.account, project).await?;
    let period = Period::parse(from, to, rules::today(&rules.zone, cx.env.now()))?;
    let (tx, account, key) = (&mut *cx.tx, cx.account, whose.to_string());
    let of = (Split::Operator, key.as_str());
    let total = sums::total_of(tx, account, project, of, period).await?;
    let before = sums::total_of(tx, account, project, of, period.before()).await?;
    let days = sums::days_of(tx, account, project, of, period).await?;
    Ok(OwnReport {
        from: date_of(period.from),
        to: date_of(period.to),
        time_zone: rules.zone,
        missed_minutes: rules.missed_minutes,
        is_counting: names::is_counting(tx, account).await?,
        total: Numbers::of(&total),
        before: Numbers::of(&before),
        days: days.into_iter().map(ReportDay::from).collect(),
    })
}

impl From<(i64, i64, i64, i64)> for ReportDay {
    fn from((day, conversations, answered, missed): (i64, i64, i64, i64)) -> Self {
        Self { date: date_of(day), conversations, answered, missed }
    }
}

async fn rows(
    tx: &mut Tx,
    account: &AccountId,
    (project, by): (&ProjectId, Split),
    period: Period,
) -> Result<Vec<ReportRow>> {
    let found = sums::by_key(tx, account, (project, by), period, MOST_ROWS + 1).await?;
    let mut names = names::names(tx, account, project, by).await?;
    let row = |row: sums::OfKey| {
        let name = if by == Split::Page { Some(row.key.clone()).filter(|key| !key.is_empty()) } else { None };
        ReportRow { name: name.or_else(|| names.remove(&row.key)), numbers: Numbers::of(&row.sums), key: row.key }
    };
    Ok(found.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_days_whole_months_and_days() {
        let parts = |from: &str, to: &str| {
            let period = Period { from: day_of(from).unwrap(), to: day_of(to).unwrap() };
            let Parts { months_from, months_to } = period.parts();
            (date_of(months_from), date_of(months_to))
        };
        let whole = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(parts("2026-01-15", "2026-04-14"), whole("2026-02-01", "2026-04-01"));
        assert_eq!(parts("2026-01-01", "2026-01-31"), whole("2026-01-01", "2026-02-01"));
        assert_eq!(parts("2025-01-01", "2025-12-31"), whole("2025-01-01", "2026-01-01"));
        assert_eq!(parts("2026-01-02", "2026-02-27"), whole("2026-01-02", "2026-01-02"), "no month is whole");
        assert_eq!(parts("2026-01-31", "2026-02-28"), whole("2026-02-01", "2026-03-01"));
    }

    #[test]
    fn a_period_is_checked() {
        let parse = |from, to| Period::parse(from, to, 100);
        assert_eq!(parse(None, None).unwrap(), Period { from: 94, to: 100 });
        assert_eq!(parse(Some("1970-01-02"), Some("1970-01-02")).unwrap(), Period { from: 1, to: 1 });
        assert_eq!(parse(Some("1970-01-03"), Some("1970-01-04")).unwrap().before(), Period { from: 0, to: 1 });
        assert!(parse(Some("1970-01-05"), Some("1970-01-04")).is_err());
        assert!(parse(Some("2026-01-01"), Some("2027-02-04")).is_ok(), "400 days");
        assert!(parse(Some("2026-01-01"), Some("2027-02-05")).is_err());
        for bad in ["", "yesterday", "2026-02-30", "2026-11-29T00:00:00", "20261129"] {
            assert!(parse(Some(bad), None).is_err(), "{bad}");
        }
        assert_eq!(date_of(day_of("2026-11-29").unwrap()), "2026-11-29");
    }
}
