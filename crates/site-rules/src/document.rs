//! The document of an auto-action as the API carries it (section 1 of `site.md`). [`crate::read`] makes one from any JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Leaves of one auto-action's conditions, at most.
pub const MAX_LEAVES: usize = 50;

/// An auto-action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Id; a draft has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name, for people.
    #[serde(default)]
    pub title: String,
    /// Whether it acts at all.
    pub enabled: bool,
    /// Higher acts first.
    pub priority: i64,
    /// When its conditions are looked at.
    pub starts: Start,
    /// What must hold.
    pub conditions: Conditions,
    /// What it does.
    pub actions: Vec<Action>,
    /// How often it may.
    pub limits: Limits,
}

/// When an auto-action's conditions are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A page is shown.
    Page,
    /// Time passes on it.
    Time,
    /// The visitor scrolls.
    Scroll,
    /// The visitor is about to leave.
    Exit,
    /// The visitor does nothing.
    Idle,
    /// The page's script told an event.
    Event,
}

impl Start {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Page, Self::Time, Self::Scroll, Self::Exit, Self::Idle, Self::Event];

    /// Its word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Time => "time",
            Self::Scroll => "scroll",
            Self::Exit => "exit",
            Self::Idle => "idle",
            Self::Event => "event",
        }
    }
}

/// The conditions: all must hold, or any. Without members "all" holds and "any" does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conditions {
    /// Every member must hold.
    All(Vec<Member>),
    /// One member must hold.
    Any(Vec<Member>),
}

impl Default for Conditions {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// A leaf, or a group of leaves: groups stand one level deep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Member {
    /// One condition.
    Leaf(Leaf),
    /// A group.
    Group(Group),
}

/// A group within the conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Every leaf must hold.
    All(Vec<Leaf>),
    /// One leaf must hold.
    Any(Vec<Leaf>),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    /// Name of the fact, as `page_url`, `field.phone`.
    pub fact: String,
    /// How it is compared.
    pub op: Op,
    /// With what; nothing for operators that need nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
}

/// How a fact is compared with a condition's value (section 2 of `site.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Op {
    Is,
    IsNot,
    In,
    NotIn,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Matches,
    AtLeast,
    AtMost,
    IsEmpty,
    IsFilled,
    Has,
    HasNot,
    IsTrue,
    IsFalse,
    Within,
    NotWithin,
    Below,
}

/// What an auto-action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Shows suggests.
    ShowSuggests {
        /// Which.
        suggest_ids: Vec<String>,
    },
    /// Says something.
    Message {
        /// Who says it.
        author: Author,
        /// What.
        text: String,
    },
    /// Opens the panel.
    OpenWidget,
    /// Asks for fields.
    ShowForm {
        /// Their keys.
        fields: Vec<String>,
    },
    /// Starts a scenario.
    StartScenario {
        /// Which.
        scenario_id: String,
    },
    /// Gives the contact a tag.
    SetTag {
        /// Which.
        tag: String,
    },
    /// Writes a field of the contact.
    SetField {
        /// Its key.
        key: String,
        /// The value.
        value: String,
    },
    /// Tells operators.
    Notify {
        /// What.
        text: String,
    },
    /// Tells the page's script.
    JsEvent {
        /// Name of the event.
        name: String,
    },
}

/// Who says an auto-action's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The bot.
    Bot,
    /// An operator.
    Operator,
}

/// How often an auto-action may act, per visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Within what it is counted.
    pub per: Per,
    /// How often within it.
    pub times: u32,
    /// Seconds that must have passed since any other auto-action was shown.
    pub pause_seconds: u32,
    /// Whether it acts although a dialog is open.
    pub over_open_dialog: bool,
}

impl Default for Limits {
    /// Once in a visit: who was told does not want to be told on every page.
    fn default() -> Self {
        Self { per: Per::Visit, times: 1, pause_seconds: 0, over_open_dialog: false }
    }
}

/// Within what showings are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The visit.
    Visit,
    /// The day in the project's time zone.
    Day,
    /// All time.
    Ever,
    /// They are not counted.
    None,
}
