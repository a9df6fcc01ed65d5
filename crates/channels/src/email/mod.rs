//! A mailbox: SMTP out, IMAP in (facts in `channels.md` section 10).

mod address;
mod automatic;
mod bounce;
mod charset;
mod compose;
mod fold;
mod html;
mod imap;
pub mod page;
mod parse;
mod proof;
mod raw;
mod reader;
mod settings;
mod smtp;

pub use settings::{EmailSettings, MailServer, Protection};

use crate::adapter::{
    Adapter, Answer, Draft, Hook, Issued, Link, Name, Raw, Reader, Secrets, Trouble, Unreadable, refused,
};
use crate::{Capabilities, Revises};
use bytes::Bytes;
use imap::Talk;
use model::{ChannelKind, Inbound, InboundFile, Invalid, Outbound, SendError, Sent};
use reader::MailReader;
use serde_json::Value;
use settings::Mailbox;

const CAPABILITIES: Capabilities = Capabilities {
    kind: ChannelKind::Email,
    is_built_in: false,
    is_own_log: false,
    is_bridge: false,
    can_send: true,
    can_start: true,
    window_hours: None,
    per_minute: 30,
    max_text: 10_000,
    splits_text: false,
    // Big providers take letters of 25 MB, in which files grow by a third.
    max_file: 18 * 1024 * 1024,
    has_buttons: false,
    tells_delivered: false,
    names_thread: true,
    tells_read: false,
    revises: Revises::Never,
};

/// The adapter.
pub(crate) struct Email;

impl Adapter for Email {
    fn address_of(&self, written: &str) -> Option<String> {
        address::normalised(written)
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn configure(&self, draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
        settings::configure(draft, given)
    }

    fn polled_at(&self, settings: &Value) -> Option<String> {
        settings::polled_at(settings)
    }

    fn has_password(&self) -> bool {
        true
    }

    /// Mail has no webhook.
    fn verify(&self, _hook: &Hook<'_>, _secrets: &Secrets) -> bool {
        false
    }

    fn raw(&self, _hook: &Hook<'_>) -> Result<Vec<Raw>, Unreadable> {
        Err(Unreadable("mail is not brought to a webhook".to_owned()))
    }

    fn sender(&self, raw: &Value) -> String {
        raw.get("from").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn parse(&self, raw: &Value) -> Result<Option<Inbound>, Unreadable> {
        parse::parse(raw).map_err(Unreadable)
    }

    fn set_up<'a>(&'a self, link: &'a Link) -> Answer<'a, Result<Option<Name>, Invalid>> {
        Box::pin(async move {
            let mailbox = mailbox_of(link).map_err(|e| Invalid::new("settings", "wrong_shape", e.to_string()))?;
            smtp::check(&link.egress, &mailbox).await.map_err(|e| not_taken("smtp", &e))?;
            let talk = Talk::open(&link.egress, &mailbox).await.map_err(|e| not_taken("imap", &e))?;
            talk.close().await;
            Ok(Some(Name { username: mailbox.address.clone(), name: mailbox.name }))
        })
    }

    fn check<'a>(&'a self, link: &'a Link) -> Answer<'a, Option<Trouble>> {
        Box::pin(async move {
            let mailbox = match mailbox_of(link) {
                Ok(mailbox) => mailbox,
                Err(error) => return Some(Trouble::of(&error)),
            };
            if let Err(error) = smtp::check(&link.egress, &mailbox).await {
                return Some(Trouble::of(&error));
            }
            match Talk::open(&link.egress, &mailbox).await {
                Ok(talk) => {
                    talk.close().await;
                    None
                }
                Err(error) => Some(Trouble::of(&error)),
            }
        })
    }

    fn is_polled(&self, _settings: &Value) -> bool {
        true
    }

    fn reader(&self, link: &Link) -> Option<Box<dyn Reader>> {
        let mailbox = Mailbox::of(link).map_err(|e| e.to_string());
        Some(Box::new(MailReader::new(link.egress.clone(), mailbox)))
    }

    fn send<'a>(&'a self, link: &'a Link, message: &'a Outbound) -> Answer<'a, Result<Sent, SendError>> {
        Box::pin(async move {
            let mailbox = mailbox_of(link)?;
            let letter = compose::letter(&mailbox, message, link.now)?;
            smtp::send(&link.egress, &mailbox, &letter).await
        })
    }

    /// A file that was too big to be kept with its letter: the letter is asked for again.
    fn fetch_file<'a>(
        &'a self,
        link: &'a Link,
        file: &'a InboundFile,
        limit: usize,
    ) -> Answer<'a, Result<Bytes, SendError>> {
        Box::pin(async move {
            let gone = || refused("no_file", "the letter is no longer in the mailbox");
            let too_long = || refused("too_long", &format!("longer than {} MB", limit / (1024 * 1024)));
            if file.size.is_some_and(|size| usize::try_from(size).is_ok_and(|size| size > limit)) {
                return Err(too_long());
            }
            let (validity, uid, number) = numbers_of(&file.external_id).ok_or_else(gone)?;
            let mut talk = Talk::open(&link.egress, &mailbox_of(link)?).await?;
            if talk.validity != validity {
                return Err(gone());
            }
            let lies = talk.sizes(&[uid]).await?;
            let came = talk.letters(&lies).await?;
            talk.close().await;
            let came = came.first().ok_or_else(gone)?;
            let letter = raw::read(&came.bytes).ok_or_else(gone)?;
            let part = letter.parts.get(number).ok_or_else(gone)?;
            let bytes = Bytes::from(raw::file_of(&letter, part).into_owned());
            if bytes.len() > limit { Err(too_long()) } else { Ok(bytes) }
        })
    }
}

fn mailbox_of(link: &Link) -> Result<Mailbox, SendError> {
    Mailbox::of(link).map_err(|e| refused("wrong_settings", &e.to_string()))
}

/// Where a file lies: within what numbers, in which letter, which part of it.
fn numbers_of(external_id: &str) -> Option<(u32, u32, usize)> {
    let mut numbers = external_id.split('.');
    let found = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some(found)
}

/// Which setting a server does not take, and why.
fn not_taken(server: &str, error: &SendError) -> Invalid {
    let place = format!("settings.{server}.host");
    match error {
        SendError::Refused { code, detail } if code == "bad_token" => {
            Invalid::new("settings.password", "channel_refused", detail.clone())
        }
        SendError::Refused { code, detail } if code == "address_blocked" => {
            Invalid::new(&place, "address_blocked", detail.clone())
        }
        SendError::NotReached { detail } => Invalid::new(&place, "not_reached", detail.clone()),
        _ => Invalid::new(&place, "channel_refused", error.to_string()),
    }
}
