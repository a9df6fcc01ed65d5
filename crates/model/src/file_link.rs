//! Links to files: made each time a message is shown, signed, and good for a day or two (security statement 26). What is stored has none. Those of
//! the team's own pages open only in a session that sees the file's project (ADR 45).

use crate::{Attachment, Conversation, Env, FileId, Message, Timestamp};

/// Links that are shown on one day are the same, so that a browser that has a file does not fetch it again with every page.
const STEP_S: i64 = 24 * 60 * 60;
const PURPOSE: &str = "file";

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// It was good once, or is of a page from before links were signed: whoever may see the message gets another one.
    Expired,
    /// We did not make it.
    Foreign,
}

/// For whom links are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Whoever has one: visitors, providers, other programs. Nothing else of theirs comes with a picture's request.
    Signed,
    /// People of the team, whose browsers send their session along. The same for all of them, so frames and caches are shared.
    Team,
}

impl Links {
    /// As a link says it.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Signed => None,
            Self::Team => Some("team"),
        }
    }

    fn named(name: Option<&str>) -> Option<Self> {
        [Self::Signed, Self::Team].into_iter().find(|links| links.name() == name)
    }
}

impl Env {
    /// A link to a file, good for one to two days.
    pub fn file_link(&self, id: &FileId, links: Links) -> String {
        let until = links_until(self.now());
        let mark = self.vault().mark(PURPOSE, &marked(id, until, links));
        let whose = links.name().map_or_else(String::new, |name| format!("&for={name}"));
        format!("/f/{id}?until={until}&mark={mark}{whose}")
    }

    /// Seconds for which a link with these parts (`until`, `mark`, `for`) is good, and for whom it was made.
    ///
    /// # Errors
    /// When it is not.
    pub fn check_file_link(
        &self,
        id: &FileId,
        (until, mark, whose): (Option<&str>, Option<&str>, Option<&str>),
    ) -> Result<(i64, Links), LinkFault> {
        let (Some(until), Some(mark)) = (until, mark) else { return Err(LinkFault::Expired) };
        let until = until.parse().map_err(|_| LinkFault::Foreign)?;
        let links = Links::named(whose).ok_or(LinkFault::Foreign)?;
        if !self.vault().is_marked(PURPOSE, &marked(id, until, links), mark) {
            return Err(LinkFault::Foreign);
        }
        let left = until - seconds(self.now());
        if left > 0 { Ok((left, links)) } else { Err(LinkFault::Expired) }
    }
}

impl Attachment {
    /// The same with a link that opens.
    #[must_use]
    pub fn shown(self, env: &Env, links: Links) -> Self {
        Self { url: env.file_link(&self.id, links), ..self }
    }
}

impl Message {
    /// The same with links that open. Every way out to a reader goes through here.
    #[must_use]
    pub fn shown(mut self, env: &Env, links: Links) -> Self {
        let attachments = std::mem::take(&mut self.content.attachments);
        self.content.attachments = attachments.into_iter().map(|file| file.shown(env, links)).collect();
        self
    }
}

impl Conversation {
    /// The same with links that open in its last message.
    #[must_use]
    pub fn shown(mut self, env: &Env, links: Links) -> Self {
        self.last_message = self.last_message.map(|message| message.shown(env, links));
        self
    }
}

impl Timestamp {
    /// Whether links of what was shown at that moment have half a day left at least.
    pub fn has_fresh_links(self, now: Timestamp) -> bool {
        links_until(self) - seconds(now) >= STEP_S / 2
    }
}

/// Until when links that are made now are good, in epoch seconds.
fn links_until(now: Timestamp) -> i64 {
    (seconds(now).div_euclid(STEP_S) + 2) * STEP_S
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

fn marked(id: &FileId, until: i64, links: Links) -> String {
    links.name().map_or_else(|| format!("{id} {until}"), |name| format!("{id} {until} {name}"))
}
