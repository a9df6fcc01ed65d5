//! The contract of the own channel (`docs/guides/own-channel.md`): Standard Webhooks 1.0.0 both ways, one shared secret. What a program of
//! the company's own, or a bridge to a service without a public API, brings and takes.

use crate::adapter::{Hook, Raw, Unreadable, refused};
use egress::{Answer, EgressError};
use http::HeaderMap;
use model::{
    DeliveryStatus, Inbound, InboundEvent, InboundFile, MessageId, Outbound, Receipt, ReceiptOf, SendError, Sender,
    Sent, Timestamp,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use vault::Secret;

/// Characters of an id of the other side.
const LONGEST_ID: usize = 200;

/// Whether a call carries the signature of this secret, and was signed within five minutes of now.
pub(crate) fn verify(hook: &Hook<'_>, secret: &Secret) -> bool {
    Webhook::new(secret.expose()).is_ok_and(|webhook| webhook.verify(hook.body, hook.headers).is_ok())
}

/// The headers that sign a body of ours.
pub(crate) fn signed(
    secret: &Secret,
    id: &str,
    now: Timestamp,
    body: &str,
) -> Result<Vec<(&'static str, String)>, SendError> {
    let seconds = now.0.div_euclid(1000);
    let webhook =
        Webhook::new(secret.expose()).map_err(|_| refused("bad_secret", "the secret is not a signing secret"))?;
    let signature = webhook.sign(id, seconds, body.as_bytes());
    let signature = signature.map_err(|_| refused("bad_secret", "the message cannot be signed"))?;
    Ok(vec![
        (HEADER_WEBHOOK_ID, id.to_owned()),
        (HEADER_WEBHOOK_TIMESTAMP, seconds.to_string()),
        (HEADER_WEBHOOK_SIGNATURE, signature),
    ])
}

/// Whether a text is a secret of the standard: `whsec_` and the base64 of 24 to 64 bytes.
pub(crate) fn is_secret(text: &str) -> bool {
    use base64::Engine;
    let Some(encoded) = text.strip_prefix("whsec_") else { return false };
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
    bytes.is_ok_and(|bytes| (24..=64).contains(&bytes.len()))
}

/// A secret of the standard from hex digits of random bits.
pub(crate) fn secret_of(random: &str) -> String {
    use base64::Engine;
    format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(random))
}

/// What we say: a message, or the question whether anybody is there.
pub(crate) fn message_body(message: &Outbound, now: Timestamp, public_url: &str) -> Value {
    let attachments: Vec<Value> = message
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "mime": file.mime, "size": file.bytes.len(), "url": format!("{public_url}{}", file.url) }))
        .collect();
    json!({
        "type": "message.created", "timestamp": now,
        "data": {
            "message_id": message.message_id, "recipient": { "external_id": message.address },
            "text": message.text, "attachments": attachments, "buttons": message.buttons,
        },
    })
}

/// The question whether anybody is there, and knows the secret.
pub(crate) fn check_body(now: Timestamp) -> Value {
    json!({ "type": "connection.check", "timestamp": now, "data": {} })
}

/// What came of a call of ours. The id of the call is its idempotency key, so what got no answer may be repeated (standard, section on
/// idempotency): it counts as not reached.
pub(crate) fn outcome(answer: Result<Answer, EgressError>, key: &str) -> Result<Sent, SendError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(EgressError::NotReached(detail) | EgressError::NoAnswer(detail)) => {
            return Err(SendError::NotReached { detail });
        }
        Err(EgressError::Blocked(detail)) => return Err(refused("address_blocked", &detail)),
        // It was taken; only its answer is of no use.
        Err(EgressError::TooLong(_)) => return Ok(Sent { external_id: key.to_owned() }),
    };
    let words = format!("the other side answered HTTP {}", answer.status);
    match answer.status {
        200..=299 => Ok(Sent { external_id: named_by(&answer.body).unwrap_or_else(|| key.to_owned()) }),
        410 => Err(refused("gone", "the other side wants no more messages (HTTP 410)")),
        401 | 403 => Err(refused("bad_token", &words)),
        429 | 502 | 504 => {
            Err(SendError::Later { after_seconds: answer.retry_after.unwrap_or(30).clamp(1, 3600), detail: words })
        }
        500..=599 | 408 => match answer.retry_after {
            Some(after) => Err(SendError::Later { after_seconds: after.clamp(1, 3600), detail: words }),
            None => Err(SendError::NotReached { detail: words }),
        },
        _ => Err(refused("refused", &words)),
    }
}

/// The other side's id of the message, when it gave one.
fn named_by(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        external_id: String,
    }
    let named: Named = serde_json::from_slice(body).ok()?;
    (1..=LONGEST_ID).contains(&named.external_id.len()).then_some(named.external_id)
}

/// A proven call as it is stored: under its `webhook-id`.
pub(crate) fn raw(hook: &Hook<'_>) -> Result<Raw, Unreadable> {
    let body: Value =
        serde_json::from_slice(hook.body).map_err(|e| Unreadable(format!("the body is not JSON: {e}")))?;
    if !body.is_object() {
        return Err(Unreadable("the body is not an object with `type` and `data`".to_owned()));
    }
    Ok(Raw { key: id_of(hook.headers)?, body })
}

fn id_of(headers: &HeaderMap) -> Result<String, Unreadable> {
    let id = headers.get(HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    if id.is_empty() || id.len() > LONGEST_ID {
        return Err(Unreadable(format!("{HEADER_WEBHOOK_ID} has 1 to {LONGEST_ID} characters")));
    }
    Ok(id.to_owned())
}

/// Who a stored call is from; empty for a receipt, which speaks of a message of ours.
pub(crate) fn sender(raw: &Value) -> String {
    raw.pointer("/data/sender/external_id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[derive(Deserialize)]
struct Call {
    #[serde(rename = "type")]
    kind: String,
    timestamp: Option<Timestamp>,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct From {
    external_id: String,
    name: Option<String>,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    sender: From,
    message: SaidMessage,
}

#[derive(Deserialize)]
struct SaidMessage {
    external_id: String,
    #[serde(default)]
    text: String,
    /// Missing in an edit: they stay.
    attachments: Option<Vec<SaidFile>>,
}

#[derive(Deserialize)]
struct SaidFile {
    url: String,
    name: Option<String>,
    mime: Option<String>,
    size: Option<i64>,
}

#[derive(Deserialize)]
struct Pressed {
    sender: From,
    button: PressedButton,
}

#[derive(Deserialize)]
struct PressedButton {
    id: String,
}

#[derive(Deserialize)]
struct Phone {
    sender: From,
    phone: String,
}

#[derive(Deserialize)]
struct Started {
    sender: From,
    payload: Option<String>,
}

#[derive(Deserialize)]
struct OnlySender {
    sender: From,
}

#[derive(Deserialize)]
struct Told {
    message_id: MessageId,
    status: ToldStatus,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToldStatus {
    Delivered,
    Read,
    Failed,
}

/// A stored call in our words; `None` for a type that we do not know: newer programs may say more.
pub(crate) fn parse(raw: &Value) -> Result<Option<Inbound>, Unreadable> {
    let call: Call = read(raw)?;
    let at = call.timestamp.unwrap_or_default();
    let (from, event) = match call.kind.as_str() {
        "message.created" => {
            let said: Said = read(&call.data)?;
            let SaidMessage { external_id, text, attachments } = said.message;
            let files = attachments.into_iter().flatten().map(file).collect();
            (said.sender, InboundEvent::message(id(external_id)?, text, files))
        }
        "message.updated" => {
            let said: Said = read(&call.data)?;
            let SaidMessage { external_id, text, attachments } = said.message;
            let files = attachments.map(|files| files.into_iter().map(file).collect());
            (said.sender, InboundEvent::Edited { external_id: id(external_id)?, text, files, extra: None })
        }
        "button.pressed" => {
            let pressed: Pressed = read(&call.data)?;
            let event = InboundEvent::Pressed { button_id: pressed.button.id, callback_id: String::new() };
            (pressed.sender, event)
        }
        "contact.phone_shared" => {
            let phone: Phone = read(&call.data)?;
            (phone.sender, InboundEvent::SharedPhone { phone: phone.phone })
        }
        "contact.started" => {
            let started: Started = read(&call.data)?;
            (started.sender, InboundEvent::Started { payload: started.payload })
        }
        "contact.blocked" => (read::<OnlySender>(&call.data)?.sender, InboundEvent::Blocked),
        "contact.unblocked" => (read::<OnlySender>(&call.data)?.sender, InboundEvent::Unblocked),
        "delivery.updated" => {
            let receipt = InboundEvent::Receipt(receipt(read(&call.data)?));
            return Ok(Some(Inbound { sender: Sender::default(), at, event: receipt }));
        }
        _ => return Ok(None),
    };
    let external_id = id(from.external_id)?;
    let sender = Sender { external_id, name: from.name, username: from.username, ..Sender::default() };
    Ok(Some(Inbound { sender, at, event }))
}

fn receipt(told: Told) -> Receipt {
    let status = match told.status {
        ToldStatus::Delivered => DeliveryStatus::Delivered,
        ToldStatus::Read => DeliveryStatus::Read,
        ToldStatus::Failed => DeliveryStatus::Failed,
    };
    Receipt { about: ReceiptOf::Ours(told.message_id), status, reason: told.reason }
}

fn file(said: SaidFile) -> InboundFile {
    let name = said.name.unwrap_or_else(|| "file".to_owned());
    InboundFile { external_id: said.url, name, mime: said.mime, size: said.size, bytes: None }
}

fn id(text: String) -> Result<String, Unreadable> {
    let is_right = !text.is_empty() && text.len() <= LONGEST_ID && !text.contains('\0');
    if is_right { Ok(text) } else { Err(Unreadable(format!("external_id has 1 to {LONGEST_ID} bytes"))) }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Unreadable> {
    T::deserialize(value).map_err(|e| Unreadable(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn said(kind: &str, data: Value) -> Result<Option<Inbound>, Unreadable> {
        parse(&json!({ "type": kind, "timestamp": "2026-11-27T10:00:00Z", "data": data }))
    }

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The check vector of the standard's own libraries (channels.md section 12).
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let now = Timestamp(1_614_265_330_000);
        let headers = signed(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", now, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(is_secret(secret.expose()) && is_secret(&secret_of("0123456789abcdef0123456789abcdef")));
        assert!(!is_secret("whsec_short") && !is_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    }

    #[test]
    fn a_message_comes_with_its_sender_and_files() {
        let data = json!({
            "sender": { "external_id": "u1", "name": "Марина" },
            "message": { "external_id": "m1", "text": "Есть в наличии?", "attachments": [{ "url": "https://x.example/a.jpg", "name": "a.jpg" }] },
        });
        let inbound = said("message.created", data).unwrap().unwrap();
        assert_eq!((inbound.sender.external_id.as_str(), inbound.sender.name.as_deref()), ("u1", Some("Марина")));
        let InboundEvent::Message { external_id, text, files, .. } = inbound.event else { panic!("a message") };
        assert_eq!((external_id.as_str(), text.as_str(), files.len()), ("m1", "Есть в наличии?", 1));
    }

    #[test]
    fn what_is_unknown_is_passed_over_and_what_is_broken_is_told() {
        assert_eq!(said("weather.changed", json!({})).unwrap(), None);
        let nameless = json!({ "sender": { "external_id": "" }, "message": { "external_id": "m" } });
        for broken in [json!({}), json!({ "sender": {} }), json!("text"), nameless] {
            assert!(said("message.created", broken.clone()).is_err(), "{broken}");
        }
        assert!(parse(&json!({ "data": {} })).is_err());
    }

    #[test]
    fn an_answer_is_taken_for_what_it_says() {
        let answer = |status, body: &str| {
            let body = Bytes::copy_from_slice(body.as_bytes());
            outcome(Ok(Answer { status, retry_after: None, body }), "dlv_1")
        };
        assert_eq!(answer(204, "").unwrap().external_id, "dlv_1");
        assert_eq!(answer(200, r#"{"external_id":"their-7"}"#).unwrap().external_id, "their-7");
        assert!(matches!(answer(302, ""), Err(SendError::Refused { .. })));
        assert!(matches!(answer(410, ""), Err(SendError::Refused { code, .. }) if code == "gone"));
        assert!(matches!(answer(429, ""), Err(SendError::Later { .. })));
        assert!(matches!(answer(500, ""), Err(SendError::NotReached { .. })), "a repeat has the same id");
        let silent = outcome(Err(EgressError::NoAnswer("timed out".into())), "dlv_1");
        assert!(matches!(silent, Err(SendError::NotReached { .. })));
    }
}
