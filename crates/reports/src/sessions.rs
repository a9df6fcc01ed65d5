//! The conversations behind a number of a report.

use crate::report::Period;
use crate::session::Missed;
use crate::store::{sessions as store, sums};
use crate::sums::Split;
use model::{
    ChannelKind, ConnectionId, ContactId, ConversationId, Cx, DepartmentId, ProjectId, Refusal, ReportSessionId,
    Result, ScenarioId, Timestamp, UserId, words,
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Which conversations a number counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportedWhich)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// In which people were asked.
    Asked,
    /// Which a person answered.
    Answered,
    /// Missed ones.
    Missed,
    /// Closed ones.
    Closed,
    /// Rated ones.
    Rated,
}

words!(Which {
    All = "all", Asked = "asked", Answered = "answered", Missed = "missed", Closed = "closed", Rated = "rated",
});

/// A conversation as reports count it: from its first word until it was closed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = ReportedConversation)]
pub struct Item {
    pub(crate) id: ReportSessionId,
    /// Null when its client was erased: it stays counted, and there is nothing to open.
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) contact_id: Option<ContactId>,
    /// Name or handle of the client.
    pub(crate) client: Option<String>,
    pub(crate) began_at: Timestamp,
    pub(crate) channel: ChannelKind,
    /// Who has it, or answered one that is nobody's.
    pub(crate) operator_id: Option<UserId>,
    pub(crate) department_id: Option<DepartmentId>,
    /// The page on which it began.
    pub(crate) page: Option<String>,
    /// When people were asked.
    pub(crate) asked_at: Option<Timestamp>,
    /// Until when an answer was in time.
    pub(crate) answer_due_at: Option<Timestamp>,
    /// The first answer of a person after that.
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) client_messages: i64,
    pub(crate) people_messages: i64,
    pub(crate) bot_messages: i64,
    pub(crate) closed_at: Option<Timestamp>,
    /// Why it counts as missed.
    pub(crate) missed: Option<Missed>,
    /// 1 to 5.
    pub(crate) score: Option<i64>,
    /// What the client said with it.
    pub(crate) comment: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub to_day: i64,
    pub which: Which,
    /// A split and one of its keys.
    pub of: Option<(Split, Key)>,
    /// Weekday and hour.
    pub at: Option<(i64, i64)>,
    pub before: (i64, ReportSessionId),
    pub limit: i64,
}

/// One key of a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    text: String,
    bits: u128,
}

impl Key {
    /// Reads one as a report writes it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what cannot be one.
    pub fn parse(split: Split, text: &str) -> Result<Self> {
        fn bits<I: FromStr>(text: &str, bits: impl Fn(I) -> u128) -> Result<u128> {
            if text.is_empty() { Ok(0) } else { text.parse().map(bits).map_err(|_| Refusal::NotFound) }
        }
        let bits = match split {
            Split::Operator => bits(text, UserId::bits)?,
            Split::Department => bits(text, DepartmentId::bits)?,
            Split::Channel => bits(text, ConnectionId::bits)?,
            Split::Scenario => bits(text, ScenarioId::bits)?,
            Split::Page | Split::All => 0,
        };
        Ok(Self { text: text.to_owned(), bits })
    }
}

impl Key {
    /// One operator.
    pub fn of_user(id: UserId) -> Self {
        Self { text: id.to_string(), bits: id.bits() }
    }
}

impl Wanted {
    pub fn by_word(&self) -> &'static str {
        self.of.as_ref().map_or(Split::All, |(split, _)| *split).as_str()
    }

    /// The id of the key; nobody's is 0.
    pub fn key_id(&self) -> ReportSessionId {
        ReportSessionId::from_bits(self.of.as_ref().map_or(0, |(_, key)| key.bits))
    }

    pub fn page(&self) -> &str {
        self.of.as_ref().map_or("", |(_, key)| &key.text)
    }

    pub fn weekday(&self) -> i64 {
        self.at.map_or(0, |(weekday, _)| weekday)
    }

    pub fn hour(&self) -> i64 {
        self.at.map_or(-1, |(_, hour)| hour)
    }
}

/// The conversations of a number, the last first. Only the days that a page of them needs are looked at: the sums know how many each has.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn list(cx: &mut Cx<'_>, project: &ProjectId, period: Period, wanted: Wanted) -> Result<Vec<Item>> {
    let split = wanted.of.as_ref().map_or(Split::All, |(split, _)| *split);
    // Only sums of everything know hours.
    let hours = wanted.at.filter(|_| split == Split::All);
    let of = sums::Of { split, key: wanted.page(), at: hours, which: wanted.which };
    let asked = Period { from: period.from, to: wanted.to_day };
    let mut days = sums::per_day(cx.tx, cx.account, project, &of, asked).await?;
    loop {
        let from = reach(&days, period, wanted.limit);
        let items = store::list(cx.tx, cx.account, project, &wanted, from).await?;
        // What came before the page's cursor was among those days, too: go on until there are enough.
        if items.len() as i64 >= wanted.limit || from <= period.from {
            return Ok(items);
        }
        days.retain(|(day, _)| *day < from);
    }
}

/// The day from which on there are so many.
fn reach(days: &[(i64, i64)], period: Period, limit: i64) -> i64 {
    let mut found = 0;
    for (day, count) in days {
        found += count;
        if found >= limit {
            return *day;
        }
    }
    period.from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reaches_as_far_back_as_it_needs() {
        let (days, period) = ([(20, 3), (19, 4), (10, 50)], Period { from: 1, to: 20 });
        assert_eq!([3, 4, 7, 8, 58].map(|limit| reach(&days, period, limit)), [20, 19, 19, 10, 1]);
    }
}
