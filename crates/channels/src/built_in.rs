//! Channels that every project has from the start and that need no wire of their own: the site and the API.

use crate::Capabilities;
use crate::adapter::{Adapter, Answer, Draft, Hook, Issued, Link, Name, Raw, Secrets, Trouble, Unreadable, refused};
use bytes::Bytes;
use model::{Inbound, InboundFile, Invalid, Outbound, SendError, Sent};
use serde_json::Value;

/// A channel of ours, which differs from the others by what it can do.
pub(crate) struct BuiltIn(pub &'static Capabilities);

impl Adapter for BuiltIn {
    fn capabilities(&self) -> &'static Capabilities {
        self.0
    }

    fn configure(&self, _: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
        if given.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(None);
        }
        Err(Invalid::new("settings", "no_settings", "this channel has no settings of its own"))
    }

    fn verify(&self, _: &Hook<'_>, _: &Secrets) -> bool {
        false
    }

    fn raw(&self, _: &Hook<'_>) -> Result<Vec<Raw>, Unreadable> {
        Err(Unreadable("this channel has no webhook".to_owned()))
    }

    fn sender(&self, _: &Value) -> String {
        String::new()
    }

    fn parse(&self, _: &Value) -> Result<Option<Inbound>, Unreadable> {
        Ok(None)
    }

    fn set_up<'a>(&'a self, _: &'a Link) -> Answer<'a, Result<Option<Name>, Invalid>> {
        Box::pin(async { Ok(None) })
    }

    fn check<'a>(&'a self, _: &'a Link) -> Answer<'a, Option<Trouble>> {
        Box::pin(async { None })
    }

    fn send<'a>(&'a self, _: &'a Link, _: &'a Outbound) -> Answer<'a, Result<Sent, SendError>> {
        Box::pin(async { Err(refused("no_sender", "nothing is sent here: what is said waits in the log")) })
    }

    fn fetch_file<'a>(&'a self, _: &'a Link, _: &'a InboundFile, _: usize) -> Answer<'a, Result<Bytes, SendError>> {
        Box::pin(async { Err(refused("no_file", "this channel brings no files of its own")) })
    }
}
