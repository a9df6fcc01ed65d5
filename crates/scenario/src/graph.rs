//! A document made ready to run: blocks by number, exits with their targets, texts taken apart, patterns built.

use crate::condition::Conditions;
use crate::document::{
    self, Block as Written, BlockKind, Button, Document, Expect, LaunchKind, OnIncorrect, OnOperator, SetOp, Until,
};
use crate::spread::Spread;
use crate::template::Template;
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Wrong answers until a question is given up, unless told (section 7).
pub const MAX_ATTEMPTS: u32 = 3;
const STEP_LIMIT: u32 = 100;
const RUN_TTL: i64 = 7 * 86_400_000;
const HTTP_TIMEOUT: i64 = 10_000;
const HTTP_RETRIES: u32 = 3;
/// A pattern may cost this much memory when it is built.
const PATTERN_SIZE: usize = 1 << 20;

/// A version of a scenario, ready to run.
#[derive(Debug)]
pub struct Graph {
    /// Id of the scenario.
    pub scenario: String,
    /// Its name, shown as the bot's.
    pub name: String,
    /// Number of the version; 0 for a draft.
    pub version: u32,
    /// Blocks entered after one event, at most.
    pub step_limit: u32,
    /// Milliseconds that a run lives after the client's last word.
    pub run_ttl: i64,
    /// What an operator's coming does.
    pub on_operator: OnOperator,
    /// Time zone of its hours.
    pub time_zone: Option<String>,
    /// Where runs begin.
    pub launch: Vec<document::Launch>,
    /// The blocks.
    pub blocks: Vec<Block>,
    ids: HashMap<String, u32>,
}

/// A block, ready to run.
#[derive(Debug)]
pub struct Block {
    /// Its id in the document.
    pub id: String,
    /// Its exits by name, with the block behind each.
    pub exits: Vec<Exit>,
    /// Whether the way from it leads back to it.
    pub in_cycle: bool,
    pub(crate) op: Op,
}

/// An exit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Its name (ruling 46).
    pub name: String,
    /// The block behind it.
    pub to: Option<u32>,
}

#[derive(Debug)]
pub(crate) enum Op {
    Message(Box<Message>),
    Condition(Vec<Conditions>),
    Delay { length: Length, cancel_on_reply: bool },
    Set { field: String, value: Option<Template>, op: SetOp },
    Tag(document::Tag),
    Subscribe(bool),
    Note(Template),
    Notify { text: Template, emails: Vec<String> },
    Assign(Option<String>),
    Http(Box<Http>),
    External { url: String, timeout: Option<i64> },
    Transfer { to: Option<String>, text: Option<Template>, note: Option<Template>, timeout: Option<i64> },
    Split(Vec<f64>),
    Jump,
    Call(String),
    Close(Option<String>),
    End,
}

#[derive(Debug)]
pub(crate) enum Length {
    For(i64),
    /// Minutes after midnight.
    Time(i64),
    Field(String),
}

#[derive(Debug)]
pub(crate) struct Message {
    pub text: Template,
    pub variants: BTreeMap<String, Template>,
    pub files: Vec<String>,
    pub buttons: Vec<Button>,
    pub typing: i64,
    pub wait: Option<Question>,
}

impl Message {
    /// What the given channel is told.
    pub fn text_for(&self, channel: &str) -> &Template {
        self.variants.get(channel).unwrap_or(&self.text)
    }
}

#[derive(Debug)]
pub(crate) struct Question {
    pub expect: Expect,
    pub save_to: Option<String>,
    pub on_incorrect: OnIncorrect,
    pub error_text: Option<Template>,
    pub max_attempts: u32,
    pub timeout: Option<i64>,
    pub pattern: Option<Regex>,
    pub min: Option<Value>,
    pub max: Option<Value>,
    pub collect: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct Http {
    pub request: String,
    pub method: String,
    pub url: Template,
    pub headers: Vec<(String, Template)>,
    pub body: Option<Spread>,
    pub timeout: i64,
    pub retries: u32,
    pub save: Vec<(String, Vec<String>)>,
}

/// Why a block cannot run; [`crate::check`] says it with the block's name.
pub(crate) type Fault = (String, &'static str, String);

impl Graph {
    /// Makes a document ready to run. Faults that [`crate::check`] names for publishing, but that can be run around (a missing target, a
    /// cycle without a wait), are no errors here (ruling 53).
    ///
    /// # Errors
    /// Blocks whose settings cannot be read: `(block, words)`.
    pub fn compile(document: &Document) -> Result<Self, Vec<(String, String)>> {
        let mut ids = HashMap::with_capacity(document.blocks.len());
        for (at, block) in document.blocks.iter().enumerate() {
            ids.entry(block.id.clone()).or_insert(u32::try_from(at).unwrap_or(u32::MAX));
        }
        let mut targets: HashMap<(&str, &str), u32> = HashMap::with_capacity(document.edges.len());
        for edge in &document.edges {
            let to = ids.get(&edge.to).copied();
            targets.extend(to.map(|to| ((edge.from.0.as_str(), edge.from.1.as_str()), to)));
        }
        let mut faults = Vec::new();
        let mut blocks = Vec::with_capacity(document.blocks.len());
        for written in &document.blocks {
            match block_of(written, &ids, &targets) {
                Ok(block) => blocks.push(block),
                Err((setting, _, message)) if setting.is_empty() => faults.push((written.id.clone(), message)),
                Err((setting, _, message)) => faults.push((written.id.clone(), format!("`{setting}`: {message}"))),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        mark_cycles(&mut blocks);
        let settings = &document.settings;
        Ok(Self {
            scenario: document.id.clone().unwrap_or_default(),
            name: document.name.clone(),
            version: document.version.unwrap_or(0),
            step_limit: settings.step_limit.unwrap_or(STEP_LIMIT).max(1),
            run_ttl: settings.run_ttl.map_or(RUN_TTL, |ttl| ttl.0),
            on_operator: settings.on_operator.unwrap_or(OnOperator::Stop),
            time_zone: settings.time_zone.clone(),
            launch: document.launch.clone(),
            blocks,
            ids,
        })
    }

    /// The number of a block.
    pub fn block(&self, id: &str) -> Option<u32> {
        self.ids.get(id).copied()
    }

    /// Where a run begins that is launched so: the launch of this kind, else the first launch, else the first block.
    pub fn entry(&self, kind: LaunchKind, of: Option<&str>) -> Option<u32> {
        let exact = self.launch.iter().find(|launch| launch.kind == kind && of.is_some() && launch.of.as_deref() == of);
        let launch = exact.or_else(|| self.launch.iter().find(|launch| launch.kind == kind));
        let launch = launch.or(self.launch.first());
        match launch.and_then(|launch| launch.to.as_deref()) {
            Some(to) => self.block(to),
            None if self.blocks.is_empty() => None,
            None => Some(0),
        }
    }

    /// Ids of the scenarios that its blocks call.
    pub fn calls(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter_map(|block| match &block.op {
            Op::Call(scenario) => Some(scenario.as_str()),
            _ => None,
        })
    }
}

/// The exits of a block by its settings, in the order in which the editor shows them (ruling 46).
pub(crate) fn exits_of(kind: &BlockKind) -> Vec<String> {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    match kind {
        BlockKind::Message(message) => match question_of(message) {
            None => named(&["next", "undelivered"]),
            Some(wait) => {
                let replies = message.buttons.iter().filter(|button| button.kind != document::ButtonKind::Link);
                let mut exits: Vec<String> = replies.map(|button| format!("button:{}", button.id)).collect();
                exits.extend(named(&["correct", "incorrect"]));
                exits.extend(wait.timeout.map(|_| "timeout".to_owned()));
                exits.push("undelivered".to_owned());
                exits
            }
        },
        BlockKind::Condition(condition) => {
            let branches = condition.branches.iter().map(|branch| branch.id.clone());
            branches.chain(["else".to_owned()]).collect()
        }
        BlockKind::Delay(delay) if delay.cancel_on_reply => named(&["next", "replied"]),
        BlockKind::Delay(_)
        | BlockKind::Set(_)
        | BlockKind::Tag(_)
        | BlockKind::Subscribe(_)
        | BlockKind::Note(_)
        | BlockKind::Notify(_)
        | BlockKind::Assign(_) => named(&["next"]),
        BlockKind::Http(_) => named(&["success", "error"]),
        BlockKind::External(external) => {
            let codes = external.exits.iter().map(|code| code.id.clone());
            let timeout = external.timeout.map(|_| "timeout".to_owned());
            codes.chain(["error".to_owned()]).chain(timeout).collect()
        }
        BlockKind::Transfer(transfer) if transfer.timeout.is_some() => named(&["no_operator", "timeout"]),
        BlockKind::Transfer(_) => named(&["no_operator"]),
        BlockKind::Split(split) => split.variants.iter().map(|variant| variant.id.clone()).collect(),
        BlockKind::Jump(_) => named(&["jump"]),
        BlockKind::Call(_) => named(&["returned"]),
        BlockKind::Close(_) | BlockKind::End(_) => Vec::new(),
    }
}

/// The wait of a message; buttons that answer imply one for a choice (ruling 46).
pub(crate) fn question_of(message: &document::Message) -> Option<document::Wait> {
    let answers = message.buttons.iter().any(|button| button.kind != document::ButtonKind::Link);
    let implied = || document::Wait { expect: Expect::Choice, ..document::Wait::default() };
    message.wait.clone().or_else(|| answers.then(implied))
}

fn block_of(
    written: &Written,
    ids: &HashMap<String, u32>,
    targets: &HashMap<(&str, &str), u32>,
) -> Result<Block, Fault> {
    let kind = written.read().map_err(|bad| (bad.setting, "bad_setting", bad.message))?;
    let target = |exit: &str| targets.get(&(written.id.as_str(), exit)).copied();
    let mut exits: Vec<Exit> = exits_of(&kind).into_iter().map(|name| Exit { to: target(&name), name }).collect();
    // A button without its own exit leaves where a right answer does, under its own name (section 8).
    let correct = target("correct");
    for exit in exits.iter_mut().filter(|exit| exit.name.starts_with("button:")) {
        exit.to = exit.to.or(correct);
    }
    if let BlockKind::Jump(jump) = &kind {
        exits[0].to = ids.get(&jump.target).copied();
    }
    let op = op_of(kind, &written.id)?;
    Ok(Block { id: written.id.clone(), exits, in_cycle: false, op })
}

pub(crate) fn op_of(kind: BlockKind, id: &str) -> Result<Op, Fault> {
    let template = |text: &String| Template::parse(text);
    Ok(match kind {
        BlockKind::Message(message) => Op::Message(Box::new(message_of(message)?)),
        BlockKind::Condition(condition) => {
            let branches = condition.branches.iter().map(Conditions::of);
            Op::Condition(branches.collect::<Result<_, _>>()?)
        }
        BlockKind::Delay(delay) => {
            let length = match (delay.length, delay.until) {
                (Some(length), None) => Length::For(length.0),
                (None, Some(Until::Time(time))) => Length::Time(minutes_of(&time).ok_or_else(|| {
                    ("until".to_owned(), "bad_setting", format!("`{time}` is no time of day: write 10:00"))
                })?),
                (None, Some(Until::Field { field })) => Length::Field(field),
                _ => return Err((String::new(), "bad_setting", "A delay has either `for` or `until`.".to_owned())),
            };
            Op::Delay { length, cancel_on_reply: delay.cancel_on_reply }
        }
        BlockKind::Set(set) => {
            let text = set.value.as_ref().and_then(plain).map(|text| Template::parse(&text));
            Op::Set { field: set.field, value: text, op: set.op }
        }
        BlockKind::Tag(tag) => Op::Tag(tag),
        BlockKind::Subscribe(subscribe) => Op::Subscribe(subscribe.mailings),
        BlockKind::Note(note) => Op::Note(template(&note.text)),
        BlockKind::Notify(notify) => Op::Notify { text: template(&notify.text), emails: notify.emails },
        BlockKind::Assign(assign) => Op::Assign(assign.to),
        BlockKind::Http(http) => Op::Http(Box::new(http_of(http, id))),
        BlockKind::External(external) => {
            Op::External { url: external.url, timeout: external.timeout.map(|time| time.0) }
        }
        BlockKind::Transfer(transfer) => Op::Transfer {
            to: transfer.to,
            text: transfer.text.as_ref().filter(|text| !text.trim().is_empty()).map(template),
            note: transfer.note.as_ref().filter(|text| !text.trim().is_empty()).map(template),
            timeout: transfer.timeout.map(|time| time.0),
        },
        BlockKind::Split(split) => Op::Split(split.variants.iter().map(|variant| variant.percent.max(0.0)).collect()),
        BlockKind::Jump(_) => Op::Jump,
        BlockKind::Call(call) => Op::Call(call.scenario),
        BlockKind::Close(ending) => Op::Close(ending.reason),
        BlockKind::End(_) => Op::End,
    })
}

fn message_of(message: document::Message) -> Result<Message, Fault> {
    let question = question_of(&message).map(question).transpose()?;
    let variants = message.variants.iter().map(|(channel, variant)| (channel.clone(), Template::parse(&variant.text)));
    Ok(Message {
        text: Template::parse(&message.text),
        variants: variants.collect(),
        files: message.files,
        buttons: message.buttons,
        typing: message.typing.map_or(0, |typing| typing.0),
        wait: question,
    })
}

fn question(wait: document::Wait) -> Result<Question, Fault> {
    let pattern = match (wait.expect, wait.pattern) {
        (Expect::Pattern, Some(pattern)) => Some(pattern_of(&pattern).map_err(|why| at("wait.pattern", why))?),
        (Expect::Pattern, None) => {
            return Err(at("wait.pattern", "an answer by a pattern needs the pattern".to_owned()));
        }
        _ => None,
    };
    Ok(Question {
        expect: wait.expect,
        save_to: wait.save_to.filter(|field| !field.is_empty()),
        on_incorrect: wait.on_incorrect,
        error_text: wait.error_text.filter(|text| !text.trim().is_empty()).map(|text| Template::parse(&text)),
        max_attempts: wait.max_attempts.unwrap_or(MAX_ATTEMPTS).max(1),
        timeout: wait.timeout.map(|time| time.0),
        pattern,
        min: wait.min,
        max: wait.max,
        collect: wait.collect.map(|time| time.0).filter(|time| *time > 0),
    })
}

fn at(setting: &str, message: String) -> Fault {
    (setting.to_owned(), "bad_pattern", message)
}

/// A pattern that must match the whole trimmed text (ruling 47).
pub(crate) fn pattern_of(pattern: &str) -> Result<Regex, String> {
    let whole = format!("^(?:{pattern})$");
    let built = regex::RegexBuilder::new(&whole).size_limit(PATTERN_SIZE).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
        other => format!("the pattern cannot be read: {}", other.to_string().replace('\n', " ")),
    })
}

fn http_of(http: document::Http, id: &str) -> Http {
    let headers = http.headers.iter().map(|(name, value)| (name.clone(), Template::parse(value)));
    let save = http.save.iter().map(|(field, path)| {
        let steps = path.split('.').filter(|step| !step.is_empty()).map(str::to_owned);
        (field.clone(), steps.collect())
    });
    Http {
        request: http.request.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned()),
        method: http.method.unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase(),
        url: Template::parse(&http.url),
        headers: headers.collect(),
        body: http.body.as_ref().map(Spread::of),
        timeout: http.timeout.map_or(HTTP_TIMEOUT, |time| time.0),
        retries: http.retries.unwrap_or(HTTP_RETRIES),
        save: save.collect(),
    }
}

/// Minutes after midnight.
pub(crate) fn minutes_of(time: &str) -> Option<i64> {
    let (hours, minutes) = time.trim().split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// A value of a document as text; `None` for null.
pub(crate) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Marks the blocks from which a way leads back, so that delays among them last a second at least (section 4).
fn mark_cycles(blocks: &mut [Block]) {
    let ways = |at: usize| blocks[at].exits.iter().filter_map(|exit| exit.to.map(|to| to as usize)).collect();
    let marks = on_cycles(blocks.len(), ways);
    for (block, is_on) in blocks.iter_mut().zip(marks) {
        block.in_cycle = is_on;
    }
}

/// Which of `count` points lie on a cycle or between two of them: those left when points without a way in, or without a way out, are taken
/// away one after the other.
pub(crate) fn on_cycles(count: usize, ways: impl Fn(usize) -> Vec<usize>) -> Vec<bool> {
    let forward: Vec<Vec<usize>> = (0..count).map(&ways).collect();
    let mut backward = vec![Vec::new(); count];
    for (from, tos) in forward.iter().enumerate() {
        for to in tos {
            backward[*to].push(from);
        }
    }
    let mut left = vec![true; count];
    for (out, into) in [(&forward, &backward), (&backward, &forward)] {
        let mut ins: Vec<usize> = into.iter().map(|froms| froms.iter().filter(|from| left[**from]).count()).collect();
        let mut free: Vec<usize> = (0..count).filter(|at| left[*at] && ins[*at] == 0).collect();
        while let Some(at) = free.pop() {
            left[at] = false;
            for to in &out[at] {
                ins[*to] -= 1;
                if ins[*to] == 0 && left[*to] {
                    free.push(*to);
                }
            }
        }
    }
    left
}
