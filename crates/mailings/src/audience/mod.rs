//! Who is meant (section 1 of `mailings.md`): conditions over what is known of a contact. Pure; what is known is read by [`facts`].

pub mod facts;
mod read;

pub use facts::{Facts, Needs};

use crate::template::Values as _;
use identity::normalise::{FieldKind, NormSettings, normalise};
use model::{ChannelKind, ConnectionId, ContactId, MailingId, ScenarioId, SegmentId};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Conditions, all of which or any of which hold. Without one, "all" is everybody and "any" is nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// All hold.
    All(Vec<Item>),
    /// One holds at least.
    Any(Vec<Item>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// A condition, or a nested group of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Item {
    /// A group.
    Group(Audience),
    /// A condition.
    Leaf(Box<Leaf>),
}

/// A condition: exactly one of its kinds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Leaf {
    /// Turned round.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not: bool,
    /// A field's key, with `op` and `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Wanted>,
    /// A tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// A kind of channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelKind>,
    /// A connected channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<ConnectionId>,
    /// Was here, within `within_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<bool>,
    /// Wrote, within `within_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrote: Option<bool>,
    /// Days back from the moment it is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// People behind a number of a scenario's report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<OfReport>,
    /// People of another mailing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailing: Option<OfMailing>,
    /// These.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<ContactId>>,
    /// Who is in a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment_id: Option<SegmentId>,
    /// What the segment means now: put in when a mailing is made ready, never stored.
    #[serde(skip)]
    pub segment: Option<Arc<Audience>>,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Op {
    IsFilled,
    IsEmpty,
    Is,
    IsNot,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    AtLeast,
    AtMost,
    Below,
    In,
    NotIn,
}

/// One value, or several for `in`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Wanted {
    /// A text.
    Text(String),
    /// A number, as people write it in JSON.
    Number(serde_json::Number),
    /// Yes or no.
    Flag(bool),
    /// Several.
    Texts(Vec<String>),
}

impl Wanted {
    fn texts(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::Number(number) => vec![number.to_string()],
            Self::Flag(flag) => vec![flag.to_string()],
            Self::Texts(texts) => texts.clone(),
        }
    }
}

/// The people behind a number of a scenario's report, as its recipients are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfReport {
    /// Scenario.
    pub scenario_id: ScenarioId,
    /// Block.
    pub block: String,
    /// How it was left: an exit, `-` for waiting, `.` for ended, `incorrect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// First day on which runs began, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Runs of this mailing only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailing_id: Option<MailingId>,
}

/// People of another mailing, in a state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfMailing {
    /// Which.
    pub id: MailingId,
    /// `sent` (delivered and read among them), `delivered`, `read`, `failed`, `unknown`, `skipped`, `queued`, `sending`, `answered`, `clicked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Audience {
    /// Whether a contact is meant.
    pub fn holds(&self, facts: &Facts) -> bool {
        let one = |item: &Item| match item {
            Item::Group(group) => group.holds(facts),
            Item::Leaf(leaf) => leaf.holds(facts) != leaf.not,
        };
        match self {
            Self::All(items) => items.iter().all(one),
            Self::Any(items) => items.iter().any(one),
        }
    }

    /// The segments that it names.
    pub(crate) fn segments(&self) -> BTreeSet<SegmentId> {
        self.leaves().into_iter().filter_map(|(_, leaf)| leaf.segment_id).collect()
    }

    /// Puts what segments mean in their places; one that is no more means nobody.
    pub(crate) fn expand(&mut self, segments: &HashMap<SegmentId, Arc<Self>>) {
        let (Self::All(items) | Self::Any(items)) = self;
        for item in items {
            match item {
                Item::Group(group) => group.expand(segments),
                Item::Leaf(leaf) => leaf.segment = leaf.segment_id.and_then(|id| segments.get(&id).cloned()),
            }
        }
    }

    /// Every condition with its path.
    pub(crate) fn leaves(&self) -> Vec<(String, &Leaf)> {
        let mut found = Vec::new();
        self.walk("audience", &mut found);
        found
    }

    fn walk<'a>(&'a self, path: &str, found: &mut Vec<(String, &'a Leaf)>) {
        let (word, items) = match self {
            Self::All(items) => ("all", items),
            Self::Any(items) => ("any", items),
        };
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}.{word}[{at}]");
            match item {
                Item::Group(group) => group.walk(&path, found),
                Item::Leaf(leaf) => {
                    if let Some(segment) = &leaf.segment {
                        segment.walk(&path, found);
                    }
                    found.push((path, leaf));
                }
            }
        }
    }
}

impl Leaf {
    /// Whether this value of its field is what it asks for.
    pub(crate) fn is_met_by(&self, value: &str) -> bool {
        let wanted = self.value.as_ref().map(Wanted::texts).unwrap_or_default();
        self.op.is_some_and(|op| compares(&[value.to_owned()], op, &wanted))
    }

    fn holds(&self, facts: &Facts) -> bool {
        let days = i64::from(self.within_days.unwrap_or(0)) * 24 * 60 * 60 * 1000;
        let since = facts.now.plus_ms(-days);
        if let (Some(key), Some(op)) = (&self.field, self.op) {
            let wanted = self.value.as_ref().map(Wanted::texts).unwrap_or_default();
            return compares(facts.all(key), op, &wanted);
        }
        if let Some(tag) = &self.tag {
            return facts.tags.iter().any(|held| fold(held) == fold(tag));
        }
        if let Some(channel) = self.channel {
            return facts.channel == channel;
        }
        if let Some(connection) = self.connection_id {
            return facts.connection_id == connection;
        }
        if self.last_seen.is_some() {
            return facts.last_seen_at >= since;
        }
        if self.wrote.is_some() {
            return facts.last_wrote.is_some_and(|at| at >= since);
        }
        if let Some(of) = &self.report {
            return facts.reports.contains(of);
        }
        if let Some(of) = &self.mailing {
            return facts.mailings.contains(of);
        }
        if self.segment_id.is_some() {
            return self.segment.as_ref().is_some_and(|segment| segment.holds(facts));
        }
        self.contacts.as_ref().is_some_and(|ids| ids.contains(&facts.contact_id))
    }
}

/// Blank is empty; what is not there is neither equal, nor more, nor less.
fn compares(held: &[String], op: Op, wanted: &[String]) -> bool {
    let held: Vec<&str> = held.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    let first = wanted.first().map_or("", |text| text.trim());
    let folded = fold(first);
    let any = |is_so: &dyn Fn(&str) -> bool| held.iter().any(|text| is_so(text));
    match op {
        Op::IsFilled => !held.is_empty(),
        Op::IsEmpty => held.is_empty(),
        Op::Is => any(&|text| equal(text, first)),
        Op::IsNot => !any(&|text| equal(text, first)),
        Op::Contains => any(&|text| fold(text).contains(&folded)),
        Op::NotContains => !any(&|text| fold(text).contains(&folded)),
        Op::StartsWith => any(&|text| fold(text).starts_with(&folded)),
        Op::EndsWith => any(&|text| fold(text).ends_with(&folded)),
        Op::AtLeast => any(&|text| order(text, first).is_some_and(Ordering::is_ge)),
        Op::AtMost => any(&|text| order(text, first).is_some_and(Ordering::is_le)),
        Op::Below => any(&|text| order(text, first) == Some(Ordering::Less)),
        Op::In => any(&|text| wanted.iter().any(|one| equal(text, one.trim()))),
        Op::NotIn => !any(&|text| wanted.iter().any(|one| equal(text, one.trim()))),
    }
}

fn equal(a: &str, b: &str) -> bool {
    fold(a) == fold(b) || order(a, b) == Some(Ordering::Equal)
}

/// Numbers as numbers, days as days.
fn order(a: &str, b: &str) -> Option<Ordering> {
    let none = NormSettings::new(None, []);
    let number = |text: &str| normalise(FieldKind::Number, text, &none).usable()?.parse::<f64>().ok();
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a.partial_cmp(&b);
    }
    let moment = |text: &str| normalise(FieldKind::DateTime, text, &none).usable().map(str::to_owned);
    Some(moment(a)?.cmp(&moment(b)?))
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

#[cfg(test)]
mod tests;
