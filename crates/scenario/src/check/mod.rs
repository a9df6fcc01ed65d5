//! What keeps a document from being published, and what its maker should look at (section 3 of `scenarios.md`). Every problem names its block.

mod ways;

use crate::document::{
    Block, BlockKind, ButtonKind, Document, Expect, Http, LaunchKind, MAX_BLOCKS, MAX_TEXT, Message, OnIncorrect,
    SCHEMA,
};
use crate::graph::{exits_of, op_of, question_of};
use crate::request::secret_of;
use crate::spread::Spread;
use crate::template::Template;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// Addresses that one block tells.
const MOST_EMAILS: usize = 5;
/// Buttons that every channel with buttons shows (section 2).
const MOST_BUTTONS: usize = 13;
/// Characters of a label that every channel shows.
const LONGEST_LABEL: usize = 20;
/// Characters of a button's id, which travels with the run's and the visit's.
const LONGEST_BUTTON_ID: usize = 16;
/// Exits that an id of a branch, variant or code must not look like (ruling 46).
const RESERVED: [&str; 12] = [
    "next",
    "correct",
    "incorrect",
    "timeout",
    "undelivered",
    "replied",
    "success",
    "error",
    "no_operator",
    "returned",
    "jump",
    "else",
];

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether it keeps the document from being published.
    pub level: Level,
    /// What kind of problem, a word that pages translate.
    pub code: &'static str,
    /// The block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// Its exit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// Its setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What happened and what to do, in English.
    pub message: String,
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Refuses publishing.
    Error,
    /// Allowed.
    Warning,
}

/// What the document may name; `None` where the caller does not know and nothing is checked.
#[derive(Debug, Default, Clone)]
pub struct Known {
    /// Keys of the project's fields.
    pub fields: Option<HashSet<String>>,
    /// Ids of the project's published scenarios.
    pub scenarios: Option<HashSet<String>>,
    /// Ids of files that the project may send.
    pub files: Option<HashSet<String>>,
    /// Ids of the project's departments.
    pub departments: Option<HashSet<String>>,
    /// Names of the project's secrets.
    pub secrets: Option<HashSet<String>>,
    /// Kinds of launch that something can launch by now.
    pub launches: Option<HashSet<LaunchKind>>,
    /// Whether a time zone is known.
    pub is_zone: Option<fn(&str) -> bool>,
}

/// Checks a document; errors first, each list in the order of the blocks.
pub fn check(document: &Document, known: &Known) -> Vec<Problem> {
    let mut checker = Checker { known, problems: Vec::new() };
    checker.document(document);
    let mut problems = checker.problems;
    problems.sort_by_key(|problem| problem.level);
    problems
}

struct Checker<'k> {
    known: &'k Known,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn document(&mut self, document: &Document) {
        if document.schema != SCHEMA {
            let message =
                format!("Documents of schema {} cannot be read here, only of schema {SCHEMA}.", document.schema);
            return self.whole("unknown_schema", message);
        }
        if document.blocks.is_empty() {
            return self.whole("no_blocks", "The scenario has no blocks. Add one.".to_owned());
        }
        if document.blocks.len() > MAX_BLOCKS {
            let message =
                format!("{} blocks are too many: {MAX_BLOCKS} at most. Part it with calls.", document.blocks.len());
            return self.whole("too_many_blocks", message);
        }
        let mut at = HashMap::new();
        for (number, block) in document.blocks.iter().enumerate() {
            if at.insert(block.id.as_str(), number).is_some() {
                self.error(block, "duplicate_block", None, format!("Two blocks have the id `{}`.", block.id));
            }
        }
        let kinds: Vec<Option<BlockKind>> = document.blocks.iter().map(|block| self.block(block)).collect();
        let exits: Vec<Vec<String>> =
            kinds.iter().map(|kind| kind.as_ref().map(exits_of).unwrap_or_default()).collect();
        self.launches(document, &at);
        self.settings(document);
        let ways = self.edges(document, &kinds, &exits, &at);
        self.cycles(document, &kinds, &ways);
        self.reach(document, &at, &kinds, &ways);
    }

    fn block(&mut self, block: &Block) -> Option<BlockKind> {
        let kind = match block.read() {
            Ok(kind) => kind,
            Err(bad) if !is_known_type(&block.kind) => {
                self.error(block, "unknown_block_type", None, bad.message);
                return None;
            }
            Err(bad) => {
                self.error(block, "bad_setting", Some(bad.setting), bad.message);
                return None;
            }
        };
        if let Err((setting, code, message)) = op_of(kind.clone(), &block.id) {
            self.error(block, code, Some(setting).filter(|setting| !setting.is_empty()), message);
        }
        self.ids(block, &kind);
        self.texts(block, &kind);
        self.targets(block, &kind);
        Some(kind)
    }

    /// Ids of exits: none twice, none reserved.
    fn ids(&mut self, block: &Block, kind: &BlockKind) {
        let ids: Vec<&str> = match kind {
            BlockKind::Condition(condition) => condition.branches.iter().map(|branch| branch.id.as_str()).collect(),
            BlockKind::Split(split) => split.variants.iter().map(|variant| variant.id.as_str()).collect(),
            BlockKind::External(external) => external.exits.iter().map(|code| code.id.as_str()).collect(),
            BlockKind::Message(message) => message.buttons.iter().map(|button| button.id.as_str()).collect(),
            _ => return,
        };
        let is_button = matches!(kind, BlockKind::Message(_));
        let mut seen = HashSet::new();
        for id in ids {
            if id.trim().is_empty() {
                self.error(block, "empty_exit", None, "An exit of the block has no id.".to_owned());
            } else if !seen.insert(id) {
                self.error(block, "duplicate_exit", None, format!("Two exits of the block are `{id}`."));
            } else if !is_button && (RESERVED.contains(&id) || id.starts_with("button:")) {
                self.error(
                    block,
                    "reserved_exit",
                    None,
                    format!("`{id}` is the name of an exit of ours: choose another."),
                );
            } else if is_button
                && (id.len() > LONGEST_BUTTON_ID || !id.bytes().all(|b| b.is_ascii_graphic() && b != b'.'))
            {
                let message = format!("The id `{id}` of a button must be 1 to {LONGEST_BUTTON_ID} letters and digits.");
                self.error(block, "bad_button_id", None, message);
            }
        }
        match kind {
            BlockKind::Condition(condition) if condition.branches.is_empty() => {
                self.error(block, "no_branches", None, "The condition has no branch.".to_owned());
            }
            BlockKind::Split(split) if split.variants.iter().all(|variant| variant.percent <= 0.0) => {
                self.error(block, "no_branches", None, "No variant of the split has a share.".to_owned());
            }
            _ => {}
        }
    }

    fn texts(&mut self, block: &Block, kind: &BlockKind) {
        match kind {
            BlockKind::Message(message) => self.message(block, message),
            BlockKind::Note(text) => self.text(block, "text", &text.text, true),
            BlockKind::Notify(notify) => {
                self.text(block, "text", &notify.text, true);
                self.emails(block, &notify.emails);
            }
            BlockKind::Transfer(transfer) => {
                self.text(block, "text", transfer.text.as_deref().unwrap_or_default(), false);
                self.text(block, "note", transfer.note.as_deref().unwrap_or_default(), false);
                self.department(block, transfer.to.as_deref().unwrap_or_default().trim());
            }
            BlockKind::Http(http) => self.request(block, http),
            BlockKind::External(external) => self.address(block, &external.url),
            BlockKind::Tag(tag) if tag.add.is_empty() && tag.remove.is_empty() => {
                self.error(block, "missing_setting", Some("add".to_owned()), "The block names no tag.".to_owned());
            }
            _ => {}
        }
    }

    /// A department that is gone: what is to be handed over would wait in the common queue.
    fn department(&mut self, block: &Block, to: &str) {
        let is_gone = self.known.departments.as_ref().is_some_and(|known| !known.contains(to));
        if to.starts_with("dep_") && is_gone {
            let message = "There is no such department any more. Choose another, or the queue.".to_owned();
            self.error(block, "unknown_department", Some("to".to_owned()), message);
        }
    }

    /// Addresses of the team.
    fn emails(&mut self, block: &Block, emails: &[String]) {
        let setting = || Some("emails".to_owned());
        if emails.len() > MOST_EMAILS {
            let message =
                format!("At most {MOST_EMAILS} addresses are told. Write to a list of your mail server instead.");
            self.error(block, "too_many_emails", setting(), message);
        }
        if let Some(bad) = emails.iter().find(|email| !is_email(email)) {
            self.error(block, "bad_email", setting(), format!("“{bad}” is no e-mail address."));
        }
    }

    fn message(&mut self, block: &Block, message: &Message) {
        let is_empty = message.text.trim().is_empty() && message.files.is_empty();
        if is_empty {
            self.error(
                block,
                "empty_text",
                Some("text".to_owned()),
                "The message says nothing. Write its text.".to_owned(),
            );
        }
        self.text(block, "text", &message.text, false);
        for (channel, variant) in &message.variants {
            self.text(block, &format!("variants.{channel}.text"), &variant.text, true);
        }
        for button in &message.buttons {
            if button.label.trim().is_empty() {
                self.error(block, "empty_label", Some("buttons".to_owned()), "A button has no label.".to_owned());
            }
            let is_link = button.kind == ButtonKind::Link;
            if is_link && !button.url.as_deref().is_some_and(is_web_address) {
                let message = format!("The button «{}» needs an address that begins with https://.", button.label);
                self.error(block, "bad_url", Some("buttons".to_owned()), message);
            }
        }
        let labels = message.buttons.iter().any(|button| button.label.chars().count() > LONGEST_LABEL);
        if message.buttons.len() > MOST_BUTTONS || labels {
            let words = format!(
                "Messengers show {MOST_BUTTONS} buttons of {LONGEST_LABEL} characters; others become a numbered list there."
            );
            self.warning(block, "channel_limit", None, words);
        }
        if let Some(known) = &self.known.files {
            let foreign: Vec<&String> = message.files.iter().filter(|file| !known.contains(*file)).collect();
            for file in foreign {
                self.error(block, "unknown_file", Some("files".to_owned()), format!("There is no file `{file}`."));
            }
        }
        let Some(wait) = question_of(message) else { return };
        let replies = message.buttons.iter().any(|button| button.kind != ButtonKind::Link);
        if wait.expect == Expect::Choice && !replies {
            let words = "A choice needs buttons to choose from.".to_owned();
            self.error(block, "no_buttons", Some("buttons".to_owned()), words);
        }
        let has_words = wait.error_text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let can_be_wrong = !matches!(wait.expect, Expect::Any | Expect::Choice);
        if wait.on_incorrect == OnIncorrect::Retry && can_be_wrong && !has_words {
            let words = "Without an error text the question is asked again in the same words.".to_owned();
            let setting = Some("wait.error_text".to_owned());
            self.add(Level::Warning, "no_error_text", Spot { block: Some(block), setting, ..Spot::default() }, words);
        }
        self.text(block, "wait.error_text", wait.error_text.as_deref().unwrap_or_default(), false);
        if wait.max_attempts == Some(0) {
            let words = "An answer needs one attempt at least.".to_owned();
            self.error(block, "bad_setting", Some("wait.max_attempts".to_owned()), words);
        }
    }

    fn text(&mut self, block: &Block, setting: &str, text: &str, is_required: bool) {
        let length = text.chars().count();
        if is_required && text.trim().is_empty() {
            self.error(block, "empty_text", Some(setting.to_owned()), "The text is empty.".to_owned());
        }
        if length > MAX_TEXT {
            let message = format!("The text has {length} characters: {MAX_TEXT} at most.");
            self.error(block, "text_too_long", Some(setting.to_owned()), message);
        }
        let keys: Vec<String> = Template::parse(text).keys().map(str::to_owned).collect();
        for key in keys {
            self.field(block, setting, &key, Level::Warning);
        }
    }

    fn request(&mut self, block: &Block, http: &Http) {
        self.address(block, &http.url);
        self.text(block, "url", &http.url, false);
        for (name, value) in &http.headers {
            self.keys(block, "headers", Template::parse(value).keys(), Some(name));
        }
        let body = http.body.as_ref().map(Spread::of);
        self.keys(block, "body", body.iter().flat_map(Spread::keys), None);
    }

    /// Values and secrets of a part of a request.
    fn keys<'t>(&mut self, block: &Block, setting: &str, keys: impl Iterator<Item = &'t str>, header: Option<&str>) {
        for key in keys {
            let Some(secret) = secret_of(key) else {
                self.field(block, setting, key, Level::Warning);
                continue;
            };
            if self.known.secrets.as_ref().is_some_and(|known| !known.contains(secret)) {
                let place = header.map_or_else(|| "the body".to_owned(), |name| format!("the header `{name}`"));
                let message = format!("There is no secret `{secret}` for {place}. Create it or choose another.");
                self.error(block, "unknown_secret", Some(setting.to_owned()), message);
            }
        }
    }

    /// Values go behind the host, so that a client cannot choose it.
    fn address(&mut self, block: &Block, url: &str) {
        let host = url.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if !is_web_address(url) || host.is_some_and(|host| host.contains("{{")) {
            let words =
                "An address begins with https:// or http:// and names its host without values in it.".to_owned();
            self.error(block, "bad_url", Some("url".to_owned()), words);
        }
    }

    fn targets(&mut self, block: &Block, kind: &BlockKind) {
        match kind {
            BlockKind::Message(message) => {
                let save_to = question_of(message).and_then(|wait| wait.save_to).filter(|field| !field.is_empty());
                if let Some(field) = save_to {
                    self.field(block, "wait.save_to", &field, Level::Error);
                }
            }
            BlockKind::Condition(condition) => {
                for branch in &condition.branches {
                    for test in branch.all.iter().chain(&branch.any).flatten() {
                        if let Some(field) = &test.field {
                            self.field(block, "branches", field, Level::Error);
                        }
                    }
                }
            }
            BlockKind::Set(set) if set.field.trim().is_empty() => {
                self.error(block, "missing_setting", Some("field".to_owned()), "Choose the field to write.".to_owned());
            }
            BlockKind::Set(set) => self.field(block, "field", &set.field, Level::Error),
            BlockKind::Http(http) => {
                for field in http.save.keys() {
                    self.field(block, "save", field, Level::Error);
                }
            }
            BlockKind::Call(call) => {
                let is_known = self.known.scenarios.as_ref().is_none_or(|known| known.contains(&call.scenario));
                if !is_known {
                    let words = "The called scenario is not published in this project.".to_owned();
                    self.error(block, "unknown_scenario", Some("scenario".to_owned()), words);
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, block: &Block, setting: &str, key: &str, level: Level) {
        if let Some(secret) = secret_of(key) {
            let message = format!("The secret `{secret}` may stand in headers and bodies of requests only.");
            return self.error(block, "secret_outside_request", Some(setting.to_owned()), message);
        }
        let is_own = key.starts_with("var.") || key == "now";
        if is_own || self.known.fields.as_ref().is_none_or(|known| known.contains(key)) {
            return;
        }
        let message = format!("There is no field `{key}`. Create it or choose another.");
        let spot = Spot { block: Some(block), setting: Some(setting.to_owned()), ..Spot::default() };
        self.add(level, "unknown_field", spot, message);
    }

    fn launches(&mut self, document: &Document, at: &HashMap<&str, usize>) {
        if document.launch.is_empty() {
            let message = "Nothing launches the scenario yet: operators and other scenarios can start it.".to_owned();
            self.add(Level::Warning, "no_launch", Spot::default(), message);
        }
        for launch in &document.launch {
            if let Some(to) = launch.to.as_deref().filter(|to| !at.contains_key(to)) {
                self.whole("missing_target", format!("A launch leads to the block `{to}`, which does not exist."));
            }
            if self.known.launches.as_ref().is_some_and(|known| !known.contains(&launch.kind)) {
                let message = "Nothing in this project launches it in this way yet.".to_owned();
                self.add(Level::Warning, "launch_unavailable", Spot::default(), message);
            }
            let has_words = launch.words.iter().chain(&launch.of).any(|word| !word.trim().is_empty());
            if launch.kind == LaunchKind::Keyword && !has_words {
                self.whole("no_words", "A keyword launch has no words.".to_owned());
            }
            let has_field = launch.of.as_ref().is_some_and(|key| !key.trim().is_empty());
            if launch.kind == LaunchKind::FieldChanged && !has_field {
                self.whole("no_launch_field", "A launch by a changed field names no field.".to_owned());
            }
        }
    }

    fn settings(&mut self, document: &Document) {
        if document.settings.step_limit.is_some_and(|limit| !(1..=1000).contains(&limit)) {
            self.whole("bad_setting", "`step_limit` is between 1 and 1000.".to_owned());
        }
        let zone = document.settings.time_zone.as_deref();
        if zone.zip(self.known.is_zone).is_some_and(|(zone, is_zone)| !is_zone(zone)) {
            self.whole("unknown_time_zone", "The time zone is not known. Write it as Europe/Moscow.".to_owned());
        }
    }

    fn whole(&mut self, code: &'static str, message: String) {
        self.add(Level::Error, code, Spot::default(), message);
    }

    fn error(&mut self, block: &Block, code: &'static str, setting: Option<String>, message: String) {
        self.add(Level::Error, code, Spot { block: Some(block), setting, ..Spot::default() }, message);
    }

    fn error_at(&mut self, block: &Block, code: &'static str, exit: &str, message: String) {
        self.add(Level::Error, code, Spot { block: Some(block), exit: Some(exit), ..Spot::default() }, message);
    }

    fn warning(&mut self, block: &Block, code: &'static str, exit: Option<&str>, message: String) {
        self.add(Level::Warning, code, Spot { block: Some(block), exit, ..Spot::default() }, message);
    }

    fn add(&mut self, level: Level, code: &'static str, spot: Spot<'_>, message: String) {
        let Spot { block, exit, setting } = spot;
        let (block, exit) = (block.map(|block| block.id.clone()), exit.map(str::to_owned));
        self.problems.push(Problem { level, code, block, exit, setting, message });
    }
}

/// Where a problem is; nowhere in particular for one of the whole document.
#[derive(Default)]
struct Spot<'b> {
    block: Option<&'b Block>,
    exit: Option<&'b str>,
    setting: Option<String>,
}

fn is_known_type(kind: &str) -> bool {
    matches!(
        kind,
        "message"
            | "condition"
            | "delay"
            | "set"
            | "tag"
            | "subscribe"
            | "note"
            | "notify"
            | "assign"
            | "http"
            | "external"
            | "transfer"
            | "split"
            | "jump"
            | "call"
            | "close"
            | "end"
    )
}

/// As far as a document can tell: whether anybody reads there is found out by writing.
fn is_email(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;".contains(c);
    let parts = text.split_once('@').filter(|(name, domain)| !name.is_empty() && domain.contains('.'));
    text.len() <= 254 && !text.contains(is_odd) && parts.is_some_and(|(_, domain)| !domain.contains('@'))
}

fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !url.contains(char::is_whitespace))
}
