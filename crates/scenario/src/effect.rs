//! What happens to a run, and what is to be done about it.

use crate::answer::Answer;
use crate::document::Button;
use crate::graph::{Block, Graph};
use crate::run::End;
use std::borrow::Cow;

/// Something that happened, with its moment in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Event<'e> {
    /// When.
    pub at: i64,
    /// What.
    pub what: What<'e>,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum What<'e> {
    /// The scenario was launched; it begins at this block.
    Started(u32),
    /// The client sent something.
    Message(Answer<'e>),
    /// Time has passed.
    Tick,
    /// A request of an `http` block was answered, for the last time.
    HttpResult {
        /// The visit that asked, when the caller knows it.
        visit: Option<u32>,
        /// The name of the request, when the caller knows it.
        request: Option<&'e str>,
        /// The status; 0 when there was no answer.
        status: u16,
        /// The body, if it is JSON.
        body: &'e serde_json::Value,
    },
    /// An external bot finished with a code.
    Finished {
        /// The visit that handed over.
        visit: u32,
        /// The code.
        code: &'e str,
    },
    /// An operator took the conversation.
    OperatorJoined,
    /// The operator has gone.
    OperatorLeft,
    /// Nobody is there to take it.
    NoOperator,
    /// The message of this visit could not be delivered.
    Undelivered {
        /// The visit that said it.
        visit: u32,
    },
    /// It ends from outside.
    Cancelled(End),
}

/// What is to be done. Effects come in order; each has its number within the run, so that doing one again can be known.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect<'g> {
    /// A block was entered (a row of the trace).
    Entered {
        /// Where.
        here: Here<'g>,
        /// Whether this run enters it for the first time.
        is_first: bool,
    },
    /// It was left through an exit.
    Left {
        /// Where.
        here: Here<'g>,
        /// The exit.
        exit: &'g str,
    },
    /// An answer was wrong.
    Incorrect {
        /// Where.
        here: Here<'g>,
    },
    /// The run ended inside this block.
    Stayed {
        /// Where.
        here: Here<'g>,
    },
    /// The client's answer was taken.
    Answered {
        /// Where.
        here: Here<'g>,
        /// What was taken, for the report.
        value: String,
    },
    /// Something is said to the client.
    Send {
        /// Where.
        here: Here<'g>,
        /// Number of the effect within the run.
        seq: u32,
        /// The text.
        text: Cow<'g, str>,
        /// Ids of files.
        files: &'g [String],
        /// Buttons.
        buttons: &'g [Button],
        /// How long it pretends to type, in milliseconds.
        typing: i64,
        /// Whether it is the error text of a question (R23).
        again: bool,
    },
    /// A field of the client is written.
    SetField {
        /// Where.
        here: Here<'g>,
        /// Its key.
        field: &'g str,
        /// The value; `None` clears.
        value: Option<String>,
        /// Beside the values that are there.
        append: bool,
    },
    /// Tags on and off.
    Tag {
        /// Where.
        here: Here<'g>,
        /// On.
        add: &'g [String],
        /// Off.
        remove: &'g [String],
    },
    /// The client takes mailings from now on, or none.
    Subscribe {
        /// Where.
        here: Here<'g>,
        /// Whether it takes them.
        mailings: bool,
    },
    /// A note for the team.
    Note {
        /// Where.
        here: Here<'g>,
        /// Number of the effect within the run.
        seq: u32,
        /// The text.
        text: String,
    },
    /// The team is told.
    Notify {
        /// Where.
        here: Here<'g>,
        /// Number of the effect within the run.
        seq: u32,
        /// The text.
        text: String,
        /// E-mail addresses that are told, too.
        emails: &'g [String],
    },
    /// The conversation is given to somebody.
    Assign {
        /// Where.
        here: Here<'g>,
        /// To whom; nobody changes nothing.
        to: Option<&'g str>,
    },
    /// Another server is asked.
    Http {
        /// Where.
        here: Here<'g>,
        /// What.
        request: Box<Request<'g>>,
    },
    /// An external bot takes over.
    External {
        /// Where.
        here: Here<'g>,
        /// Its webhook.
        url: &'g str,
    },
    /// People take over.
    Transfer {
        /// Where.
        here: Here<'g>,
        /// Department, person or queue.
        to: Option<&'g str>,
        /// Said to the team.
        note: Option<String>,
    },
    /// The conversation is closed.
    Close {
        /// Where.
        here: Here<'g>,
        /// Why, for people.
        reason: Option<&'g str>,
    },
    /// The run ended.
    Ended {
        /// How.
        reason: End,
    },
}

/// A visit of a block.
#[derive(Debug, Clone, Copy)]
pub struct Here<'g> {
    /// The version it is in.
    pub graph: &'g Graph,
    /// The block.
    pub block: &'g Block,
    /// Number of the visit within the run.
    pub visit: u32,
}

impl PartialEq for Here<'_> {
    fn eq(&self, other: &Self) -> bool {
        let name = |here: &Self| (here.graph.scenario.clone(), here.graph.version, here.block.id.clone(), here.visit);
        name(self) == name(other)
    }
}

/// A request of an `http` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'g> {
    /// Its name.
    pub name: &'g str,
    /// GET, POST...
    pub method: &'g str,
    /// Address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body, and whether it is JSON.
    pub body: Option<(String, bool)>,
    /// How long it may take, in milliseconds.
    pub timeout: i64,
    /// How often it is tried again.
    pub retries: u32,
}
