//! What is counted: a session, which is a conversation from the first word of its client or of a person until it is closed. Read out of the
//! lines of the thread, one after the other, so that the same lines always give the same session.

use crate::rules::Rules;
use model::{ConnectionId, ConversationId, DepartmentId, ProjectId, ReportSessionId, ScenarioId, UserId, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a session counts as missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MissedConversation)]
pub enum Missed {
    /// The answer came after the limit.
    Late,
    /// It was closed without an answer.
    Closed,
    /// The limit has passed, and nobody has answered yet.
    Unanswered,
}

words!(Missed { Late = "late", Closed = "closed", Unanswered = "unanswered" });

/// Where a session is counted, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub id: ReportSessionId,
    pub project: ProjectId,
    /// None when its client was erased.
    pub conversation: Option<ConversationId>,
    pub first_seq: i64,
    pub seen_seq: i64,
    /// 0 while nobody has said anything.
    pub began_at: i64,
    pub day: i64,
    pub hour: i64,
    pub channel: String,
    pub connection: ConnectionId,
    pub operator: Option<UserId>,
    pub department: Option<DepartmentId>,
    pub scenario: Option<ScenarioId>,
    pub page: String,
    pub with_bot: bool,
    pub asked_at: Option<i64>,
    pub due_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub answered_by: Option<UserId>,
    pub client_messages: i64,
    pub people_messages: i64,
    pub bot_messages: i64,
    pub closed_at: Option<i64>,
    pub score: Option<i64>,
    pub missed: Option<Missed>,
}

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    /// None for a program that speaks as one.
    Person(Option<UserId>),
    Bot,
}

/// What a line of the thread is, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// Said to the other side.
    Said(Side),
    /// A scenario took the conversation.
    BotBegan,
    /// It gave it to people, or ended.
    BotEnded,
    /// Somebody has it, or nobody.
    Held(Option<UserId>),
    /// It is in this queue, or in none.
    Queued(Option<DepartmentId>),
    Closed,
    Reopened,
    Rated(i64),
    /// Anything else.
    Other,
}

/// A line of the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub seq: i64,
    pub at: i64,
    pub what: What,
}

/// Sessions of one conversation while its lines are read.
pub(crate) struct Reading {
    /// The last is the one that goes on.
    pub sessions: Vec<Session>,
    /// When the last scenario of a session began, by the place of the session; to be named by the caller.
    pub bots: BTreeMap<usize, i64>,
    /// The line with which a scenario ended: a close right after it is the scenario's.
    bot_ended_seq: Option<i64>,
}

impl Reading {
    /// Goes on after a session that is known, or with the first.
    pub fn from(known: Session) -> Self {
        Self { sessions: vec![known], bots: BTreeMap::new(), bot_ended_seq: None }
    }

    fn last(&mut self) -> Option<&mut Session> {
        self.sessions.last_mut()
    }

    /// Reads the next line.
    pub fn read(&mut self, line: &Line, rules: &Rules, ids: &dyn model::IdSource) {
        let Some(last) = self.sessions.last() else { return };
        let begins = matches!(line.what, What::Said(_) | What::BotBegan | What::Reopened);
        if last.closed_at.is_some() && begins {
            let next = last.next(ReportSessionId::new(ids));
            self.sessions.push(next);
        }
        let ended_just_now = self.bot_ended_seq == Some(line.seq - 1);
        match line.what {
            What::BotBegan => drop(self.bots.insert(self.sessions.len() - 1, line.at)),
            What::BotEnded => self.bot_ended_seq = Some(line.seq),
            _ => {}
        }
        let Some(last) = self.last() else { return };
        last.seen_seq = line.seq;
        last.take(line, rules, ended_just_now);
    }
}

impl Session {
    /// The one after it in the same conversation.
    fn next(&self, id: ReportSessionId) -> Self {
        Self {
            id,
            first_seq: self.seen_seq + 1,
            began_at: 0,
            day: 0,
            hour: 0,
            scenario: None,
            page: String::new(),
            with_bot: false,
            asked_at: None,
            due_at: None,
            answered_at: None,
            answered_by: None,
            client_messages: 0,
            people_messages: 0,
            bot_messages: 0,
            closed_at: None,
            score: None,
            missed: None,
            ..self.clone()
        }
    }

    /// Whether somebody has said something: until then nothing is counted.
    pub fn is_begun(&self) -> bool {
        self.began_at != 0
    }

    fn take(&mut self, line: &Line, rules: &Rules, ended_just_now: bool) {
        match &line.what {
            What::Said(Side::Bot) => self.bot_messages += 1,
            What::Said(Side::Client) => {
                self.begin(line.at, rules);
                self.client_messages += 1;
                if !self.with_bot {
                    self.ask(line.at, rules);
                }
            }
            What::Said(Side::Person(user)) => {
                self.begin(line.at, rules);
                self.people_messages += 1;
                self.with_bot = false;
                if self.asked_at.is_some() && self.answered_at.is_none() {
                    (self.answered_at, self.answered_by) = (Some(line.at), *user);
                }
            }
            What::BotBegan => self.turn_to_bot(),
            What::BotEnded => self.turn_to_people(line.at, rules),
            What::Held(user) => self.operator = *user,
            What::Queued(department) => self.department = *department,
            What::Closed if self.is_begun() => {
                if ended_just_now && self.answered_at.is_none() {
                    // The scenario ended and closed it: people were never asked.
                    (self.asked_at, self.due_at) = (None, None);
                }
                self.closed_at = Some(line.at);
            }
            What::Closed => (self.with_bot, self.bot_messages) = (false, 0),
            What::Rated(score) => self.score = Some(*score),
            What::Reopened | What::Other => {}
        }
    }

    fn begin(&mut self, at: i64, rules: &Rules) {
        if !self.is_begun() {
            self.began_at = at;
            (self.day, self.hour) = rules.day_and_hour(at);
        }
    }

    /// Whom a person wrote to first asks for nobody: there is somebody.
    fn ask(&mut self, at: i64, rules: &Rules) {
        if self.asked_at.is_none() && self.people_messages == 0 {
            self.asked_at = Some(at);
            self.due_at = Some(rules.due(at, self.department.as_ref()));
        }
    }

    /// A scenario has it: nobody waits for people, unless one has answered.
    pub fn turn_to_bot(&mut self) {
        self.with_bot = true;
        if self.answered_at.is_none() {
            (self.asked_at, self.due_at) = (None, None);
        }
    }

    /// People have it, from the moment when the client waits for them; a client who has said nothing waits for nobody.
    pub fn turn_to_people(&mut self, at: i64, rules: &Rules) {
        if self.with_bot {
            self.with_bot = false;
            if self.client_messages > 0 {
                self.ask(at, rules);
            }
        }
    }

    /// Says whether it is missed, as of now.
    pub fn judge(&mut self, now: i64) {
        self.missed = match (self.asked_at, self.due_at, self.answered_at) {
            (Some(_), Some(due), Some(answered)) if answered > due => Some(Missed::Late),
            (Some(_), Some(_), None) if self.closed_at.is_some() => Some(Missed::Closed),
            (Some(_), Some(due), None) if now >= due => Some(Missed::Unanswered),
            _ => None,
        };
    }

    /// Seconds from when people were asked to the first answer.
    pub fn answer_seconds(&self) -> Option<i64> {
        Some((self.answered_at? - self.asked_at?).max(0) / 1000)
    }

    /// Seconds from the first word to the close.
    pub fn duration_seconds(&self) -> Option<i64> {
        Some((self.closed_at? - self.began_at).max(0) / 1000)
    }

    /// Whose it is: who has it, or, of nobody's, who answered.
    pub fn whose(&self) -> Option<UserId> {
        self.operator.or(self.answered_by)
    }
}
