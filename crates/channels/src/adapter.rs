//! The contract between a channel and the path: what every adapter answers. Adapters translate between a channel's words and ours; they
//! store nothing and know no contacts (house rule 5).

use crate::Capabilities;
use bytes::Bytes;
use egress::Egress;
use http::HeaderMap;
use model::{ChannelKind, Content, Inbound, InboundFile, Invalid, Outbound, SendError, Sent, Timestamp};
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;
use vault::Secret;

/// What an adapter's call over the network gives back.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Tokens of a connection, in the open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// What we prove ourselves with to the channel.
    pub token: Option<Secret>,
    /// What the channel proves itself with to our webhook.
    pub hook: Option<Secret>,
}

/// One connection, as far as its channel needs it.
#[derive(Clone)]
pub struct Link {
    /// Outgoing HTTP.
    pub egress: Egress,
    /// Settings that may be shown.
    pub settings: Value,
    /// Tokens.
    pub secrets: Secrets,
    /// Where the channel can call us; none while this installation has no public address.
    pub hook_url: Option<String>,
    /// Where people and programs find us, without a slash at the end; empty when no address was given.
    pub public_url: String,
    /// Now.
    pub now: Timestamp,
}

/// A call of our webhook, before anything of it is believed.
pub struct Hook<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
}

/// One thing a channel brought, as it came: stored under its key before it is understood (rulings 7).
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    /// The same thing brought twice has the same key.
    pub key: String,
    /// As it came.
    pub body: Value,
}

/// What came cannot be told apart from other things, so it cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// What an administrator gave of a connection's settings, to be put over what stands.
pub struct Draft<'a> {
    /// Standing settings, to be changed.
    pub settings: &'a mut Value,
    /// Standing tokens, to be changed.
    pub secrets: &'a mut Secrets,
    /// Makes a random secret of 128 bits, as hex.
    pub new_secret: &'a dyn Fn() -> String,
    /// The connection is being made: what it cannot do without must be given.
    pub is_new: bool,
    /// Now.
    pub now: Timestamp,
}

/// A secret that was made, to be shown once.
pub type Issued = Option<String>;

/// What is wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Stable word.
    pub code: String,
    /// The channel's words.
    pub detail: String,
}

/// How a channel names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Without `@`.
    pub username: String,
    /// Title.
    pub name: String,
}

/// What was said, as its channel knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// The address it went to.
    pub address: &'a str,
    /// The channel's id of it.
    pub external_id: &'a str,
}

/// Updates that were asked for, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    /// What came.
    pub updates: Vec<Raw>,
    /// The next update to ask for.
    pub next: i64,
}

/// Asks for what a channel holds for a connection. It lives as long as its connection is read, and may keep the other side open.
pub trait Reader: Send {
    /// Asks for the updates from `offset` on; waits for some. Asked from where it was asked last, it answers what was not stored then.
    ///
    /// # Errors
    /// When the channel does not answer, or has another reader.
    fn poll(&mut self, offset: i64) -> Answer<'_, Result<Polled, SendError>>;
}

/// A kind of channel.
pub trait Adapter: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &'static Capabilities;

    /// The address that it makes of what people write, where it can be written to first; none for what is no address of its.
    fn address_of(&self, _written: &str) -> Option<String> {
        None
    }

    /// Its kind.
    fn kind(&self) -> ChannelKind {
        self.capabilities().kind
    }

    /// Puts settings that an administrator gave over those that stand.
    ///
    /// # Errors
    /// With the path of what is wrong, and what to do.
    fn configure(&self, draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid>;

    /// Within what the other side numbers its updates and messages, when that can change: with another bot the numbers begin anew. None when
    /// they are the connection's own.
    fn numbered_by(&self, _settings: &Value) -> Option<String> {
        None
    }

    /// Where the place of what was asked for last belongs: elsewhere asking begins anew.
    fn polled_at(&self, settings: &Value) -> Option<String> {
        self.numbered_by(settings)
    }

    /// Whether its token is a password that people chose: nothing of it is shown.
    fn has_password(&self) -> bool {
        false
    }

    /// Whether a call of our webhook is the channel's: nothing of it is read before.
    fn verify(&self, hook: &Hook<'_>, secrets: &Secrets) -> bool;

    /// What a proven call of our webhook brought, each under its key.
    ///
    /// # Errors
    /// When it is nothing of the channel's.
    fn raw(&self, hook: &Hook<'_>) -> Result<Vec<Raw>, Unreadable>;

    /// The channel's id of who is behind a raw update, so that one person's updates keep their order and can be erased; empty for what
    /// has no person.
    fn sender(&self, raw: &Value) -> String;

    /// Translates a raw update; `None` for what we do not show.
    ///
    /// # Errors
    /// When it cannot be read.
    fn parse(&self, raw: &Value) -> Result<Option<Inbound>, Unreadable>;

    /// Checks a new or changed connection and makes the channel bring its updates. Answers how the channel names itself.
    ///
    /// # Errors
    /// With the setting that the channel does not take.
    fn set_up<'a>(&'a self, link: &'a Link) -> Answer<'a, Result<Option<Name>, Invalid>>;

    /// Asks the channel how a connection does.
    fn check<'a>(&'a self, link: &'a Link) -> Answer<'a, Option<Trouble>>;

    /// Whether updates of a connection with these settings are asked for ([`reader`](Self::reader)) rather than brought to our webhook.
    fn is_polled(&self, _settings: &Value) -> bool {
        false
    }

    /// Who asks for the updates of a connection; none where they are brought to our webhook.
    fn reader(&self, _link: &Link) -> Option<Box<dyn Reader>> {
        None
    }

    /// The parts in which a message goes out, each of them a sending of its own: what went out is not sent again when a later part has to wait
    /// or fails (rulings 64). At least one.
    fn parts(&self, content: Content) -> Vec<Content> {
        vec![content]
    }

    /// Sends one message, or one of its parts.
    ///
    /// # Errors
    /// Honest about what is known of the outcome (D6).
    fn send<'a>(&'a self, link: &'a Link, message: &'a Outbound) -> Answer<'a, Result<Sent, SendError>>;

    /// Changes what was said in one part, where the client reads it. The same change twice is one.
    ///
    /// # Errors
    /// As [`send`](Self::send), but for what can be repeated by itself.
    fn edit<'a>(
        &'a self,
        _link: &'a Link,
        _said: &'a Said<'a>,
        _now: &'a Content,
    ) -> Answer<'a, Result<(), SendError>> {
        Box::pin(async { Err(refused("no_edits", "this channel changes nothing that was said")) })
    }

    /// Takes back what was said. What is gone already is taken back.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    fn take_back<'a>(&'a self, _link: &'a Link, _said: &'a Said<'a>) -> Answer<'a, Result<(), SendError>> {
        Box::pin(async { Err(refused("no_edits", "this channel takes nothing back")) })
    }

    /// The bytes of a file that came with an update, at most `limit` of them.
    ///
    /// # Errors
    /// When it is gone, too long, or cannot be had now.
    fn fetch_file<'a>(
        &'a self,
        link: &'a Link,
        file: &'a InboundFile,
        limit: usize,
    ) -> Answer<'a, Result<Bytes, SendError>>;

    /// Tells the channel that a pressed button was taken; nobody needs to know when it is too late.
    fn confirm_press<'a>(&'a self, _link: &'a Link, _callback_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async {})
    }
}

/// A refusal to send, for good.
pub(crate) fn refused(code: &str, words: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), detail: words.to_owned() }
}

impl Trouble {
    /// What a failed call says of the connection.
    pub fn of(error: &SendError) -> Self {
        let code = match error {
            SendError::Refused { code, .. } => code.as_str(),
            SendError::Later { .. } => "rate_limited",
            SendError::NotReached { .. } => "not_reached",
            SendError::Unknown { .. } => "no_answer",
        };
        Self { code: code.to_owned(), detail: error.to_string() }
    }
}
