//! Telegram bots (Bot API 10.1; facts in `channels.md` section 1, marks S and D there).

mod beside;
mod client;
mod forms;
mod parse;
mod render;

use crate::adapter::{
    Adapter, Answer, Draft, Hook, Issued, Link, Name, Polled, Raw, Reader, Said, Secrets, Trouble, Unreadable, refused,
};
use crate::{Capabilities, Revises};
use bytes::Bytes;
use client::Telegram;
use model::{ChannelKind, Content, Inbound, InboundFile, Invalid, Outbound, SendError, Sent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use vault::Secret;

/// Where the real Bot API lives.
const PUBLIC_BASE_URL: &str = "https://api.telegram.org";
/// The header in which Telegram proves itself to our webhook.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

const CAPABILITIES: Capabilities = Capabilities {
    kind: ChannelKind::Telegram,
    is_built_in: false,
    is_own_log: false,
    is_bridge: false,
    can_send: true,
    can_start: false,
    window_hours: None,
    per_minute: 1_500,
    max_text: 4096,
    splits_text: true,
    max_file: 50 * 1024 * 1024,
    has_buttons: true,
    tells_delivered: false,
    names_thread: false,
    tells_read: false,
    revises: Revises::Hours(48),
};

/// How updates come to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Telegram calls our public https address.
    Webhook,
    /// We ask again and again: works behind any router.
    #[default]
    Polling,
}

/// Settings of a Telegram connection.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TelegramSettings {
    /// From BotFather.
    pub token: Option<String>,
    /// Webhook or polling.
    pub mode: Option<Mode>,
    /// Another Bot API server than Telegram's own.
    pub base_url: Option<String>,
}

/// The adapter.
pub(crate) struct TelegramBot;

impl Adapter for TelegramBot {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn configure(&self, draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
        let given =
            TelegramSettings::deserialize(given).map_err(|e| Invalid::new("settings", "wrong_shape", e.to_string()))?;
        if draft.is_new && given.token.is_none() {
            return Err(Invalid::new("settings.token", "missing", "paste the token that BotFather gave you"));
        }
        let has_new_token = given.token.is_some();
        if let Some(token) = given.token {
            let before = draft.secrets.token.as_ref().and_then(|token| bot_id(token.expose())).map(str::to_owned);
            set_token(draft.secrets, token.trim(), draft.new_secret)?;
            let bot = bot_id(token.trim());
            if bot != before.as_deref() {
                // What was the old bot's ends with it: its numbers, its place in its updates, its webhook's secret. Connections made before
                // this was kept have no mark until then.
                draft.settings["bot_mark"] = json!(bot.map(bot_mark));
                draft.secrets.hook = Some(Secret::new(&(draft.new_secret)()));
            }
        }
        if let Some(mode) = given.mode {
            draft.settings["mode"] = json!(mode);
        }
        if let Some(base_url) = given.base_url {
            let wanted = checked_base(&base_url)?;
            // The stored token would go to whoever is there.
            if !has_new_token && origin_of(wanted) != origin_of(base_of(draft.settings)) {
                let words = "another server is to get the token: paste the token again";
                return Err(Invalid::new("settings.token", "needed_again", words));
            }
            draft.settings["base_url"] = json!(wanted);
        }
        Ok(None)
    }

    fn numbered_by(&self, settings: &Value) -> Option<String> {
        settings.get("bot_mark").and_then(Value::as_str).map(str::to_owned)
    }

    fn verify(&self, hook: &Hook<'_>, secrets: &Secrets) -> bool {
        let header = hook.headers.get(SECRET_HEADER).and_then(|header| header.to_str().ok());
        secrets.hook.as_ref().is_some_and(|secret| is_secret(header, secret.expose()))
    }

    fn raw(&self, hook: &Hook<'_>) -> Result<Vec<Raw>, Unreadable> {
        let update = serde_json::from_slice(hook.body).map_err(|e| Unreadable(format!("the body is not JSON: {e}")))?;
        Ok(vec![raw(update)?])
    }

    fn sender(&self, raw: &Value) -> String {
        parse::sender_of(raw)
    }

    fn parse(&self, raw: &Value) -> Result<Option<Inbound>, Unreadable> {
        parse::parse(raw).map_err(|e| Unreadable(e.to_string()))
    }

    fn set_up<'a>(&'a self, link: &'a Link) -> Answer<'a, Result<Option<Name>, Invalid>> {
        Box::pin(async move {
            let bot = bot_of(link);
            let me = bot.get_me().await.map_err(|e| not_taken("settings.token", &e))?;
            match mode_of(&link.settings) {
                Mode::Polling => bot.delete_webhook().await.map(drop).map_err(|e| not_taken("settings.mode", &e))?,
                Mode::Webhook => set_webhook(link, &bot).await?,
            }
            Ok(Some(Name { username: me.username.unwrap_or_default(), name: me.first_name }))
        })
    }

    fn check<'a>(&'a self, link: &'a Link) -> Answer<'a, Option<Trouble>> {
        Box::pin(async move {
            let bot = bot_of(link);
            match bot.get_me().await {
                Err(error) => Some(Trouble::of(&error)),
                Ok(_) if mode_of(&link.settings) == Mode::Webhook => webhook_trouble(&bot).await,
                Ok(_) => None,
            }
        })
    }

    fn is_polled(&self, settings: &Value) -> bool {
        mode_of(settings) == Mode::Polling
    }

    fn reader(&self, link: &Link) -> Option<Box<dyn Reader>> {
        (mode_of(&link.settings) == Mode::Polling).then(|| Box::new(bot_of(link)) as Box<dyn Reader>)
    }

    fn parts(&self, content: Content) -> Vec<Content> {
        render::parts(content)
    }

    fn send<'a>(&'a self, link: &'a Link, message: &'a Outbound) -> Answer<'a, Result<Sent, SendError>> {
        Box::pin(async move { bot_of(link).send(message).await })
    }

    fn edit<'a>(&'a self, link: &'a Link, said: &'a Said<'a>, now: &'a Content) -> Answer<'a, Result<(), SendError>> {
        Box::pin(async move { bot_of(link).edit(said, now).await })
    }

    fn take_back<'a>(&'a self, link: &'a Link, said: &'a Said<'a>) -> Answer<'a, Result<(), SendError>> {
        Box::pin(async move { bot_of(link).delete(said).await })
    }

    fn fetch_file<'a>(
        &'a self,
        link: &'a Link,
        file: &'a InboundFile,
        limit: usize,
    ) -> Answer<'a, Result<Bytes, SendError>> {
        Box::pin(async move { bot_of(link).download(&file.external_id, limit).await })
    }

    fn confirm_press<'a>(&'a self, link: &'a Link, callback_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            if let Err(error) = bot_of(link).answer_callback(callback_id).await {
                tracing::debug!(error = %error, "a press was not confirmed in time");
            }
        })
    }
}

impl Reader for Telegram {
    fn poll(&mut self, offset: i64) -> Answer<'_, Result<Polled, SendError>> {
        Box::pin(async move {
            let mut polled = Polled { updates: Vec::new(), next: offset };
            for update in self.get_updates(offset).await? {
                let update = raw(update).map_err(|e| refused("no_update", &e.to_string()))?;
                polled.next = polled.next.max(update.key.parse::<i64>().unwrap_or(0) + 1);
                polled.updates.push(update);
            }
            Ok(polled)
        })
    }
}

fn set_token(secrets: &mut Secrets, token: &str, new_secret: &dyn Fn() -> String) -> Result<(), Invalid> {
    if !is_token(token) {
        let words = "a token looks like 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
        return Err(Invalid::new("settings.token", "wrong_form", words));
    }
    secrets.token = Some(Secret::new(token));
    secrets.hook.get_or_insert_with(|| Secret::new(&new_secret()));
    Ok(())
}

fn checked_base(base_url: &str) -> Result<&str, Invalid> {
    let base_url = base_url.trim().trim_end_matches('/');
    if base_url.is_empty() {
        return Ok(PUBLIC_BASE_URL);
    }
    if base_url.starts_with("https://") || base_url.starts_with("http://") {
        return Ok(base_url);
    }
    Err(Invalid::new("settings.base_url", "wrong_form", "an http or https address"))
}

fn base_of(settings: &Value) -> &str {
    settings.get("base_url").and_then(Value::as_str).unwrap_or(PUBLIC_BASE_URL)
}

/// Scheme, host and port of an address.
fn origin_of(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}").to_ascii_lowercase()
}

fn bot_of(link: &Link) -> Telegram {
    let base = base_of(&link.settings);
    let token = link.secrets.token.clone().unwrap_or_else(|| Secret::new(""));
    Telegram::new(link.egress.clone(), base, token)
}

fn mode_of(settings: &Value) -> Mode {
    settings.get("mode").and_then(|mode| Mode::deserialize(mode).ok()).unwrap_or_default()
}

/// An update under its own number.
fn raw(update: Value) -> Result<Raw, Unreadable> {
    let key = parse::dedupe_key(&update).ok_or_else(|| Unreadable("an update has an update_id".to_owned()))?;
    Ok(Raw { key, body: update })
}

async fn set_webhook(link: &Link, bot: &Telegram) -> Result<(), Invalid> {
    let Some(url) = &link.hook_url else {
        let words =
            "start otklik with --public-url https://... or choose polling: Telegram must be able to call this server";
        return Err(Invalid::new("settings.mode", "no_public_url", words));
    };
    let secret = link.secrets.hook.as_ref();
    let secret = secret.ok_or_else(|| Invalid::new("settings.token", "missing", "paste the bot's token again"))?;
    bot.set_webhook(url, secret.expose()).await.map(drop).map_err(|e| not_taken("settings.mode", &e))
}

async fn webhook_trouble(bot: &Telegram) -> Option<Trouble> {
    let trouble = |code: &str, detail: String| Some(Trouble { code: code.to_owned(), detail });
    match bot.webhook_info().await {
        Err(error) => Some(Trouble::of(&error)),
        Ok(info) if info.url.is_empty() => {
            trouble("no_webhook", "Telegram has no webhook of ours: save the connection again".to_owned())
        }
        Ok(info) => info.last_error_message.and_then(|detail| trouble("webhook_failing", detail)),
    }
}

fn not_taken(path: &str, error: &SendError) -> Invalid {
    Invalid::new(path, "channel_refused", format!("Telegram: {error}"))
}

/// Whether the secret header is the one we set with `setWebhook`, in constant time (security statement 30).
fn is_secret(header: Option<&str>, secret: &str) -> bool {
    header.is_some_and(|header| bool::from(header.as_bytes().ct_eq(secret.as_bytes())))
}

/// The bot's own id, with which its token begins.
fn bot_id(token: &str) -> Option<&str> {
    token.split_once(':').map(|(id, _)| id)
}

/// Tells a bot from others by its id, without a part of its token.
fn bot_mark(id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text looks like a bot token: digits, a colon, 35 characters.
fn is_token(text: &str) -> bool {
    let Some((digits, rest)) = text.split_once(':') else { return false };
    let is_number = !digits.is_empty() && digits.len() <= 16 && digits.bytes().all(|b| b.is_ascii_digit());
    let is_rest =
        (30..=64).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    is_number && is_rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_wrong_secret_is_refused() {
        assert!(is_secret(Some("s3cret"), "s3cret"));
        for wrong in [None, Some(""), Some("s3cre"), Some("s3cret ")] {
            assert!(!is_secret(wrong, "s3cret"));
        }
    }

    #[test]
    fn tokens_have_digits_and_a_long_secret() {
        assert!(is_token("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"));
        for bad in [
            "",
            "abc",
            "12:short",
            "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PAL/../",
            "x110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        ] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
