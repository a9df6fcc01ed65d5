//! What a mailing is: to whom, what, through which channels, when (section 6 of `mailings.md`). One document, saved whole.

use crate::audience::{Audience, Op, Wanted};
use model::{ChannelKind, ScenarioId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A mailing as its author writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingDocument)]
pub struct Document {
    /// Its name, for the team.
    pub title: String,
    /// Who is meant; everybody unless told.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub audience: Audience,
    /// Only contacts that match may be written to, not any contact of the person.
    #[serde(default)]
    pub matching_only: bool,
    /// What is said.
    #[serde(default)]
    pub body: Body,
    /// Kinds of channels in the order of preference.
    #[serde(default)]
    pub channels: Vec<ChannelKind>,
    /// Whether another channel is tried when one refuses.
    #[serde(default = "yes")]
    pub fallback: bool,
    /// When.
    #[serde(default)]
    pub schedule: Schedule,
    /// Messages a minute on each connection at most, below what its channel bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace_per_minute: Option<u32>,
    /// How many mailings a person gets in some days at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// Must reach those who opted out, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Required>,
    /// Whether the way out of mailings is told below a text.
    #[serde(default = "yes")]
    pub opt_out_line: bool,
    /// Links of the texts lead over this installation, which counts who opened which; of texts, not of scenarios.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub count_clicks: bool,
    /// What it is sent for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
}

/// What a mailing is sent for, counted for so many days after each got it: a field that got a value, or a block of a scenario that was reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingGoal)]
pub struct Goal {
    /// A field's key, with `op` and `value` as in an audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How it is compared: `is_filled`, `is`, `contains`, `starts_with`, `ends_with`, `at_least`, `at_most`, `below`, `in`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub op: Option<Op>,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub value: Option<Wanted>,
    /// A scenario, with `block`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_id: Option<ScenarioId>,
    /// The block's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// Days after it was sent to somebody.
    pub within_days: u32,
}

const fn yes() -> bool {
    true
}

/// What is said: a scenario that begins, or a text. One of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingBody)]
pub struct Body {
    /// The scenario that each recipient begins (R34).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_id: Option<ScenarioId>,
    /// The name of its launch; unless told, its first launch by a mailing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch: Option<String>,
    /// The text, with `{{field}}` or `{{field|instead}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Another text, or a subject, for some channels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_channel: BTreeMap<ChannelKind, Words>,
}

/// What is said in one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingWords)]
pub struct Words {
    /// Instead of the common text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the letter is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// When a mailing goes out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingSchedule)]
pub struct Schedule {
    /// `2026-12-03T10:00` in `zone`; at once when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whose zone that is.
    #[serde(default)]
    pub zone: Zone,
    /// Hours in the client's zone in which nobody is written to.
    #[serde(default)]
    pub quiet: Option<Quiet>,
    /// `2026-12-05T20:00` in the project's zone: what was not sent by then is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

impl Default for Schedule {
    fn default() -> Self {
        let quiet = Some(Quiet { from: "21:00".to_owned(), to: "09:00".to_owned() });
        Self { at: None, zone: Zone::Project, quiet, last: None }
    }
}

/// Whose zone a time is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MailingZone)]
pub enum Zone {
    /// The project's.
    #[default]
    Project,
    /// The client's.
    Client,
}

/// Hours of a day; `to` may be on the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuietHours)]
pub struct Quiet {
    /// `HH:MM`; it counts.
    pub from: String,
    /// `HH:MM`; it does not.
    pub to: String,
}

/// So many mailings a person in so many days at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingFrequency)]
pub struct Frequency {
    /// Mailings.
    pub times: u32,
    /// Days.
    pub days: u32,
}

/// Why a mailing must reach everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailingRequired)]
pub struct Required {
    /// In words, for the audit log.
    pub reason: String,
}

impl Document {
    /// The text for a channel; none where a scenario speaks.
    pub fn text_for(&self, channel: ChannelKind) -> Option<&str> {
        let own = self.body.per_channel.get(&channel).and_then(|words| words.text.as_deref());
        own.filter(|text| !text.trim().is_empty()).or(self.body.text.as_deref())
    }

    /// The subject for a channel.
    pub fn subject_for(&self, channel: ChannelKind) -> Option<&str> {
        let own = self.body.per_channel.get(&channel).and_then(|words| words.subject.as_deref());
        own.filter(|subject| !subject.trim().is_empty())
    }
}
