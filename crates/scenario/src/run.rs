//! What is kept of a run between two events.

use serde::{Deserialize, Serialize};

/// A run of a scenario with one client. Stored whole after each event; its fields have short names for that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Where it is; nowhere before it began and between blocks that a loop broke.
    #[serde(rename = "at", default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Spot>,
    /// The scenarios that called the one it is in, outermost first.
    #[serde(rename = "in", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) callers: Vec<Caller>,
    /// Blocks entered so far; the number of the last visit.
    #[serde(rename = "n", default)]
    pub(crate) visits: u32,
    /// Blocks it has been in.
    #[serde(rename = "been", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) seen: Vec<u64>,
    /// Effects told so far.
    #[serde(rename = "fx", default)]
    pub(crate) effects: u32,
    /// Wrong answers to the question it waits at.
    #[serde(rename = "no", default, skip_serializing_if = "is_zero")]
    pub(crate) attempts: u32,
    /// When the block it is in goes on by itself.
    #[serde(rename = "due", default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<i64>,
    /// When the collected messages are taken as the answer.
    #[serde(rename = "take", default, skip_serializing_if = "Option::is_none")]
    pub(crate) collect_due: Option<i64>,
    /// Messages collected so far.
    #[serde(rename = "got", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) collected: Vec<String>,
    /// When it ends for want of a word of the client.
    #[serde(rename = "exp", default)]
    pub(crate) expires: i64,
    /// Whether an operator holds it up.
    #[serde(rename = "held", default, skip_serializing_if = "is_false")]
    pub(crate) paused: bool,
    /// Its variables, without `var.`.
    #[serde(rename = "var", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) vars: Vec<(String, String)>,
    /// How it ended.
    #[serde(rename = "end", default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<End>,
}

/// The block a run is in, and which visit of it this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub(crate) struct Spot {
    pub block: u32,
    pub visit: u32,
}

impl From<(u32, u32)> for Spot {
    fn from((block, visit): (u32, u32)) -> Self {
        Self { block, visit }
    }
}

impl From<Spot> for (u32, u32) {
    fn from(spot: Spot) -> Self {
        (spot.block, spot.visit)
    }
}

/// A call that has not returned: where it was made, and the version that was called, which stays (section 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Caller {
    pub spot: Spot,
    pub scenario: String,
    pub version: u32,
}

/// Why a run ended (section 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It came to its end.
    Done,
    /// Another launch took its place (ruling 51).
    Replaced,
    /// Too many blocks after one event (ruling 53).
    Loop,
    /// An operator took the conversation.
    Operator,
    /// The client said nothing for too long (ruling 55).
    Expired,
    /// The contact is gone or has blocked us.
    ContactRemoved,
    /// Somebody stopped it.
    Stopped,
    /// The option is off (ruling 56).
    NoLicence,
}

impl End {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Done,
        Self::Replaced,
        Self::Loop,
        Self::Operator,
        Self::Expired,
        Self::ContactRemoved,
        Self::Stopped,
        Self::NoLicence,
    ];

    /// The word in transcripts and in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Replaced => "replaced",
            Self::Loop => "loop",
            Self::Operator => "operator",
            Self::Expired => "expired",
            Self::ContactRemoved => "contact_removed",
            Self::Stopped => "stopped",
            Self::NoLicence => "no_licence",
        }
    }
}

impl Run {
    /// The moment when something is to happen without an event from outside; `None` once it ended.
    pub fn next_due(&self) -> Option<i64> {
        match (self.ended, self.paused) {
            (Some(_), _) => None,
            (None, true) => Some(self.expires),
            (None, false) => [self.collect_due, self.due].into_iter().flatten().chain([self.expires]).min(),
        }
    }

    /// The number of the block it is in, in the scenario it is in.
    pub fn block(&self) -> Option<u32> {
        self.at.map(|spot| spot.block)
    }

    /// Where it is in its own scenario: the block with its visit, be it that of a call that has not returned.
    pub fn own_spot(&self) -> Option<(u32, u32)> {
        self.callers.first().map(|caller| caller.spot).or(self.at).map(Into::into)
    }

    /// The number of the visit it is in.
    pub fn visit(&self) -> Option<u32> {
        self.at.map(|spot| spot.visit)
    }

    /// How it ended, if it did.
    pub fn ended(&self) -> Option<End> {
        self.ended
    }

    /// Whether an operator holds it up.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Its variables.
    pub fn vars(&self) -> &[(String, String)] {
        &self.vars
    }

    /// The called scenario it is in, with its version; `None` in its own.
    pub fn called(&self) -> Option<(&str, u32)> {
        self.callers.last().map(|caller| (caller.scenario.as_str(), caller.version))
    }

    /// Every scenario version that it may come back to or is in, but its own.
    pub fn pinned(&self) -> impl Iterator<Item = (&str, u32)> {
        self.callers.iter().map(|caller| (caller.scenario.as_str(), caller.version))
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}
