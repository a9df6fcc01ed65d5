//! Settings of blocks, by their type (section 2 of `scenarios.md`).

use crate::span::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// «Сообщение для клиента» (R19-R27).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Message {
    /// What the bot says.
    pub text: String,
    /// Ids of files.
    pub files: Vec<String>,
    /// Buttons under it.
    pub buttons: Vec<Button>,
    /// How long it pretends to type.
    pub typing: Option<Millis>,
    /// Other texts for channels, by their kind.
    pub variants: BTreeMap<String, Variant>,
    /// Ожидать ответа посетителя (R20).
    pub wait: Option<Wait>,
}

/// What a channel is told instead.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The text.
    pub text: String,
}

/// A button of a message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// Id, on which its exit hangs.
    pub id: String,
    /// What the client reads.
    pub label: String,
    /// What it does.
    #[serde(default)]
    pub kind: ButtonKind,
    /// For links.
    #[serde(default)]
    pub url: Option<String>,
}

/// What a button does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// Answers.
    #[default]
    Reply,
    /// Opens an address.
    Link,
    /// Shares the client's own phone.
    SharePhone,
}

/// How an answer is waited for (R20-R27).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wait {
    /// Ответ клиента должен быть (R21).
    pub expect: Expect,
    /// Сохранить корректный ответ в информацию о клиенте (R22): a field, or `var.x`.
    pub save_to: Option<String>,
    /// Действие при некорректном ответе (R23, R24).
    pub on_incorrect: OnIncorrect,
    /// What is said then (R27).
    pub error_text: Option<String>,
    /// Wrong answers until the exit «Клиент ответил некорректно»; 3 unless told.
    pub max_attempts: Option<u32>,
    /// How long it waits; for ever unless told.
    pub timeout: Option<Millis>,
    /// For `pattern`.
    pub pattern: Option<String>,
    /// Smallest number, earliest day, fewest characters (ruling 47).
    pub min: Option<Value>,
    /// Largest number, latest day, most characters.
    pub max: Option<Value>,
    /// How long further messages belong to the answer.
    pub collect: Option<Millis>,
}

/// What an answer must be (R21, R28; ruling 47).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is what it says")]
pub enum Expect {
    #[default]
    Any,
    Text,
    Phone,
    Email,
    Number,
    Date,
    File,
    Choice,
    Pattern,
}

/// What a wrong answer does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnIncorrect {
    /// The error text is sent and the wait goes on (R23).
    #[default]
    Retry,
    /// The scenario goes on through «Клиент ответил некорректно» (R24, R25).
    Exit,
}

/// Branches in order; the first that holds is taken.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// The branches.
    pub branches: Vec<Branch>,
}

/// One branch: all of its tests, or any of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Branch {
    /// Id, its exit.
    pub id: String,
    /// For people.
    pub title: Option<String>,
    /// Every one must hold.
    pub all: Option<Vec<Test>>,
    /// One must hold.
    pub any: Option<Vec<Test>>,
}

/// One test: of a field, or of something else.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    /// The field, or `var.x`.
    pub field: Option<String>,
    /// How it is compared.
    pub op: Option<Op>,
    /// What is tested when it is no field.
    pub test: Option<Other>,
    /// With what.
    pub value: Option<Value>,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is what it says")]
pub enum Op {
    Filled,
    Empty,
    Eq,
    Contains,
    Gt,
    Lt,
    Pattern,
}

/// What can be tested beside fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is what it says")]
pub enum Other {
    Tag,
    Channel,
    Hours,
    Operators,
    NewClient,
}

/// Waits.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delay {
    /// How long.
    #[serde(rename = "for")]
    pub length: Option<Millis>,
    /// Until when.
    pub until: Option<Until>,
    /// Whether a message of the client ends it through `replied` (ruling 52).
    pub cancel_on_reply: bool,
}

/// Until when a delay lasts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Until {
    /// The next such time of day, `10:00`.
    Time(String),
    /// The day or moment in a field; at once when it is past or empty.
    Field {
        /// Its key.
        field: String,
    },
}

/// Writes a field or a variable.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Set {
    /// The field, or `var.x`.
    pub field: String,
    /// The value; null clears.
    pub value: Option<Value>,
    /// How.
    pub op: SetOp,
}

/// How a field is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetOp {
    /// The value replaces.
    #[default]
    Set,
    /// The value is one more; in a variable it is written behind.
    Append,
    /// The number is added.
    Add,
}

/// Tags on and off.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tag {
    /// On.
    pub add: Vec<String>,
    /// Off.
    pub remove: Vec<String>,
}

/// Whether the client takes mailings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// True subscribes, false unsubscribes: it is never guessed.
    pub mailings: bool,
}

/// A text for the team.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Text {
    /// The text.
    pub text: String,
}

/// Tells the team something: in the thread, and by e-mail where addresses are given.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// The text.
    pub text: String,
    /// E-mail addresses that are told, too.
    pub emails: Vec<String>,
}

/// Gives the conversation to somebody.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assign {
    /// Who: id or e-mail; null changes nothing.
    pub to: Option<String>,
}

/// Asks another server.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Its name; the block's id unless told.
    pub request: Option<String>,
    /// GET unless told.
    pub method: Option<String>,
    /// Address; values go behind its host only.
    pub url: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// Text, or JSON in whose texts values are put.
    pub body: Option<Value>,
    /// How long it may take; 10 s unless told.
    pub timeout: Option<Millis>,
    /// How often it is tried again; 3 unless told.
    pub retries: Option<u32>,
    /// Field or variable by the path in the answer that fills it.
    pub save: BTreeMap<String, String>,
}

/// Hands over to your own bot, which finishes with a code that is an exit.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct External {
    /// Its webhook.
    pub url: String,
    /// How long it may take; for ever unless told.
    pub timeout: Option<Millis>,
    /// The codes it may finish with.
    pub exits: Vec<Code>,
}

/// A code of an external bot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The code, its exit.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub title: Option<String>,
}

/// Hands over to people (ruling 49).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Transfer {
    /// Department, person or queue; the queue unless told.
    pub to: Option<String>,
    /// Said to the client.
    pub text: Option<String>,
    /// Said to the team.
    pub note: Option<String>,
    /// How long it waits for them; for ever unless told.
    pub timeout: Option<Millis>,
}

/// Parts clients by weights.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Split {
    /// The variants.
    pub variants: Vec<Share>,
}

/// A variant of a split.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Id, its exit.
    pub id: String,
    /// Its weight.
    pub percent: f64,
    /// For people.
    #[serde(default)]
    pub title: Option<String>,
}

/// Goes to a block.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// Its id.
    pub target: String,
}

/// Runs another scenario and comes back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Its id.
    pub scenario: String,
}

/// Ends.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ending {
    /// Why, for people.
    pub reason: Option<String>,
}
