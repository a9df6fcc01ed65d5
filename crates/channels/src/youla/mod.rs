//! Youla (Юла): buyers' messages (R65). Youla publishes no chat API, so they come over a bridge that speaks the own channel's contract
//! (rulings 68): nothing here was verified against the live service. Papers of a partner would replace this file alone.

use crate::adapter::{Draft, Issued, Unreadable};
use crate::own::{self, Bridge, OwnSettings};
use crate::{Capabilities, Revises};
use model::{ChannelKind, Inbound, InboundEvent, Invalid};
use serde::Deserialize;
use serde_json::{Value, json};

/// Youla over its bridge.
pub(crate) static YOULA: Bridge = Bridge { capabilities: &CAPABILITIES, configure, parse };

const CAPABILITIES: Capabilities = Capabilities {
    kind: ChannelKind::Youla,
    is_built_in: false,
    is_own_log: false,
    is_bridge: true,
    can_send: true,
    can_start: false,
    window_hours: None,
    per_minute: 60,
    max_text: 2_000,
    splits_text: false,
    max_file: 10 * 1024 * 1024,
    has_buttons: false,
    tells_delivered: true,
    names_thread: false,
    tells_read: true,
    revises: Revises::Never,
};

/// Settings of a Youla connection.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YoulaSettings {
    /// The business account (R66): its name or address on Youla.
    pub business_account: Option<String>,
    /// Where the bridge takes our signed calls.
    pub url: Option<String>,
    /// The shared secret, `whsec_` and base64 of 24 to 64 bytes; one is made and shown once when missing.
    pub secret: Option<String>,
    /// Make a new secret and show it once; the old one ends at once.
    #[serde(default)]
    pub renew_secret: bool,
}

fn configure(draft: Draft<'_>, given: &Value) -> Result<Issued, Invalid> {
    let given =
        YoulaSettings::deserialize(given).map_err(|e| Invalid::new("settings", "wrong_shape", e.to_string()))?;
    match given.business_account.as_deref().map(str::trim) {
        Some(account) if !account.is_empty() && account.chars().count() <= 200 => {
            draft.settings["business_account"] = json!(account);
        }
        None if !draft.is_new => {}
        _ => {
            let words = "Youla needs a valid business account: its name or address, at most 200 characters";
            return Err(Invalid::new("settings.business_account", "missing", words));
        }
    }
    let YoulaSettings { url, secret, renew_secret, .. } = given;
    own::apply(draft, OwnSettings { url, secret, renew_secret })
}

/// As the contract has it, and what item of the shop the buyer writes about, as the last line of the message.
fn parse(raw: &Value) -> Result<Option<Inbound>, Unreadable> {
    let mut inbound = own::protocol::parse(raw)?;
    let item = raw.pointer("/data/item").map(item_line).unwrap_or_default();
    if let Some(Inbound { event: InboundEvent::Message { text, .. }, .. }) = &mut inbound
        && !item.is_empty()
    {
        *text = format!("{text}\n{item}").trim_start().to_owned();
    }
    Ok(inbound)
}

fn item_line(item: &Value) -> String {
    let words = ["title", "price", "url"].map(|key| match item.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    });
    let words: Vec<&str> = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!("Объявление: {}", words.join(" · ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::Secrets;

    #[test]
    fn the_item_a_buyer_asks_about_is_a_line_of_the_message() {
        let raw = json!({ "type": "message.created", "data": {
            "sender": { "external_id": "b1" }, "message": { "external_id": "m1", "text": "Ещё продаёте?" },
            "item": { "title": "Торшер «Сосна»", "price": 4500, "url": "https://youla.example/p1" } } });
        let Some(Inbound { event: InboundEvent::Message { text, .. }, .. }) = parse(&raw).unwrap() else { panic!() };
        assert_eq!(text, "Ещё продаёте?\nОбъявление: Торшер «Сосна» · 4500 · https://youla.example/p1");
    }

    #[test]
    fn a_business_account_is_asked_for() {
        let (mut settings, mut secrets) = (json!({}), Secrets::default());
        let new_secret = || "0123456789abcdef0123456789abcdef".to_owned();
        let mut given = json!({ "url": "https://bridge.example/in" });
        let now = model::Timestamp(0);
        let draft =
            Draft { settings: &mut settings, secrets: &mut secrets, new_secret: &new_secret, is_new: true, now };
        assert_eq!(configure(draft, &given).unwrap_err().path, "settings.business_account");
        given["business_account"] = json!("Тихий свет");
        let now = model::Timestamp(0);
        let draft =
            Draft { settings: &mut settings, secrets: &mut secrets, new_secret: &new_secret, is_new: true, now };
        assert!(configure(draft, &given).unwrap().is_some());
        assert_eq!(settings["business_account"], "Тихий свет");
    }
}
