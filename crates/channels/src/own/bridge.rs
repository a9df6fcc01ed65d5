//! The adapter over the contract, for the own channel and for services that come over a bridge.

use super::{OwnSettings, protocol};
use crate::Capabilities;
use crate::adapter::{Adapter, Answer, Draft, Hook, Issued, Link, Name, Raw, Secrets, Trouble, Unreadable, refused};
use bytes::Bytes;
use egress::EgressError;
use model::{Inbound, InboundFile, Invalid, Outbound, SendError, Sent};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use vault::Secret;

/// How long the other side may take (the standard suggests 15 to 30 seconds).
const PATIENCE: Duration = Duration::from_secs(20);

/// A channel that speaks the contract; it differs from others by what it can do, is asked for and brings.
pub(crate) struct Bridge {
    pub capabilities: &'static Capabilities,
    pub configure: fn(Draft<'_>, &Value) -> Result<Issued, Invalid>,
    pub parse: fn(&Value) -> Result<Option<Inbound>, Unreadable>,
}

/// Takes the settings of the contract itself.
pub(crate) fn configure(draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
    let given = OwnSettings::deserialize(given).map_err(|e| Invalid::new("settings", "wrong_shape", e.to_string()))?;
    apply(draft, given)
}

/// As [`configure`], for settings that were read already.
pub(crate) fn apply(draft: Draft<'_>, given: OwnSettings) -> Result<Issued, Invalid> {
    match given.url.as_deref().map(str::trim) {
        Some(url) => draft.settings["url"] = json!(checked_url(url)?),
        None if draft.is_new => {
            return Err(Invalid::new("settings.url", "missing", "the address that takes our signed calls"));
        }
        None => {}
    }
    if let Some(secret) = given.secret.as_deref().map(str::trim) {
        if !protocol::is_secret(secret) {
            let words = "a secret is whsec_ and the base64 of 24 to 64 bytes";
            return Err(Invalid::new("settings.secret", "wrong_form", words));
        }
        draft.secrets.token = Some(Secret::new(secret));
        return Ok(None);
    }
    if given.renew_secret || draft.secrets.token.is_none() {
        let secret = protocol::secret_of(&(draft.new_secret)());
        draft.secrets.token = Some(Secret::new(&secret));
        return Ok(Some(secret));
    }
    Ok(None)
}

fn checked_url(url: &str) -> Result<&str, Invalid> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if is_web && url.len() <= 2_000 && !url.contains(char::is_whitespace) {
        return Ok(url);
    }
    Err(Invalid::new("settings.url", "wrong_form", "an http or https address"))
}

impl Bridge {
    async fn call(&self, link: &Link, id: &str, body: &Value) -> Result<Sent, SendError> {
        let url = link.settings.get("url").and_then(Value::as_str).unwrap_or_default();
        let secret = link.secrets.token.as_ref().ok_or_else(|| refused("bad_token", "the connection has no secret"))?;
        let text = body.to_string();
        let headers = protocol::signed(secret, id, link.now, &text)?;
        protocol::outcome(link.egress.post_text(url, &headers, text, PATIENCE).await, id)
    }
}

impl Adapter for Bridge {
    fn capabilities(&self) -> &'static Capabilities {
        self.capabilities
    }

    fn configure(&self, draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
        (self.configure)(draft, given)
    }

    fn verify(&self, hook: &Hook<'_>, secrets: &Secrets) -> bool {
        secrets.token.as_ref().is_some_and(|secret| protocol::verify(hook, secret))
    }

    fn raw(&self, hook: &Hook<'_>) -> Result<Vec<Raw>, Unreadable> {
        Ok(vec![protocol::raw(hook)?])
    }

    fn sender(&self, raw: &Value) -> String {
        protocol::sender(raw)
    }

    fn parse(&self, raw: &Value) -> Result<Option<Inbound>, Unreadable> {
        (self.parse)(raw)
    }

    /// The other side learns its secret from the page, so it cannot answer yet: it is asked by [`check`](Self::check).
    fn set_up<'a>(&'a self, _: &'a Link) -> Answer<'a, Result<Option<Name>, Invalid>> {
        Box::pin(async { Ok(None) })
    }

    fn check<'a>(&'a self, link: &'a Link) -> Answer<'a, Option<Trouble>> {
        Box::pin(async move {
            let id = format!("check_{}", link.now.0);
            let answer = self.call(link, &id, &protocol::check_body(link.now)).await;
            answer.err().map(|error| Trouble::of(&error))
        })
    }

    fn send<'a>(&'a self, link: &'a Link, message: &'a Outbound) -> Answer<'a, Result<Sent, SendError>> {
        Box::pin(async move {
            let body = protocol::message_body(message, link.now, &link.public_url);
            self.call(link, &message.key, &body).await
        })
    }

    fn fetch_file<'a>(
        &'a self,
        link: &'a Link,
        file: &'a InboundFile,
        limit: usize,
    ) -> Answer<'a, Result<Bytes, SendError>> {
        Box::pin(async move {
            let answer = link.egress.get(&file.external_id, limit, PATIENCE).await;
            match answer {
                Ok(answer) if answer.status == 200 => Ok(answer.body),
                Ok(answer) => Err(refused("no_file", &format!("the file's address answered HTTP {}", answer.status))),
                Err(EgressError::Blocked(words)) => Err(refused("address_blocked", &words)),
                Err(EgressError::TooLong(limit)) => Err(refused("too_long", &format!("longer than {limit} bytes"))),
                Err(EgressError::NotReached(detail) | EgressError::NoAnswer(detail)) => {
                    Err(SendError::NotReached { detail })
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(settings: &mut Value, secrets: &mut Secrets, is_new: bool, given: Value) -> Result<Issued, Invalid> {
        let new_secret = || "0123456789abcdef0123456789abcdef".to_owned();
        configure(Draft { settings, secrets, new_secret: &new_secret, is_new, now: model::Timestamp(0) }, &given)
    }

    #[test]
    fn a_secret_is_made_once_and_shown_once() {
        let (mut settings, mut secrets) = (json!({}), Secrets::default());
        let missing = configured(&mut settings, &mut secrets, true, json!({})).unwrap_err();
        assert_eq!(missing.path, "settings.url");
        let url = json!({ "url": " https://bridge.example/in " });
        let issued = configured(&mut settings, &mut secrets, true, url).unwrap().unwrap();
        assert_eq!(
            (settings["url"].as_str(), secrets.token.as_ref().unwrap().expose()),
            (Some("https://bridge.example/in"), issued.as_str())
        );
        assert_eq!(configured(&mut settings, &mut secrets, false, json!({})).unwrap(), None);
        assert!(configured(&mut settings, &mut secrets, false, json!({ "renew_secret": true })).unwrap().is_some());
    }

    #[test]
    fn what_is_no_address_or_no_secret_is_refused() {
        let (mut settings, mut secrets) = (json!({}), Secrets::default());
        for (given, path) in [
            (json!({ "url": "ftp://x" }), "settings.url"),
            (json!({ "url": "https://x.example/a b" }), "settings.url"),
            (json!({ "url": "https://x.example", "secret": "abc" }), "settings.secret"),
            (json!({ "adress": "https://x.example" }), "settings"),
        ] {
            assert_eq!(configured(&mut settings, &mut secrets, true, given).unwrap_err().path, path);
        }
    }
}
