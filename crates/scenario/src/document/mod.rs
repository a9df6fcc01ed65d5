//! The document of a scenario as the editor saves it (section 3 of `scenarios.md`). A draft may hold anything of this shape; [`crate::check`]
//! says what keeps it from being published.

mod blocks;

pub use blocks::*;

use crate::span::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The shape of documents that this program writes.
pub const SCHEMA: u32 = 1;
/// A scenario has no more blocks (section 7).
pub const MAX_BLOCKS: usize = 500;
/// A text of the bot is no longer (section 7).
pub const MAX_TEXT: usize = 4000;

/// A scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of the shape; 1.
    #[serde(default = "schema")]
    pub schema: u32,
    /// Id, in published and exported documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name, for people.
    #[serde(default)]
    pub name: String,
    /// Number of the version, in published and exported documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// What holds for the whole run.
    #[serde(default)]
    pub settings: Settings,
    /// Where runs begin.
    #[serde(default)]
    pub launch: Vec<Launch>,
    /// Where the editor draws the card of the launches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<[f64; 2]>,
    /// The number of the next block, so that ids are never used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// The blocks.
    #[serde(default)]
    pub blocks: Vec<Block>,
    /// Exits that lead on.
    #[serde(default)]
    pub edges: Vec<Edge>,
}

fn schema() -> u32 {
    SCHEMA
}

/// What holds for a whole run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Blocks entered after one event from outside, at most; 100 unless told (ruling 53).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_limit: Option<u32>,
    /// How long a run lives after the client's last word; seven days unless told (ruling 55).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_ttl: Option<Millis>,
    /// What an operator's coming does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_operator: Option<OnOperator>,
    /// Time zone of hours and times of day, as `Europe/Moscow`; UTC unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What becomes of a run when an operator takes the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOperator {
    /// It ends.
    Stop,
    /// It waits until the operator has gone.
    Pause,
}

/// A place where runs begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    /// What launches.
    pub kind: LaunchKind,
    /// Which one: the menu button, the suggest, the mailing, the key of the changed field.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Words of a keyword launch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// How the words are looked for.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<Matching>,
    /// The first block; the first of the document unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What launches a scenario (ruling 51).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaunchKind {
    /// A button of the widget's menu (R31).
    #[serde(alias = "menu")]
    MenuButton,
    /// A suggest (R32).
    Suggest,
    /// An auto-action of the site (R33).
    AutoAction,
    /// A mailing (R34).
    Mailing,
    /// A word of the client.
    Keyword,
    /// The first message of a client.
    FirstMessage,
    /// A field of the client changed.
    FieldChanged,
    /// A call of the API or an operator.
    Api,
    /// A try of the draft.
    Test,
}

impl LaunchKind {
    /// Its word, in documents and in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MenuButton => "menu_button",
            Self::Suggest => "suggest",
            Self::AutoAction => "auto_action",
            Self::Mailing => "mailing",
            Self::Keyword => "keyword",
            Self::FirstMessage => "first_message",
            Self::FieldChanged => "field_changed",
            Self::Api => "api",
            Self::Test => "test",
        }
    }
}

/// How the words of a keyword launch are looked for (ruling 70).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// The whole message.
    Whole,
    /// Whole words in it.
    Words,
}

/// A block. Its settings are read by [`Settings`](BlockKind) of its type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Id; never changed, never used again.
    pub id: String,
    /// Type, a word of section 2.
    #[serde(rename = "type")]
    pub kind: String,
    /// Title on the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the editor draws it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<[f64; 2]>,
    /// Settings of its type.
    #[serde(default)]
    pub settings: Map<String, Value>,
}

/// An exit that leads to a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The block and its exit.
    pub from: (String, String),
    /// The block behind it.
    pub to: String,
}

/// The settings of a block, by its type.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each is the block of section 2 with its name")]
pub enum BlockKind {
    Message(Message),
    Condition(Condition),
    Delay(Delay),
    Set(Set),
    Tag(Tag),
    Subscribe(Subscribe),
    Note(Text),
    Notify(Notify),
    Assign(Assign),
    Http(Http),
    External(External),
    Transfer(Transfer),
    Split(Split),
    Jump(Jump),
    Call(Call),
    Close(Ending),
    End(Ending),
}

/// Why settings could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSettings {
    /// Where, as `wait.timeout`; empty for the block itself.
    pub setting: String,
    /// Words.
    pub message: String,
}

impl Block {
    /// Its settings, or what is wrong with them by name.
    ///
    /// # Errors
    /// An unknown type, an unknown setting, a setting of the wrong kind.
    pub fn read(&self) -> Result<BlockKind, BadSettings> {
        Ok(match self.kind.as_str() {
            "message" => BlockKind::Message(self.settings()?),
            "condition" => BlockKind::Condition(self.settings()?),
            "delay" => BlockKind::Delay(self.settings()?),
            "set" => BlockKind::Set(self.settings()?),
            "tag" => BlockKind::Tag(self.settings()?),
            "subscribe" => BlockKind::Subscribe(self.settings()?),
            "note" => BlockKind::Note(self.settings()?),
            "notify" => BlockKind::Notify(self.settings()?),
            "assign" => BlockKind::Assign(self.settings()?),
            "http" => BlockKind::Http(self.settings()?),
            "external" => BlockKind::External(self.settings()?),
            "transfer" => BlockKind::Transfer(self.settings()?),
            "split" => BlockKind::Split(self.settings()?),
            "jump" => BlockKind::Jump(self.settings()?),
            "call" => BlockKind::Call(self.settings()?),
            "close" => BlockKind::Close(self.settings()?),
            "end" => BlockKind::End(self.settings()?),
            other => {
                let message = format!("There is no block of type `{other}`.");
                return Err(BadSettings { setting: String::new(), message });
            }
        })
    }

    fn settings<T: serde::de::DeserializeOwned>(&self) -> Result<T, BadSettings> {
        serde_path_to_error::deserialize(Value::Object(self.settings.clone())).map_err(|error| {
            let path = error.path().to_string();
            BadSettings {
                setting: if path == "." { String::new() } else { path },
                message: error.into_inner().to_string(),
            }
        })
    }
}
